// References of distributions on vectors and matrices: textbook formulas in long double with explicit
// inverses and determinants, or products of conditional densities; and marginals by Boost.Math.
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/inverse_gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "tests/stdlib/multivariate_cases.hpp"

namespace elbo::test {
namespace {

namespace bm = boost::math;
using Eigen::Index;
using Parameters = const std::vector<WideMatrix>&;

const Wide pi = std::acos(Wide(-1));

// ---- normals ----------------------------------------------------------------------------------------------

Wide square(Wide x) { return x * x; }

Wide normal(Wide x, Wide mean, Wide sd) {
  return -square((x - mean) / sd) / 2 - std::log(sd) - std::log(2 * pi) / 2;
}

Wide normal(const WideMatrix& x, const WideMatrix& mean, const WideMatrix& covariance) {
  const WideMatrix d = x - mean;
  const Wide distance = (d.transpose() * covariance.inverse() * d)(0, 0);
  return -(distance + std::log(covariance.determinant()) + static_cast<Wide>(x.rows()) * std::log(2 * pi)) /
         2;
}

std::optional<double> normal_cdf(double x, Wide mean, Wide variance) {
  return bm::cdf(
      bm::normal_distribution<double>(static_cast<double>(mean), static_cast<double>(std::sqrt(variance))),
      x);
}

Wide multivariate_normal(const WideMatrix& x, Parameters p) { return normal(x, p[0], p[1]); }
std::optional<double> multivariate_normal_cdf(double x, Index i, Index, Parameters p) {
  return normal_cdf(x, p[0](i), p[1](i, i));
}

WideMatrix low_rank_covariance(Parameters p) {
  return p[1] * p[1].transpose() + WideMatrix(p[2].asDiagonal().toDenseMatrix());
}
Wide low_rank_normal(const WideMatrix& x, Parameters p) { return normal(x, p[0], low_rank_covariance(p)); }
std::optional<double> low_rank_cdf(double x, Index i, Index, Parameters p) {
  return normal_cdf(x, p[0](i), low_rank_covariance(p)(i, i));
}

WideMatrix process_covariance(Parameters p) {
  const Index n = p[0].rows();
  return p[0] +
         (square(p[1](0)) + p[3](0) * p[0].trace() / static_cast<Wide>(n)) * WideMatrix::Identity(n, n);
}
Wide gaussian_process(const WideMatrix& x, Parameters p) { return normal(x, p[2], process_covariance(p)); }
std::optional<double> gaussian_process_cdf(double x, Index i, Index, Parameters p) {
  return normal_cdf(x, p[2](i), process_covariance(p)(i, i));
}

Wide random_walk(const WideMatrix& x, Parameters p) {
  Wide last = p[2](0), result = 0;
  for (Index t = 0; t < x.rows(); ++t) {
    result += normal(x(t), last + p[3](0), p[0](0));
    last = x(t);
  }
  return result;
}
std::optional<double> random_walk_cdf(double x, Index i, Index, Parameters p) {
  const auto t = static_cast<Wide>(i + 1);
  return normal_cdf(x, p[2](0) + t * p[3](0), t * square(p[0](0)));
}

Wide auto_regressive(const WideMatrix& x, Parameters p) {
  const Wide mean = p[3](0);
  Wide result = 0;
  for (Index t = 0; t < x.rows(); ++t) {
    Wide expected = mean;
    for (Index k = 1; k <= std::min(t, p[0].rows()); ++k) expected += p[0](k - 1) * (x(t - k) - mean);
    result += normal(x(t), expected, p[1](0));
  }
  return result;
}
std::optional<double> auto_regressive_cdf(double x, Index i, Index, Parameters p) {
  // What is left after s steps of an innovation of 1.
  std::vector<Wide> response{1};
  Wide squares = 1;
  for (Index s = 1; s <= i; ++s) {
    Wide next = 0;
    for (Index k = 1; k <= std::min(s, p[0].rows()); ++k)
      next += p[0](k - 1) * response[static_cast<std::size_t>(s - k)];
    response.push_back(next);
    squares += square(next);
  }
  return normal_cdf(x, p[3](0), squares * square(p[1](0)));
}

// ---- Student's t ------------------------------------------------------------------------------------------

Wide student_t(const WideMatrix& x, Parameters p) {
  const Wide df = p[0](0), n = static_cast<Wide>(x.rows());
  const WideMatrix d = x - p[1];
  const Wide distance = (d.transpose() * p[2].inverse() * d)(0, 0);
  return std::lgamma((df + n) / 2) - std::lgamma(df / 2) - n / 2 * std::log(df * pi) -
         std::log(p[2].determinant()) / 2 - (df + n) / 2 * std::log(1 + distance / df);
}
std::optional<double> student_t_cdf(double x, Index i, Index, Parameters p) {
  return bm::cdf(bm::students_t_distribution<double>(static_cast<double>(p[0](0))),
                 static_cast<double>((x - p[1](i)) / std::sqrt(p[2](i, i))));
}

// ---- normal-gamma -----------------------------------------------------------------------------------------

Wide normal_gamma(const WideMatrix& x, Parameters p) {
  const bm::gamma_distribution<Wide> precision(p[2](0), 1 / p[3](0));
  return std::log(bm::pdf(precision, x(1))) + normal(x(0), p[0](0), 1 / std::sqrt(p[1](0) * x(1)));
}
std::optional<double> normal_gamma_cdf(double x, Index i, Index, Parameters p) {
  const auto mean = static_cast<double>(p[0](0)), weight = static_cast<double>(p[1](0));
  const auto shape = static_cast<double>(p[2](0)), rate = static_cast<double>(p[3](0));
  if (i == 1) return bm::cdf(bm::gamma_distribution<double>(shape, 1 / rate), x);
  const double scale = std::sqrt(rate / (shape * weight));
  return bm::cdf(bm::students_t_distribution<double>(2 * shape), (x - mean) / scale);
}
std::vector<Numbers> not_precisions(Index) { return {{0, 0}, {0, -1}, {std::nan(""), 1}, {0, std::nan("")}}; }

// ---- simplices --------------------------------------------------------------------------------------------

/// Stick breaking: x[k] over what is left is Beta(p[k], the sum of the later ones).
Wide dirichlet(const WideMatrix& x, Parameters p) {
  Wide result = 0, stick = 1, rest = p[0].sum();
  for (Index k = 0; k + 1 < x.rows(); ++k) {
    rest -= p[0](k);
    result += std::log(bm::pdf(bm::beta_distribution<Wide>(p[0](k), rest), x(k) / stick) / stick);
    stick -= x(k);
  }
  return result;
}
std::optional<double> dirichlet_cdf(double x, Index i, Index, Parameters p) {
  const auto a = static_cast<double>(p[0](i)), rest = static_cast<double>(p[0].sum() - p[0](i));
  return bm::cdf(bm::beta_distribution<double>(a, rest), x);
}
std::vector<Numbers> not_simplices(Index n) {
  const Numbers even(static_cast<std::size_t>(n), 1 / static_cast<double>(n));
  Numbers large = even, negative = even, undefined = even;
  large[0] += 0.1;
  negative[0] = -0.2;
  negative[1] += even[0] + 0.2;
  undefined[0] = std::nan("");
  return {large, negative, undefined};
}

// ---- positive definite matrices ---------------------------------------------------------------------------

Wide multivariate_lgamma(Wide a, Index n) {
  Wide result = static_cast<Wide>(n * (n - 1)) / 4 * std::log(pi);
  for (Index j = 0; j < n; ++j) result += std::lgamma(a - static_cast<Wide>(j) / 2);
  return result;
}

Wide wishart(const WideMatrix& x, Parameters p) {
  const Wide df = p[0](0), n = static_cast<Wide>(x.rows());
  return (df - n - 1) / 2 * std::log(x.determinant()) - (p[1].inverse() * x).trace() / 2 -
         df * n / 2 * std::log(Wide(2)) - df / 2 * std::log(p[1].determinant()) -
         multivariate_lgamma(df / 2, x.rows());
}
std::optional<double> wishart_cdf(double x, Index i, Index j, Parameters p) {
  if (i != j) return {};
  return bm::cdf(bm::chi_squared_distribution<double>(static_cast<double>(p[0](0))),
                 x / static_cast<double>(p[1](i, i)));
}

Wide inverse_wishart(const WideMatrix& x, Parameters p) {
  const Wide df = p[0](0), n = static_cast<Wide>(x.rows());
  return df / 2 * std::log(p[1].determinant()) - df * n / 2 * std::log(Wide(2)) -
         multivariate_lgamma(df / 2, x.rows()) - (df + n + 1) / 2 * std::log(x.determinant()) -
         (p[1] * x.inverse()).trace() / 2;
}
std::optional<double> inverse_wishart_cdf(double x, Index i, Index j, Parameters p) {
  if (i != j) return {};
  const auto shape = static_cast<double>(p[0](0)) - static_cast<double>(p[1].rows()) + 1;
  return bm::cdf(bm::inverse_gamma_distribution<double>(shape / 2, static_cast<double>(p[1](i, i)) / 2), x);
}

std::vector<Numbers> identity_with(Index n, Index entry, std::vector<double> values) {
  std::vector<Numbers> result;
  for (const double value : values) {
    Numbers matrix(static_cast<std::size_t>(n * n), 0.0);
    for (Index i = 0; i < n; ++i) matrix[static_cast<std::size_t>(i * n + i)] = 1;
    matrix[static_cast<std::size_t>(entry)] = value;
    result.push_back(matrix);
  }
  return result;
}

std::vector<Numbers> not_definite(Index n) {
  std::vector<Numbers> result = identity_with(n, 0, {-1, 0, std::nan("")});
  if (n > 1) {
    const std::vector<Numbers> crooked = identity_with(n, 1, {0.3});  // not symmetric
    result.insert(result.end(), crooked.begin(), crooked.end());
  }
  return result;
}

// ---- factors of correlation matrices ----------------------------------------------------------------------

/// Row k is a point w of a ball: its direction is uniform, and |w|^2 is a beta number.
Wide lkj_cholesky(const WideMatrix& x, Parameters p) {
  const Wide n = p[0](0), eta = p[1](0);
  Wide result = 0;
  for (Index i = 1; i < x.rows(); ++i) {
    const Wide k = static_cast<Wide>(i + 1), dimensions = k - 1;
    const Wide squares = x.row(i).head(i).squaredNorm();
    const Wide beta = bm::pdf(bm::beta_distribution<Wide>(dimensions / 2, eta + (n - k) / 2), squares);
    const Wide radius = std::sqrt(squares);
    const Wide area = 2 * std::pow(pi, dimensions / 2) / std::tgamma(dimensions / 2);
    result += std::log(beta * 2 * radius / (area * std::pow(radius, dimensions - 1)));
  }
  return result;
}
std::optional<double> lkj_cdf(double x, Index i, Index j, Parameters p) {
  if (j > i || i == 0) return {};
  const auto n = static_cast<double>(p[0](0)), eta = static_cast<double>(p[1](0));
  const double k = static_cast<double>(i + 1), last = eta + (n - k) / 2;
  // The squares of a row are Dirichlet(1/2, …, 1/2, last).
  if (i == j) return bm::cdf(bm::beta_distribution<double>(last, (k - 1) / 2), x * x);
  const double half = 0.5 * bm::cdf(bm::beta_distribution<double>(0.5, last + (k - 2) / 2), x * x);
  return x < 0 ? 0.5 - half : 0.5 + half;
}
std::vector<Numbers> not_correlation_factors(Index n) {
  std::vector<Numbers> result = identity_with(n, 0, {-1, 0.5, 1.2, std::nan("")});
  const std::vector<Numbers> above = identity_with(n, 1, {0.3});
  result.insert(result.end(), above.begin(), above.end());
  return result;
}

const std::map<std::string_view, MultivariateReference> references{
    {"MultivariateNormal", {multivariate_normal, multivariate_normal_cdf, nullptr}},
    {"LowRankNormal", {low_rank_normal, low_rank_cdf, nullptr}},
    {"GaussianProcess", {gaussian_process, gaussian_process_cdf, nullptr}},
    {"RandomWalk", {random_walk, random_walk_cdf, nullptr}},
    {"AutoRegressive", {auto_regressive, auto_regressive_cdf, nullptr}},
    {"MultivariateStudentT", {student_t, student_t_cdf, nullptr}},
    {"NormalGamma", {normal_gamma, normal_gamma_cdf, not_precisions}},
    {"Dirichlet", {dirichlet, dirichlet_cdf, not_simplices}},
    {"Wishart", {wishart, wishart_cdf, not_definite}},
    {"InverseWishart", {inverse_wishart, inverse_wishart_cdf, not_definite}},
    {"LKJCholesky", {lkj_cholesky, lkj_cdf, not_correlation_factors}},
};

}  // namespace

const MultivariateReference& multivariate_reference(const Distribution& distribution) {
  const auto found = references.find(distribution.name);
  if (found == references.end())
    FAIL("no reference for " << distribution.name << " in multivariate_references.cpp");
  return found->second;
}

}  // namespace elbo::test
