// Functions that need the order of the elements: sorting, quantiles, distinct values. They work on data only;
// the quantile of a distribution is its record's.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

using Reals = std::vector<double>;
using Integers = std::vector<std::int64_t>;

constexpr const char* category = "statistics";

/// Ascending, with NaN after everything else (a strict weak order, which `<` is not once there are NaN).
constexpr auto ascending = [](auto a, auto b) {
  if (std::isnan(static_cast<double>(b))) return !std::isnan(static_cast<double>(a));
  return a < b;
};

/// The axis of an ordering function: the one given, or the only one.
std::size_t order_axis(const Arguments& a, std::size_t i, const Tensor& x, const char* name) {
  const auto axis = axis_argument(a, i, x.rank());
  if (axis || x.rank() == 1) return axis.value_or(0);
  fail("bad-argument",
       std::string("`") + name + "` of a tensor of shape " + show(x.shape()) + " needs an axis", a.spans[0],
       x.rank() == 0 ? "" : std::string("write ") + name + "(x, axis = 1)");
}

bool descending(const Arguments& a, std::size_t i) {
  return a.given[i] && boolean_argument(a, i, "decreasing");
}

template <class T>
Tensor sorted(const Tensor& x, std::size_t axis, bool decreasing) {
  return transform_lanes<T>(x, axis, [&](std::vector<T>& lane) {
    std::sort(lane.begin(), lane.end(), ascending);
    if (!decreasing) return;
    const auto numbers =
        std::find_if(lane.begin(), lane.end(), [](T v) { return std::isnan(static_cast<double>(v)); });
    std::reverse(lane.begin(), numbers);  // NaN stay last
  });
}

Value sort(Interpreter&, const Arguments& a) {
  const Tensor x = data_argument(a, 0, "x", "sort");
  const std::size_t axis = order_axis(a, 1, x, "sort");
  if (!is_integral(x)) return sorted<double>(x.stored_as(Storage::real), axis, descending(a, 2));
  return sorted<std::int64_t>(x.stored_as(Storage::integer), axis, descending(a, 2))
      .stored_as(x.storage() == Storage::boolean ? Storage::boolean : Storage::integer);
}

/// Indices (from 1) that sort x, equal elements in their order.
Value order(Interpreter&, const Arguments& a) {
  const Tensor x = data_argument(a, 0, "x", "order");
  if (x.rank() != 1) wrong_type("x", "a vector", a.values[0], a.spans[0]);
  const Reals values = x.reals();
  Integers index(values.size());
  std::iota(index.begin(), index.end(), 1);
  const bool decreasing = descending(a, 1);
  std::stable_sort(index.begin(), index.end(), [&](std::int64_t i, std::int64_t j) {
    const double u = values[static_cast<std::size_t>(i - 1)], v = values[static_cast<std::size_t>(j - 1)];
    if (std::isnan(u) || std::isnan(v) || !decreasing) return ascending(u, v);
    return v < u;
  });
  return Tensor(x.shape(), std::move(index));
}

/// Quantile of sorted values by linear interpolation between order statistics: position (n - 1) p (type 7 of
/// Hyndman and Fan 1996, the default of R and NumPy).
double quantile_of_sorted(const Reals& sorted_values, double p) {
  if (std::isnan(sorted_values.back())) return std::nan("");
  const double position = static_cast<double>(sorted_values.size() - 1) * p;
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted_values.size() - 1);
  const double weight = position - static_cast<double>(below);
  if (weight == 0) return sorted_values[below];  // keeps infinite neighbours from giving NaN
  return (1 - weight) * sorted_values[below] + weight * sorted_values[above];
}

/// Probabilities in front, then the shape of x without the axis.
Value quantiles(const Tensor& x, std::optional<std::size_t> axis, const Tensor& p) {
  const Shape rest = reduced_shape(x.shape(), axis);
  const std::int64_t count = runtime::element_count(rest);
  Reals results(static_cast<std::size_t>(p.size() * count));
  std::int64_t lane_number = 0;
  for_each_lane<double>(x.stored_as(Storage::real), axis, [&](Reals& lane, std::int64_t, std::int64_t) {
    std::sort(lane.begin(), lane.end(), ascending);
    for (std::int64_t i = 0; i < p.size(); ++i) {
      results[static_cast<std::size_t>(i * count + lane_number)] = quantile_of_sorted(lane, p.real(i));
    }
    ++lane_number;
  });
  Shape shape = p.shape();
  shape.insert(shape.end(), rest.begin(), rest.end());
  return from_tensor(Tensor(std::move(shape), std::move(results)));
}

Value quantile(Interpreter&, const Arguments& a) {
  if (a.values[0].is<DistributionPtr>()) {
    if (is_given(a, 2)) fail("bad-argument", "`axis` goes with data, not with a distribution", a.spans[2]);
    return distribution_quantile(a.values[0], numeric_argument(a, 1, "p"), a.spans[0]);
  }
  const Tensor x = data_argument(a, 0, "x", "quantile");
  const Tensor p = data_argument(a, 1, "p", "quantile");
  const auto axis = axis_argument(a, 2, x.rank());
  require_elements(lanes_of(x.shape(), axis).size, "quantile", a.spans[0]);
  for (std::int64_t i = 0; i < p.size(); ++i) {
    if (!(p.real(i) >= 0 && p.real(i) <= 1)) {
      fail("bad-argument", "`p` must lie between 0 and 1, but is " + show(Value(p.real(i))), a.spans[1]);
    }
  }
  return quantiles(x, axis, p);
}

Value median(Interpreter&, const Arguments& a) {
  if (a.values[0].is<DistributionPtr>()) {
    if (is_given(a, 1)) fail("bad-argument", "`axis` goes with data, not with a distribution", a.spans[1]);
    return distribution_quantile(a.values[0], Value(0.5), a.spans[0]);
  }
  const Tensor x = data_argument(a, 0, "x", "median");
  const auto axis = axis_argument(a, 1, x.rank());
  require_elements(lanes_of(x.shape(), axis).size, "median", a.spans[0]);
  return quantiles(x, axis, Tensor::scalar(0.5));
}

// ---- distinct values
// -------------------------------------------------------------------------------------------

template <class T>
Tensor distinct(const Tensor& x) {
  const auto values = x.values<T>();
  std::vector<T> kept(values.begin(), values.end());
  std::sort(kept.begin(), kept.end(), ascending);
  const auto same = [](T a, T b) {
    return a == b || (std::isnan(static_cast<double>(a)) && std::isnan(static_cast<double>(b)));
  };
  kept.erase(std::unique(kept.begin(), kept.end(), same), kept.end());
  const auto size = static_cast<std::int64_t>(kept.size());
  return Tensor({size}, std::move(kept));
}

/// Strings in the order in which they come first.
Value distinct_strings(const List& list, const lang::Span& span) {
  List kept;
  for (const Value& item : list) {
    const auto* text = item.as<std::string>();
    if (text == nullptr) wrong_type("x", "a tensor or a list of strings", item, span);
    const bool known =
        std::any_of(kept.begin(), kept.end(), [&](const Value& v) { return *v.as<std::string>() == *text; });
    if (!known) kept.push_back(item);
  }
  return runtime::make_list(std::move(kept));
}

Value unique(Interpreter&, const Arguments& a) {
  if (const auto* list = a.values[0].as<ListPtr>()) return distinct_strings(**list, a.spans[0]);
  const Tensor x = data_argument(a, 0, "x", "unique");
  if (!is_integral(x)) return distinct<double>(x.stored_as(Storage::real));
  const Tensor result = distinct<std::int64_t>(x.stored_as(Storage::integer));
  return x.storage() == Storage::boolean ? result.stored_as(Storage::boolean) : result;
}

}  // namespace

std::vector<Function> order_functions() {
  return {
      {"sort", "sort(x, *, axis = none, decreasing = false)",
       "The elements in ascending order, NaN last — e.g. sort([3, 1, 2]) is [1, 2, 3]", category, sort},
      {"order", "order(x, *, decreasing = false)",
       "Indices (from 1) that put a vector in order: x[order(x)] is sort(x) — e.g. order([30, 10, 20]) is "
       "[2, 3, 1]",
       category, order},
      {"quantile", "quantile(x, p, *, axis = none)",
       "Quantiles of data by linear interpolation (type 7), for one or several probabilities; of a "
       "distribution, as in `quantile(Normal(0, 1), 0.975)`, the least outcome whose cdf reaches p — e.g. "
       "quantile([1, 2, 3, 4], [0.25, 0.5]) is [1.75, 2.5]",
       category, quantile},
      {"median", "median(x, *, axis = none)",
       "Median of all elements, or along one axis; of a distribution its quantile at 1/2 — e.g. "
       "median([1, 2, 10]) is 2",
       category, median},
      {"unique", "unique(x)",
       "The different elements, in ascending order; of a list of strings, in the order they come — e.g. "
       "unique([2, 1, 2]) is [1, 2]",
       category, unique},
  };
}

}  // namespace elbo::stdlib
