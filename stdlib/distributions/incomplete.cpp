#include "stdlib/distributions/incomplete.hpp"

namespace elbo::stdlib {

Expr incomplete_beta(Expr a, Expr b, Expr log_odds) {
  // The smaller of x and 1 - x is the one whose digits are all there.
  const Expr is_lower = less_equal(log_odds, number(log_odds, 0));
  const Expr half = number(log_odds, 0.5);
  const Expr x = select(is_lower, sigmoid(log_odds), half), rest = select(is_lower, half, sigmoid(-log_odds));
  return select(is_lower, regularised_beta(a, b, x), regularised_beta_complement(b, a, rest));
}

}  // namespace elbo::stdlib
