// Arrays of numbers close from the inside out: a row is added to the array around it, or makes a list of it.
#include "stdlib/io/json_values.hpp"

#include <bit>
#include <utility>

#include "runtime/missing.hpp"

namespace elbo::stdlib {

using runtime::Shape;
using runtime::Tensor;
using runtime::Value;

// ---- numbers ----------------------------------------------------------------------------------------------

void NumberArray::clear() {
  items_ = 0;
  item_shape_.clear();
  kinds_ = 0;
  bits_.clear();
  kind_of_.clear();
}

/// True and false stand alone, or beside null.
bool NumberArray::is_mixed_with(std::uint8_t kinds) const {
  const int all = kinds_ | kinds;
  return (all & truth) != 0 && (all & (integer | real)) != 0;
}

bool NumberArray::takes(Kind kind) const {
  return (items_ == 0 || item_shape_.empty()) && !is_mixed_with(kind);
}

void NumberArray::add(Kind kind, double value) { add(kind, std::bit_cast<std::int64_t>(value)); }

void NumberArray::add(Kind kind, std::int64_t value) {
  ++items_;
  kinds_ |= kind;
  bits_.push_back(static_cast<std::uint64_t>(value));
  kind_of_.push_back(kind);
}

bool NumberArray::add(const NumberArray& item) {
  Shape shape = item.item_shape_;
  shape.insert(shape.begin(), item.items_);
  if (items_ > 0 && shape != item_shape_) return false;
  if (is_mixed_with(item.kinds_)) return false;
  item_shape_ = std::move(shape);
  ++items_;
  kinds_ |= item.kinds_;
  bits_.insert(bits_.end(), item.bits_.begin(), item.bits_.end());
  kind_of_.insert(kind_of_.end(), item.kind_of_.begin(), item.kind_of_.end());
  return true;
}

Tensor NumberArray::tensor_of(Shape shape, std::size_t first, std::size_t count) const {
  int kinds = 0;
  for (std::size_t i = first; i < first + count; ++i) kinds |= kind_of_[i];
  if (count == 0 || (kinds & (real | null)) != 0) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t bits = bits_[first + i];
      values[i] = (kind_of_[first + i] & (real | null)) != 0
                      ? std::bit_cast<double>(bits)
                      : static_cast<double>(static_cast<std::int64_t>(bits));
    }
    return Tensor(std::move(shape), std::move(values));
  }
  const auto begin = bits_.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = begin + static_cast<std::ptrdiff_t>(count);
  if ((kinds & truth) != 0) return Tensor::boolean(std::move(shape), std::vector<std::uint8_t>(begin, end));
  return Tensor(std::move(shape), std::vector<std::int64_t>(begin, end));
}

Tensor NumberArray::tensor() const {
  Shape shape = item_shape_;
  shape.insert(shape.begin(), items_);
  return tensor_of(std::move(shape), 0, bits_.size());
}

Value NumberArray::item(std::int64_t i) const {
  const std::size_t count = bits_.size() / static_cast<std::size_t>(items_);
  const std::size_t first = static_cast<std::size_t>(i) * count;
  if (item_shape_.empty() && kind_of_[first] == null) return runtime::Missing{};
  return from_tensor(tensor_of(item_shape_, first, count));
}

// ---- everything -------------------------------------------------------------------------------------------

JsonBuilder::Open& JsonBuilder::open(bool is_object) {
  if (depth_ == open_.size()) open_.emplace_back();
  Open& result = open_[depth_++];
  result.is_object = is_object;
  result.is_numeric = !is_object;
  result.numbers.clear();
  result.list.clear();
  result.record.clear();
  result.keys.clear();
  return result;
}

void JsonBuilder::become_list(Open& array) {
  if (!array.is_numeric) return;
  array.is_numeric = false;
  for (std::int64_t i = 0; i < array.numbers.items(); ++i) array.list.push_back(array.numbers.item(i));
  array.numbers.clear();
}

void JsonBuilder::add(Value value) {
  if (depth_ == 0) {
    root_ = std::move(value);
    return;
  }
  Open& around = open_[depth_ - 1];
  if (around.is_object) {
    around.record.emplace_back(std::move(around.key), std::move(value));
  } else {
    become_list(around);
    around.list.push_back(std::move(value));
  }
}

void JsonBuilder::number(NumberArray::Kind kind, std::int64_t value) {
  if (depth_ > 0 && open_[depth_ - 1].is_numeric && open_[depth_ - 1].numbers.takes(kind)) {
    open_[depth_ - 1].numbers.add(kind, value);
    return;
  }
  NumberArray alone;
  alone.add(kind, value);
  add(alone.item(0));
}

void JsonBuilder::number(NumberArray::Kind kind, double value) {
  number(kind, std::bit_cast<std::int64_t>(value));
}

void JsonBuilder::text(std::string text) { add(Value(std::move(text))); }

void JsonBuilder::begin_object() { open(true); }

bool JsonBuilder::key(const std::string& name) {
  Open& object = open_[depth_ - 1];
  if (!object.keys.insert(name).second) return false;
  object.key = name;
  return true;
}

void JsonBuilder::end_object() {
  Open& object = open_[--depth_];
  add(runtime::make_record(std::move(object.record)));
}

void JsonBuilder::begin_array() { open(false); }

void JsonBuilder::end_array() {
  Open& array = open_[--depth_];
  if (!array.is_numeric) {
    add(runtime::make_list(std::move(array.list)));
  } else if (depth_ == 0 || !open_[depth_ - 1].is_numeric || !open_[depth_ - 1].numbers.add(array.numbers)) {
    add(array.numbers.tensor());
  }
}

}  // namespace elbo::stdlib
