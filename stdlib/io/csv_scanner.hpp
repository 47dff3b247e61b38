// The cells of comma-separated text one after another, without copying them.
#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

#include "stdlib/io/csv.hpp"

namespace elbo::stdlib {

struct CsvCell {
  std::string_view
      text;  ///< without quotes; unquoted text without spaces around it. Until the next cell is read
  bool quoted = false;
};

class CsvScanner {
 public:
  CsvScanner(std::string_view text, char delimiter, const FileContext& file);

  bool at_end() const { return at_ == end_; }
  std::size_t line() const { return line_; }  ///< 1-based, of the next cell

  /// Whether the next row has nothing but spaces; it is passed over if so.
  bool skip_blank_row();

  /// The next cell. Failure "csv-quote".
  CsvCell next_cell();
  /// Passes over what is behind a cell: whether another cell of the row follows.
  bool next_in_row() {
    if (at_ != end_ && *at_ == delimiter_) {
      ++at_;
      return true;
    }
    end_line();
    return false;
  }

  bool begins_negative() const { return at_ != end_ && *at_ == '-'; }
  /// A cell that is nothing but a number as std::from_chars knows it, which is most cells of large files;
  /// false (and nothing read) where a closer look is needed.
  template <class Number>
  bool next_number(Number& value) {
    if (at_ == end_ || !(*at_ == '-' || *at_ == '.' || (*at_ >= '0' && *at_ <= '9'))) return false;
    const auto [stop, error] = std::from_chars(at_, end_, value);
    if (error != std::errc() || !(stop == end_ || *stop == delimiter_ || *stop == '\n' || *stop == '\r'))
      return false;
    at_ = stop;
    return true;
  }

 private:
  bool at_cell_end() const { return at_ == end_ || *at_ == delimiter_ || *at_ == '\n' || *at_ == '\r'; }
  bool is_padding(char c) const { return (c == ' ' || c == '\t') && c != delimiter_; }
  void end_line();
  CsvCell quoted_cell();

  const char* at_;
  const char* end_;
  char delimiter_;
  const FileContext& file_;
  std::size_t line_ = 1;
  std::string unquoted_;  // text of the last quoted cell
};

}  // namespace elbo::stdlib
