#include "tests/stdlib/distributions_cases.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "stdlib/distributions/list.hpp"

namespace elbo::test {

using runtime::Tensor;

std::string Case::name() const {
  std::ostringstream text;
  text << distribution->name << "(";
  for (std::size_t i = 0; i < parameters.size(); ++i) text << (i ? ", " : "") << parameters[i];
  text << ")";
  return text.str();
}

Numbers Case::points() const {
  if (discrete()) {
    Numbers likely;
    for (const double x : reference.outcomes)
      if (reference.density(x) > 1e-30L) likely.push_back(x);
    return likely;
  }
  Numbers result;
  for (const double q : {1e-6, 1e-3, 0.05, 0.2, 0.4, 0.5, 0.7, 0.9, 0.99, 1 - 1e-6})
    result.push_back(reference.quantile(q));
  return result;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Distribution* d : stdlib::distribution_list()) {
    if (d->event_rank > 0) continue;  // distributions_multivariate.cpp
    for (const Numbers& p : d->test_points) cases.push_back({d, p, reference(*d, p)});
  }
  return cases;
}

std::vector<Tensor> split(const Distribution& distribution, const Numbers& parameters) {
  const auto rank = [&](std::size_t i) {
    return i < distribution.parameter_ranks.size() ? distribution.parameter_ranks[i] : 0;
  };
  const auto count = [&](std::size_t i, std::size_t n) {
    return rank(i) == 0 ? std::size_t{1} : rank(i) == 1 ? n : n * n;
  };
  // The length of vectors and size of matrices with which the numbers are used up.
  std::size_t n = 0, total = 0;
  do {
    ++n;
    total = 0;
    for (std::size_t i = 0; i < distribution.parameters.size(); ++i) total += count(i, n);
  } while (total < parameters.size());
  std::vector<Tensor> values;
  auto next = parameters.begin();
  for (std::size_t i = 0; i < distribution.parameters.size(); ++i) {
    const auto end = next + static_cast<std::ptrdiff_t>(count(i, n));
    if (end > parameters.end())
      throw std::runtime_error(std::string(distribution.name) + ": too few numbers");
    values.emplace_back(runtime::Shape(static_cast<std::size_t>(rank(i)), static_cast<std::int64_t>(n)),
                        Numbers(next, end));
    next = end;
  }
  return values;
}

DistributionCall constant_call(Graph& graph, const Distribution& distribution, const Numbers& parameters) {
  DistributionCall call;
  call.distribution = &distribution;
  for (const Tensor& value : split(distribution, parameters)) call.canonical.push_back(graph.constant(value));
  call.given = call.canonical;
  return call;
}

DistributionCall input_call(Graph& graph, const Distribution& distribution, const Numbers& parameters) {
  DistributionCall call;
  call.distribution = &distribution;
  const std::vector<Tensor> values = split(distribution, parameters);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string name(distribution.parameters[i].name);
    call.canonical.push_back(graph.input(name, {.axes = {}, .event = values[i].shape()}));
  }
  call.given = call.canonical;
  return call;
}

Compiled::Compiled(std::vector<Expr> outputs, std::vector<Expr> inputs, runtime::PlanOptions options)
    : output_count_(outputs.size()), execution_(runtime::plan(outputs, inputs, options)) {}

Numbers Compiled::operator()(const std::vector<Numbers>& inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) execution_.set_input(i, inputs[i]);
  execution_.run();
  Numbers result;
  for (std::size_t i = 0; i < output_count_; ++i) {
    const std::span<const double> values = execution_.output(i);
    result.insert(result.end(), values.begin(), values.end());
  }
  return result;
}

std::function<Numbers(double)> function_of_x(const Case& c, const Build& build) {
  auto graph = std::make_shared<Graph>();
  const DistributionCall call = constant_call(*graph, *c.distribution, c.parameters);
  const Expr x = graph->input("x", {});
  auto program = std::make_shared<Compiled>(std::vector{build(x, call.canonical)}, std::vector{x});
  return [graph, program](double value) { return (*program)({{value}}); };
}

namespace {

// Double-exponential rules (Takahasi and Mori 1974), exact to about 1e-14 for functions that are smooth
// inside.

constexpr double step = 1.0 / 64;

/// Integral from a to b; points close to an end are exact distances from it, for integrable singularities
/// there.
template <class F>
double over_interval(F f, double a, double b) {
  double total = 0;
  for (int i = -4 * 64; i <= 4 * 64; ++i) {
    const double t = i * step;
    const double from_end = 1 / (1 + std::exp(M_PI * std::sinh(std::abs(t))));
    const double x = t < 0 ? a + (b - a) * from_end : b - (b - a) * from_end;
    total += f(x) * M_PI * std::cosh(t) * from_end * (1 - from_end);
  }
  return total * step * (b - a);
}

/// Integral from a to infinity (sign 1) or from minus infinity to a (sign -1), of a function of width
/// `scale`.
template <class F>
double outward(F f, double a, double sign, double scale) {
  double total = 0;
  for (int i = -6 * 64; i <= 6 * 64; ++i) {
    const double t = i * step;
    const double distance = scale * std::exp(M_PI / 2 * std::sinh(t));
    total += f(a + sign * distance) * distance * M_PI / 2 * std::cosh(t);
  }
  return total * step;
}

/// Integral over the support, in pieces between quantiles so that the rules meet the mass at its own scale.
double integrate(const Case& c, const std::function<double(double)>& f) {
  const auto safe = [&](double x) {
    const double value = f(x);
    return std::isfinite(value) ? value : 0.0;  // an end of the support, reached by rounding
  };
  const Reference& r = c.reference;
  const double low = r.quantile(0.01), middle = r.quantile(0.5), high = r.quantile(0.99);
  Numbers cuts{low, middle, high};
  for (const double x : r.breaks) {
    if (x > low && x < high) cuts.push_back(x);
  }
  std::sort(cuts.begin(), cuts.end());
  double inner = 0;
  for (std::size_t i = 1; i < cuts.size(); ++i) {
    if (cuts[i - 1] < cuts[i]) inner += over_interval(safe, cuts[i - 1], cuts[i]);
  }
  return inner +
         (std::isfinite(r.least) ? over_interval(safe, r.least, low) : outward(safe, low, -1, high - low)) +
         (std::isfinite(r.greatest) ? over_interval(safe, high, r.greatest)
                                    : outward(safe, high, 1, high - low));
}

}  // namespace

Numbers expectation(const Case& c, const std::function<Numbers(double)>& f, std::size_t size) {
  const auto log_density = function_of_x(c, [&](Expr x, std::span<const Expr> p) {
    return runtime::log_density({c.distribution, {p.begin(), p.end()}, nullptr, {p.begin(), p.end()}, {}}, x);
  });
  Numbers result(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto term = [&](double x) {
      const double density = std::exp(log_density(x)[0]);
      return density == 0 ? 0.0 : density * f(x)[i];
    };
    if (!c.discrete()) {
      result[i] = integrate(c, term);
      continue;
    }
    for (const double x : c.reference.outcomes) result[i] += term(x);
  }
  return result;
}

double expectation(const Case& c, const std::function<double(double)>& f) {
  return expectation(
      c, [&](double x) { return Numbers{f(x)}; }, 1)[0];
}

Numbers value_of(Expr root) { return runtime::evaluate(root).reals(); }

bool close(double a, double b, double tolerance) {
  if (a == b) return true;
  return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
}

}  // namespace elbo::test
