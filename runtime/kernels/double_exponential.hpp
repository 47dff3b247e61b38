// Integrals from 0 to infinity by the double exponential rule of Takahasi and Mori (Publ. RIMS 9 (1974)) for
// functions that decrease exponentially: after s = exp(u - exp(-u)), the trapezoidal rule in u.
#pragma once

#include <array>
#include <cmath>

namespace elbo::runtime {
namespace {

struct DoubleExponentialNode {
  double at, weight;
};

constexpr int steps_per_unit = 12;  // the error is about exp(-100) for the functions of this folder
constexpr int nodes_below = 43;     // s < 1e-16 from u = -3.6 downwards
constexpr int nodes_above = 40 * steps_per_unit;

inline std::array<DoubleExponentialNode, nodes_below + nodes_above> double_exponential_nodes() {
  std::array<DoubleExponentialNode, nodes_below + nodes_above> nodes;
  for (int i = 0; i < nodes_below + nodes_above; ++i) {
    const double u = static_cast<double>(i - nodes_below) / steps_per_unit, shrink = std::exp(-u);
    const double s = std::exp(u - shrink);
    nodes[static_cast<std::size_t>(i)] = {s, s * (1 + shrink) / steps_per_unit};
  }
  return nodes;
}

/// Integral of f from 0 to infinity, where f changes on the scale `width`.
template <class F>
double double_exponential_integral(double width, const F& f) {
  static const auto nodes = double_exponential_nodes();
  double total = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const double part = f(width * nodes[i].at) * nodes[i].weight;
    total += part;
    if (i > nodes_below && std::fabs(part) <= 1e-18 * std::fabs(total)) break;
  }
  return total * width;
}

}  // namespace
}  // namespace elbo::runtime
