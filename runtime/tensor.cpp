// Storage and conversion of tensors.
#include "runtime/tensor.hpp"

#include <bit>
#include <stdexcept>
#include <utility>

#include "runtime/tensor_elements.hpp"

namespace elbo::runtime {

namespace {

/// Owns a vector behind a pointer to its elements.
template <class T>
std::shared_ptr<const void> shared_elements(std::vector<T> values) {
  auto owner = std::make_shared<const std::vector<T>>(std::move(values));
  const T* data = owner->data();
  return {std::move(owner), data};
}

void check_size(std::int64_t expected, std::size_t found) {
  if (static_cast<std::size_t>(expected) != found) {
    throw std::logic_error("a tensor's shape asks for " + std::to_string(expected) + " elements, got " +
                           std::to_string(found));
  }
}

template <class To>
std::vector<To> converted_elements(const Tensor& tensor) {
  return with_elements(tensor, [](auto elements) {
    std::vector<To> result;
    result.reserve(elements.size());
    for (auto value : elements) result.push_back(converted<To>(value));
    return result;
  });
}

template <class T>
bool same_element(T a, T b) {
  return a == b || (a != a && b != b);
}

}  // namespace

std::int64_t element_count(const Shape& shape) {
  std::int64_t count = 1;
  for (std::int64_t extent : shape) count *= extent;
  return count;
}

std::string show(const Shape& shape) {
  std::string text = "[";
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + "]";
}

bool broadcast(const Shape& a, const Shape& b, Shape& result) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape joint = longer;
  const std::size_t offset = longer.size() - shorter.size();
  for (std::size_t axis = 0; axis < shorter.size(); ++axis) {
    std::int64_t& extent = joint[offset + axis];
    if (extent == 1) {
      extent = shorter[axis];
    } else if (shorter[axis] != 1 && shorter[axis] != extent) {
      return false;
    }
  }
  result = std::move(joint);
  return true;
}

Tensor::Tensor(Shape shape, std::vector<double> values)
    : storage_(Storage::real), shape_(std::move(shape)), size_(element_count(shape_)) {
  check_size(size_, values.size());
  data_ = shared_elements(std::move(values));
}

Tensor::Tensor(Shape shape, std::vector<float> values)
    : storage_(Storage::single), shape_(std::move(shape)), size_(element_count(shape_)) {
  check_size(size_, values.size());
  data_ = shared_elements(std::move(values));
}

Tensor::Tensor(Shape shape, std::vector<std::int64_t> values)
    : storage_(Storage::integer), shape_(std::move(shape)), size_(element_count(shape_)) {
  check_size(size_, values.size());
  data_ = shared_elements(std::move(values));
}

Tensor::Tensor(Shape shape, std::vector<std::uint8_t> values)
    : storage_(Storage::byte), shape_(std::move(shape)), size_(element_count(shape_)) {
  check_size(size_, values.size());
  data_ = shared_elements(std::move(values));
}

Tensor Tensor::boolean(Shape shape, std::vector<std::uint8_t> values) {
  Tensor result(std::move(shape), std::move(values));
  result.storage_ = Storage::boolean;
  return result;
}

double Tensor::real(std::int64_t index) const {
  return with_elements(
      *this, [index](auto elements) { return converted<double>(elements[static_cast<std::size_t>(index)]); });
}

std::int64_t Tensor::integer(std::int64_t index) const {
  return with_elements(*this, [index](auto elements) {
    return converted<std::int64_t>(elements[static_cast<std::size_t>(index)]);
  });
}

std::vector<double> Tensor::reals() const { return converted_elements<double>(*this); }

Tensor Tensor::reshaped(Shape shape) const {
  check_size(element_count(shape), static_cast<std::size_t>(size_));
  Tensor result = *this;
  result.shape_ = std::move(shape);
  return result;
}

Tensor Tensor::stored_as(Storage storage) const {
  if (storage == storage_) return *this;
  switch (storage) {
    case Storage::boolean: {
      std::vector<std::uint8_t> truths = with_elements(*this, [](auto elements) {
        std::vector<std::uint8_t> result;
        result.reserve(elements.size());
        for (auto value : elements) result.push_back(value != 0 ? 1 : 0);
        return result;
      });
      return boolean(shape_, std::move(truths));
    }
    case Storage::byte:
      return {shape_, converted_elements<std::uint8_t>(*this)};
    case Storage::integer:
      return {shape_, converted_elements<std::int64_t>(*this)};
    case Storage::single:
      return {shape_, converted_elements<float>(*this)};
    case Storage::real:
      break;
  }
  return {shape_, converted_elements<double>(*this)};
}

bool identical(const Tensor& a, const Tensor& b) {
  if (a.storage() != b.storage() || a.shape() != b.shape()) return false;
  return with_elements(a, [&b](auto left) {
    const auto right = b.values<typename decltype(left)::value_type>();
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!same_element(left[i], right[i])) return false;
    }
    return true;
  });
}

}  // namespace elbo::runtime
