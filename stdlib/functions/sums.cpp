// Functions of a tensor that are sums at heart: each once on numbers (ints exactly), once as graph nodes.
#include <algorithm>
#include <cmath>

#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

using Integers = std::vector<std::int64_t>;
using Reals = std::vector<double>;
using Axis = std::optional<std::size_t>;

constexpr const char* category = "statistics";

std::int64_t checked(bool overflow, std::int64_t value, const lang::Span& span) {
  if (overflow) {
    fail("integer-overflow", "the result does not fit into a 64-bit int", span, "use reals: real(x)");
  }
  return value;
}

/// Sum over a dimension or all of them, as nodes.
Expr sum_over(Expr x, Axis axis) {
  return axis ? runtime::sum_dim(x, static_cast<std::int64_t>(*axis)) : runtime::sum_event(x);
}

std::int64_t lane_size(const Shape& shape, Axis axis) { return lanes_of(shape, axis).size; }

/// x with a summed-away dimension put back as 1, so that it broadcasts against the original.
Expr kept(Expr reduced, const Shape& shape, Axis axis) {
  Shape event = shape;
  if (axis) event[*axis] = 1;
  return axis ? runtime::reshape(reduced, event) : reduced;
}

Expr mean_over(Expr x, Axis axis) {
  return sum_over(x, axis) / static_cast<double>(lane_size(x.type().event, axis));
}

Expr variance_over(Expr x, Axis axis) {
  const Shape shape = x.type().event;
  const Expr centred = x - kept(mean_over(x, axis), shape, axis);
  return sum_over(runtime::square(centred), axis) / static_cast<double>(lane_size(shape, axis) - 1);
}

constexpr auto mean_of = [](auto x) { return pairwise_sum(x) / static_cast<double>(x.size()); };

constexpr auto variance_of = [](auto x) {
  const double centre = mean_of(x);
  const double squares = pairwise_sum_of(x, [&](double v) { return (v - centre) * (v - centre); });
  return squares / static_cast<double>(x.size() - 1);
};

double logsumexp_of(const Reals& x) {
  const double largest = x.empty() ? -HUGE_VAL : *std::max_element(x.begin(), x.end());
  if (!std::isfinite(largest)) {  // all -inf, or some +inf or NaN: the sum itself says which
    double sum = 0;
    for (const double v : x) sum += std::exp(v);
    return std::log(sum);
  }
  Reals terms(x.size());
  std::transform(x.begin(), x.end(), terms.begin(), [&](double v) { return std::exp(v - largest); });
  return largest + std::log(pairwise_sum(terms));
}

// ---- as functions
// ----------------------------------------------------------------------------------------------

Value sum(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const Axis axis = axis_argument(a, 1, shape_of(x).size());
  if (const Symbol* s = symbol(x)) return symbolic(*s, sum_over(s->expr, axis));
  const Tensor tensor = to_tensor(x);
  if (!is_integral(tensor)) {
    return reduce_stored<double>(tensor, axis, [](auto v) { return pairwise_sum(v); });
  }
  return reduce_stored<std::int64_t>(tensor, axis, [&](auto v) {
    std::int64_t total = 0;
    bool overflow = false;
    for (const auto k : v) overflow |= __builtin_add_overflow(total, static_cast<std::int64_t>(k), &total);
    return checked(overflow, total, a.spans[0]);
  });
}

Value prod(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const Axis axis = axis_argument(a, 1, shape_of(x).size());
  if (symbol(x) != nullptr) {
    runtime::Attributes attributes;
    attributes.integers = {0};  // no named axes
    for (std::size_t d = 0; d < shape_of(x).size(); ++d) {
      if (!axis || *axis == d) attributes.integers.push_back(static_cast<std::int64_t>(d));
    }
    return operate("product", {x}, attributes);
  }
  const Tensor tensor = to_tensor(x);
  if (!is_integral(tensor)) {
    return reduce<double, double>(tensor.stored_as(Storage::real), axis, [](const Reals& v) {
      double product = 1;
      for (const double k : v) product *= k;
      return product;
    });
  }
  return reduce<std::int64_t, std::int64_t>(tensor.stored_as(Storage::integer), axis, [&](const Integers& v) {
    std::int64_t product = 1;
    bool overflow = false;
    for (const std::int64_t k : v) overflow |= __builtin_mul_overflow(product, k, &product);
    if (std::find(v.begin(), v.end(), 0) != v.end()) return std::int64_t{0};
    return checked(overflow, product, a.spans[0]);
  });
}

/// What mean, variance and sd share: of distributions, of symbols, of tensors with enough elements.
struct MomentRule {
  Moment moment;
  const char* name;
  std::int64_t least;  ///< how many elements it needs
  Expr (*expression)(Expr, Axis);
};

/// `number` is the moment of the elements of one lane.
template <class Number>
Value moment(const MomentRule& rule, Number number, const Arguments& a) {
  if (a.values[0].is<DistributionPtr>()) {
    if (is_given(a, 1)) fail("bad-argument", "a distribution has no axes", a.spans[1], "leave out `axis`");
    return distribution_moment(rule.moment, a.values[0], a.spans[0]);
  }
  const Value x = numeric_argument(a, 0, "x");
  const Axis axis = axis_argument(a, 1, shape_of(x).size());
  const std::int64_t n = lane_size(shape_of(x), axis);
  require_elements(n, rule.name, a.spans[0]);
  if (n < rule.least) {
    fail("too-few-values",
         std::string("`") + rule.name + "` needs at least two values, because it divides by N - 1",
         a.spans[0]);
  }
  if (const Symbol* s = symbol(x)) return symbolic(*s, rule.expression(s->expr, axis));
  return reduce_stored<double>(to_tensor(x), axis, number);
}

Value mean(Interpreter&, const Arguments& a) {
  return moment({Moment::mean, "mean", 1, mean_over}, mean_of, a);
}

Value variance(Interpreter&, const Arguments& a) {
  return moment({Moment::variance, "variance", 2, variance_over}, variance_of, a);
}

Value sd(Interpreter&, const Arguments& a) {
  return moment(
      {Moment::sd, "sd", 2, [](Expr x, Axis axis) { return runtime::sqrt(variance_over(x, axis)); }},
      [](auto x) { return std::sqrt(variance_of(x)); }, a);
}

Value logsumexp(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const Axis axis = axis_argument(a, 1, shape_of(x).size());
  const Symbol* s = symbol(x);
  if (s == nullptr) {
    return reduce<double, double>(to_tensor(x).stored_as(Storage::real), axis, logsumexp_of);
  }
  if (axis) return symbolic(*s, runtime::logsumexp_dim(s->expr, static_cast<std::int64_t>(*axis)));
  const Expr flat = runtime::reshape(s->expr, {runtime::element_count(s->expr.type().event)});
  return symbolic(*s, runtime::logsumexp_dim(flat, 0));
}

/// Logs of shares, or (`exponentiated`) the shares themselves.
Value shares(const Arguments& a, const char* name, bool exponentiated) {
  const Value x = numeric_argument(a, 0, "x");
  const Shape shape = shape_of(x);
  Axis axis = axis_argument(a, 1, shape.size());
  if (shape.empty()) {
    fail("bad-argument", std::string("`") + name + "` takes a vector or a tensor, not a single number",
         a.spans[0]);
  }
  if (!axis) axis = shape.size() - 1;
  if (const Symbol* s = symbol(x)) {
    const Expr total = runtime::logsumexp_dim(s->expr, static_cast<std::int64_t>(*axis));
    const Expr logs = s->expr - kept(total, shape, axis);
    return symbolic(*s, exponentiated ? runtime::exp(logs) : logs);
  }
  return transform_lanes<double>(to_tensor(x).stored_as(Storage::real), axis, [&](Reals& lane) {
    const double total = logsumexp_of(lane);
    for (double& v : lane) v = exponentiated ? std::exp(v - total) : v - total;
  });
}

Value softmax(Interpreter&, const Arguments& a) { return shares(a, "softmax", true); }
Value log_softmax(Interpreter&, const Arguments& a) { return shares(a, "log_softmax", false); }

/// Running totals; `step` joins a new element to the total so far.
template <class T, class Step>
Tensor running(const Tensor& x, std::size_t axis, Step step) {
  return transform_lanes<T>(x, axis, [&](std::vector<T>& lane) {
    for (std::size_t k = 1; k < lane.size(); ++k) lane[k] = step(lane[k - 1], lane[k]);
  });
}

std::size_t running_axis(const Arguments& a, const Shape& shape, const char* name) {
  const Axis axis = axis_argument(a, 1, shape.size());
  if (!axis && shape.size() != 1) {
    fail("bad-argument", std::string("`") + name + "` of a tensor of shape " + show(shape) + " needs an axis",
         a.spans[0], std::string("write ") + name + "(x, axis = 1)");
  }
  return axis.value_or(0);
}

Value cumsum(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const std::size_t axis = running_axis(a, shape_of(x), "cumsum");
  if (const Symbol* s = symbol(x)) {
    return symbolic(*s, runtime::cumsum_dim(s->expr, static_cast<std::int64_t>(axis)));
  }
  const Tensor tensor = to_tensor(x);
  if (!is_integral(tensor))
    return running<double>(tensor.stored_as(Storage::real), axis, std::plus<double>());
  return running<std::int64_t>(tensor.stored_as(Storage::integer), axis,
                               [&](std::int64_t total, std::int64_t k) {
                                 const bool overflow = __builtin_add_overflow(total, k, &total);
                                 return checked(overflow, total, a.spans[0]);
                               });
}

Value cumprod(Interpreter&, const Arguments& a) {
  const Tensor tensor = data_argument(a, 0, "x", "cumprod");
  const std::size_t axis = running_axis(a, tensor.shape(), "cumprod");
  if (!is_integral(tensor))
    return running<double>(tensor.stored_as(Storage::real), axis, std::multiplies<double>());
  return running<std::int64_t>(tensor.stored_as(Storage::integer), axis,
                               [&](std::int64_t total, std::int64_t k) {
                                 const bool overflow = __builtin_mul_overflow(total, k, &total);
                                 return checked(overflow, total, a.spans[0]);
                               });
}

}  // namespace

std::vector<Function> sum_functions() {
  return {
      {"sum", "sum(x, *, axis = none)", "Sum of all elements, or along one axis — e.g. sum([1, 2, 3]) is 6",
       category, sum},
      {"prod", "prod(x, *, axis = none)",
       "Product of all elements, or along one axis — e.g. prod([2, 3, 4]) is 24", category, prod},
      {"mean", "mean(x, *, axis = none)",
       "Mean of all elements, or along one axis; of a distribution, its expectation — e.g. mean([1, 2, 6]) "
       "is 3",
       category, mean},
      {"variance", "variance(x, *, axis = none)",
       "Variance of the elements, dividing by N - 1, or along one axis; of a distribution, its own — e.g. "
       "variance([1, 2, 3]) is 1",
       category, variance},
      {"sd", "sd(x, *, axis = none)",
       "Standard deviation of the elements, dividing by N - 1, or along one axis; of a distribution, its own "
       "— e.g. "
       "sd(Normal(0, 2)) is 2",
       category, sd},
      {"logsumexp", "logsumexp(x, *, axis = none)",
       "log(sum(exp(x))) without overflow — e.g. logsumexp([1000, 1000]) is 1000.69", category, logsumexp},
      {"softmax", "softmax(x, *, axis = none)",
       "exp(x) divided by its sum along an axis, the last by default — e.g. softmax([0, 0]) is [0.5, 0.5]",
       category, softmax},
      {"log_softmax", "log_softmax(x, *, axis = none)",
       "log(softmax(x)) without overflow — e.g. log_softmax([0, 1000]) is [-1000, 0]", category, log_softmax},
      {"cumsum", "cumsum(x, *, axis = none)",
       "Running sums along an axis — e.g. cumsum([1, 2, 3]) is [1, 3, 6]", category, cumsum},
      {"cumprod", "cumprod(x, *, axis = none)",
       "Running products along an axis — e.g. cumprod([1, 2, 3]) is [1, 2, 6]", category, cumprod},
  };
}

}  // namespace elbo::stdlib
