// Conformance of draws of vectors and matrices, and of what a record knows in closed form: draws follow the
// density (which has mass one) and the marginals, and averages over them give moments, entropies, divergences
// and the derivatives of the log-partition. Each comparison allows 5 standard errors.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "stdlib/distributions/list.hpp"
#include "tests/stdlib/multivariate_cases.hpp"

namespace elbo::test {
namespace {

using runtime::Shape;
using runtime::Tensor;

constexpr std::int64_t draw_count = 40'000;

/// Log densities of many outcomes at once.
Numbers log_densities(const MultivariateCase& c, const Numbers& draws) {
  Graph graph;
  Shape shape = c.shape();
  shape.insert(shape.begin(), draw_count);
  const Expr all = graph.constant(Tensor(shape, draws));
  return value_of(runtime::log_density(plain_call(*c.distribution, c.constants(graph)), all));
}

/// Multivariate t with df 4 about points: a proposal with heavier tails than theirs.
class Proposal {
 public:
  explicit Proposal(const Eigen::MatrixXd& points) : n_(points.cols()) {
    mean_ = points.colwise().mean();
    const Eigen::MatrixXd centred = points.rowwise() - mean_.transpose();
    const Eigen::MatrixXd covariance = centred.transpose() * centred / static_cast<double>(points.rows());
    factor_ = covariance.llt().matrixL();
  }

  Numbers draw(std::mt19937_64& engine) const {
    std::normal_distribution<double> normal;
    std::gamma_distribution<double> gamma(2, 0.5);
    Eigen::VectorXd z(n_);
    for (Eigen::Index i = 0; i < n_; ++i) z(i) = normal(engine);
    const Eigen::VectorXd y = mean_ + factor_ * z / std::sqrt(gamma(engine));
    return {y.data(), y.data() + n_};
  }

  double log_density(const Numbers& y) const {
    const Eigen::VectorXd d = Eigen::Map<const Eigen::VectorXd>(y.data(), n_) - mean_;
    const double distance = factor_.triangularView<Eigen::Lower>().solve(d).squaredNorm();
    const auto n = static_cast<double>(n_);
    return std::lgamma(2 + n / 2) - std::lgamma(2.0) - n / 2 * std::log(4 * std::acos(-1.0)) -
           factor_.diagonal().array().log().sum() - (2 + n / 2) * std::log1p(distance / 4);
  }

  /// Coordinates in which the points have mean 0 and covariance 1.
  Eigen::VectorXd standard(const Numbers& y) const {
    return factor_.triangularView<Eigen::Lower>().solve(Eigen::Map<const Eigen::VectorXd>(y.data(), n_) -
                                                        mean_);
  }

 private:
  Eigen::Index n_;
  Eigen::VectorXd mean_;
  Eigen::MatrixXd factor_;
};

/// What is compared between draws and weighted proposals: standard coordinates, their products, and whether
/// they are large.
Numbers features(const Eigen::VectorXd& z) {
  Numbers result;
  for (Eigen::Index i = 0; i < z.size(); ++i) {
    result.push_back(std::tanh(z(i)));
    result.push_back(z(i) > 1 ? 1 : 0);
    for (Eigen::Index j = 0; j <= i; ++j) result.push_back(std::tanh(z(i)) * std::tanh(z(j)));
  }
  return result;
}

}  // namespace

TEST_CASE("densities of vectors and matrices have mass one, and draws follow them") {
  std::uint64_t seed = 1;
  for (const MultivariateCase& c : multivariate_cases()) {
    INFO(c.name());
    FreeDensity density(c);
    const Numbers draws = c.draws(draw_count, ++seed);
    const auto dimension = static_cast<Eigen::Index>(density.outcome_size());
    Eigen::MatrixXd points(draw_count, dimension);
    for (std::int64_t s = 0; s < draw_count; ++s) {
      const Numbers y = density.free(draws.data() + static_cast<std::size_t>(s) * c.size());
      points.row(s) = Eigen::Map<const Eigen::RowVectorXd>(y.data(), dimension);
    }
    const Proposal proposal(points);
    std::mt19937_64 engine(seed);
    Numbers weights;
    std::vector<Numbers> drawn, weighted;
    const auto note = [](std::vector<Numbers>& lists, const Numbers& values, double weight) {
      lists.resize(values.size());
      for (std::size_t k = 0; k < values.size(); ++k) lists[k].push_back(weight * values[k]);
    };
    for (std::int64_t s = 0; s < draw_count; ++s) {
      const Eigen::VectorXd row = points.row(s);
      note(drawn, features(proposal.standard(Numbers(row.data(), row.data() + dimension))), 1);
      const Numbers y = proposal.draw(engine);
      const FreeDensity::Value at = density(y);
      weights.push_back(std::exp(at.log_density + at.log_jacobian - proposal.log_density(y)));
      note(weighted, features(proposal.standard(y)), weights.back());
    }
    CHECK(agrees(weights, 1));
    CHECK(average(weights).error < 0.05);
    for (std::size_t k = 0; k < drawn.size(); ++k) {
      const Average a = average(drawn[k]), b = average(weighted[k]);
      INFO("feature " << k << ": " << a.mean << " +- " << a.error << ", " << b.mean << " +- " << b.error);
      CHECK(std::abs(a.mean - b.mean) < 5 * std::hypot(a.error, b.error));
    }
  }
}

TEST_CASE("draws of vectors and matrices have the right marginals, means and variances") {
  std::uint64_t seed = 100;
  std::size_t marginals = 0;
  for (const MultivariateCase& c : multivariate_cases()) {
    INFO(c.name());
    const Numbers x = c.draws(draw_count, ++seed);
    const std::vector<WideMatrix> wide = c.wide();
    Graph graph;
    const Numbers mean = value_of(c.distribution->mean(c.constants(graph)));
    const Numbers variance = value_of(c.distribution->variance(c.constants(graph)));
    const std::size_t size = c.size(), columns = size / static_cast<std::size_t>(c.rows());
    REQUIRE(mean.size() == size);
    REQUIRE(variance.size() == size);
    for (std::size_t i = 0; i < size; ++i) {
      Numbers column, squares;
      for (std::size_t s = 0; s < draw_count; ++s) {
        column.push_back(x[s * size + i]);
        squares.push_back((column.back() - mean[i]) * (column.back() - mean[i]));
      }
      INFO("entry " << i);
      CHECK(agrees(column, mean[i]));
      CHECK(agrees(squares, variance[i]));
      const auto row = static_cast<Eigen::Index>(i / columns), at = static_cast<Eigen::Index>(i % columns);
      if (!c.reference->marginal_cdf(column[0], row, at, wide)) continue;
      ++marginals;
      std::sort(column.begin(), column.end());
      double distance = 0;
      for (std::size_t s = 0; s < draw_count; ++s) {
        const double cdf = *c.reference->marginal_cdf(column[s], row, at, wide);
        distance = std::max({distance, std::abs(cdf - static_cast<double>(s) / draw_count),
                             std::abs(cdf - static_cast<double>(s + 1) / draw_count)});
      }
      // Kolmogorov's distribution: 2 exp(-2 n d^2) = 1e-5
      CHECK(distance * std::sqrt(static_cast<double>(draw_count)) < 2.47);
    }
  }
  CHECK(marginals > 60);
}

TEST_CASE("the score of vectors and matrices has expectation zero") {
  std::uint64_t seed = 200;
  for (const MultivariateCase& c : multivariate_cases()) {
    INFO(c.name());
    FreeDensity density(c);
    const Numbers draws = c.draws(draw_count, ++seed);
    std::vector<Numbers> score;
    for (std::size_t s = 0; s < draw_count; ++s) {
      const Numbers gradient = density(density.free(draws.data() + s * c.size())).gradient;
      score.resize(gradient.size() - density.outcome_size());
      for (std::size_t k = 0; k < score.size(); ++k) score[k].push_back(gradient[density.outcome_size() + k]);
    }
    REQUIRE_FALSE(score.empty());
    for (const Numbers& values : score) CHECK(agrees(values, 0));
  }
}

TEST_CASE("entropies and divergences of vectors and matrices are averages over draws") {
  std::uint64_t seed = 300;
  std::size_t divergences = 0;
  for (const MultivariateCase& c : multivariate_cases()) {
    INFO(c.name());
    const Numbers draws = c.draws(draw_count, ++seed);
    Numbers surprise = log_densities(c, draws);
    for (double& value : surprise) value = -value;
    Graph graph;
    const std::vector<Expr> p = c.constants(graph);
    CHECK(agrees(surprise, value_of(c.distribution->entropy(p))[0]));
    if (!c.distribution->kl) continue;
    ++divergences;
    const MultivariateCase other = moved(c, 0.15);
    Numbers ratio = log_densities(other, draws);
    for (std::size_t s = 0; s < ratio.size(); ++s) ratio[s] = -surprise[s] - ratio[s];
    const double divergence = value_of(c.distribution->kl(p, other.constants(graph)))[0];
    CHECK(divergence > 0);
    CHECK(agrees(ratio, divergence));
    CHECK(std::abs(value_of(c.distribution->kl(p, p))[0]) < 1e-12);
  }
  CHECK(divergences > 15);
}

TEST_CASE("exponential family forms of vectors and matrices give density, parameters and moments") {
  std::uint64_t seed = 400;
  std::size_t checked = 0;
  for (const MultivariateCase& c : multivariate_cases()) {
    if (!c.distribution->exponential_family) continue;
    INFO(c.name());
    ++checked;
    const runtime::ExponentialFamily& family = *c.distribution->exponential_family;
    Graph graph;
    const std::vector<Expr> p = c.constants(graph), eta = family.natural_parameters(p);
    const std::vector<Expr> back = family.parameters(eta, p);
    for (std::size_t i = 0; i < p.size(); ++i) {
      const Numbers found = value_of(back[i]), expected = c.parameters[i].reals();
      REQUIRE(found.size() == expected.size());
      for (std::size_t k = 0; k < found.size(); ++k) CHECK(close(found[k], expected[k], 1e-12));
    }

    const Numbers draws = c.draws(draw_count, ++seed), expected = log_densities(c, draws);
    Shape shape = c.shape();
    const Expr x = graph.input("x", {{}, shape, runtime::Domain::real});
    const std::vector<Expr> statistics = family.sufficient_statistics(x, p);
    Expr form = family.log_base_measure(x, p) - family.log_partition(eta, p);
    for (std::size_t i = 0; i < eta.size(); ++i) form = form + runtime::sum_event(eta[i] * statistics[i]);
    std::vector<Expr> outputs = statistics;
    outputs.insert(outputs.begin(), form);
    Compiled at(outputs, {x});
    std::vector<Numbers> samples;
    double error = 0;
    for (std::size_t s = 0; s < draw_count; ++s) {
      const auto from = draws.begin() + static_cast<std::ptrdiff_t>(s * c.size());
      const Numbers all = at({Numbers(from, from + static_cast<std::ptrdiff_t>(c.size()))});
      error = std::max(error, std::abs(all[0] - expected[s]) / std::max(1.0, std::abs(expected[s])));
      samples.resize(all.size() - 1);
      for (std::size_t k = 0; k + 1 < all.size(); ++k) samples[k].push_back(all[k + 1]);
    }
    CHECK(error < 1e-9);  // at the farthest of many draws

    // E[T] and Cov[T] are the first two derivatives of the log-partition.
    std::vector<Expr> inputs;
    std::vector<Numbers> values;
    for (const Expr& e : eta) {
      inputs.push_back(graph.input("eta", {{}, e.type().event, runtime::Domain::real}));
      values.push_back(value_of(e));
    }
    std::vector<Expr> first;
    for (const Expr& g : runtime::gradient(family.log_partition(inputs, p), inputs)) {
      const std::int64_t count = runtime::element_count(g.type().event);
      for (std::int64_t k = 0; k < count; ++k) {
        first.push_back(
            gather(reshape(g, {count}), graph.constant(Tensor({}, std::vector<std::int64_t>{k})), 0));
      }
    }
    std::vector<Expr> derivatives = first;
    for (const Expr& entry : first) {
      for (const Expr& g : runtime::gradient(entry, inputs)) derivatives.push_back(g);
    }
    const Numbers all = Compiled(derivatives, inputs)(values);
    const std::size_t count = first.size();
    REQUIRE(samples.size() == count);
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(agrees(samples[i], all[i]));
      for (std::size_t j = 0; j <= i; ++j) {
        Numbers products;
        for (std::size_t s = 0; s < draw_count; ++s)
          products.push_back((samples[i][s] - all[i]) * (samples[j][s] - all[j]));
        INFO("statistics " << i << " and " << j);
        CHECK(agrees(products, all[count + i * count + j]));
      }
    }
  }
  CHECK(checked > 10);
}

}  // namespace elbo::test
