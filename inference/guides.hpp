// Ready-made guides: made from a model rather than written by the user.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runtime/interpreter.hpp"
#include "runtime/library.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::inference {

/// Record of a ready-made guide.
struct GuideFamily {
  std::string name;
  std::string help;
  /// The guide for a model, in the model's graph.
  std::shared_ptr<const runtime::ModelGraph> (*make)(const runtime::Library& library,
                                                     const runtime::ModelGraph& model);
};

/// mean_field, conjugate, full_rank.
std::span<const GuideFamily> guide_family_list();

/// The ready-made guide of this name, which the list has.
const GuideFamily& guide_family(std::string_view name);

/// What `mean_field()` evaluates to.
class GuideValue : public runtime::Object {
 public:
  explicit GuideValue(const GuideFamily& family) : family_(family) {}
  std::string type_name() const override { return "guide"; }
  std::string show() const override { return family_.name + "()"; }
  const GuideFamily& family() const { return family_; }

 private:
  const GuideFamily& family_;
};

/// A guide in which all latent variables, and all elements of each, are independent. A continuous variable is
/// the image of a normal under the bijector of its support, with parameters NAME_mean and NAME_sd of the
/// unconstrained numbers; a discrete one has the distribution of its support with free parameters: Bernoulli
/// (NAME_probability), Categorical (NAME_probabilities), Poisson (NAME_rate), Binomial (NAME_probability).
std::shared_ptr<const runtime::ModelGraph> mean_field(const runtime::Library& library,
                                                      const runtime::ModelGraph& model);

/// mean_field, but for latent variables off the real line whose prior is an exponential family (Gamma, Beta,
/// Dirichlet, …): these get that family, with parameters NAME_PARAMETER for each element.
std::shared_ptr<const runtime::ModelGraph> conjugate(const runtime::Library& library,
                                                     const runtime::ModelGraph& model);

/// One normal distribution of the unconstrained numbers of all latent variables, which must be continuous,
/// with parameters `mean` and `cholesky` (of the covariance); carried over to their supports.
std::shared_ptr<const runtime::ModelGraph> full_rank(const runtime::Library& library,
                                                     const runtime::ModelGraph& model);

}  // namespace elbo::inference
