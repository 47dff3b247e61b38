// What the conformance suite of distributions works on: every distribution of the list at every test point,
// compiled programs of its quantities, independent references (Boost.Math in long double), and expectations
// by quadrature.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/distribution.hpp"
#include "runtime/program.hpp"

namespace elbo::test {

using runtime::Distribution;
using runtime::DistributionCall;
using runtime::Expr;
using runtime::Graph;
using Numbers = std::vector<double>;

/// Independent knowledge of a distribution at fixed parameters.
struct Reference {
  std::function<long double(long double)> density;  ///< or probability of an outcome
  std::function<double(double)> cdf;
  std::function<double(double)> quantile;  ///< continuous only
  std::function<bool(double)> inside;      ///< the support as mathematics has it (ends as documented)
  Numbers outcomes;                        ///< discrete only: all but 1e-16 of the probability, in order
  double moments = 1e9;                    ///< moments of order below this exist
  double least = -std::numeric_limits<double>::infinity();  ///< ends of the support
  double greatest = std::numeric_limits<double>::infinity();
  std::function<double(double)> survival = {};  ///< 1 - cdf where that keeps its digits; may be empty
  Numbers breaks = {};                          ///< besides the median: where an integrand may have a kink
};

/// The reference of a distribution at its parameters (flat); fails the running test when there is none.
Reference reference(const Distribution& distribution, const Numbers& parameters);

/// A distribution at a test point.
struct Case {
  const Distribution* distribution;
  Numbers parameters;
  Reference reference;

  bool discrete() const { return !reference.outcomes.empty(); }
  std::string name() const;  ///< "Normal(0, 1)"
  /// Values at which densities are compared: quantiles from 1e-6 to 1 - 1e-6, or outcomes.
  Numbers points() const;
};

/// Those with numbers as outcomes.
std::vector<Case> all_cases();

/// Flat numbers split into the values of each parameter: vectors of one length n, matrices [n, n].
std::vector<runtime::Tensor> split(const Distribution& distribution, const Numbers& parameters);

/// A call with parameters as constants of the graph.
DistributionCall constant_call(Graph& graph, const Distribution& distribution, const Numbers& parameters);
/// A call with parameters as inputs of the program.
DistributionCall input_call(Graph& graph, const Distribution& distribution, const Numbers& parameters);

/// A planned program with its buffers, called like a function.
class Compiled {
 public:
  Compiled(std::vector<Expr> outputs, std::vector<Expr> inputs, runtime::PlanOptions options = {});
  /// All outputs, one after the other.
  Numbers operator()(const std::vector<Numbers>& inputs);

 private:
  std::size_t output_count_;
  runtime::Execution execution_;
};

/// f(x, parameters) as a function of x, for the parameters of a case.
using Build = std::function<Expr(Expr x, std::span<const Expr> parameters)>;
std::function<Numbers(double)> function_of_x(const Case& c, const Build& build);

/// Sum or integral of p(x) f(x) with p the product's own density and f giving `size` numbers.
Numbers expectation(const Case& c, const std::function<Numbers(double)>& f, std::size_t size);
double expectation(const Case& c, const std::function<double(double)>& f);

/// Value of an expression without inputs, flat.
Numbers value_of(Expr root);

/// |a - b| <= tolerance * max(1, |b|); equal infinities agree.
bool close(double a, double b, double tolerance);

}  // namespace elbo::test
