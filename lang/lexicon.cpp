// Characters, words, space and comments: the scanning that grammar, error messages and recovery share.
#include "lang/lexicon.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace elbo::lang {
namespace {

constexpr std::array<std::string_view, 18> reserved_words = {
    "let",  "fn",     "model",  "guide", "net",   "param",   "for", "in", "if",
    "else", "return", "import", "true",  "false", "missing", "and", "or", "not"};

struct Range {
  char32_t first;
  char32_t last;
};

constexpr bool in_ranges(const Range* begin, const Range* end, char32_t c) {
  return std::any_of(begin, end, [c](Range r) { return r.first <= c && c <= r.last; });
}

// Blocks beyond ASCII that hold signs rather than letters. Everything else there may be part of a word: a
// table of all letters would be a thousand rows, and would only forbid what nobody writes.
constexpr Range signs[] = {{0x80, 0xA9},     {0xAB, 0xB4},     {0xB6, 0xB9},     {0xBB, 0xBF},
                           {0xD7, 0xD7},     {0xF7, 0xF7},     {0x2000, 0x206F}, {0x20A0, 0x20CF},
                           {0x2190, 0x2BFF}, {0x3000, 0x3004}, {0x3008, 0x3020}, {0xE000, 0xF8FF},
                           {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xFF00, 0xFF20}, {0x1F000, 0x1FAFF}};
// Combining marks, superscripts and subscripts go on a word but do not start one.
constexpr Range marks[] = {{0x300, 0x36F}, {0x2070, 0x209C}};
constexpr Range wide[] = {{0x1100, 0x115F}, {0x2E80, 0xA4CF},   {0xAC00, 0xD7A3},
                          {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
                          {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};

bool is_ascii_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
char at_or_nul(std::string_view text, std::size_t at) { return at < text.size() ? text[at] : '\0'; }

// The rest of a line, to find out whether `name : …` goes on to a `~` before the line ends.
bool tilde_on_line(std::string_view text, std::uint32_t at) {
  while (at < text.size()) {
    const char c = text[at];
    if (c == '~') return true;
    if (c == '\n' || c == ';' || c == '#' || c == '{' || c == '}' || c == ')' || c == ']') return false;
    if (c == '"')
      at = skip_string(text, at);
    else if (c == '(' || c == '[')
      at = skip_balanced(text, at);
    else
      ++at;
  }
  return false;
}

}  // namespace

CodePoint decode(std::string_view text, std::uint32_t at) {
  if (at >= text.size()) return {};
  const auto byte = [&](std::uint32_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::uint32_t length = lead >= 0xF0 && lead < 0xF5   ? 4
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                                                             : 0;
  if (length == 0 || at + length > text.size()) return {};
  char32_t value = lead & (0xFF >> (length + 1));
  for (std::uint32_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3F);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) return {};
  return {value, length};
}

std::optional<std::uint32_t> find_invalid_utf8(std::string_view text) {
  for (std::uint32_t at = 0; at < text.size();) {
    const CodePoint c = decode(text, at);
    if (c.length == 0) return at;
    at += c.length;
  }
  return std::nullopt;
}

int display_width(char32_t c) {
  if (c >= 0x300 && c <= 0x36F) return 0;
  return in_ranges(std::begin(wide), std::end(wide), c) ? 2 : 1;
}

bool starts_word(char32_t c) {
  if (c < 0x80) return is_ascii_letter(c);
  return !in_ranges(std::begin(signs), std::end(signs), c) &&
         !in_ranges(std::begin(marks), std::end(marks), c);
}

bool continues_word(char32_t c) {
  return starts_word(c) || is_digit(c) || in_ranges(std::begin(marks), std::end(marks), c);
}

std::uint32_t word_end(std::string_view text, std::uint32_t at) {
  CodePoint c = decode(text, at);
  if (c.length == 0 || !starts_word(c.value)) return at;
  while (c.length != 0 && continues_word(c.value)) {
    at += c.length;
    c = decode(text, at);
  }
  return at;
}

bool is_reserved(std::string_view word) {
  return std::find(reserved_words.begin(), reserved_words.end(), word) != reserved_words.end();
}

std::uint32_t skip_space(std::string_view text, std::uint32_t at, bool newlines) {
  while (at < text.size()) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\r' || (c == '\n' && newlines)) {
      ++at;
    } else if (c == '#') {
      while (at < text.size() && text[at] != '\n') ++at;
    } else {
      break;
    }
  }
  return at;
}

std::uint32_t skip_separators(std::string_view text, std::uint32_t at, bool& ended) {
  ended = false;
  while (true) {
    at = skip_space(text, at, false);
    const char c = at_or_nul(text, at);
    if (c != '\n' && c != ';') return at;
    ended = true;
    ++at;
  }
}

std::uint32_t skip_string(std::string_view text, std::uint32_t at) {
  for (++at; at < text.size() && text[at] != '\n'; ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] != '\n') ++at;
  }
  return std::min(at, static_cast<std::uint32_t>(text.size()));
}

std::uint32_t skip_balanced(std::string_view text, std::uint32_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (c == '#') {
      at = skip_space(text, at, false);
      continue;
    }
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    ++at;
    if (depth == 0) return at;
  }
  return at;
}

std::uint32_t token_end(std::string_view text, std::uint32_t at) {
  if (at >= text.size()) return at;
  if (const std::uint32_t end = word_end(text, at); end > at) return end;
  if (is_digit(text[at])) {
    while (at < text.size() && (is_digit(text[at]) || text[at] == '.' || text[at] == '_')) ++at;
    return at;
  }
  if (text[at] == '"') return skip_string(text, at);
  if (const Foreign* sign = foreign_operator(text, at))
    return at + static_cast<std::uint32_t>(sign->text.size());
  for (const std::string_view pair : {"==", "!=", "<=", ">=", "//", "<-"}) {
    if (text.substr(at, 2) == pair) return at + 2;
  }
  return at + std::max<std::uint32_t>(1, decode(text, at).length);
}

TargetUse target_use(std::string_view text, std::uint32_t at) {
  const std::uint32_t end = word_end(text, at);
  if (end == at || is_reserved(text.substr(at, end - at))) return TargetUse::none;
  std::uint32_t next = skip_space(text, end, false);
  if (at_or_nul(text, next) == '[') next = skip_space(text, skip_balanced(text, next), false);
  const char c = at_or_nul(text, next);
  const char d = at_or_nul(text, next + 1);
  if (c == '=' && d != '=' && d != '>') return TargetUse::assign;
  if (c == '~') return TargetUse::sample;
  if (c == '<' && d == '-') return TargetUse::arrow;
  if (c == ':' && tilde_on_line(text, next + 1)) return TargetUse::constrained_sample;
  return TargetUse::none;
}

bool begins_factor(std::string_view text, std::uint32_t at) {
  const std::uint32_t end = word_end(text, at);
  if (text.substr(at, end - at) != "factor") return false;
  const std::uint32_t next = skip_space(text, end, false);
  const std::uint32_t next_end = word_end(text, next);
  if (next_end > next) {
    const std::string_view word = text.substr(next, next_end - next);
    return word != "and" && word != "or" && word != "in";
  }
  const char c = at_or_nul(text, next);
  return c == '(' || c == '"' || is_digit(static_cast<unsigned char>(c)) ||
         ((c == '-' || c == '+') && at_or_nul(text, next + 1) != '=');
}

}  // namespace elbo::lang
