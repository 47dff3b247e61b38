// What the conformance suite of distributions on vectors and matrices works on: every such distribution of
// the list at every test point, what is known of it from elsewhere, and its density as a function of
// unconstrained numbers.
#pragma once

#include <Eigen/Dense>
#include <optional>

#include "tests/stdlib/distributions_cases.hpp"

namespace elbo::test {

using Wide = long double;
using WideMatrix = Eigen::Matrix<Wide, Eigen::Dynamic, Eigen::Dynamic>;

/// Independent knowledge of a distribution on vectors (columns) or matrices. Parameters are matrices as well:
/// numbers [1, 1], vectors [n, 1].
struct MultivariateReference {
  Wide (*log_density)(const WideMatrix& x, const std::vector<WideMatrix>& p);
  /// Of entry (row, column); nothing where it is not known, or the entry is a constant.
  std::optional<double> (*marginal_cdf)(double x, Eigen::Index row, Eigen::Index column,
                                        const std::vector<WideMatrix>& p);
  /// Outcomes outside the support, of size n; null when it is all vectors.
  std::vector<Numbers> (*outside)(Eigen::Index n);
};

/// Fails the running test when there is none.
const MultivariateReference& multivariate_reference(const Distribution& distribution);

struct MultivariateCase {
  const Distribution* distribution;
  std::vector<runtime::Tensor> parameters;
  const MultivariateReference* reference;

  std::string name() const;
  runtime::Shape shape() const;  ///< of an outcome
  Eigen::Index rows() const { return shape()[0]; }
  std::size_t size() const;  ///< numbers of an outcome
  /// Constants of a graph.
  std::vector<Expr> constants(Graph& graph) const;
  std::vector<WideMatrix> wide() const;
  WideMatrix wide(const double* x) const;
  /// `count` draws, one after the other.
  Numbers draws(std::int64_t count, std::uint64_t seed) const;
};

std::vector<MultivariateCase> multivariate_cases();

DistributionCall plain_call(const Distribution& distribution, std::vector<Expr> parameters);

/// The same case with other parameters: each unconstrained number of those that are not counts moved by
/// `step`, up and down in turn.
MultivariateCase moved(const MultivariateCase& c, double step);

/// Log density of outcome and parameters, all as unconstrained numbers, and its gradient; the log Jacobian of
/// the outcome is a second output.
class FreeDensity {
 public:
  explicit FreeDensity(const MultivariateCase& c);
  /// Unconstrained numbers of an outcome.
  Numbers free(const double* x);
  /// Where the parameters are.
  const std::vector<Numbers>& parameters() const { return at_; }
  std::size_t outcome_size() const { return outcome_size_; }

  struct Value {
    double log_density, log_jacobian;
    Numbers gradient;  ///< of the log density in the outcome, then in each parameter
  };
  Value operator()(const Numbers& y);
  Value operator()(const Numbers& y, const std::vector<Numbers>& parameters);

 private:
  Graph graph_;
  std::size_t outcome_size_ = 0;
  std::int64_t whole_size_ = 0;
  std::vector<Numbers> at_;
  std::unique_ptr<Compiled> program_, free_;
};

/// Mean of values and its standard error.
struct Average {
  double mean, error;
};
Average average(const Numbers& values);
/// |mean - expected| within 5 standard errors (a constant has no error but rounding).
bool agrees(const Numbers& values, double expected);

}  // namespace elbo::test
