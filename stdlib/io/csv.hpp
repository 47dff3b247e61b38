// Comma-separated text to rows of cells, and cells to typed columns (RFC 4180, with the usual liberties: any
// one-byte delimiter, LF or CRLF, a byte-order mark, blank lines).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/files/bytes.hpp"
#include "runtime/value.hpp"

namespace elbo::stdlib {

struct CsvCell {
  std::string text;  ///< without quotes; unquoted text without spaces around it
  bool quoted = false;
};

struct CsvRow {
  std::size_t line = 0;  ///< 1-based, where the row begins
  std::vector<CsvCell> cells;
};

using runtime::FileContext;

/// Rows of a text. Blank lines are no rows, except between the rows of a file of one column, where they are
/// empty cells. Failure "csv-quote" for a quote that is not closed or is followed by text, "csv-row-length"
/// when a row has another number of cells than the first.
std::vector<CsvRow> parse_csv(std::string_view text, char delimiter, const FileContext& file);

/// What became of the cells of a column, for the warnings of read_csv.
struct CsvColumn {
  runtime::Value value;     ///< bool, int or real tensor of rank 1, or a list of strings
  std::size_t missing = 0;  ///< how many cells were missing
  std::size_t first_missing_line = 0;
};

/// The cells `column` of rows [first, rows.size()), typed by what they all hold: true/false, integers,
/// numbers, else text. Cells that read as one of `missing` are missing: runtime::missing_real() in a column
/// of numbers, runtime::Missing in a column of text (there only when not quoted).
CsvColumn make_column(const std::vector<CsvRow>& rows, std::size_t first, std::size_t column,
                      const std::vector<std::string>& missing);

/// A header as a name that scripts can write after a dot: characters that identifiers cannot hold become `_`,
/// and a name that would begin with a digit gets one in front. (Any word may follow a dot, so reserved ones
/// are fine.)
std::string identifier_from(std::string_view header);

/// One line of CSV, quoted where needed, without the newline.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace elbo::stdlib
