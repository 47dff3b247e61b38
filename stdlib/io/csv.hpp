// Comma-separated text to typed columns (RFC 4180, with the usual liberties: any one-byte delimiter, LF or
// CRLF, a byte-order mark, blank lines), and lines of such text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/files/bytes.hpp"
#include "runtime/value.hpp"

namespace elbo::stdlib {

using runtime::FileContext;

struct CsvOptions {
  char delimiter = ',';
  bool header = true;                ///< the first row has the names of the columns
  std::vector<std::string> missing;  ///< cells that read like one of these are missing
};

/// What became of the cells of a column, for the warnings of read_csv.
struct CsvColumn {
  std::string header;       ///< as written; empty without a header
  runtime::Value value;     ///< bool, int or real tensor of rank 1, or a list of strings
  std::size_t missing = 0;  ///< how many cells were missing
  std::size_t first_missing_line = 0;
};

struct CsvTable {
  std::size_t first_line = 0;  ///< 1-based, of the first row
  std::vector<CsvColumn> columns;
};

/// The columns of a text, typed by what all of their cells hold: true/false, integers, numbers, else text.
/// Missing cells are runtime::missing_real() in a column of numbers, runtime::Missing in a column of text
/// (there only when not quoted). Blank lines are no rows, except between the rows of a file of one column,
/// where they are empty cells; a text of nothing else has no columns. Failure "csv-quote" for a quote that is
/// not closed or is followed by text, "csv-row-length" when a row has another number of cells than the first.
CsvTable parse_csv(std::string_view text, const CsvOptions& options, const FileContext& file);

/// A header as a name that scripts can write after a dot: characters that identifiers cannot hold become `_`,
/// and a name that would begin with a digit gets one in front. (Any word may follow a dot, so reserved ones
/// are fine.)
std::string identifier_from(std::string_view header);

/// One line of CSV, quoted where needed, without the newline.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace elbo::stdlib
