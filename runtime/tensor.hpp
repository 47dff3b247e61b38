// Dense row-major arrays of any rank, immutable and shared. What scripts hold as data and what programs take as
// constants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace elbo::runtime {

using Shape = std::vector<std::int64_t>;

/// Number of elements of a shape (1 for a scalar).
std::int64_t element_count(const Shape& shape);

/// "[3, 4]"; "[]" for a scalar.
std::string show(const Shape& shape);

/// NumPy's broadcasting of two shapes; false when they do not fit.
bool broadcast(const Shape& a, const Shape& b, Shape& result);

/// How elements are stored.
enum class Storage : std::uint8_t { boolean, byte, integer, single, real };

class Tensor {
 public:
  Tensor() : Tensor(Shape{0}, std::vector<double>{}) {}
  Tensor(Shape shape, std::vector<double> values);
  Tensor(Shape shape, std::vector<float> values);
  Tensor(Shape shape, std::vector<std::int64_t> values);
  Tensor(Shape shape, std::vector<std::uint8_t> values);
  static Tensor boolean(Shape shape, std::vector<std::uint8_t> values);  ///< values 0 or 1
  static Tensor scalar(double value) { return Tensor(Shape{}, std::vector<double>{value}); }

  Storage storage() const { return storage_; }
  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return size_; }
  std::size_t rank() const { return shape_.size(); }

  /// Element by flat row-major index, converted.
  double real(std::int64_t index) const;
  std::int64_t integer(std::int64_t index) const;

  /// Typed view; the storage must be the matching one (real, single, integer; boolean and byte as uint8_t).
  template <class T>
  std::span<const T> values() const {
    return {static_cast<const T*>(data_.get()), static_cast<std::size_t>(size_)};
  }
  const void* address() const { return data_.get(); }

  /// All elements as double, converted where needed.
  std::vector<double> reals() const;

  /// Same elements in another shape of equal size (no copy).
  Tensor reshaped(Shape shape) const;

  /// Same elements stored as `storage` (no copy when it already is).
  Tensor stored_as(Storage storage) const;

 private:
  Storage storage_ = Storage::real;
  Shape shape_;
  std::int64_t size_ = 0;
  std::shared_ptr<const void> data_;
};

/// Equal shape, storage and elements (NaN equals NaN).
bool identical(const Tensor& a, const Tensor& b);

}  // namespace elbo::runtime
