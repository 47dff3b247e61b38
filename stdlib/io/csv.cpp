// The reader of comma-separated text: one pass over the bytes, a state for being inside quotes.
#include "stdlib/io/csv.hpp"

#include <optional>

#include "runtime/library.hpp"

namespace elbo::stdlib {

using runtime::fail;

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string place(const FileContext& file, std::size_t line) {
  return "line " + std::to_string(line) + " of " + file.path;
}

std::string plural(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

class CsvReader {
 public:
  CsvReader(std::string_view text, char delimiter, const FileContext& file)
      : text_(text), delimiter_(delimiter), file_(file) {
    if (text_.substr(0, byte_order_mark.size()) == byte_order_mark) position_ = byte_order_mark.size();
  }

  std::optional<CsvRow> next_row() {
    if (position_ >= text_.size()) return std::nullopt;
    CsvRow row{line_, {}};
    while (true) {
      row.cells.push_back(next_cell());
      if (position_ < text_.size() && text_[position_] == delimiter_) {
        ++position_;
        continue;
      }
      end_line();
      return row;
    }
  }

 private:
  bool at_line_end() const {
    return position_ >= text_.size() || text_[position_] == '\n' || text_[position_] == '\r';
  }

  void end_line() {
    if (position_ < text_.size() && text_[position_] == '\r') ++position_;
    if (position_ < text_.size() && text_[position_] == '\n') ++position_;
    ++line_;
  }

  bool is_padding(char c) const { return (c == ' ' || c == '\t') && c != delimiter_; }

  CsvCell next_cell() {
    while (position_ < text_.size() && is_padding(text_[position_])) ++position_;
    if (position_ < text_.size() && text_[position_] == '"') return quoted_cell();
    const std::size_t begin = position_;
    while (!at_line_end() && text_[position_] != delimiter_) ++position_;
    std::size_t end = position_;
    while (end > begin && is_padding(text_[end - 1])) --end;
    return {std::string(text_.substr(begin, end - begin)), false};
  }

  CsvCell quoted_cell() {
    const std::size_t opened = line_;
    CsvCell cell{"", true};
    for (++position_;; ++position_) {
      if (position_ >= text_.size()) {
        fail("csv-quote", "a quoted cell that begins on " + place(file_, opened) + " is never closed",
             file_.span, "write a quote inside a quoted cell twice: \"\"");
      }
      const char c = text_[position_];
      if (c == '"') {
        if (position_ + 1 >= text_.size() || text_[position_ + 1] != '"') break;
        ++position_;
      }
      // A newline in a cell is "\n" however the file ends its lines.
      if (c == '\r' && position_ + 1 < text_.size() && text_[position_ + 1] == '\n') continue;
      if (c == '\n' || c == '\r') ++line_;
      cell.text += c == '\r' ? '\n' : c;
    }
    ++position_;
    while (position_ < text_.size() && is_padding(text_[position_])) ++position_;
    if (!at_line_end() && text_[position_] != delimiter_) {
      fail("csv-quote", "text follows a closing quote on " + place(file_, line_), file_.span,
           "write a quote inside a quoted cell twice: \"\"");
    }
    return cell;
  }

  std::string_view text_;
  char delimiter_;
  const FileContext& file_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
};

bool is_blank(const CsvRow& row) {
  return row.cells.size() == 1 && row.cells[0].text.empty() && !row.cells[0].quoted;
}

}  // namespace

std::vector<CsvRow> parse_csv(std::string_view text, char delimiter, const FileContext& file) {
  std::vector<CsvRow> rows;
  CsvReader reader(text, delimiter, file);
  std::vector<CsvRow> blank;  // seen since the last row; cells only if another row of one column follows
  while (auto row = reader.next_row()) {
    if (is_blank(*row)) {
      if (!rows.empty() && rows.front().cells.size() == 1) blank.push_back(std::move(*row));
      continue;
    }
    for (CsvRow& empty : blank) rows.push_back(std::move(empty));
    blank.clear();
    if (!rows.empty() && row->cells.size() != rows.front().cells.size()) {
      fail("csv-row-length",
           place(file, row->line) + " has " + plural(row->cells.size(), "cell") + ", but line " +
               std::to_string(rows.front().line) + " has " + std::to_string(rows.front().cells.size()),
           file.span, "check the delimiter, and quote cells that hold it");
    }
    rows.push_back(std::move(*row));
  }
  return rows;
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
