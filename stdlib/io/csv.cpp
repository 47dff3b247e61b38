// The reader of comma-separated text: rows to columns, in one pass for numbers, and one more for columns of
// text that begin like numbers.
#include "stdlib/io/csv.hpp"

#include <algorithm>
#include <functional>

#include "runtime/library.hpp"
#include "stdlib/io/columns.hpp"
#include "stdlib/io/csv_scanner.hpp"

namespace elbo::stdlib {

using runtime::fail;

namespace {

std::string plural(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

/// The cells of one row, kept: of the first, which says how many columns there are.
struct FirstRow {
  std::size_t line = 0;
  std::vector<std::string> texts;
  std::vector<bool> quoted;
};

FirstRow read_first_row(CsvScanner& scanner) {
  while (!scanner.at_end() && scanner.skip_blank_row()) {
  }
  FirstRow row;
  if (scanner.at_end()) return row;
  row.line = scanner.line();
  do {
    const CsvCell cell = scanner.next_cell();
    row.texts.emplace_back(cell.text);
    row.quoted.push_back(cell.quoted);
  } while (scanner.next_in_row());
  return row;
}

class TableReader {
 public:
  TableReader(std::string_view text, const CsvOptions& options, const FileContext& file)
      : text_(text), options_(options), file_(file) {}

  CsvTable read() {
    CsvScanner scanner(text_, options_.delimiter, file_);
    first_ = read_first_row(scanner);
    const std::size_t rows = line_ends() + 1;
    for (std::size_t j = 0; j < first_.texts.size(); ++j) columns_.emplace_back(rows, options_);
    read_rows(scanner, [](const ColumnReader&) { return true; });
    if (std::any_of(columns_.begin(), columns_.end(), is_lost)) read_lost_columns();
    CsvTable table{first_.line, {}};
    for (std::size_t j = 0; j < columns_.size(); ++j) {
      table.columns.push_back(columns_[j].take());
      if (options_.header) table.columns.back().header = first_.texts[j];
    }
    return table;
  }

 private:
  static bool is_lost(const ColumnReader& column) { return column.must_be_read_again(); }

  /// At least as many as there are rows below the first.
  std::size_t line_ends() const {
    const auto newlines = std::count(text_.begin(), text_.end(), '\n');
    return static_cast<std::size_t>(newlines > 0 ? newlines : std::count(text_.begin(), text_.end(), '\r'));
  }

  void read_lost_columns() {
    std::vector<const ColumnReader*> lost;
    for (ColumnReader& column : columns_) {
      if (!is_lost(column)) continue;
      column.begin_again();
      lost.push_back(&column);
    }
    CsvScanner scanner(text_, options_.delimiter, file_);
    read_first_row(scanner);
    read_rows(scanner, [&](const ColumnReader& column) {
      return std::find(lost.begin(), lost.end(), &column) != lost.end();
    });
  }

  /// Gives the cells of all rows to the columns that are wanted.
  void read_rows(CsvScanner& scanner, const std::function<bool(const ColumnReader&)>& is_wanted) {
    std::vector<ColumnReader*> wanted;
    for (ColumnReader& column : columns_) wanted.push_back(is_wanted(column) ? &column : nullptr);
    if (!options_.header) {
      for (std::size_t j = 0; j < wanted.size(); ++j) {
        if (wanted[j] != nullptr) wanted[j]->add({first_.texts[j], first_.quoted[j]}, first_.line);
      }
    }
    std::vector<std::size_t>
        blank;  // lines since the last row: cells only if another row of one column follows
    while (!scanner.at_end()) {
      const std::size_t line = scanner.line();
      if (scanner.skip_blank_row()) {
        if (wanted.size() == 1) blank.push_back(line);
        continue;
      }
      for (const std::size_t empty : blank) {
        if (wanted[0] != nullptr) wanted[0]->add({}, empty);
      }
      blank.clear();
      read_row(scanner, wanted, line);
    }
  }

  void read_row(CsvScanner& scanner, const std::vector<ColumnReader*>& wanted, std::size_t line) {
    std::size_t j = 0;
    bool more = true;
    for (; more && j < wanted.size(); ++j) {
      if (wanted[j] != nullptr) {
        wanted[j]->read_cell(scanner, line);
      } else {
        scanner.next_cell();
      }
      more = scanner.next_in_row();
    }
    for (; more; ++j) {
      scanner.next_cell();
      more = scanner.next_in_row();
    }
    if (j == wanted.size()) return;
    fail("csv-row-length",
         "line " + std::to_string(line) + " of " + file_.path + " has " + plural(j, "cell") + ", but line " +
             std::to_string(first_.line) + " has " + std::to_string(wanted.size()),
         file_.span, "check the delimiter, and quote cells that hold it");
  }

  std::string_view text_;
  const CsvOptions& options_;
  const FileContext& file_;
  FirstRow first_;
  std::vector<ColumnReader> columns_;
};

}  // namespace

CsvTable parse_csv(std::string_view text, const CsvOptions& options, const FileContext& file) {
  return TableReader(text, options, file).read();
}

std::string identifier_from(std::string_view header) {
  std::string name;
  for (const char c : header) {
    // Bytes of UTF-8 letters are kept: identifiers may hold them.
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                         c == '_' || static_cast<unsigned char>(c) >= 0x80;
    name += allowed ? c : '_';
  }
  if (!name.empty() && name[0] >= '0' && name[0] <= '9') name.insert(0, "_");
  return name;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    const std::string& cell = cells[i];
    const bool padded = !cell.empty() && (cell.front() == ' ' || cell.back() == ' ');
    if (!padded && cell.find_first_of(",\"\r\n\t") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line;
}

}  // namespace elbo::stdlib
