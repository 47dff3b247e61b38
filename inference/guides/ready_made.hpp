// What ready-made guides share: a guide in the graph of its model, with values of its own for the latent
// variables and parameters whose names clash with nothing; and the form of those that are one distribution of
// the unconstrained numbers of all latent variables.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/library.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::inference {

/// Starting scale of unconstrained numbers. A narrow start keeps the first gradients quiet where there are
/// many data; it widens as fast as the optimizer lets it.
constexpr double initial_scale = 0.1;

/// Entry i of a sequence that fills [0, 1) evenly and repeats nothing (multiples of the golden ratio, modulo
/// 1): for starting values that have to differ.
double golden_fraction(std::int64_t i);

/// The record of a distribution that a guide cannot do without.
const runtime::Distribution& required_distribution(const runtime::Library& library, std::string_view name);

/// A guide while it is made.
class ReadyMade {
 public:
  ReadyMade(const runtime::ModelGraph& model, std::string name);

  const runtime::ModelGraph& model() const { return model_; }
  runtime::ModelGraph& guide() { return *guide_; }
  std::shared_ptr<const runtime::ModelGraph> finished() const { return guide_; }

  /// What the guide has in place of a latent variable's value, and in expressions of such values.
  runtime::Expr own(const runtime::RandomVariable& latent) const { return own_.at(latent.value.id()); }
  runtime::Expr own(runtime::Expr of_model) const { return substitute(of_model, own_); }
  runtime::Support own(runtime::Support support) const;

  /// A parameter with these starting values; its name gets a q_ in front as long as the model or the guide
  /// has it already. Its index in the guide.
  std::size_t add_parameter(std::string name, const runtime::SupportKind& kind, runtime::Tensor initial,
                            const lang::Span& span);

 private:
  bool is_taken(const std::string& name) const;

  const runtime::ModelGraph& model_;
  std::shared_ptr<runtime::ModelGraph> guide_ = std::make_shared<runtime::ModelGraph>();
  std::unordered_map<runtime::NodeId, runtime::Expr> own_;  // the model's latent values -> the guide's
};

/// The unconstrained numbers of one variable: their places among those of all variables, and what they are of
/// the variable's value.
struct UnconstrainedNumbers {
  std::int64_t first, count;
  runtime::Expr values;  ///< [count]
};

/// A guide of the unconstrained numbers of all latent variables, written as the distribution of each
/// variable's numbers given those of the variables before it, so that the draws are ancestral as in any
/// guide.
class JointGuide {
 public:
  /// `name` is that of the call, such as "full_rank()". Failure "guide-support" where a latent variable is
  /// discrete, or its elements differ in their supports.
  JointGuide(const runtime::ModelGraph& model, const std::string& name);

  /// How many numbers there are.
  std::int64_t size() const { return size_; }

  /// Of any shape, on the user's scale; as ReadyMade::add_parameter.
  std::size_t add_parameter(std::string name, const runtime::SupportKind& kind, runtime::Tensor initial);
  runtime::Expr value(std::size_t parameter) { return guide_.guide().parameters[parameter].value; }
  runtime::ModelGraph& guide() { return guide_.guide(); }

  /// A distribution of vectors, given the numbers that the earlier calls were about.
  using Conditional = std::function<runtime::DistributionCall(const UnconstrainedNumbers&)>;
  std::shared_ptr<const runtime::ModelGraph> make(const Conditional& conditional);

 private:
  ReadyMade guide_;
  std::vector<const runtime::RandomVariable*> latents_;
  std::int64_t size_ = 0;
};

/// Entries (of rows, of columns) `first`, …, `first + count - 1` of a vector or a matrix.
runtime::Expr entries(runtime::Expr vector, std::int64_t first, std::int64_t count);
runtime::Expr rows(runtime::Expr matrix, std::int64_t first, std::int64_t count);
runtime::Expr columns(runtime::Expr matrix, std::int64_t first, std::int64_t count);

}  // namespace elbo::inference
