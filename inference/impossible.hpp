// Log densities of what is impossible, where sums and products go on with them.
#pragma once

#include "runtime/graph.hpp"

namespace elbo::inference {

/// In place of -inf inside of sums over discrete values, so that nothing impossible meets a zero (0 times
/// infinity), in values or gradients. Exponentials of what is so far down are 0, and products of 1e7 of them
/// are still numbers of single precision.
inline constexpr double impossible = -1e30;

/// x where it is at least this, else this number, through which no gradient flows. NaN stays NaN: a mistake
/// in a density must not pass for something impossible.
runtime::Expr at_least(runtime::Expr x, double least);

}  // namespace elbo::inference
