// Source text and positions in it. A Span is a byte range of one Source; everything that can be wrong in a
// script carries one, so that a diagnostic can point at it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace elbo::lang {

/// One text as the user wrote it: a file, or one input of the interactive prompt.
class Source {
 public:
  Source(std::string name, std::string text);

  const std::string& name() const { return name_; }  ///< shown in diagnostics; a path, or "<input>"
  const std::string& text() const { return text_; }

  /// 1-based line and column (columns count Unicode code points) of a byte offset.
  struct Position {
    std::uint32_t line;
    std::uint32_t column;
  };
  Position position(std::uint32_t offset) const;

  /// Text of a 1-based line, without its newline.
  std::string_view line(std::uint32_t number) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::uint32_t> line_starts_;
};

using SourcePtr = std::shared_ptr<const Source>;

/// Byte range [begin, end) of a source. A default Span points nowhere (values made by the program itself).
struct Span {
  SourcePtr source;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  explicit operator bool() const { return source != nullptr; }
  std::string_view text() const {
    return source ? std::string_view(source->text()).substr(begin, end - begin) : std::string_view();
  }
};

/// Smallest span that holds both (of the same source).
Span join(const Span& a, const Span& b);

}  // namespace elbo::lang
