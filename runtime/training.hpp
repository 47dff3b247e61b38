// Whether a fit is moving its parameters, as an expression, for layers of nets that then compute something
// else: dropout, and batch_norm with its statistics of the rows at hand. What is not told otherwise
// evaluates.
#pragma once

#include <span>
#include <vector>

#include "runtime/operation.hpp"

namespace elbo::runtime {

extern const Operation training_operation, plate_mean_operation, followed_operation;

/// True while a fit moves its parameters, false in posteriors, predictions and all else.
Expr training(Graph& graph);

/// The expressions as a fit computes them for its steps.
std::vector<Expr> in_training(std::span<const Expr> roots);

/// The mean over all plates (not draws) and these event dimensions, in the place of every entry. A batch of
/// rows is a plate like all rows.
Expr plate_mean(Expr x, std::vector<std::int64_t> dims);

/// x, a `plate_mean` over these dimensions, as a value that a parameter follows: each step of a fit moves the
/// parameter by a part of the way to it, in place of a step along the gradient. Of a variance (of n entries),
/// to n / (n - 1) times it, which is unbiased.
Expr followed(Expr x, Expr parameter, bool is_variance, std::vector<std::int64_t> dims);

/// A parameter (its node in the input) and where it moves to: an expression without axes, of its shape.
struct Follower {
  NodeId parameter;
  Expr target;
};
/// Those in the expressions of a fit's step. Failure "no-rows" where a mean is over a single entry.
std::vector<Follower> followers(std::span<const Expr> roots);

}  // namespace elbo::runtime
