#include "stdlib/distributions/quadrature.hpp"

#include <cmath>

namespace elbo::stdlib {
namespace {

constexpr int size = 64;

struct Rule {
  std::vector<double> nodes, weights;  // on [-1, 1]
};

/// The roots of Legendre's polynomial by Newton's method, each from its asymptotic place.
Rule gauss_legendre() {
  Rule rule;
  for (int i = 0; i < size; ++i) {
    double x = std::cos(pi * (i + 0.75) / (size + 0.5)), derivative = 0;
    for (int step = 0; step < 20; ++step) {
      double before = 1, here = x;
      for (int k = 2; k <= size; ++k) {
        const double next = ((2 * k - 1) * x * here - (k - 1) * before) / k;
        before = here;
        here = next;
      }
      derivative = size * (x * here - before) / (x * x - 1);
      const double change = here / derivative;
      x -= change;
      if (std::abs(change) < 1e-16) break;
    }
    rule.nodes.push_back(x);
    rule.weights.push_back(2 / ((1 - x * x) * derivative * derivative));
  }
  return rule;
}

}  // namespace

Expr integral(Expr (*f)(Expr t, Parameters columns), Expr from, Expr to, Parameters p) {
  static const Rule rule = gauss_legendre();
  runtime::Graph& graph = from.graph();
  const Expr nodes = graph.constant(runtime::Tensor({size}, rule.nodes));
  const Expr weights = graph.constant(runtime::Tensor({size}, rule.weights));
  std::vector<Expr> columns;
  for (const Expr& parameter : p) columns.push_back(as_column(parameter));
  const Expr half = 0.5 * (to - from);
  const Expr t = as_column(0.5 * (from + to)) + as_column(half) * nodes;
  return half * sum_dim(weights * f(t, columns), -1);
}

}  // namespace elbo::stdlib
