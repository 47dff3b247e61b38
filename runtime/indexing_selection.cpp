// From a subscript to the positions that it selects along one axis, with every mistake named.
#include <algorithm>

#include "runtime/indexing.hpp"
#include "runtime/library.hpp"

namespace elbo::runtime {

namespace {

/// What the axis is, for messages: where the subscript stands and how many entries there are.
struct AxisOf {
  const std::string& name;
  std::int64_t extent;
  std::size_t axis;
  std::size_t rank;
  const lang::Span& span;

  std::string entries() const {
    const std::string of_axis =
        rank > 1 ? "axis " + std::to_string(axis) + " of `" + name + "`" : "`" + name + "`";
    if (extent == 0) return of_axis + " is empty";
    if (extent == 1) return of_axis + " has one entry, number 1";
    return of_axis + " has entries 1 to " + std::to_string(extent);
  }
};

void check_position(std::int64_t index, const AxisOf& axis) {
  if (index >= 1 && index <= axis.extent) return;
  if (index == 0) {
    fail("index-zero", "index 0 is not in `" + axis.name + "`: indices start at 1, and " + axis.entries(),
         axis.span, "entry i of a 0-based index is i + 1");
  }
  fail("index-out-of-range", "index " + std::to_string(index) + " is out of range: " + axis.entries(),
       axis.span);
}

[[noreturn]] void bool_index(const AxisOf& axis) {
  fail("bool-index", "`" + axis.name + "` cannot be indexed with a bool, since false would be index 0",
       axis.span, "categories are numbered from 1: write the index as `+ 1`");
}

Selection span_of(std::int64_t first, std::int64_t last, const AxisOf& axis) {
  Selection result;
  if (last >= first) {
    check_position(first, axis);
    check_position(last, axis);
    result.positions.reserve(static_cast<std::size_t>(last - first + 1));
    for (std::int64_t i = first; i <= last; ++i) result.positions.push_back(i - 1);
  }
  result.shape = {static_cast<std::int64_t>(result.positions.size())};
  return result;
}

Selection by_mask(const Tensor& mask, const AxisOf& axis) {
  if (mask.rank() != 1 || mask.size() != axis.extent) {
    fail("mask-length", "a mask of shape " + show(mask.shape()) + " does not fit: " + axis.entries(),
         axis.span, "a mask has one bool per entry; an index made of bools needs `+ 1`");
  }
  Selection result;
  const auto truths = mask.values<std::uint8_t>();
  result.positions.reserve(static_cast<std::size_t>(std::count(truths.begin(), truths.end(), 1)));
  for (std::size_t i = 0; i < truths.size(); ++i) {
    if (truths[i] != 0) result.positions.push_back(static_cast<std::int64_t>(i));
  }
  result.shape = {static_cast<std::int64_t>(result.positions.size())};
  return result;
}

Selection by_integers(const Tensor& indices, const AxisOf& axis) {
  Selection result{.positions = {}, .shape = indices.shape()};
  result.positions.reserve(static_cast<std::size_t>(indices.size()));
  for (std::int64_t i = 0; i < indices.size(); ++i) {
    check_position(indices.integer(i), axis);
    result.positions.push_back(indices.integer(i) - 1);
  }
  return result;
}

}  // namespace

void check_positions(const Tensor& indices, std::int64_t extent, std::size_t axis, std::size_t rank,
                     const std::string& name, const lang::Span& span) {
  const AxisOf of{name, extent, axis, rank, span};
  for (std::int64_t i = 0; i < indices.size(); ++i) {
    const std::int64_t index = indices.integer(i);
    if (index >= 1 && index <= extent) continue;
    fail(index == 0 ? "index-zero" : "index-out-of-range",
         "index " + std::to_string(index) + " is out of range: " + of.entries(), span,
         index < 1 ? "indices start at 1: let the loop begin later, or the index be larger"
                   : "let the loop end earlier, or look for the entry of the index data that is too large");
  }
}

Selection select(const Subscript& subscript, std::int64_t extent, std::size_t axis_number, std::size_t rank,
                 const std::string& name) {
  const AxisOf axis{name, extent, axis_number, rank, subscript.span};
  if (subscript.slice) return span_of(subscript.first.value_or(1), subscript.last.value_or(extent), axis);
  const Value& value = subscript.value;
  if (const auto* i = value.as<std::int64_t>()) {
    check_position(*i, axis);
    return {.positions = {*i - 1}, .shape = {}};
  }
  if (const auto* range = value.as<Range>()) return span_of(range->first, range->last, axis);
  if (value.is<bool>()) bool_index(axis);
  if (const auto* tensor = value.as<Tensor>()) {
    if (tensor->storage() == Storage::boolean) return by_mask(*tensor, axis);
    if (tensor->storage() == Storage::integer || tensor->storage() == Storage::byte || tensor->size() == 0) {
      return by_integers(*tensor, axis);
    }
  }
  fail("index-type", "an index of `" + name + "` must be an int, but is " + type_name(value), subscript.span,
       value.is<double>() || value.is<Tensor>() ? "indices are ints, without a decimal point" : "");
}

}  // namespace elbo::runtime
