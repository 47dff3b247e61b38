// Distributions, their parameters and their methods as Stan, BUGS, R, SciPy, PyMC, Pyro and TensorFlow name
// them, each with what to write here.
#include <array>
#include <vector>

#include "lang/habits.hpp"
#include "lang/lexicon.hpp"

namespace elbo::lang {
namespace {

constexpr std::string_view laplace = "write `Laplace(location, scale)`";
constexpr std::string_view inverse_gamma = "write `InverseGamma(shape, scale)`";
constexpr std::string_view chi_squared = "write `ChiSquared(df)`";
constexpr std::string_view inverse_chi_squared = "write `InverseChiSquared(df)`";
constexpr std::string_view wald = "write `InverseGaussian(mean, shape)`";
constexpr std::string_view multivariate = "write `MultivariateNormal(mean, covariance)`";
constexpr std::string_view by_cholesky = "write `MultivariateNormal(mean, cholesky = L)`";
constexpr std::string_view lkj =
    "write `LKJCholesky(dimension, concentration)`, the prior of a Cholesky factor of correlations";
constexpr std::string_view gaussian = "it is called `Normal` here";

constexpr Foreign names[] = {
    {"Gaussian", gaussian},
    {"gaussian", gaussian},
    {"std_normal", "write `Normal(0, 1)`"},
    {"HalfStudentT", "write `x : lower(0) ~ StudentT(df, 0, scale)`"},
    {"student_t", "write `StudentT(df, location, scale)`"},
    {"double_exponential", laplace},
    {"DoubleExponential", laplace},
    {"inv_gamma", inverse_gamma},
    {"InvGamma", inverse_gamma},
    {"invgamma", inverse_gamma},
    {"chi_square", chi_squared},
    {"Chi2", chi_squared},
    {"chi2", chi_squared},
    {"inv_chi_square", inverse_chi_squared},
    {"InvChi2", inverse_chi_squared},
    {"scaled_inv_chi_square", "write `InverseGamma(nu / 2, nu * s^2 / 2)`"},
    {"wald", wald},
    {"Wald", wald},
    {"invgauss", wald},
    {"neg_binomial", "write `NegativeBinomial(a / b, a)`, by its mean and overdispersion"},
    {"neg_binomial_2", "write `NegativeBinomial(mean, overdispersion)`"},
    {"neg_binomial_2_log", "write `NegativeBinomial(exp(x), overdispersion)`"},
    {"bernoulli_logit", "write `Bernoulli(logits = x)`"},
    {"binomial_logit", "write `Binomial(n, logits = x)`"},
    {"categorical_logit", "write `Categorical(logits = x)`"},
    {"poisson_log", "write `Poisson(log_rate = x)`"},
    {"multi_normal", multivariate},
    {"MvNormal", multivariate},
    {"mvn", multivariate},
    {"multivariate_normal", multivariate},
    {"multi_normal_cholesky", by_cholesky},
    {"multi_normal_prec", "write `MultivariateNormal(mean, precision = P)`"},
    {"lkj_corr", lkj},
    {"lkj_corr_cholesky", lkj},
    {"LKJCorr", lkj},
    {"LKJCholeskyCov", lkj},
    {"dnorm", "write `Normal(mean, sd)`; BUGS gives a precision: `Normal(mean, precision = tau)`"},
    {"dlnorm", "write `LogNormal(mean_log, sd_log)`; BUGS gives a precision: sd_log is `1 / sqrt(tau)`"},
    {"dt", "write `StudentT(df, location, scale)`; BUGS gives a precision"},
    {"dgamma", "write `Gamma(shape, rate)`"},
    {"dbeta", "write `Beta(alpha, beta)`"},
    {"dunif", "write `Uniform(lower, upper)`"},
    {"dexp", "write `Exponential(rate)`"},
    {"ddexp", laplace},
    {"dchisq", chi_squared},
    {"dweib", "write `Weibull(shape, scale)`; the scale is `lambda^(-1 / shape)` of BUGS"},
    {"dpar", "write `Pareto(minimum, shape)`; BUGS has them the other way round"},
    {"ddirch", "write `Dirichlet(concentration)`"},
    {"dmnorm", "write `MultivariateNormal(mean, precision = P)`"},
    {"dbern", "write `Bernoulli(probability)`"},
    {"dbin", "write `Binomial(trials, probability)`; BUGS has them the other way round"},
    {"dbinom", "write `Binomial(trials, probability)`"},
    {"dpois", "write `Poisson(rate)`"},
    {"dnegbin",
     "write `NegativeBinomial(mean, overdispersion)`: the mean is `r * (1 - p) / p`, the overdispersion `r`"},
    {"dcat", "write `Categorical(probabilities)`"},
};

// Stan's functions of a distribution: normal_lpdf.
constexpr Foreign endings[] = {
    {"_lpdf", "write `log_density(d, x)`, with the distribution: `log_density(Normal(0, 1), x)`"},
    {"_lpmf", "write `log_density(d, x)`, with the distribution: `log_density(Poisson(3), x)`"},
    {"_lupdf", "write `log_density(d, x)`, with the distribution: `log_density(Normal(0, 1), x)`"},
    {"_lupmf", "write `log_density(d, x)`, with the distribution: `log_density(Poisson(3), x)`"},
    {"_rng", "write `sample(d)`, with the distribution: `sample(Normal(0, 1), 10, seed = 1)`"},
};

constexpr std::string_view log_density = "write `log_density(d, x)`: the distribution is the first argument";
constexpr std::string_view density = "write `exp(log_density(d, x))`: the distribution is the first argument";
constexpr std::string_view draw = "write `sample(d, n, seed = 1)`: the distribution is the first argument";

// What is a method of a distribution elsewhere.
constexpr Foreign methods[] = {
    {"log_prob", log_density},
    {"logpdf", log_density},
    {"logpmf", log_density},
    {"logp", log_density},
    {"pdf", density},
    {"pmf", density},
    {"prob", density},
    {"sample", draw},
    {"rsample", draw},
    {"rvs", draw},
    {"draw", draw},
    {"entropy", "write `entropy(d)`"},
    {"stddev", "write `sd(d)`"},
    {"std", "write `sd(d)`"},
    {"var", "write `variance(d)`"},
};

struct ParameterNames {
  std::string_view word;
  std::vector<std::string_view> here;  ///< likeliest first
};

const std::vector<ParameterNames>& parameters() {
  static const std::vector<std::string_view> centre{"mean", "location", "mean_log", "mean_logit"},
      width{"sd", "scale", "sd_log", "sd_logit"}, precision{"precision"}, variance{"variance"},
      shape{"shape", "alpha", "concentration", "a"}, rate{"rate", "beta", "scale", "b"},
      probability{"probability", "probabilities"}, trials{"trials"}, df{"df"}, lower{"lower", "minimum"},
      upper{"upper"}, covariance{"covariance"}, cholesky{"cholesky"}, overdispersion{"overdispersion"};
  static const std::vector<ParameterNames> rows{
      {"loc", centre},
      {"mu", centre},
      {"location", centre},
      {"scale", {"sd", "sd_log", "sd_logit", "rate", "minimum"}},
      {"sigma", width},
      {"std", width},
      {"stddev", width},
      {"stdev", width},
      {"sd", width},
      {"var", variance},
      {"sigma2", variance},
      {"tau", precision},
      {"prec", precision},
      {"precision_matrix", precision},
      {"covariance_matrix", covariance},
      {"cov", covariance},
      {"Sigma", covariance},
      {"scale_matrix", {"covariance", "scale"}},
      {"scale_tril", cholesky},
      {"chol", cholesky},
      {"L", cholesky},
      {"lam", {"rate", "scale", "shape"}},
      {"mu_log", {"mean_log"}},
      {"alpha", shape},
      {"concentration", shape},
      {"concentration0", {"beta"}},
      {"concentration1", {"alpha"}},
      {"beta", rate},
      {"a", {"alpha", "shape", "concentration", "lower"}},
      {"b", {"beta", "rate", "scale", "upper"}},
      {"p", probability},
      {"prob", probability},
      {"probs", probability},
      {"theta", probability},
      {"logit", {"logits"}},
      {"logit_p", {"logits"}},
      {"n", trials},
      {"N", trials},
      {"total_count", trials},
      {"nu", df},
      {"dof", df},
      {"degrees_of_freedom", df},
      {"low", lower},
      {"xm", lower},
      {"high", upper},
      {"phi", overdispersion},
      {"eta", {"concentration"}},
      {"log_lambda", {"log_rate"}},
  };
  return rows;
}

template <std::size_t N>
const Foreign* find_word(const Foreign (&table)[N], std::string_view word) {
  for (const Foreign& row : table) {
    if (word == row.text) return &row;
  }
  return nullptr;
}

}  // namespace

const Foreign* foreign_distribution(std::string_view word) {
  if (const Foreign* row = find_word(names, word)) return row;
  for (const Foreign& row : endings) {
    if (word.ends_with(row.text)) return &row;
  }
  return nullptr;
}

std::string method_hint(std::string_view name) {
  const Foreign* row = find_word(methods, name);
  return row == nullptr ? std::string() : std::string(row->hint);
}

std::span<const std::string_view> parameter_names(std::string_view word) {
  for (const ParameterNames& row : parameters()) {
    if (word == row.word) return row.here;
  }
  return {};
}

}  // namespace elbo::lang
