// Bytes with escape codes to lines.
#include "tests/golden/terminal/screen.hpp"

#include <algorithm>
#include <cstdlib>

namespace elbo::golden {

Screen::Row& Screen::row() {
  if (rows_.size() <= row_) rows_.resize(row_ + 1);
  return rows_[row_];
}

void Screen::feed(const std::string& bytes) {
  for (const char byte : bytes) put(byte);
}

void Screen::put(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  if (!pending_.empty() && pending_[0] == '\x1b') {
    pending_ += byte;
    const bool opens = pending_.size() == 2 && (byte == '[' || byte == '(' || byte == ')');
    const bool charset = pending_.size() == 3 && pending_[1] != '[';
    if (opens || (!charset && pending_.size() > 2 && (code < 0x40 || code > 0x7e))) return;
    if (pending_[1] == '[') sequence(byte);
    pending_.clear();
  } else if (missing_ > 0) {
    pending_ += byte;
    if (--missing_ > 0) return;
    write(pending_);
    pending_.clear();
  } else if (byte == '\x1b') {
    pending_ = byte;
  } else if (code >= 0xc0) {
    pending_ = byte;
    missing_ = code >= 0xf0 ? 3 : code >= 0xe0 ? 2 : 1;
  } else if (code < ' ' || code == 0x7f) {
    control(byte);
  } else {
    write(std::string(1, byte));
  }
}

void Screen::write(const std::string& character) {
  if (column_ >= columns_) {
    column_ = 0;
    ++row_;
  }
  if (row().size() <= column_) row().resize(column_ + 1, " ");
  row()[column_++] = character;
}

void Screen::control(char code) {
  if (code == '\r') column_ = 0;
  if (code == '\n') ++row_, row();
  if (code == '\b' && column_ > 0) column_ = std::min(column_, columns_ - 1) - (column_ < columns_ ? 1 : 0);
  if (code == '\t') column_ = std::min((column_ / 8 + 1) * 8, columns_ - 1);
}

void Screen::sequence(char last) {
  const int number = std::atoi(pending_.c_str() + 2);
  const auto count = static_cast<std::size_t>(std::max(number, 1));
  const std::size_t here = std::min(column_, columns_ - 1);
  if (last == 'A') row_ -= std::min(row_, count);
  if (last == 'B') row_ += count, row();
  if (last == 'C') column_ = std::min(here + count, columns_ - 1);
  if (last == 'D') column_ = here - std::min(here, count);
  if (last == 'G') column_ = std::min(count, columns_) - 1;
  if ((last == 'K' || last == 'J') && number == 0) row().resize(std::min(row().size(), column_));
  if (last == 'J' && number == 0) rows_.resize(row_ + 1);
  if (last == 'K' && number == 2) row().clear();
  const auto at = static_cast<std::ptrdiff_t>(std::min(here, row().size()));
  if (last == '@') row().insert(row().begin() + at, count, " ");
  if (last == 'P') {
    row().erase(row().begin() + at,
                row().begin() + static_cast<std::ptrdiff_t>(std::min(here + count, row().size())));
  }
}

std::string Screen::line(std::size_t number) const {
  std::string text;
  if (number >= rows_.size()) return text;
  for (const std::string& cell : rows_[number]) text += cell;
  const std::size_t end = text.find_last_not_of(' ');
  return end == std::string::npos ? "" : text.substr(0, end + 1);
}

std::string Screen::text() const {
  std::string text;
  for (std::size_t i = 0; i < rows_.size(); ++i) text += line(i) + "\n";
  const std::size_t end = text.find_last_not_of('\n');
  return end == std::string::npos ? "" : text.substr(0, end + 2);
}

}  // namespace elbo::golden
