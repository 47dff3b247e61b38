// With eta the natural parameters, A the log-partition function, mu = grad A(eta) and h the base measure:
//   entropy   A(eta) - eta . mu - E[log h]
//   KL(p, q)  (eta_p - eta_q) . mu_p - A(eta_p) + A(eta_q)
#include "runtime/exponential_family.hpp"

#include <limits>
#include <unordered_map>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"

namespace elbo::runtime {
namespace {

/// Inner product over the entries of a vector statistic, elementwise over the rest.
Expr inner(const ExponentialFamily& family, const std::vector<Expr>& a, const std::vector<Expr>& b,
           std::span<const Expr> canonical) {
  const std::size_t rank = family.log_partition(a, canonical).type().event.size();
  Expr total;
  for (std::size_t i = 0; i < a.size(); ++i) {
    Expr part = a[i] * b[i];
    while (part.type().event.size() > rank) part = sum_dim(part, -1);
    total = total ? total + part : part;
  }
  return total;
}

}  // namespace

std::vector<Expr> mean_parameters(const ExponentialFamily& family, std::span<const Expr> canonical) {
  const std::vector<Expr> natural = family.natural_parameters(canonical);
  Graph& graph = natural[0].graph();
  std::vector<Expr> variables;
  std::unordered_map<NodeId, Expr> values;
  for (const Expr& eta : natural) {
    // inputs of their own: equal natural parameters are one node
    variables.push_back(graph.input("natural parameter", eta.type()));
    values[variables.back().id()] = eta;
  }
  const Expr log_partition = family.log_partition(variables, canonical);
  return substitute(gradient(sum_all(log_partition), variables), values);
}

Expr entropy(const Distribution& distribution, std::span<const Expr> canonical) {
  if (distribution.entropy) return distribution.entropy(canonical);
  const ExponentialFamily* family = distribution.exponential_family;
  if (family == nullptr) return {};
  const std::vector<Expr> natural = family->natural_parameters(canonical);
  const Expr x = natural[0].graph().input("outcome", {});
  if (distribution.event_rank > 0) return {};
  const Expr log_base = family->log_base_measure(x, canonical);
  if (depends_on(log_base, x)) return {};
  const std::vector<Expr> means = mean_parameters(*family, canonical);
  return family->log_partition(natural, canonical) - inner(*family, natural, means, canonical) - log_base;
}

Expr kl(const Distribution& distribution, std::span<const Expr> p, std::span<const Expr> q) {
  if (distribution.kl) return distribution.kl(p, q);
  const ExponentialFamily* family = distribution.exponential_family;
  if (family == nullptr) return {};
  const std::vector<Expr> from = family->natural_parameters(p), to = family->natural_parameters(q);
  std::vector<Expr> difference;
  for (std::size_t i = 0; i < from.size(); ++i) difference.push_back(from[i] - to[i]);
  Expr result = inner(*family, difference, mean_parameters(*family, p), p) - family->log_partition(from, p) +
                family->log_partition(to, q);
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!distribution.parameters[i].support->discrete) continue;
    const Expr nan = p[i].graph().constant(std::numeric_limits<double>::quiet_NaN());
    result = select(equal(p[i], q[i]), result, nan);
  }
  return result;
}

}  // namespace elbo::runtime
