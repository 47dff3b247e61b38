// Types of CSV columns: the narrowest of bool, int, real and text that every cell of the column reads as.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "runtime/missing.hpp"
#include "stdlib/io/csv.hpp"

namespace elbo::stdlib {

using runtime::Shape;
using runtime::Tensor;

namespace {

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

/// The cells of one column, with those that may be missing marked.
struct Cells {
  std::vector<const CsvCell*> cells;
  std::vector<bool> missing;

  /// All cells that are not missing through `read`, or nothing when one cannot be read; missing ones give
  /// `absent`.
  template <class T, class Read>
  std::optional<std::vector<T>> all(Read read, T absent) const {
    std::vector<T> values;
    values.reserve(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (missing[i]) {
        values.push_back(absent);
        continue;
      }
      const auto value = read(cells[i]->text);
      if (!value) return std::nullopt;
      values.push_back(static_cast<T>(*value));
    }
    return values;
  }
};

/// A tensor when all cells that are not missing are numbers (or all true or false).
std::optional<Tensor> numeric_column(const Cells& column) {
  const Shape shape{static_cast<std::int64_t>(column.cells.size())};
  const bool complete = std::find(column.missing.begin(), column.missing.end(), true) == column.missing.end();
  if (complete && !column.cells.empty()) {
    if (auto values = column.all<std::uint8_t>(boolean, 0)) return Tensor::boolean(shape, std::move(*values));
    if (auto values = column.all<std::int64_t>(number<std::int64_t>, 0))
      return Tensor(shape, std::move(*values));
  }
  const double absent = runtime::missing_real();
  if (auto values = column.all<double>(number<double>, absent)) return Tensor(shape, std::move(*values));
  if (auto values = column.all<double>(boolean, absent)) return Tensor(shape, std::move(*values));
  return std::nullopt;
}

}  // namespace

CsvColumn make_column(const std::vector<CsvRow>& rows, std::size_t first, std::size_t column,
                      const std::vector<std::string>& missing) {
  Cells cells;
  for (std::size_t i = first; i < rows.size(); ++i) {
    const CsvCell& cell = rows[i].cells[column];
    cells.cells.push_back(&cell);
    cells.missing.push_back(std::find(missing.begin(), missing.end(), cell.text) != missing.end());
  }
  CsvColumn result;
  auto note_missing = [&](std::size_t i) {
    if (result.missing++ == 0) result.first_missing_line = rows[first + i].line;
  };
  if (auto tensor = numeric_column(cells)) {
    for (std::size_t i = 0; i < cells.cells.size(); ++i) {
      if (cells.missing[i]) note_missing(i);
    }
    result.value = std::move(*tensor);
    return result;
  }
  runtime::List texts;
  for (std::size_t i = 0; i < cells.cells.size(); ++i) {
    // Quotes are how a file says that "NA" is a text.
    if (cells.missing[i] && !cells.cells[i]->quoted) {
      note_missing(i);
      texts.emplace_back(runtime::Missing{});
    } else {
      texts.emplace_back(cells.cells[i]->text);
    }
  }
  result.value = runtime::make_list(std::move(texts));
  return result;
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

}  // namespace elbo::stdlib
