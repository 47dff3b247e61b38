// The search for the end of a statement that was not understood.
#include "lang/recovery.hpp"

#include <algorithm>
#include <string>

#include "lang/lexicon.hpp"

namespace elbo::lang {
namespace {

bool is_bracket_error(const SyntaxFailure& failure) {
  return failure.diagnostic.code == "unclosed-bracket" || failure.diagnostic.code == "mismatched-bracket";
}

// How far a statement goes.
struct Extent {
  std::optional<std::uint32_t>
      statement_end;  // the newline, `;` or end of the text after it, unless a bracket is open
  std::optional<std::uint32_t> block_end;  // the `}` that closes the block around it
};

// Reads brackets, strings and comments from `begin`. A closing brace closes what is open inside it, too.
Extent measure(std::string_view text, std::uint32_t begin, std::uint32_t failed_at) {
  Extent extent;
  std::string open;
  for (std::uint32_t at = begin; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (c == '#') {
      at = skip_space(text, at, false);
      continue;
    }
    if (c == '(' || c == '[' || c == '{') open += c;
    if ((c == ')' || c == ']') && !open.empty() && open.back() != '{') open.pop_back();
    if (c == '}') {
      const std::size_t brace = open.rfind('{');
      if (brace == std::string::npos) {
        extent.block_end = at;
        return extent;
      }
      open.resize(brace);
    }
    if ((c == '\n' || c == ';') && open.empty() && at >= failed_at && !extent.statement_end)
      extent.statement_end = at;
    ++at;
  }
  if (open.empty() && !extent.statement_end) extent.statement_end = static_cast<std::uint32_t>(text.size());
  return extent;
}

std::uint32_t column_of(std::string_view text, std::uint32_t at) {
  const std::size_t line = text.substr(0, at).rfind('\n') + 1;  // npos + 1 is 0
  return at - static_cast<std::uint32_t>(line);
}

// The first line at or after `from` whose text begins no further to the right than `column`, and not with a
// bracket that closes: the start of that line. The size of the text when there is none.
std::uint32_t next_line(std::string_view text, std::uint32_t from, std::uint32_t column) {
  constexpr std::string_view closing = ")]}";
  std::size_t line = text.substr(0, std::min<std::size_t>(from, text.size())).rfind('\n') + 1;
  while (line < text.size()) {
    const std::size_t first = text.find_first_not_of(" \t", line);
    const bool blank = first == std::string_view::npos || text[first] == '\n' || text[first] == '\r' ||
                       text[first] == '#' || closing.find(text[first]) != std::string_view::npos;
    if (!blank && first >= from && first - line <= column) return static_cast<std::uint32_t>(line);
    const std::size_t newline = text.find('\n', line);
    if (newline == std::string_view::npos) break;
    line = newline + 1;
  }
  return static_cast<std::uint32_t>(text.size());
}

}  // namespace

std::uint32_t resume_in_script(std::string_view text, std::uint32_t begin, const SyntaxFailure& failure) {
  if (is_bracket_error(failure)) return next_line(text, failure.offset, 0);
  std::uint32_t from = begin;
  Extent extent = measure(text, from, failure.offset);
  // There is no block here to be closed, so such a brace closes nothing.
  while (!extent.statement_end && extent.block_end) {
    from = *extent.block_end + 1;
    extent = measure(text, from, failure.offset);
  }
  return extent.statement_end ? *extent.statement_end : next_line(text, failure.offset, 0);
}

std::optional<std::uint32_t> resume_in_block(std::string_view text, std::uint32_t begin,
                                             const SyntaxFailure& failure) {
  const Extent extent = measure(text, begin, failure.offset);
  const bool ends = extent.statement_end && *extent.statement_end < text.size();
  if (!is_bracket_error(failure) && ends) return extent.statement_end;
  const std::uint32_t line = next_line(text, failure.offset, column_of(text, begin));
  const std::uint32_t end = extent.block_end.value_or(static_cast<std::uint32_t>(text.size()));
  if (line > begin && line < end) return line - 1;  // the newline before it
  return extent.block_end;
}

void note_failure(std::vector<SyntaxFailure>& failures, SyntaxFailure failure) {
  const std::string& code = failure.diagnostic.code;
  const bool closes_earlier =
      code == "stray-bracket" && std::any_of(failures.begin(), failures.end(), is_bracket_error);
  const bool branch_of_earlier = code == "else-without-if" && !failures.empty();
  if (!closes_earlier && !branch_of_earlier) failures.push_back(std::move(failure));
}

}  // namespace elbo::lang
