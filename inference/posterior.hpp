// What a fitted guide says about the variables of its model: moments, draws, the ELBO. Draws are taken in
// batches, so that memory does not grow with the size of the model.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inference/estimator.hpp"

namespace elbo::inference {

/// Mean and standard deviation of a variable, in its own shape.
struct Moments {
  std::string name;
  runtime::Tensor mean;
  runtime::Tensor sd;
};

/// What the moments of a variable are computed from.
struct MomentSource {
  std::string name;
  bool has_formula = false;  ///< of every statement, given the variables before it
  bool uses_draws = false;   ///< the formula, those of variables before it
  std::int64_t draws = 0;    ///< so many where any are used
};

/// Mean of part p of a draw, given the draws before it, where it has a closed form: that of its distribution,
/// or of its image under the exponential function.
std::optional<runtime::Expr> conditional_mean(const VariableDraw& draw, std::size_t p);

/// The guide at some values of its parameters.
class Posterior {
 public:
  /// `parameters`: unconstrained, as the layout orders them; both must outlive this.
  Posterior(const Problem& problem, const ParameterVector& layout, std::span<const double> parameters,
            int threads)
      : problem_(problem), layout_(layout), parameters_(parameters), threads_(threads) {}

  /// Of the latent variables, then of the deterministic quantities: exact where the guide gives them in
  /// closed form, averaged over draws of the variables before them otherwise.
  std::vector<Moments> moments(std::uint64_t seed) const;
  /// Of each of these moments.
  std::vector<MomentSource> sources() const;
  /// n joint draws of latent variables and deterministic quantities: [n, shape…] each.
  runtime::Record draws(std::int64_t n, std::uint64_t seed) const;
  /// The same of those that are named only; names that there are not say nothing.
  runtime::Record draws_of(const std::vector<std::string>& names, std::int64_t n, std::uint64_t seed) const;
  /// The same of the first few elements (row-major) of each: [n, at most `elements`].
  runtime::Record draws_of_first(std::int64_t elements, std::int64_t n, std::uint64_t seed) const;
  /// Of `wanted` draws of everything, as many as a few seconds allow: fewer, but not below 20, where a draw has
  /// millions of elements.
  std::int64_t affordable(std::int64_t wanted) const;
  /// Mean and standard error of log p - log q over n draws.
  std::pair<double, double> elbo(std::int64_t n, std::uint64_t seed) const;

 private:
  using Outputs = std::function<std::vector<runtime::Expr>(const SampledModel&)>;
  using Visit = std::function<void(const ParameterProgram&, std::int64_t count)>;
  /// Runs a program for `batch` draws again and again until there are n; `visit` gets how many of a batch are
  /// wanted. Returns what the program computes.
  std::vector<runtime::Expr> in_batches(std::int64_t n, std::int64_t batch, std::uint64_t seed,
                                        const Outputs& outputs, const Visit& visit) const;
  /// Of the variables `wanted`, in the order of all; of each its first elements, or all of them.
  runtime::Record collect(std::int64_t n, std::uint64_t seed, std::optional<std::int64_t> first,
                          const std::vector<std::string>& wanted) const;
  /// The largest number of elements of a latent variable or quantity, and of anything in the model.
  std::int64_t largest_value() const;
  std::int64_t largest_term() const;

  const Problem& problem_;
  const ParameterVector& layout_;
  std::span<const double> parameters_;
  int threads_;
};

}  // namespace elbo::inference
