// Forward differentiation in one variable: a number with its first or first two derivatives.
#pragma once

namespace elbo::runtime {
namespace {

/// A function at one place: its value and derivatives (not divided by factorials).
template <int order>
struct Jet {
  double d[order + 1] = {};
};

template <int order>
Jet<order> constant(double value) {
  Jet<order> jet;
  jet.d[0] = value;
  return jet;
}

/// A value, and a slope in the variable.
template <int order>
Jet<order> line(double value, double slope) {
  Jet<order> jet;
  jet.d[0] = value;
  jet.d[1] = slope;
  return jet;
}

template <int order>
Jet<order> operator+(const Jet<order>& u, const Jet<order>& v) {
  Jet<order> sum;
  for (int k = 0; k <= order; ++k) sum.d[k] = u.d[k] + v.d[k];
  return sum;
}

template <int order>
Jet<order> operator*(const Jet<order>& u, double factor) {
  Jet<order> product;
  for (int k = 0; k <= order; ++k) product.d[k] = u.d[k] * factor;
  return product;
}

template <int order>
Jet<order> operator*(const Jet<order>& u, const Jet<order>& v) {
  Jet<order> product;
  product.d[0] = u.d[0] * v.d[0];
  product.d[1] = u.d[1] * v.d[0] + u.d[0] * v.d[1];
  if constexpr (order == 2) product.d[2] = u.d[2] * v.d[0] + 2 * u.d[1] * v.d[1] + u.d[0] * v.d[2];
  return product;
}

template <int order>
Jet<order> reciprocal(const Jet<order>& u) {
  Jet<order> result;
  const double r = 1 / u.d[0];
  result.d[0] = r;
  result.d[1] = -u.d[1] * r * r;
  if constexpr (order == 2) result.d[2] = (2 * u.d[1] * u.d[1] * r - u.d[2]) * r * r;
  return result;
}

}  // namespace
}  // namespace elbo::runtime
