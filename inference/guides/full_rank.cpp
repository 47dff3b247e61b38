// The full-rank guide: one normal distribution of the unconstrained numbers of all latent variables, carried
// over to their supports (Kucukelbir et al. 2017, "Automatic Differentiation Variational Inference"). Each
// variable's numbers given those before it are normal, too: with mean m and lower Cholesky factor L,
//   y_k | y_<k ~ normal(m_k + L_k,<k L_<k,<k^-1 (y_<k - m_<k), L_kk L_kk').
#include "inference/guides.hpp"
#include "inference/guides/ready_made.hpp"
#include "runtime/expression.hpp"
#include "runtime/matrices.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

const Parameterisation& cholesky_parameterisation(const Distribution& normal) {
  for (const Parameterisation& p : normal.alternatives)
    if (p.name == "cholesky") return p;
  throw lang::InternalError("MultivariateNormal is not given by a Cholesky factor");
}

JointNormal add_parameters(JointGuide& guide) {
  const std::int64_t n = guide.size();
  const auto size = static_cast<std::size_t>(n);
  std::vector<double> scales(size * size, 0.0);
  for (std::size_t i = 0; i < size; ++i) scales[i * size + i] = initial_scale;
  JointNormal joint{};
  joint.mean = guide.add_parameter("mean", real_support, Tensor({n}, std::vector<double>(size, 0.0)));
  joint.cholesky =
      guide.add_parameter("cholesky", cholesky_covariance_support, Tensor({n, n}, std::move(scales)));
  return joint;
}

}  // namespace

std::shared_ptr<const ModelGraph> full_rank(const Library& library, const ModelGraph& model) {
  const Distribution& normal = required_distribution(library, "MultivariateNormal");
  const Parameterisation& by_factor = cholesky_parameterisation(normal);
  JointGuide guide(model, "full_rank()");
  const JointNormal joint = add_parameters(guide);
  guide.guide().joint = joint;
  const Expr mean = guide.value(joint.mean), factor = guide.value(joint.cholesky);
  std::vector<Expr> earlier;
  return guide.make([&](const UnconstrainedNumbers& y) {
    const auto block = [&](std::int64_t column, std::int64_t count) {
      return columns(rows(factor, y.first, y.count), column, count);
    };
    Expr centre = entries(mean, y.first, y.count);
    if (y.first > 0) {
      const Expr before = earlier.size() == 1 ? earlier[0] : concatenate(earlier, 0);
      const Expr deviation = before - entries(mean, 0, y.first);
      const Expr among_earlier = columns(rows(factor, 0, y.first), 0, y.first);
      centre = centre + times_vector(block(0, y.first), solve_lower_vector(among_earlier, deviation));
    }
    const Expr own = block(y.first, y.count);
    earlier.push_back(y.values);
    DistributionCall call;
    call.distribution = &normal;
    call.alternative = &by_factor;
    call.given = {centre, own};
    call.canonical = {centre, by_factor.canonical(own)};
    return call;
  });
}

}  // namespace elbo::inference
