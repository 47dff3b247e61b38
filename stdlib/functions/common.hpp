// What the built-in functions share: reading their arguments, and walking a tensor along one dimension.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/tensor_elements.hpp"

namespace elbo::stdlib {

using runtime::Arguments;
using runtime::Expr;
using runtime::fail;
using runtime::Function;
using runtime::Interpreter;
using runtime::List;
using runtime::Record;
using runtime::Shape;
using runtime::show;
using runtime::Storage;
using runtime::Symbol;
using runtime::Tensor;
using runtime::Value;

using ListPtr = std::shared_ptr<const List>;
using RecordPtr = std::shared_ptr<const Record>;
using DistributionPtr = std::shared_ptr<const runtime::DistributionValue>;

// ---- arguments
// -------------------------------------------------------------------------------------------------

/// Whether argument i was given, and as more than `none`.
inline bool is_given(const Arguments& a, std::size_t i) {
  return a.given[i] && !a.values[i].is<runtime::None>();
}

/// Argument i as a number, tensor or symbol (a range becomes a tensor); Failure "wrong-type".
Value numeric_argument(const Arguments& a, std::size_t i, std::string_view name);
Value numeric_value(const Value& value, const lang::Span& span, std::string_view name);

/// Argument i as a tensor, for functions that only make sense on data: a symbol is a Failure
/// "not-differentiable".
Tensor data_argument(const Arguments& a, std::size_t i, std::string_view name, std::string_view function);

/// Event shape of a number, tensor or symbol.
Shape shape_of(const Value& value);

/// An `axis =` argument (1-based) as a 0-based dimension; nothing when it was not given. Failure
/// "axis-range".
std::optional<std::size_t> axis_argument(const Arguments& a, std::size_t i, std::size_t rank);

/// An int >= `least`; Failure "bad-argument".
std::int64_t size_argument(const Arguments& a, std::size_t i, std::string_view name, std::int64_t least = 0);

/// A shape as an int or a vector of ints, each >= 0; Failure "bad-argument".
Shape shape_argument(const Arguments& a, std::size_t i, std::string_view name);

[[noreturn]] void wrong_type(const std::string& name, const std::string& expected, const Value& found,
                             const lang::Span& span, std::string hint = {});

/// Failure "empty-tensor" when there is nothing to take the function of.
void require_elements(std::int64_t count, std::string_view function, const lang::Span& span);

// ---- symbols
// ---------------------------------------------------------------------------------------------------

/// The symbol in a value, or null.
inline const Symbol* symbol(const Value& value) { return value.as<Symbol>(); }

/// A value of the graph of `like`.
Value symbolic(const Symbol& like, Expr expr);

/// Calls an operation by its name on values (eagerly or as a node).
Value operate(std::string_view operation, const std::vector<Value>& operands,
              runtime::Attributes attributes = {});

// ---- lanes
// -----------------------------------------------------------------------------------------------------

/// A tensor as outer x size x inner: element (o, k, i) of dimension `size` is at (o * size + k) * inner + i.
struct Lanes {
  std::int64_t outer = 1, size = 1, inner = 1;
};

/// Along one dimension; without one, all elements are a single lane.
Lanes lanes_of(const Shape& shape, std::optional<std::size_t> axis);

/// The shape without dimension `axis` (a scalar's when there is none).
Shape reduced_shape(const Shape& shape, std::optional<std::size_t> axis);

/// Calls body(lane as a vector of T, its first flat index, the distance between its elements) for every lane.
template <class T, class Body>
void for_each_lane(const Tensor& x, std::optional<std::size_t> axis, Body body) {
  const Lanes lanes = lanes_of(x.shape(), axis);
  const std::span<const T> values = x.values<T>();
  std::vector<T> lane(static_cast<std::size_t>(lanes.size));
  for (std::int64_t o = 0; o < lanes.outer; ++o) {
    for (std::int64_t i = 0; i < lanes.inner; ++i) {
      const std::int64_t first = o * lanes.size * lanes.inner + i;
      for (std::int64_t k = 0; k < lanes.size; ++k) {
        lane[static_cast<std::size_t>(k)] = values[static_cast<std::size_t>(first + k * lanes.inner)];
      }
      body(lane, first, lanes.inner);
    }
  }
}

/// Calls body(span of the lane's elements, as they are stored) for every lane. Lanes that lie side by side
/// are gathered several at a time, since a tensor's rows are long.
template <class Body>
void for_each_stored_lane(const Tensor& x, std::optional<std::size_t> axis, Body body) {
  constexpr std::int64_t most = 16;
  const Lanes lanes = lanes_of(x.shape(), axis);
  const auto length = static_cast<std::size_t>(lanes.size);
  runtime::with_elements(x, [&](auto elements) {
    using T = std::remove_const_t<typename decltype(elements)::element_type>;
    std::vector<T> gathered(
        lanes.inner == 1 ? 0 : length * static_cast<std::size_t>(std::min(most, lanes.inner)));
    for (std::int64_t o = 0; o < lanes.outer; ++o) {
      const auto slab = elements.subspan(static_cast<std::size_t>(o * lanes.size * lanes.inner),
                                         length * static_cast<std::size_t>(lanes.inner));
      if (lanes.inner == 1) body(slab);
      for (std::int64_t first = 0; lanes.inner > 1 && first < lanes.inner; first += most) {
        const auto count = static_cast<std::size_t>(std::min(most, lanes.inner - first));
        for (std::size_t k = 0; k < length; ++k) {
          const auto row = slab.subspan(
              k * static_cast<std::size_t>(lanes.inner) + static_cast<std::size_t>(first), count);
          for (std::size_t i = 0; i < count; ++i) gathered[i * length + k] = row[i];
        }
        for (std::size_t i = 0; i < count; ++i)
          body(std::span<const T>(gathered).subspan(i * length, length));
      }
    }
  });
}

/// One result per lane, by f(span of the lane's elements, as they are stored).
template <class Result, class F>
Value reduce_stored(const Tensor& x, std::optional<std::size_t> axis, F f) {
  std::vector<Result> results;
  for_each_stored_lane(x, axis, [&](auto lane) { results.push_back(f(lane)); });
  return from_tensor(Tensor(reduced_shape(x.shape(), axis), std::move(results)));
}

/// One result per lane, by f(lane).
template <class Result, class T, class F>
Value reduce(const Tensor& x, std::optional<std::size_t> axis, F f) {
  std::vector<Result> results;
  for_each_lane<T>(x, axis,
                   [&](std::vector<T>& lane, std::int64_t, std::int64_t) { results.push_back(f(lane)); });
  return from_tensor(Tensor(reduced_shape(x.shape(), axis), std::move(results)));
}

/// A tensor of the same shape, by f(lane) -> lane of equal length; without axis, the result is one flat lane.
template <class T, class F>
Tensor transform_lanes(const Tensor& x, std::optional<std::size_t> axis, F f) {
  std::vector<T> results(static_cast<std::size_t>(x.size()));
  for_each_lane<T>(x, axis, [&](std::vector<T>& lane, std::int64_t first, std::int64_t step) {
    f(lane);
    for (std::size_t k = 0; k < lane.size(); ++k) {
      results[static_cast<std::size_t>(first + static_cast<std::int64_t>(k) * step)] = lane[k];
    }
  });
  return Tensor(x.shape(), std::move(results));
}

/// Whether elements are bools, bytes or ints.
inline bool is_integral(const Tensor& x) {
  return x.storage() != Storage::real && x.storage() != Storage::single;
}

/// Sum of f(element) with an error that grows with log n (pairwise).
template <class T, class F>
double pairwise_sum_of(std::span<const T> x, F f) {
  constexpr std::size_t block = 64;  // below it a plain loop is as accurate as it matters, and faster
  if (x.size() <= block) {
    double sum = 0;
    for (const T element : x) sum += f(static_cast<double>(element));
    return sum;
  }
  const std::size_t half = x.size() / 2;
  return pairwise_sum_of(x.first(half), f) + pairwise_sum_of(x.subspan(half), f);
}

template <class T>
double pairwise_sum(std::span<const T> x) {
  return pairwise_sum_of(x, [](double element) { return element; });
}
inline double pairwise_sum(const std::vector<double>& x) { return pairwise_sum(std::span<const double>(x)); }

}  // namespace elbo::stdlib
