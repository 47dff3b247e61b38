// The record of a distribution: everything the system knows about it, as functions that write graph nodes.
// Checker, evaluator, inference, help, docs and the conformance suite read nothing else.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/graph.hpp"
#include "runtime/support.hpp"

namespace elbo::runtime {

struct DistributionParameter {
  std::string name;
  const SupportKind* support;  ///< what its value must lie in
  std::string default_value;   ///< "0", "1"; empty when required
  std::string help;
};

/// A name that stands in place of a canonical parameter.
struct AlternativeName {
  std::string name;
  std::string replaces;
  const SupportKind* support;
  std::string help;
};

struct DrawShape;

/// Another way to give the parameters: `name` in place of the canonical parameter `replaces`.
struct Parameterisation {
  std::string name;      ///< "precision"
  std::string replaces;  ///< "sd"
  const SupportKind* support;
  std::string help;
  /// Canonical parameter from this one.
  Expr (*canonical)(Expr value) = nullptr;
  /// This parameter from the canonical one: the inverse.
  Expr (*from_canonical)(Expr canonical) = nullptr;
  /// Log density straight from these parameters (in the order of `parameters`, with the alternative in
  /// place), where that is more accurate or faster than going through the canonical ones; may be null.
  Expr (*log_density)(Expr x, std::span<const Expr> parameters) = nullptr;
  /// The same of a draw; may be null.
  Expr (*sample)(std::span<const Expr> parameters, const DrawShape& shape) = nullptr;

  /// Names that must be given with it, each in place of another parameter: Beta's `mean` goes with
  /// `concentration`.
  std::vector<AlternativeName> partners = {};
  /// Where the value depends on more than one parameter, in place of the two functions of one: all canonical
  /// parameters from those given (an alternative in the place of what it replaces), and the inverse.
  std::vector<Expr> (*all_canonical)(std::span<const Expr> given) = nullptr;
  std::vector<Expr> (*all_given)(std::span<const Expr> canonical) = nullptr;
};

/// p(x) = exp(eta . T(x) - A(eta) + log h(x)); all members write graph nodes.
struct ExponentialFamily {
  std::vector<Expr> (*natural_parameters)(std::span<const Expr> parameters);
  std::vector<Expr> (*sufficient_statistics)(Expr x, std::span<const Expr> parameters);
  Expr (*log_partition)(std::span<const Expr> natural_parameters, std::span<const Expr> parameters);
  Expr (*log_base_measure)(Expr x, std::span<const Expr> parameters);
  /// Parameters from natural parameters (inverse of natural_parameters; fixed ones are copied from
  /// `parameters`).
  std::vector<Expr> (*parameters)(std::span<const Expr> natural_parameters, std::span<const Expr> parameters);
  /// The distribution in whose family the posterior lies when this is the prior of a conjugate model ("Gamma"
  /// of an exponential prior, too); empty where no common model is conjugate to it.
  std::string_view posterior_family = {};
};

/// A distribution that is a standard normal (of numbers, or of vectors) carried along by a location and a
/// scale: what updates of Gaussian guides write. The scale multiplies a number; of a vector it is the lower
/// Cholesky factor of the covariance.
struct GaussianForm {
  Expr (*location)(std::span<const Expr> parameters);
  Expr (*scale)(std::span<const Expr> parameters);
  /// Canonical parameters from location and scale.
  std::vector<Expr> (*parameters)(Expr location, Expr scale);
};

/// How a draw depends on the parameters, for pathwise gradients.
enum class Pathwise { none, location_scale, inverse_cdf, implicit };

/// Axes and event shape of a draw, those of its parameters included: what the random operations are asked
/// for.
struct DrawShape {
  std::vector<AxisId> axes;
  Shape event;  ///< full event shape of the draw (element shape included)
};

/// A function of the parameters, in the record's order.
using ParameterFunction = std::function<Expr(std::span<const Expr> parameters)>;
/// A function of an outcome (or of a probability) and the parameters.
using OutcomeFunction = std::function<Expr(Expr x, std::span<const Expr> parameters)>;

/// Records of the standard library are constants; those that a script makes (`dist`, `Truncated(…)`) are
/// built as it runs, and owned by the values that use them.
struct Distribution {
  std::string name;
  std::string summary;  ///< "normal with mean and standard deviation"
  std::string formula;  ///< of the density, in plain text
  std::vector<DistributionParameter> parameters;
  std::vector<Parameterisation> alternatives;

  /// Rank of one outcome (0: a number; 1: a vector), and of each parameter's own event beyond the batch
  /// (Categorical's probabilities: 1).
  int event_rank = 0;
  std::vector<int> parameter_ranks;  ///< empty: all 0
  /// An outcome's own shape, where it is not that of the first parameter of at least its rank (a length given
  /// as a number).
  std::function<Shape(std::span<const Expr> parameters)> outcome_shape = nullptr;
  /// What is wrong with these parameters together ("`df` must be more than 1 for …"), sizes included and
  /// values as far as they are known; empty when nothing is.
  std::function<std::string(std::span<const Expr> parameters)> problem = nullptr;

  std::function<Support(std::span<const Expr> parameters)> support = nullptr;

  /// Log density, elementwise, for x inside the support (runtime::log_density adds the -inf outside).
  OutcomeFunction log_density = nullptr;

  /// A draw, from random operations with fresh streams of the graph.
  std::function<Expr(std::span<const Expr> parameters, const DrawShape& shape)> sample = nullptr;
  Pathwise pathwise = Pathwise::none;
  /// How an outcome inside the support moves with each parameter while P(X <= x) stays, where that is more
  /// accurate than the quotient of the distribution function's derivative and the density.
  std::function<std::vector<Expr>(Expr x, std::span<const Expr> parameters)> pathwise_derivative = nullptr;
  /// Whether an outcome on a continuous support has a probability of its own (is an atom), which
  /// `log_density` then gives in place of a density; null where none has.
  OutcomeFunction is_atom = nullptr;

  // Optional, asked for by capability.
  ParameterFunction mean = nullptr;
  ParameterFunction variance = nullptr;
  ParameterFunction entropy = nullptr;
  const ExponentialFamily* exponential_family = nullptr;
  const GaussianForm* gaussian = nullptr;
  /// Fisher information in the canonical parameters of one outcome, where it has a closed form and the
  /// exponential family does not give it: the upper triangle, by rows.
  std::function<std::vector<Expr>(std::span<const Expr> parameters)> fisher = nullptr;
  /// KL(p || q) within the family.
  std::function<Expr(std::span<const Expr> p, std::span<const Expr> q)> kl = nullptr;

  // Of distributions on numbers, for x inside the support: P(X <= x) and P(X > x), the second where one minus
  // the first would lose its digits; their logarithms, where those are accurate beyond underflow; and the
  // least x whose P(X <= x) is at least a probability inside (0, 1).
  OutcomeFunction cdf = nullptr;
  OutcomeFunction survival = nullptr;
  OutcomeFunction log_cdf = nullptr;
  OutcomeFunction log_survival = nullptr;
  OutcomeFunction quantile = nullptr;

  /// Parameter values (canonical, in order) at which the conformance suite checks this distribution. A vector
  /// parameter takes all the numbers that are left.
  std::vector<std::vector<double>> test_points = {};

  /// A short script that uses it in a model, for its page in docs/distributions; the tests run it.
  std::string example = {};
};

/// A distribution with its parameters: what `Normal(mu, precision = tau)` evaluates to.
struct DistributionCall {
  const Distribution* distribution = nullptr;
  std::vector<Expr> canonical;                    ///< canonical parameters, in the record's order
  const Parameterisation* alternative = nullptr;  ///< the one used, if any
  std::vector<Expr> given;                        ///< the same with the alternative's own value in place
  Shape size;  ///< extra leading independent copies (`size = K`); empty when none
  /// Keeps a record alive that a script made; empty for those of the standard library.
  std::shared_ptr<const Distribution> owner = nullptr;
};

/// The same distribution with nodes of its parameters replaced.
DistributionCall substitute(const DistributionCall& call,
                            const std::unordered_map<NodeId, Expr>& replacements);

/// What parameter i is called under a parameterisation (null: the canonical one), and where it must lie.
struct ParameterRole {
  std::string name;
  const SupportKind* support;
  bool replaced;  ///< whether an alternative stands in its place
};
ParameterRole role(const Distribution& distribution, const Parameterisation* alternative, std::size_t i);

/// Canonical parameters from those given under a parameterisation (null: they are canonical), and back.
std::vector<Expr> canonical_parameters(const Distribution& distribution, const Parameterisation* alternative,
                                       std::span<const Expr> given);
std::vector<Expr> given_parameters(const Distribution& distribution, const Parameterisation* alternative,
                                   std::span<const Expr> canonical);

/// Canonical parameters, NaN where one lies outside its support.
std::vector<Expr> valid_canonical(const DistributionCall& call);

/// Event shape of one draw: size, then the parameters' broadcast shape (then the outcome's own).
Shape event_shape(const DistributionCall& call);

/// Log density of x, elementwise over x's event (over leading dims when the outcome is a vector), -inf
/// outside the support, NaN where a parameter is outside its own. `inside` tells that x is known to lie in
/// this support (it was drawn from one that implies it). Neither check costs anything where constants decide
/// it.
Expr log_density(const DistributionCall& call, Expr x, bool inside = false);

/// A draw with these additional axes; NaN where a parameter is outside its support.
Expr sample(const DistributionCall& call, const std::vector<AxisId>& axes);

/// Support of an outcome.
Support support(const DistributionCall& call);

}  // namespace elbo::runtime
