// Matrices in columns.
#include "cli/repl/matrix.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cli/repl/display.hpp"
#include "runtime/value.hpp"

namespace elbo::cli {
namespace {

using runtime::Shape;
using runtime::Tensor;

// As in what `print` shows: an axis longer than this is cut down to its ends.
constexpr std::int64_t longest_shown = 20;
constexpr std::int64_t first_shown = 5;
constexpr std::int64_t last_shown = 2;
constexpr std::int64_t gap = -1;

/// The indices of an axis that are shown, with a gap where some are left out.
std::vector<std::int64_t> shown_indices(std::int64_t extent, std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> result;
  const bool cut = extent > first + last;
  for (std::int64_t i = 0; i < (cut ? first : extent); ++i) result.push_back(i);
  if (!cut) return result;
  result.push_back(gap);
  for (std::int64_t i = extent - last; i < extent; ++i) result.push_back(i);
  return result;
}

std::vector<std::int64_t> shown_indices(std::int64_t extent) {
  return extent <= longest_shown ? shown_indices(extent, extent, 0)
                                 : shown_indices(extent, first_shown, last_shown);
}

std::string element(const Tensor& tensor, std::int64_t i) {
  const auto storage = tensor.storage();
  if (storage == runtime::Storage::boolean) return tensor.integer(i) != 0 ? "true" : "false";
  if (storage == runtime::Storage::integer || storage == runtime::Storage::byte) {
    return std::to_string(tensor.integer(i));
  }
  return runtime::show(runtime::Value(tensor.real(i)));
}

/// The cells of the rows and columns that are shown.
std::vector<std::vector<std::string>> cells(const Tensor& tensor, std::int64_t offset,
                                            const std::vector<std::int64_t>& rows,
                                            const std::vector<std::int64_t>& columns) {
  const std::int64_t stride = tensor.shape().back();
  std::vector<std::vector<std::string>> result;
  for (const std::int64_t i : rows) {
    std::vector<std::string> row;
    for (const std::int64_t j : columns) {
      row.push_back(i == gap || j == gap ? "…" : element(tensor, offset + i * stride + j));
    }
    result.push_back(std::move(row));
  }
  return result;
}

std::vector<std::size_t> widths_of(const std::vector<std::vector<std::string>>& table) {
  std::vector<std::size_t> widths(table.empty() ? 0 : table.front().size());
  for (const auto& row : table) {
    for (std::size_t j = 0; j < row.size(); ++j) widths[j] = std::max(widths[j], columns(row[j]));
  }
  return widths;
}

/// One matrix, whose first element lies at `offset`; as many columns as the width takes.
std::string rows_of(const Tensor& tensor, std::int64_t offset, std::size_t width) {
  const Shape& shape = tensor.shape();
  const std::vector<std::int64_t> rows = shown_indices(shape[shape.size() - 2]);
  std::vector<std::int64_t> shown = shown_indices(shape.back());
  const auto total = [](const std::vector<std::size_t>& widths) {
    std::size_t sum = 0;
    for (const std::size_t one : widths) sum += one + 2;
    return sum;
  };
  auto table = cells(tensor, offset, rows, shown);
  std::vector<std::size_t> widths = widths_of(table);
  for (std::int64_t first = std::min<std::int64_t>(shape.back(), longest_shown) - 2;
       total(widths) > width && first >= 1; --first) {
    shown = shown_indices(shape.back(), first, 1);
    table = cells(tensor, offset, rows, shown);
    widths = widths_of(table);
  }
  std::string text;
  for (const auto& row : table) {
    for (std::size_t j = 0; j < row.size(); ++j) {
      text += "  " + std::string(widths[j] - columns(row[j]), ' ') + row[j];
    }
    text += "\n";
  }
  return text;
}

/// All matrices below the leading indices that `label` names.
std::string slices(const Tensor& tensor, std::size_t axis, std::int64_t offset, const std::string& label,
                   std::size_t width) {
  const Shape& shape = tensor.shape();
  if (axis + 2 == shape.size()) {
    return (label.empty() ? "" : "[" + label + ":, :]\n") + rows_of(tensor, offset, width);
  }
  std::int64_t stride = 1;
  for (std::size_t k = axis + 1; k < shape.size(); ++k) stride *= shape[k];
  std::string text;
  for (const std::int64_t i : shown_indices(shape[axis])) {
    text += i == gap
                ? "…\n"
                : slices(tensor, axis + 1, offset + i * stride, label + std::to_string(i + 1) + ", ", width);
  }
  return text;
}

}  // namespace

std::string display_matrix(const Tensor& tensor, std::size_t width) {
  const std::string type = runtime::type_name(runtime::Value(tensor)) + "\n";
  return tensor.size() == 0 ? type : type + slices(tensor, 0, 0, "", width);
}

}  // namespace elbo::cli
