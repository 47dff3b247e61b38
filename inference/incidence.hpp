// Which elements of a random variable each element of an expression depends on: what Rao-Blackwellisation
// needs to know of a graph down to single entries of plates and vectors. Found once, before a run; its cost
// is that of a few evaluations of the model.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/graph.hpp"

namespace elbo::inference {

/// Dependence of an expression's elements (its axes, in the order of their numbers, then its event shape) on
/// the elements of a variable.
struct Incidence {
  /// Every element may depend on every element of the variable.
  bool is_all = false;
  /// Otherwise: each element depends on the elements that these name at its place (-1: none). Tensors of the
  /// expression's full shape; no maps: no dependence.
  std::vector<runtime::Tensor> maps;

  bool is_none() const { return !is_all && maps.empty(); }
};

/// Dependence of `expression` on a variable's value, an input node, whose elements are numbered row-major;
/// the last `outcome_rank` dimensions are one element (the vector that a multivariate distribution draws as a
/// whole).
Incidence incidence(runtime::Expr expression, runtime::Expr variable, int outcome_rank);

/// Dependence on V where `outer` says how T depends on the elements of W, and `inner` how each of these
/// depends on V.
Incidence compose(const Incidence& outer, const Incidence& inner);

/// Either dependence.
Incidence join(Incidence a, const Incidence& b);

}  // namespace elbo::inference
