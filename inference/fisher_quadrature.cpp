// E[s s'] = integral of s s'(Q(u)) over u in (0, 1), with the score s and the quantile Q. The
// double-exponential rule (Takahasi and Mori 1974) suits the ends, where the score of many distributions goes
// to infinity.
#include "inference/fisher_quadrature.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/differentiate.hpp"
#include "runtime/distribution_functions.hpp"
#include "runtime/expression.hpp"
#include "runtime/library.hpp"
#include "runtime/program.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

using Numbers = std::vector<double>;

/// One distribution of a batch: its parameters as numbers.
struct Single {
  const Distribution* distribution;
  const Parameterisation* alternative;
  Numbers given;

  bool is_free(std::size_t i) const { return !role(*distribution, alternative, i).support->discrete; }
};

/// The call with each parameter as `make` builds it.
template <class Make>
DistributionCall call_of(const Single& d, Make make) {
  DistributionCall call{
      .distribution = d.distribution, .canonical = {}, .alternative = d.alternative, .given = {}, .size = {}};
  for (std::size_t i = 0; i < d.given.size(); ++i) call.given.push_back(make(i));
  call.canonical = canonical_parameters(*d.distribution, d.alternative, call.given);
  return call;
}

[[noreturn]] void refuse(const std::string& what, const lang::Span& span) {
  fail("no-fisher-information", what, span);
}

/// Outcomes with their weights in an expectation.
struct Nodes {
  Numbers outcomes, weights;
};

Numbers quantiles(const Single& d, const Numbers& u) {
  Graph graph;
  const DistributionCall call = call_of(d, [&](std::size_t i) { return graph.constant(d.given[i]); });
  const Tensor at({static_cast<std::int64_t>(u.size())}, u);
  return evaluate(quantile(call, graph.constant(at))).reals();
}

Nodes continuous_nodes(const Single& d) {
  Nodes nodes;
  Numbers u;
  constexpr double step = 1.0 / 64;
  for (int i = -3 * 64; i <= 3 * 64; ++i) {
    const double t = i * step;
    const double from_end = 1 / (1 + std::exp(M_PI * std::sinh(std::abs(t))));
    if (t > 0 && from_end < 1e-15) continue;  // 1 - u has no digits left
    u.push_back(t < 0 ? from_end : 1 - from_end);
    nodes.weights.push_back(step * M_PI * std::cosh(t) * from_end * (1 - from_end));
  }
  nodes.outcomes = quantiles(d, u);
  return nodes;
}

/// All outcomes but for a probability of 1e-16 at either end; their weights are their probabilities.
Nodes discrete_nodes(const Single& d, const lang::Span& span) {
  const Numbers ends = quantiles(d, {1e-16, 1 - 1e-16});
  if (!(ends[1] - ends[0] < 1e7))
    refuse("the Fisher information of " + d.distribution->name + " is a sum over too many outcomes here",
           span);
  Nodes nodes;
  for (double x = ends[0]; x <= ends[1]; ++x) nodes.outcomes.push_back(x);
  Graph graph;
  const DistributionCall call = call_of(d, [&](std::size_t i) { return graph.constant(d.given[i]); });
  const Tensor at({static_cast<std::int64_t>(nodes.outcomes.size())}, nodes.outcomes);
  nodes.weights = evaluate(exp(log_density(call, graph.constant(at)))).reals();
  return nodes;
}

/// The upper and lower triangle in the free parameters.
Numbers information(const Single& d, const lang::Span& span) {
  Graph graph;
  std::vector<Expr> inputs, values;
  // Every outcome gets parameters of its own, so that the gradient of the sum holds the score of each.
  const DistributionCall probe =
      call_of(d, [&](std::size_t i) { return graph.input(d.distribution->parameters[i].name, {}); });
  const Support where = support(probe);
  for (std::size_t i = 0; i < d.given.size(); ++i) {
    for (const Expr& bound : where.bounds) {
      if (d.is_free(i) && !where.kind->discrete && depends_on(bound, probe.given[i]))
        refuse("the support of " + d.distribution->name + " moves with its `" +
                   role(*d.distribution, d.alternative, i).name + "`: there the information is not defined",
               span);
    }
  }
  const Nodes nodes = where.kind->discrete ? discrete_nodes(d, span) : continuous_nodes(d);
  const auto count = static_cast<std::int64_t>(nodes.outcomes.size());
  std::unordered_map<NodeId, Expr> at;
  const DistributionCall call = call_of(d, [&](std::size_t i) {
    if (!d.is_free(i)) return graph.constant(d.given[i]);
    inputs.push_back(graph.input("parameter", {{}, {count}, Domain::real}));
    at[inputs.back().id()] = broadcast(graph.constant(d.given[i]), {}, {count});
    return inputs.back();
  });
  const Expr density = log_density(call, graph.constant(Tensor({count}, nodes.outcomes)), true);
  const std::vector<Expr> scores = substitute(gradient(sum_all(density), inputs), at);
  std::vector<Numbers> columns;
  for (const Tensor& column : evaluate(scores)) columns.push_back(column.reals());
  const std::size_t size = inputs.size();
  Numbers result(size * size);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      for (std::size_t k = 0; k < nodes.weights.size(); ++k) {
        const double term = columns[i][k] * columns[j][k];
        if (nodes.weights[k] > 0 && std::isfinite(term)) result[i * size + j] += nodes.weights[k] * term;
      }
    }
  }
  return result;
}

/// Flat index into a tensor of this shape, of the element that broadcasting puts at `flat` of `whole`.
std::int64_t broadcast_index(const Shape& shape, const Shape& whole, std::int64_t flat) {
  std::int64_t index = 0, stride = 1;
  for (std::size_t back = 1; back <= whole.size(); ++back) {
    const std::int64_t length = whole[whole.size() - back], place = flat % length;
    flat /= length;
    if (back > shape.size()) continue;
    const std::int64_t own = shape[shape.size() - back];
    if (own > 1) index += place * stride;
    stride *= own;
  }
  return index;
}

}  // namespace

bool has_fisher_by_quadrature(const Distribution& distribution) {
  const auto& ranks = distribution.parameter_ranks;
  return distribution.event_rank == 0 && distribution.quantile &&
         std::all_of(ranks.begin(), ranks.end(), [](int rank) { return rank == 0; });
}

Tensor fisher_by_quadrature(const DistributionValue& value, const lang::Span& span) {
  const Distribution& distribution = *value.distribution;
  std::vector<Tensor> given;
  Shape whole = value.size;
  std::vector<std::int64_t> first;  // row of each parameter's first entry; -1: it does not move
  std::int64_t count = 0;
  for (std::size_t i = 0; i < value.parameters.size(); ++i) {
    given.push_back(to_tensor(value.parameters[i]));
    broadcast(whole, given.back().shape(), whole);
    const bool fixed = role(distribution, value.alternative, i).support->discrete;
    first.push_back(fixed ? -1 : count);
    if (!fixed) count += given.back().size();
  }
  Numbers total(static_cast<std::size_t>(count * count));
  for (std::int64_t element = 0; element < element_count(whole); ++element) {
    Single single{&distribution, value.alternative, {}};
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < given.size(); ++i) {
      const std::int64_t index = broadcast_index(given[i].shape(), whole, element);
      single.given.push_back(given[i].real(index));
      if (first[i] >= 0) rows.push_back(first[i] + index);
    }
    const Numbers part = information(single, span);
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t j = 0; j < rows.size(); ++j)
        total[static_cast<std::size_t>(rows[i] * count + rows[j])] += part[i * rows.size() + j];
  }
  return Tensor({count, count}, std::move(total));
}

}  // namespace elbo::inference
