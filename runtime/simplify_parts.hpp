// What rewrites look at and are put together from. Private to simplify*.cpp.
#pragma once

#include <cstddef>
#include <optional>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

inline bool is(Expr e, const Operation& operation) { return e.node().operation == &operation; }

inline Expr in(Expr e, std::size_t i) { return e.graph().at(e.node().inputs[i]); }

/// The value of a constant all of whose elements are equal and that has no axes of its own.
inline std::optional<double> number(Expr e) {
  if (is(e, broadcast_operation)) return number(in(e, 0));
  if (!is(e, constant_operation) || e.node().attributes.tensor->size() != 1) return std::nullopt;
  return e.node().attributes.tensor->real(0);
}

inline bool is_number(Expr e, double value) {
  const auto n = number(e);
  return n && *n == value;
}

/// x with the axes, shape and domain of `like`: what an identity leaves may be smaller than the node it
/// replaces.
inline Expr shaped(Expr x, Expr like) {
  if (x.type().domain != like.type().domain) return {};
  if (x.type().axes == like.type().axes && x.type().event == like.type().event) return x;
  return broadcast(x, like.type().axes, like.type().event);
}

}  // namespace elbo::runtime
