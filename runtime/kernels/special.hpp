// The gamma family and the incomplete gamma functions at any argument, one number at a time: what the vector
// kernels fall back on. No header of the standard library belongs here (README.md says why).
#pragma once

namespace elbo::runtime {

double scalar_lgamma(double x);
double scalar_digamma(double x);
double scalar_trigamma(double x);

double scalar_gamma_p(double a, double x);
double scalar_gamma_q(double a, double x);
double scalar_gamma_density(double a, double x);

}  // namespace elbo::runtime
