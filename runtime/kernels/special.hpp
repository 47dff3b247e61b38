// The gamma family and the incomplete functions at any argument, one number at a time: what the vector
// kernels fall back on. No header of the standard library belongs here (README.md says why).
#pragma once

namespace elbo::runtime {

double scalar_lgamma(double x);
double scalar_digamma(double x);
double scalar_trigamma(double x);

double scalar_gamma_p(double a, double x);
double scalar_gamma_q(double a, double x);
double scalar_gamma_density(double a, double x);

double scalar_beta_cdf(double a, double b, double x);
double scalar_beta_survival(double a, double b, double x);
double scalar_beta_density(double a, double b, double x);
double scalar_beta_a(double a, double b, double x);
double scalar_beta_b(double a, double b, double x);

}  // namespace elbo::runtime
