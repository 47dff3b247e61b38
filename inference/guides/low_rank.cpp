// The low-rank guide: one normal distribution of the unconstrained numbers y of all latent variables with
// covariance W W' + D^2, D diagonal and W of a few columns (Ong, Nott, Smith 2018, "Gaussian Variational
// Approximation With a Factor Covariance Structure"), carried over to their supports. With shared factors
// u ~ normal(0, 1) it is y = m + W u + D e, so that each variable's numbers given those before it are of the
// same family: where u | y_<k is normal with mean mu and covariance L L',
//   y_k | y_<k ~ normal(m_k + W_k mu, (W_k L) (W_k L)' + D_k^2).
// What is known of u is kept as its precision P and P mu, to which each variable adds (Woodbury)
//   P += W_k' D_k^-2 W_k,   P mu += W_k' D_k^-2 (y_k - m_k),
// so that nothing is larger than r by r or n by r. With C C' = P, L = C'^-1.
#include <cmath>

#include "inference/guides.hpp"
#include "inference/guides/ready_made.hpp"
#include "runtime/expression.hpp"
#include "runtime/matrices.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Starting factors: small beside the starting scale, but not zero, where the gradient in the factors vanishes
// by symmetry (W and -W are the same distribution); and all different, since columns that start alike stay
// alike. Each number's variance stays within 1.01 of the squared scale.
Tensor initial_factor(std::int64_t numbers, std::int64_t rank) {
  const double size = 0.1 * initial_scale / std::sqrt(static_cast<double>(rank));
  std::vector<double> values;
  for (std::int64_t i = 1; i <= numbers * rank; ++i) values.push_back(size * (2 * golden_fraction(i) - 1));
  return {{numbers, rank}, std::move(values)};
}

/// What the variables so far tell of the shared factors.
class SharedFactors {
 public:
  /// The factors' mean and covariance seen through loadings W [n, rank]: W mu, and W L.
  struct Loaded {
    Expr centre, factor;
  };
  Loaded loaded(Expr loadings) const {
    const Expr c = cholesky(precision_);
    const Expr factor = transpose(solve_lower(c, transpose(loadings)));
    return {times_vector(factor, solve_lower_vector(c, weighted_mean_)), factor};
  }

  bool is_prior() const { return !precision_; }

  /// Numbers that differ from their mean by `deviation`, with these loadings and variances.
  void observe(Expr deviation, Expr loadings, Expr variances) {
    const std::int64_t n = loadings.type().event[0], rank = loadings.type().event[1];
    const Expr weighted = transpose(loadings / reshape(variances, {n, 1}));
    const Expr precision = matrix_product(weighted, loadings), pull = times_vector(weighted, deviation);
    precision_ = (is_prior() ? identity_matrix(loadings.graph(), rank) : precision_) + precision;
    weighted_mean_ = weighted_mean_ ? weighted_mean_ + pull : pull;
  }

 private:
  Expr precision_;      // P; empty: the identity
  Expr weighted_mean_;  // P mu; empty: 0
};

}  // namespace

std::shared_ptr<const ModelGraph> low_rank(const Library& library, const ModelGraph& model,
                                           std::int64_t rank) {
  const Distribution& normal = required_distribution(library, "LowRankNormal");
  JointGuide guide(model, "low_rank(" + std::to_string(rank) + ")");
  const std::int64_t n = guide.size();
  const auto filled = [&](double value) {
    return Tensor({n}, std::vector<double>(static_cast<std::size_t>(n), value));
  };
  const Expr mean = guide.value(guide.add_parameter("mean", real_support, filled(0)));
  const Expr factor = guide.value(guide.add_parameter("factor", real_support, initial_factor(n, rank)));
  const Expr scale = guide.value(guide.add_parameter("scale", positive_support, filled(initial_scale)));
  SharedFactors shared;
  return guide.make([&](const UnconstrainedNumbers& y) {
    const Expr centre = entries(mean, y.first, y.count), loadings = rows(factor, y.first, y.count);
    const Expr variances = square(entries(scale, y.first, y.count));
    DistributionCall call;
    call.distribution = &normal;
    call.canonical = {centre, loadings, variances};
    if (!shared.is_prior()) {
      const SharedFactors::Loaded given = shared.loaded(loadings);
      call.canonical = {centre + given.centre, given.factor, variances};
    }
    call.given = call.canonical;
    shared.observe(y.values - centre, loadings, variances);
    return call;
  });
}

}  // namespace elbo::inference
