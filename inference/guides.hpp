// Ready-made guides: made from a model rather than written by the user.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/interpreter.hpp"
#include "runtime/library.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::inference {

/// A whole number from 1 on that a ready-made guide is asked with: `rank` of low_rank(rank).
struct GuideSize {
  std::string name;
  std::string help;
};

/// Record of a ready-made guide.
struct GuideFamily {
  std::string name;
  std::string help;
  std::vector<GuideSize> sizes;
  /// The guide for a model, in the model's graph, with these sizes in order.
  std::shared_ptr<const runtime::ModelGraph> (*make)(const runtime::Library& library,
                                                     const runtime::ModelGraph& model,
                                                     std::span<const std::int64_t> sizes);
};

/// mean_field, conjugate, full_rank, low_rank, mixture.
std::span<const GuideFamily> guide_family_list();

/// The ready-made guide of this name, which the list has.
const GuideFamily& guide_family(std::string_view name);

/// What `mean_field()` evaluates to, or `low_rank(3)`.
class GuideValue : public runtime::Object {
 public:
  GuideValue(const GuideFamily& family, std::vector<std::int64_t> sizes)
      : family_(family), sizes_(std::move(sizes)) {}
  std::string type_name() const override { return "guide"; }
  std::string show() const override;
  const std::string& family() const { return family_.name; }
  const std::vector<std::int64_t>& sizes() const { return sizes_; }

  std::shared_ptr<const runtime::ModelGraph> make(const runtime::Library& library,
                                                  const runtime::ModelGraph& model) const {
    return family_.make(library, model, sizes_);
  }

 private:
  const GuideFamily& family_;
  std::vector<std::int64_t> sizes_;
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

/// The same with the covariance `factor` factor' + diag(scale)^2, where `factor` has a column for each of
/// `rank` factors that the numbers share; parameters `mean`, `factor` and `scale`.
std::shared_ptr<const runtime::ModelGraph> low_rank(const runtime::Library& library,
                                                    const runtime::ModelGraph& model, std::int64_t rank);

/// A mixture of so many components, in each of which the unconstrained numbers of all latent variables, which
/// must be continuous, are independent normals: parameters `weights` [components], `means` and `scales`
/// [components, numbers]. The components start apart.
std::shared_ptr<const runtime::ModelGraph> mixture(const runtime::ModelGraph& model, std::int64_t components);

}  // namespace elbo::inference
