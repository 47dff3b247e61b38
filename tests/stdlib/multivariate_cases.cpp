#include "tests/stdlib/multivariate_cases.hpp"

#include <cmath>
#include <numeric>
#include <set>
#include <sstream>
#include <string_view>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::test {

using runtime::Shape;
using runtime::Support;
using runtime::Tensor;

std::string MultivariateCase::name() const {
  std::ostringstream text;
  text << distribution->name;
  for (const Tensor& p : parameters) {
    text << " [";
    for (const double value : p.reals()) text << " " << value;
    text << " ]";
  }
  return text.str();
}

DistributionCall plain_call(const Distribution& distribution, std::vector<Expr> parameters) {
  DistributionCall call;
  call.distribution = &distribution;
  call.canonical = parameters;
  call.given = std::move(parameters);
  return call;
}

std::vector<Expr> MultivariateCase::constants(Graph& graph) const {
  std::vector<Expr> result;
  for (const Tensor& p : parameters) result.push_back(graph.constant(p));
  return result;
}

Shape MultivariateCase::shape() const {
  Graph graph;
  return runtime::event_shape(plain_call(*distribution, constants(graph)));
}

std::size_t MultivariateCase::size() const {
  return static_cast<std::size_t>(runtime::element_count(shape()));
}

namespace {

WideMatrix widened(const Shape& shape, const double* x) {
  const Eigen::Index rows = shape.empty() ? 1 : shape[0], columns = shape.size() < 2 ? 1 : shape[1];
  WideMatrix result(rows, columns);
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index j = 0; j < columns; ++j) result(i, j) = x[i * columns + j];
  }
  return result;
}

}  // namespace

std::vector<WideMatrix> MultivariateCase::wide() const {
  std::vector<WideMatrix> result;
  for (const Tensor& p : parameters) result.push_back(widened(p.shape(), p.reals().data()));
  return result;
}

WideMatrix MultivariateCase::wide(const double* x) const { return widened(shape(), x); }

Numbers MultivariateCase::draws(std::int64_t count, std::uint64_t seed) const {
  Graph graph;
  DistributionCall call = plain_call(*distribution, constants(graph));
  call.size = {count};
  const Expr x = runtime::sample(call, {});
  return runtime::evaluate(std::span(&x, 1), seed).front().reals();
}

/// Counts of categories and the relaxed category: distributions_counts.cpp.
const std::set<std::string_view> elsewhere{"Multinomial", "DirichletMultinomial", "GumbelSoftmax"};

std::vector<MultivariateCase> multivariate_cases() {
  std::vector<MultivariateCase> result;
  for (const Distribution* d : stdlib::distribution_list()) {
    if (d->event_rank == 0 || elsewhere.contains(d->name)) continue;
    for (const Numbers& p : d->test_points) result.push_back({d, split(*d, p), &multivariate_reference(*d)});
  }
  return result;
}

MultivariateCase moved(const MultivariateCase& c, double step) {
  MultivariateCase result = c;
  for (std::size_t i = 0; i < c.parameters.size(); ++i) {
    const runtime::SupportKind& kind = *c.distribution->parameters[i].support;
    if (kind.discrete) continue;
    Graph graph;
    const Expr free = kind.unconstrain(graph.constant(c.parameters[i]), {});
    Numbers values = value_of(free);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] += (i + k) % 2 ? -step : step;
    const Expr there = kind.constrain(graph.constant(Tensor(free.type().event, values)), {});
    result.parameters[i] = Tensor(c.parameters[i].shape(), value_of(there));
  }
  return result;
}

FreeDensity::FreeDensity(const MultivariateCase& c) {
  const auto unconstrained = [](const runtime::SupportKind& kind, const Shape& shape) {
    return kind.unconstrained_shape ? kind.unconstrained_shape(shape) : shape;
  };
  std::vector<Expr> parameters, inputs;
  for (std::size_t i = 0; i < c.parameters.size(); ++i) {
    const runtime::DistributionParameter& declared = c.distribution->parameters[i];
    const Expr value = graph_.constant(c.parameters[i]);
    if (declared.support->discrete) {
      parameters.push_back(value);
      continue;
    }
    const Shape shape = unconstrained(*declared.support, c.parameters[i].shape());
    const Expr free = graph_.input(declared.name, {{}, shape, runtime::Domain::real});
    parameters.push_back(declared.support->constrain(free, {}));
    inputs.push_back(free);
    at_.push_back(value_of(declared.support->unconstrain(value, {})));
  }
  const DistributionCall call = plain_call(*c.distribution, parameters);
  const Support support = runtime::support(call);
  const Shape whole = c.shape(), shape = unconstrained(*support.kind, whole);
  whole_size_ = runtime::element_count(whole);
  outcome_size_ = static_cast<std::size_t>(runtime::element_count(shape));
  const Expr y = graph_.input("y", {{}, shape, runtime::Domain::real});
  const Expr density = runtime::log_density(call, support.kind->constrain(y, support.bounds));
  inputs.insert(inputs.begin(), y);
  std::vector<Expr> outputs = runtime::gradient(density, inputs);
  const Expr jacobian = runtime::sum_event(support.kind->log_jacobian(y, support.bounds));
  outputs.insert(outputs.begin(), {density, jacobian});
  program_ = std::make_unique<Compiled>(outputs, inputs);
  const Expr x = graph_.input("x", {{}, whole, runtime::Domain::real});
  free_ =
      std::make_unique<Compiled>(std::vector{support.kind->unconstrain(x, support.bounds)}, std::vector{x});
}

Numbers FreeDensity::free(const double* x) { return (*free_)({Numbers(x, x + whole_size_)}); }

FreeDensity::Value FreeDensity::operator()(const Numbers& y) { return (*this)(y, at_); }

FreeDensity::Value FreeDensity::operator()(const Numbers& y, const std::vector<Numbers>& parameters) {
  std::vector<Numbers> inputs{y};
  inputs.insert(inputs.end(), parameters.begin(), parameters.end());
  const Numbers all = (*program_)(inputs);
  return {all[0], all[1], Numbers(all.begin() + 2, all.end())};
}

Average average(const Numbers& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return {mean, std::sqrt(squares / (n - 1) / n)};
}

bool agrees(const Numbers& values, double expected) {
  const Average found = average(values);
  return std::abs(found.mean - expected) <= 5 * found.error + 1e-9 * std::max(1.0, std::abs(expected));
}

}  // namespace elbo::test
