// Positions in a source: a table of line starts made once, searched by bisection.
#include "lang/source.hpp"

#include <algorithm>

namespace elbo::lang {

Source::Source(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
  }
}

Source::Position Source::position(std::uint32_t offset) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<std::uint32_t>(after - line_starts_.begin());
  const auto begin = text_.begin() + line_starts_[line - 1];
  // Every byte that is not a UTF-8 continuation byte starts a code point, also in text that is not valid
  // UTF-8.
  const auto column = std::count_if(begin, text_.begin() + offset, [](char c) { return (c & 0xC0) != 0x80; });
  return {line, static_cast<std::uint32_t>(column) + 1};
}

std::string_view Source::line(std::uint32_t number) const {
  if (number == 0 || number > line_starts_.size()) return {};
  const std::size_t begin = line_starts_[number - 1];
  std::size_t end = number < line_starts_.size() ? line_starts_[number] - 1 : text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  return std::string_view(text_).substr(begin, end - begin);
}

Span join(const Span& a, const Span& b) {
  if (!a) return b;
  if (!b || a.source != b.source) return a;
  return {a.source, std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

}  // namespace elbo::lang
