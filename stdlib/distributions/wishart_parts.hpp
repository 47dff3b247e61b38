// What the Wishart distribution and that of the inverse have in common.
#pragma once

#include "stdlib/distributions/matrix_building.hpp"

namespace elbo::stdlib {

/// Whether df > n - 1, for parameters (df, matrix of size n): fewer degrees of freedom give no density.
Expr wishart_exists(Parameters p);
std::string wishart_problem(Parameters p);

/// Bartlett's decomposition: the lower factor A of a draw A A' from the Wishart distribution with scale 1.
Expr bartlett_factor(Expr df, const DrawShape& shape);

/// Relative entropy, given log det Lq - log det Lp of the factors of the scales, and tr(Vq^-1 Vp).
Expr wishart_kl(Expr df_p, Expr df_q, std::int64_t n, Expr log_det_difference, Expr trace);

}  // namespace elbo::stdlib
