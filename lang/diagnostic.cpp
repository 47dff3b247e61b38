// Diagnostics as text: the header line, a snippet of source per label with the span underlined, the hint.
#include "lang/diagnostic.hpp"

#include <algorithm>

#include "lang/lexicon.hpp"

namespace elbo::lang {
namespace {

struct Style {
  const char* strong;
  const char* alarm;
  const char* quiet;
  const char* reset;
};
constexpr Style plain = {"", "", "", ""};
constexpr Style coloured = {"\x1b[1m", "\x1b[1;31m", "\x1b[34m", "\x1b[0m"};

// A line as it is shown, and the columns that a byte range of it takes there.
struct ShownLine {
  std::string text;
  std::size_t begin = 0;
  std::size_t end = 0;
};

ShownLine show_line(std::string_view line, std::size_t begin, std::size_t end) {
  constexpr std::size_t tab = 4;
  ShownLine shown;
  std::size_t column = 0;
  for (std::uint32_t at = 0; at < line.size();) {
    if (at == begin) shown.begin = column;
    if (at == end) shown.end = column;
    const CodePoint c = decode(line, at);
    if (c.value == '\t') {
      const std::size_t stop = (column / tab + 1) * tab;
      shown.text.append(stop - column, ' ');
      column = stop;
    } else if (c.length == 0 || c.value < 0x20 || c.value == 0x7F) {
      shown.text += "\uFFFD";  // not UTF-8, or a control character that would move the cursor
      ++column;
    } else {
      shown.text += line.substr(at, c.length);
      column += static_cast<std::size_t>(display_width(c.value));
    }
    at += std::max<std::uint32_t>(1, c.length);
  }
  if (begin >= line.size()) shown.begin = column;
  if (end >= line.size()) shown.end = column;
  return shown;
}

std::size_t digits(std::uint32_t number) { return std::to_string(number).size(); }

// `gutter` is the width of the widest line number of the whole diagnostic.
std::string snippet(const Span& span, const std::string& text, char mark, std::size_t gutter,
                    const Style& style) {
  const Source& source = *span.source;
  const Source::Position position = source.position(span.begin);
  const std::string_view line = source.line(position.line);
  const auto line_begin = static_cast<std::size_t>(line.data() - source.text().data());
  const std::size_t begin = std::min<std::size_t>(span.begin, source.text().size()) - line_begin;
  const std::size_t end =
      std::clamp<std::size_t>(span.end, span.begin, line_begin + line.size()) - line_begin;
  const ShownLine shown = show_line(line, begin, end);
  const std::size_t width = shown.end > shown.begin ? shown.end - shown.begin : 1;

  const std::string number = std::to_string(position.line);
  const std::string margin(gutter, ' ');
  const char* colour = mark == '^' ? style.alarm : style.quiet;
  std::string out = margin + style.quiet + "--> " + style.reset + source.name() + ":" + number + ":" +
                    std::to_string(position.column) + "\n";
  out += margin + style.quiet + " |" + style.reset + "\n";
  out += std::string(gutter - number.size(), ' ') + style.quiet + number + " |" + style.reset;
  out += (shown.text.empty() ? "" : " " + shown.text) + "\n";
  out += margin + style.quiet + " | " + style.reset + std::string(shown.begin, ' ') + colour +
         std::string(width, mark) + (text.empty() ? "" : " " + text) + style.reset + "\n";
  return out;
}

}  // namespace

std::string render(const Diagnostic& diagnostic, bool colour) {
  const Style& style = colour ? coloured : plain;
  const char* kind = diagnostic.tier == Tier::warning ? "warning" : "error";
  std::string out = std::string(style.alarm) + kind + "[" + diagnostic.code + "]" + style.reset +
                    style.strong + ": " + diagnostic.message + style.reset + "\n";
  std::size_t gutter = 1;
  if (diagnostic.span) gutter = digits(diagnostic.span.source->position(diagnostic.span.begin).line);
  for (const Label& label : diagnostic.related) {
    if (label.span) gutter = std::max(gutter, digits(label.span.source->position(label.span.begin).line));
  }
  if (diagnostic.span) out += snippet(diagnostic.span, "", '^', gutter, style);
  for (const Label& label : diagnostic.related) {
    if (label.span) out += snippet(label.span, label.text, '-', gutter, style);
  }
  if (!diagnostic.hint.empty()) {
    out += std::string(gutter, ' ') + style.quiet + " = " + style.reset + style.strong +
           "hint: " + style.reset + diagnostic.hint + "\n";
  }
  return out;
}

}  // namespace elbo::lang
