// One pass over the bytes; a cell is a view of them unless it is quoted.
#include "stdlib/io/csv_scanner.hpp"

#include "runtime/library.hpp"

namespace elbo::stdlib {

using runtime::fail;

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string place(const FileContext& file, std::size_t line) {
  return "line " + std::to_string(line) + " of " + file.path;
}

}  // namespace

CsvScanner::CsvScanner(std::string_view text, char delimiter, const FileContext& file)
    : at_(text.data()), end_(text.data() + text.size()), delimiter_(delimiter), file_(file) {
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) at_ += byte_order_mark.size();
}

void CsvScanner::end_line() {
  if (at_ != end_ && *at_ == '\r') ++at_;
  if (at_ != end_ && *at_ == '\n') ++at_;
  ++line_;
}

bool CsvScanner::skip_blank_row() {
  const char* next = at_;
  while (next != end_ && is_padding(*next)) ++next;
  if (next != end_ && *next != '\n' && *next != '\r') return false;
  at_ = next;
  end_line();
  return true;
}

CsvCell CsvScanner::next_cell() {
  while (at_ != end_ && is_padding(*at_)) ++at_;
  if (at_ != end_ && *at_ == '"') return quoted_cell();
  const char* begin = at_;
  while (!at_cell_end()) ++at_;
  const char* end = at_;
  while (end > begin && is_padding(end[-1])) --end;
  return {std::string_view(begin, static_cast<std::size_t>(end - begin)), false};
}

CsvCell CsvScanner::quoted_cell() {
  const std::size_t opened = line_;
  unquoted_.clear();
  for (++at_;; ++at_) {
    if (at_ == end_) {
      fail("csv-quote", "a quoted cell that begins on " + place(file_, opened) + " is never closed",
           file_.span, "write a quote inside a quoted cell twice: \"\"");
    }
    const char c = *at_;
    if (c == '"') {
      if (at_ + 1 == end_ || at_[1] != '"') break;
      ++at_;
    }
    // A newline in a cell is "\n" however the file ends its lines.
    if (c == '\r' && at_ + 1 != end_ && at_[1] == '\n') continue;
    if (c == '\n' || c == '\r') ++line_;
    unquoted_ += c == '\r' ? '\n' : c;
  }
  ++at_;
  while (at_ != end_ && is_padding(*at_)) ++at_;
  if (!at_cell_end()) {
    fail("csv-quote", "text follows a closing quote on " + place(file_, line_), file_.span,
         "write a quote inside a quoted cell twice: \"\"");
  }
  return {unquoted_, true};
}

}  // namespace elbo::stdlib
