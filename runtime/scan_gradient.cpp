#include "runtime/scan_gradient.hpp"

#include "lang/diagnostic.hpp"

namespace elbo::runtime {

std::vector<Expr> scan_gradient(Expr, std::span<const Projected>) {
  throw lang::InternalError("recurrences have no gradient");
}

}  // namespace elbo::runtime
