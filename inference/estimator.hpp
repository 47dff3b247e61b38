// A gradient estimator ready to run: parameters in, an unbiased (or labelled) gradient and an ELBO estimate
// out.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "inference/sampled_model.hpp"
#include "inference/score_gradient.hpp"
#include "runtime/program.hpp"
#include "runtime/training.hpp"

namespace elbo::inference {

/// Where the parameters of a problem lie in one flat vector: the guide's, then the model's, each row-major.
class ParameterVector {
 public:
  explicit ParameterVector(const Problem& problem);

  struct Entry {
    const runtime::PointParameter* parameter;
    std::size_t first;
    std::size_t size;
    bool is_guide;
  };
  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t size() const { return size_; }

  /// Unconstrained starting values; the weights of nets start at random.
  std::vector<double> initial(std::uint64_t seed = 0) const;
  /// Moves parameters that are kept by `via clamp` back to their bound.
  void project(std::span<double> values) const;
  void project(std::span<float> values) const;

 private:
  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

/// Runs programs whose inputs are the parameters of a problem.
class ParameterProgram {
 public:
  /// `step_size`, where there is one, is a further input: of the value set last, 1 at first.
  ParameterProgram(const ParameterVector& layout, std::span<const runtime::Expr> outputs,
                   runtime::Precision precision, int threads, runtime::Expr step_size = {});
  /// Bound to parameters that stay where they are, in the number type of the program.
  template <class T>
  ParameterProgram(const ParameterVector& layout, std::span<const runtime::Expr> outputs,
                   std::span<const T> parameters, std::shared_ptr<runtime::Workers> workers,
                   runtime::Expr step_size = {});
  void set_step_size(double size) {
    step_size_ = size;
    single_step_size_ = static_cast<float>(size);
  }
  /// Evaluates at these parameters with the random numbers of (seed, step).
  void run(std::span<const double> parameters, std::uint64_t seed, std::uint32_t step);
  void run(std::span<const float> parameters, std::uint64_t seed, std::uint32_t step);
  /// Of a bound one.
  void run(std::uint64_t seed, std::uint32_t step);
  std::span<const double> output(std::size_t i) const { return execution_.output(i); }
  /// In the number type of the program.
  template <class T>
  std::span<const T> output_as(std::size_t i) const {
    return execution_.output_as<T>(i);
  }
  const runtime::Program& program() const { return *program_; }

 private:
  template <class T>
  void run_at(std::span<const T> parameters, std::uint64_t seed, std::uint32_t step);

  const ParameterVector& layout_;
  bool has_step_size_;
  double step_size_ = 1;
  float single_step_size_ = 1;  // where a bound program reads it
  std::shared_ptr<const runtime::Program> program_;
  runtime::Execution execution_;
};

/// The program of one optimisation step. T is the type of parameters and gradients: float for programs in single
/// precision alone.
template <class T>
class EstimatorOf {
 public:
  /// `recorded`: further values to compute at the same parameters (for the trace).
  EstimatorOf(const ParameterVector& layout, const GradientEstimate& estimate,
              std::span<const runtime::Expr> recorded, runtime::Precision precision, int threads);
  /// At parameters that stay where they are: it reads them there in every run.
  EstimatorOf(const ParameterVector& layout, const GradientEstimate& estimate,
              std::span<const runtime::Expr> recorded, std::span<const T> parameters,
              std::shared_ptr<runtime::Workers> workers);
  void run(std::uint64_t seed, std::uint32_t step) { program_.run(seed, step); }

  void run(std::span<const T> parameters, std::uint64_t seed, std::uint32_t step);
  /// Of an estimate that is a step by itself.
  void set_step_size(double size) { program_.set_step_size(size); }
  /// Of the parameter that is entry k of the layout.
  std::span<const T> gradient(std::size_t k) const;
  /// Of all, flat, in the order of the layout.
  std::span<const T> gradient() const;
  double elbo() const { return program_.output(0)[0]; }
  /// Statistics that layers keep while they are trained (batch_norm), whose gradient is 0: moves them a tenth of
  /// the way to what this step saw.
  void follow(std::span<T> parameters) const;
  std::span<const double> recorded(std::size_t i) const;
  const runtime::Program& program() const { return program_.program(); }

 private:
  /// As a step computes them: layers that do are training.
  struct Outputs {
    Outputs(const GradientEstimate& estimate, std::span<const runtime::Expr> recorded);
    std::vector<runtime::Expr> all;  ///< ELBO, gradients, recorded values, what followers follow
    std::vector<runtime::Follower> followers;
  };
  void find_followers();

  /// A piece of the parameters that follows an output.
  struct Following {
    std::size_t first, size, output;
  };

  const ParameterVector& layout_;
  Outputs outputs_;
  ParameterProgram program_;
  mutable std::vector<T> gradient_;  // room for all
  std::vector<Following> following_;
};

using Estimator = EstimatorOf<double>;

}  // namespace elbo::inference
