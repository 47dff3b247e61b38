// A gradient estimator ready to run.
#include "inference/estimator.hpp"

#include <algorithm>

namespace elbo::inference {

using namespace runtime;

ParameterVector::ParameterVector(const Problem& problem) {
  const auto add = [&](const ModelGraph& graph, bool is_guide) {
    for (const PointParameter& p : graph.parameters) {
      const auto size = static_cast<std::size_t>(element_count(p.unconstrained.type().event));
      entries_.push_back({&p, size_, size, is_guide});
      size_ += size;
    }
  };
  if (problem.guide) add(*problem.guide, true);
  add(*problem.model, false);
}

std::vector<double> ParameterVector::initial() const {
  std::vector<double> values;
  for (const Entry& entry : entries_) {
    const std::vector<double> start = unconstrain(*entry.parameter, entry.parameter->initial);
    values.insert(values.end(), start.begin(), start.end());
  }
  return values;
}

void ParameterVector::project(std::span<double> values) const {
  for (const Entry& entry : entries_) {
    if (entry.parameter->via != "clamp") continue;
    for (double& value : values.subspan(entry.first, entry.size))
      value = std::max(value, entry.parameter->clamp);
  }
}

namespace {

std::vector<Expr> inputs_of(const ParameterVector& layout, Expr step_size) {
  std::vector<Expr> inputs;
  for (const auto& entry : layout.entries()) inputs.push_back(entry.parameter->unconstrained);
  if (step_size) inputs.push_back(step_size);
  return inputs;
}

std::vector<Expr> step_outputs(const GradientEstimate& estimate, std::span<const Expr> recorded) {
  std::vector<Expr> outputs{estimate.elbo};
  outputs.insert(outputs.end(), estimate.guide.begin(), estimate.guide.end());
  outputs.insert(outputs.end(), estimate.model.begin(), estimate.model.end());
  outputs.insert(outputs.end(), recorded.begin(), recorded.end());
  return outputs;
}

}  // namespace

ParameterProgram::ParameterProgram(const ParameterVector& layout, std::span<const Expr> outputs,
                                   Precision precision, int threads, Expr step_size)
    : layout_(layout),
      has_step_size_(static_cast<bool>(step_size)),
      program_(plan(outputs, inputs_of(layout, step_size),
                    {.precision = precision, .simplify = true, .reuse_buffers = true})),
      execution_(program_, threads) {}

void ParameterProgram::run(std::span<const double> parameters, std::uint64_t seed, std::uint32_t step) {
  std::size_t i = 0;
  for (const auto& entry : layout_.entries())
    execution_.set_input(i++, parameters.subspan(entry.first, entry.size));
  if (has_step_size_) execution_.set_input(i, std::span(&step_size_, 1));
  execution_.set_random(seed, step);
  execution_.run();
}

Estimator::Estimator(const ParameterVector& layout, const GradientEstimate& estimate,
                     std::span<const Expr> recorded, Precision precision, int threads)
    : layout_(layout),
      program_(layout, step_outputs(estimate, recorded), precision, threads, estimate.step_size),
      gradient_(layout.size()) {}

void Estimator::run(std::span<const double> parameters, std::uint64_t seed, std::uint32_t step) {
  program_.run(parameters, seed, step);
  std::size_t i = 1;
  for (const auto& entry : layout_.entries()) {
    const std::span<const double> part = program_.output(i++);
    std::copy(part.begin(), part.end(), gradient_.begin() + static_cast<std::ptrdiff_t>(entry.first));
  }
}

std::span<const double> Estimator::recorded(std::size_t i) const {
  return program_.output(1 + layout_.entries().size() + i);
}

}  // namespace elbo::inference
