// What a terminal shows: bytes with escape codes to the lines that a person would see.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace elbo::golden {

/// A VT100 with endless paper: what scrolls off the top stays. Knows what line editors use: CR, LF, BS,
/// wrapping at the right edge, cursor movements (CSI A B C D G), erasing (CSI J K), inserting and deleting
/// characters (CSI @ P); colours and the rest are skipped. Every character counts as one column wide.
class Screen {
 public:
  explicit Screen(std::size_t columns) : columns_(columns), rows_(1) {}

  void feed(const std::string& bytes);

  std::size_t cursor_row() const { return row_; }
  std::size_t cursor_column() const { return column_; }
  /// A line without the blanks at its end; empty past the last one.
  std::string line(std::size_t row) const;
  /// All lines, each with a newline, without empty ones at the end.
  std::string text() const;

 private:
  using Row = std::vector<std::string>;  // one character (UTF-8) per cell

  void put(char byte);
  void write(const std::string& character);
  void control(char code);
  void sequence(char last);
  Row& row();

  std::size_t columns_;
  std::vector<Row> rows_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;   // columns_: the next character wraps
  std::string pending_;      // of an escape sequence or a UTF-8 character
  std::size_t missing_ = 0;  // bytes of that character
};

}  // namespace elbo::golden
