// A column holds its cells in the type that fits those seen so far, and changes it when one does not fit:
// ints become reals where they are, anything becomes text by being read again.
#include "stdlib/io/columns.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "runtime/missing.hpp"

namespace elbo::stdlib {

using runtime::Shape;
using runtime::Tensor;

namespace {

constexpr std::string_view number_characters = "0123456789+-.eEinfatyINFATY_()";

/// The whole text as a number; std::from_chars knows no leading plus.
template <class T>
std::optional<T> number(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+') text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint8_t> boolean(std::string_view text) {
  if (text == "true" || text == "TRUE" || text == "True") return 1;
  if (text == "false" || text == "FALSE" || text == "False") return 0;
  return std::nullopt;
}

bool begins_as_number(const std::string& text) {
  return !text.empty() && std::string_view("0123456789-.").find(text[0]) != std::string_view::npos;
}

}  // namespace

ColumnReader::ColumnReader(std::size_t rows, const CsvOptions& options)
    : rows_(rows), missing_(options.missing) {
  quick_ = number_characters.find(options.delimiter) == std::string_view::npos &&
           std::none_of(missing_.begin(), missing_.end(), begins_as_number);
}

void ColumnReader::read_cell(CsvScanner& scanner, std::size_t line) {
  if (quick_ && content_ == Content::reals && !has_truths_) {
    double value = 0;
    if (scanner.next_number(value)) {
      has_numbers_ = true;
      reals_.push_back(value);
      return;
    }
  } else if (quick_ && content_ == Content::integers) {
    std::int64_t value = 0;
    const bool is_negative = scanner.begins_negative();
    if (scanner.next_number(value)) {
      push_integer(value, is_negative);
      return;
    }
  }
  add(scanner.next_cell(), line);
}

void ColumnReader::add(const CsvCell& cell, std::size_t line) {
  if (content_ == Content::lost) return;
  if (content_ == Content::texts) {
    add_text(cell, line);
  } else if (is_missing(cell.text)) {
    add_missing(line);
  } else if (!add_truth(cell.text) && !add_integer(cell.text) && !add_real(cell.text)) {
    const bool is_first = content_ == Content::nothing;
    content_ = is_first ? Content::texts : Content::lost;
    if (is_first) add_text(cell, line);
  }
}

bool ColumnReader::is_missing(std::string_view text) const {
  return std::find(missing_.begin(), missing_.end(), text) != missing_.end();
}

void ColumnReader::count_missing(std::size_t line) {
  if (missing_count_++ == 0) first_missing_line_ = line;
}

void ColumnReader::add_missing(std::size_t line) {
  count_missing(line);
  if (content_ != Content::reals) become_reals();
  reals_.push_back(runtime::missing_real());
}

bool ColumnReader::add_truth(std::string_view text) {
  const auto truth = boolean(text);
  const bool among_reals = content_ == Content::reals && !has_numbers_;
  if (!truth || !(content_ == Content::nothing || content_ == Content::truths || among_reals)) return false;
  has_truths_ = true;
  if (among_reals) {
    reals_.push_back(*truth);
  } else {
    content_ = Content::truths;
    truths_.push_back(*truth);
  }
  return true;
}

bool ColumnReader::add_integer(std::string_view text) {
  if (content_ != Content::nothing && content_ != Content::integers) return false;
  const auto integer = number<std::int64_t>(text);
  if (!integer) return false;
  if (content_ == Content::nothing) integers_.reserve(rows_);
  content_ = Content::integers;
  push_integer(*integer, text[0] == '-');
  return true;
}

void ColumnReader::push_integer(std::int64_t value, bool is_negative) {
  if (value == 0 && is_negative) negative_zeros_.push_back(integers_.size());
  integers_.push_back(value);
}

bool ColumnReader::add_real(std::string_view text) {
  if (has_truths_) return false;
  const auto real = number<double>(text);
  if (!real) return false;
  if (content_ != Content::reals) become_reals();
  has_numbers_ = true;
  reals_.push_back(*real);
  return true;
}

void ColumnReader::become_reals() {
  has_numbers_ = !integers_.empty();
  reals_.reserve(std::max(rows_, integers_.size() + truths_.size()));
  reals_.insert(reals_.end(), truths_.begin(), truths_.end());
  for (const std::int64_t integer : integers_) reals_.push_back(static_cast<double>(integer));
  for (const std::size_t i : negative_zeros_) reals_[i] = -0.0;
  truths_ = {};
  integers_ = {};
  content_ = Content::reals;
}

void ColumnReader::add_text(const CsvCell& cell, std::size_t line) {
  // Quotes are how a file says that "NA" is a text.
  if (!cell.quoted && is_missing(cell.text)) {
    count_missing(line);
    texts_.emplace_back(runtime::Missing{});
  } else {
    texts_.emplace_back(std::string(cell.text));
  }
}

void ColumnReader::begin_again() {
  truths_ = {};
  integers_ = {};
  reals_ = {};
  missing_count_ = 0;
  content_ = Content::texts;
}

CsvColumn ColumnReader::take() {
  CsvColumn result;
  result.missing = missing_count_;
  result.first_missing_line = first_missing_line_;
  const auto shape = [](const auto& values) { return Shape{static_cast<std::int64_t>(values.size())}; };
  if (content_ == Content::texts) {
    result.value = runtime::make_list(std::move(texts_));
  } else if (content_ == Content::truths) {
    const Shape length = shape(truths_);
    result.value = Tensor::boolean(length, std::move(truths_));
  } else if (content_ == Content::integers) {
    const Shape length = shape(integers_);
    result.value = Tensor(length, std::move(integers_));
  } else {
    const Shape length = shape(reals_);
    result.value = Tensor(length, std::move(reals_));
  }
  return result;
}

}  // namespace elbo::stdlib
