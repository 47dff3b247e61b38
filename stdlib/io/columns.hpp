// Types of CSV columns: the narrowest of bool, int, real and text that every cell of the column reads as.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/io/csv_scanner.hpp"

namespace elbo::stdlib {

/// Takes the cells of a column in order, as numbers for as long as they are. A column that turns out to be
/// text in a later row must be read once more, as text from its first cell on.
class ColumnReader {
 public:
  /// `rows`: about how many there will be.
  ColumnReader(std::size_t rows, const CsvOptions& options);

  /// The next cell of a row that begins on this line.
  void read_cell(CsvScanner& scanner, std::size_t line);
  /// The same, of a cell that is read already.
  void add(const CsvCell& cell, std::size_t line);

  /// Whether cells of the column were lost, because it is text.
  bool must_be_read_again() const { return content_ == Content::lost; }
  void begin_again();

  /// Value and missing cells; the header is the caller's.
  CsvColumn take();

 private:
  enum class Content : std::uint8_t { nothing, truths, integers, reals, texts, lost };

  bool is_missing(std::string_view text) const;
  void add_missing(std::size_t line);
  bool add_truth(std::string_view text);
  bool add_integer(std::string_view text);
  bool add_real(std::string_view text);
  void push_integer(std::int64_t value, bool is_negative);
  void become_reals();
  void add_text(const CsvCell& cell, std::size_t line);
  void count_missing(std::size_t line);

  std::size_t rows_;
  const std::vector<std::string>& missing_;
  bool quick_ = true;  // a plain number can be neither missing nor cut by the delimiter
  Content content_ = Content::nothing;
  bool has_truths_ = false, has_numbers_ = false;  // what reals were before
  std::vector<std::uint8_t> truths_;
  std::vector<std::int64_t> integers_;
  std::vector<std::size_t> negative_zeros_;  // among the integers, which have none
  std::vector<double> reals_;
  runtime::List texts_;
  std::size_t missing_count_ = 0, first_missing_line_ = 0;
};

}  // namespace elbo::stdlib
