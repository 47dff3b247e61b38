// Number and string literals: digits to values, escapes to characters.
#include "lang/literals.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "lang/builder.hpp"

namespace elbo::lang {
namespace {

SyntaxFailure failure(std::string code, std::string message, const Span& span, std::string hint) {
  return {Diagnostic{std::move(code), std::move(message), span, {}, std::move(hint)}, span.end, false};
}

std::string encode(char32_t c) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | (c >> 6)), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) return {byte(0xE0 | (c >> 12)), byte(0x80 | ((c >> 6) & 0x3F)), byte(0x80 | (c & 0x3F))};
  return {byte(0xF0 | (c >> 18)), byte(0x80 | ((c >> 12) & 0x3F)), byte(0x80 | ((c >> 6) & 0x3F)),
          byte(0x80 | (c & 0x3F))};
}

// `u{1F600}` or `u00E9`, after the backslash at `at`; moves `at` past it.
std::string read_unicode_escape(const Span& span, std::size_t& at) {
  const std::string_view text = span.text();
  const std::size_t begin = at;
  const bool braces = at + 2 < text.size() && text[at + 2] == '{';
  const std::size_t first = at + (braces ? 3 : 2);
  const std::size_t last =
      braces ? std::min(text.find('}', first), text.size()) : std::min(first + 4, text.size());
  std::uint32_t value = 0;
  const auto result = std::from_chars(text.data() + first, text.data() + std::max(first, last), value, 16);
  const bool whole = first < last && result.ec == std::errc() && result.ptr == text.data() + last;
  const bool character = value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
  if (!whole || !character) {
    const auto offset = span.begin + static_cast<std::uint32_t>(begin);
    throw failure("bad-escape", "this is not a Unicode character", {span.source, offset, offset + 2},
                  "write `\\u00E9` with four hexadecimal digits, or `\\u{1F600}`");
  }
  at = last + (braces ? 1 : 0);
  return encode(value);
}

}  // namespace

Expression read_number(const Span& span) {
  std::string digits(span.text());
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  const char* end = digits.data() + digits.size();
  if (digits.find_first_of(".eE") == std::string::npos) {
    std::int64_t value = 0;
    if (std::from_chars(digits.data(), end, value).ec != std::errc()) {
      throw failure("integer-too-large", "this integer does not fit into 64 bits", span,
                    "write `" + digits + ".0` for a real number");
    }
    return {IntegerLiteral{value}, span};
  }
  double value = 0;
  // A literal too small to represent is zero, as in other languages; one too large would become infinite
  // unseen.
  if (std::from_chars(digits.data(), end, value).ec == std::errc::result_out_of_range) {
    value = std::strtod(digits.c_str(), nullptr);
    if (std::isinf(value)) {
      throw failure("bad-number", "this number is too large", span, "the largest is about 1.8e308");
    }
  }
  return {RealLiteral{value}, span};
}

std::string read_string(const Span& span) {
  constexpr std::string_view letters = "ntr0\\\"'";
  constexpr std::string_view values{"\n\t\r\0\\\"'", 7};
  const std::string_view text = span.text();
  std::string value;
  for (std::size_t at = 1; at + 1 < text.size();) {
    if (text[at] != '\\') {
      value += text[at++];
      continue;
    }
    if (text[at + 1] == 'u') {
      value += read_unicode_escape(span, at);
      continue;
    }
    const std::size_t row = letters.find(text[at + 1]);
    if (row == std::string_view::npos) {
      const auto offset = span.begin + static_cast<std::uint32_t>(at);
      throw failure(
          "bad-escape", "`\\" + std::string(1, text[at + 1]) + "` is not an escape",
          {span.source, offset, offset + 2},
          "the escapes are \\n \\t \\r \\0 \\\\ \\\" \\' \\u00E9 \\u{1F600}; a backslash itself is \\\\");
    }
    value += values[row];
    at += 2;
  }
  return value;
}

}  // namespace elbo::lang
