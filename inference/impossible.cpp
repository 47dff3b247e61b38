// Floors under log densities.
#include "inference/impossible.hpp"

#include "runtime/expression.hpp"

namespace elbo::inference {

runtime::Expr at_least(runtime::Expr x, double least) {
  const runtime::Expr floor = x.graph().constant(least);
  return select(less(x, floor), floor, x);
}

}  // namespace elbo::inference
