// Blocks of a few thousand elements: operands stay in the cache while they are converted, computed with and
// stored.
#include "runtime/elementwise.hpp"

#include <algorithm>
#include <type_traits>

#include "runtime/kernels/kernels.hpp"
#include "runtime/tensor_elements.hpp"

namespace elbo::runtime {

namespace {

constexpr std::int64_t block_size = 4096;

// ---- operands ---------------------------------------------------------------------------------------------

/// How an operand of `shape` lies under a result (NumPy's broadcasting): dimensions of the result that it
/// walks through alike are one.
struct Layout {
  Shape extents, strides;  // strides in elements of the operand; 0 where it is repeated
};

Layout layout_of(const Shape& shape, const Shape& result) {
  Layout layout;
  std::int64_t stride = element_count(shape);
  const std::size_t repeated = result.size() - shape.size();
  for (std::size_t d = 0; d < result.size(); ++d) {
    const std::int64_t extent = d < repeated ? 1 : shape[d - repeated];
    if (extent > 0) stride /= extent;
    const std::int64_t step = extent == 1 ? 0 : stride;
    if (result[d] == 1) continue;
    // A dimension and the next are one where a step of the former is all steps of the latter.
    if (!layout.extents.empty() && layout.strides.back() == step * result[d]) {
      layout.extents.back() *= result[d];
      layout.strides.back() = step;
    } else {
      layout.extents.push_back(result[d]);
      layout.strides.push_back(step);
    }
  }
  return layout;
}

/// The elements of an operand as T, block by block in the order of the result.
template <class T>
class Operand {
 public:
  Operand(const Tensor& tensor, const Shape& result)
      : tensor_(tensor), layout_(layout_of(tensor.shape(), result)), at_(layout_.extents.size(), 0) {
    constant_ = tensor.size() == 1;
    as_it_is_ = std::is_same_v<T, double> && tensor.storage() == Storage::real;
    as_it_is_ = as_it_is_ || (std::is_same_v<T, std::int64_t> && tensor.storage() == Storage::integer);
    const std::int64_t count = element_count(result);
    contiguous_ = tensor.size() == count;
    if (constant_ || !(as_it_is_ && contiguous_)) {
      buffer_.resize(static_cast<std::size_t>(constant_ ? 1 : std::min(count, block_size)));
    }
    if (constant_) with_elements(tensor, [&](auto elements) { buffer_[0] = converted<T>(elements[0]); });
  }

  /// The next n <= block_size elements; a constant is one element for all.
  const T* next(std::int64_t n) {
    if (constant_) return buffer_.data();
    const std::int64_t first = done_;
    done_ += n;
    if (as_it_is_ && contiguous_) return static_cast<const T*>(tensor_.address()) + first;
    with_elements(tensor_, [&](auto elements) {
      if (contiguous_) {
        convert(elements.data() + first, 1, n, buffer_.data());
      } else {
        walk(elements.data(), n);
      }
    });
    return buffer_.data();
  }
  std::int64_t stride() const { return constant_ ? 0 : 1; }

 private:
  template <class From>
  static void convert(const From* from, std::int64_t stride, std::int64_t n, T* to) {
    if (stride == 1) {
      for (std::int64_t i = 0; i < n; ++i) to[i] = converted<T>(from[i]);
    } else {
      for (std::int64_t i = 0; i < n; ++i) to[i] = converted<T>(from[i * stride]);
    }
  }

  /// Takes runs of the innermost dimension until the block is full.
  template <class From>
  void walk(const From* elements, std::int64_t n) {
    const std::size_t inner = layout_.extents.size() - 1;
    for (std::int64_t filled = 0; filled < n;) {
      const std::int64_t run = std::min(layout_.extents[inner] - at_[inner], n - filled);
      convert(elements + offset_, layout_.strides[inner], run, buffer_.data() + filled);
      filled += run;
      advance(inner, run);
    }
  }

  void advance(std::size_t d, std::int64_t steps) {
    offset_ += steps * layout_.strides[d];
    at_[d] += steps;
    while (at_[d] == layout_.extents[d] && d > 0) {
      offset_ -= at_[d] * layout_.strides[d];
      at_[d] = 0;
      --d;
      offset_ += layout_.strides[d];
      ++at_[d];
    }
  }

  const Tensor& tensor_;
  Layout layout_;
  Shape at_;
  std::int64_t offset_ = 0, done_ = 0;
  bool constant_ = false, as_it_is_ = false, contiguous_ = false;
  std::vector<T> buffer_;
};

// ---- results ----------------------------------------------------------------------------------------------

Tensor finished(const Shape& shape, std::vector<std::uint8_t> truths) {
  return Tensor::boolean(shape, std::move(truths));
}
template <class T>
Tensor finished(const Shape& shape, std::vector<T> numbers) {
  return Tensor(shape, std::move(numbers));
}

/// Stores what is computed as Computed: directly, or through a buffer where elements are stored as something
/// else.
template <class Stored, class Computed, class Compute>
Tensor in_blocks(const Shape& shape, Compute compute) {
  const std::int64_t count = element_count(shape);
  std::vector<Stored> result(static_cast<std::size_t>(count));
  std::vector<Computed> buffer;
  if constexpr (!std::is_same_v<Stored, Computed>)
    buffer.resize(static_cast<std::size_t>(std::min(count, block_size)));
  for (std::int64_t first = 0; first < count; first += block_size) {
    const std::int64_t n = std::min(block_size, count - first);
    if constexpr (std::is_same_v<Stored, Computed>) {
      compute(result.data() + first, n);
    } else {
      compute(buffer.data(), n);
      Stored* to = result.data() + first;
      for (std::int64_t i = 0; i < n; ++i) {
        to[i] = std::is_same_v<Stored, std::uint8_t>
                    ? static_cast<Stored>(buffer[static_cast<std::size_t>(i)] != 0)
                    : converted<Stored>(buffer[static_cast<std::size_t>(i)]);
      }
    }
  }
  return finished(shape, std::move(result));
}

}  // namespace

Tensor apply_kernel(const Operation& operation, std::span<const Tensor> operands, const Type& type) {
  std::vector<Operand<double>> readers;
  readers.reserve(operands.size());
  for (const Tensor& operand : operands) readers.emplace_back(operand, type.event);
  std::vector<Lanes> lanes(operands.size());
  const ElementwiseKernel kernel = kernels(Precision::real64).*operation.elementwise;
  const auto compute = [&](double* to, std::int64_t n) {
    for (std::size_t i = 0; i < readers.size(); ++i) lanes[i] = {readers[i].next(n), readers[i].stride()};
    kernel(to, lanes.data(), n);
  };
  if (type.domain == Domain::boolean) return in_blocks<std::uint8_t, double>(type.event, compute);
  if (type.domain == Domain::integer) return in_blocks<std::int64_t, double>(type.event, compute);
  return in_blocks<double, double>(type.event, compute);
}

Tensor apply_to_integers(std::int64_t (*function)(std::int64_t, std::int64_t), const Tensor& a,
                         const Tensor& b, const Shape& shape, bool boolean) {
  Operand<std::int64_t> left(a, shape), right(b, shape);
  const auto compute = [&](auto* to, std::int64_t n) {
    const std::int64_t *x = left.next(n), *y = right.next(n);
    using Stored = std::remove_pointer_t<decltype(to)>;
    for (std::int64_t i = 0; i < n; ++i) {
      to[i] = static_cast<Stored>(function(x[i * left.stride()], y[i * right.stride()]));
    }
  };
  if (boolean) return in_blocks<std::uint8_t, std::uint8_t>(shape, compute);
  return in_blocks<std::int64_t, std::int64_t>(shape, compute);
}

}  // namespace elbo::runtime
