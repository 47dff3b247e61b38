// A gradient estimator ready to run.
#include "inference/estimator.hpp"

#include <algorithm>
#include <type_traits>

#include "inference/hash.hpp"
#include "inference/optimizers/blocks.hpp"
#include "runtime/workers.hpp"

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

namespace {

// Of a weight: other numbers for other names, whatever other weights there are.
std::uint64_t seed_of(const std::string& name, std::uint64_t seed) {
  return hash_of(name) ^ (seed * 0x9e3779b97f4a7c15ull);
}

}  // namespace

std::vector<double> ParameterVector::initial(std::uint64_t seed) const {
  std::vector<double> values;
  for (const Entry& entry : entries_) {
    const PointParameter& p = *entry.parameter;
    const std::vector<double> start =
        p.start ? p.start(p.initial.shape(), seed_of(p.name, seed)).reals() : unconstrain(p, p.initial);
    values.insert(values.end(), start.begin(), start.end());
  }
  return values;
}

namespace {

template <class T>
void project_on(const std::vector<ParameterVector::Entry>& entries, std::span<T> values) {
  for (const ParameterVector::Entry& entry : entries) {
    if (entry.parameter->via != "clamp") continue;
    for (T& value : values.subspan(entry.first, entry.size))
      value = std::max(value, static_cast<T>(entry.parameter->clamp));
  }
}

}  // namespace

void ParameterVector::project(std::span<double> values) const { project_on(entries_, values); }
void ParameterVector::project(std::span<float> values) const { project_on(entries_, values); }

namespace {

std::vector<Expr> inputs_of(const ParameterVector& layout, Expr step_size) {
  std::vector<Expr> inputs;
  for (const auto& entry : layout.entries()) inputs.push_back(entry.parameter->unconstrained);
  if (step_size) inputs.push_back(step_size);
  return inputs;
}

// PyTorch's momentum of running statistics.
constexpr double share_of_step = 0.1;

}  // namespace

ParameterProgram::ParameterProgram(const ParameterVector& layout, std::span<const Expr> outputs,
                                   Precision precision, int threads, Expr step_size)
    : layout_(layout),
      has_step_size_(static_cast<bool>(step_size)),
      program_(plan(outputs, inputs_of(layout, step_size),
                    {.precision = precision, .simplify = true, .reuse_buffers = true})),
      execution_(program_, threads) {}

template <class T>
ParameterProgram::ParameterProgram(const ParameterVector& layout, std::span<const Expr> outputs,
                                   std::span<const T> parameters, std::shared_ptr<Workers> workers,
                                   Expr step_size)
    : layout_(layout),
      has_step_size_(static_cast<bool>(step_size)),
      program_(plan(outputs, inputs_of(layout, step_size),
                    {.precision = precision_of<T>, .simplify = true, .reuse_buffers = true, .bound_inputs = true})),
      execution_(program_, std::move(workers)) {
  std::size_t i = 0;
  for (const auto& entry : layout.entries()) execution_.bind_input(i++, parameters.data() + entry.first);
  if (!has_step_size_) return;
  if constexpr (std::is_same_v<T, double>) {
    execution_.bind_input(i, &step_size_);
  } else {
    execution_.bind_input(i, &single_step_size_);
  }
}

template ParameterProgram::ParameterProgram(const ParameterVector&, std::span<const Expr>,
                                            std::span<const double>, std::shared_ptr<Workers>, Expr);
template ParameterProgram::ParameterProgram(const ParameterVector&, std::span<const Expr>,
                                            std::span<const float>, std::shared_ptr<Workers>, Expr);

void ParameterProgram::run(std::uint64_t seed, std::uint32_t step) {
  execution_.set_random(seed, step);
  execution_.run();
}

template <class T>
void ParameterProgram::run_at(std::span<const T> parameters, std::uint64_t seed, std::uint32_t step) {
  std::size_t i = 0;
  for (const auto& entry : layout_.entries())
    execution_.set_input(i++, parameters.subspan(entry.first, entry.size));
  if (has_step_size_) execution_.set_input(i, std::span<const double>(&step_size_, 1));
  execution_.set_random(seed, step);
  execution_.run();
}

void ParameterProgram::run(std::span<const double> parameters, std::uint64_t seed, std::uint32_t step) {
  run_at(parameters, seed, step);
}
void ParameterProgram::run(std::span<const float> parameters, std::uint64_t seed, std::uint32_t step) {
  run_at(parameters, seed, step);
}

template <class T>
EstimatorOf<T>::Outputs::Outputs(const GradientEstimate& estimate, std::span<const Expr> recorded) {
  all.push_back(estimate.elbo);
  all.insert(all.end(), estimate.guide.begin(), estimate.guide.end());
  all.insert(all.end(), estimate.model.begin(), estimate.model.end());
  all.insert(all.end(), recorded.begin(), recorded.end());
  all = in_training(all);
  followers = runtime::followers(all);
  for (const Follower& follower : followers) all.push_back(follower.target);
}

template <class T>
EstimatorOf<T>::EstimatorOf(const ParameterVector& layout, const GradientEstimate& estimate,
                            std::span<const Expr> recorded, Precision precision, int threads)
    : layout_(layout),
      outputs_(estimate, recorded),
      program_(layout, outputs_.all, precision, threads, estimate.step_size) {
  find_followers();
}

template <class T>
EstimatorOf<T>::EstimatorOf(const ParameterVector& layout, const GradientEstimate& estimate,
                            std::span<const Expr> recorded, std::span<const T> parameters,
                            std::shared_ptr<Workers> workers)
    : layout_(layout),
      outputs_(estimate, recorded),
      program_(layout, outputs_.all, parameters, std::move(workers), estimate.step_size) {
  find_followers();
}

template <class T>
void EstimatorOf<T>::find_followers() {
  std::size_t output = outputs_.all.size() - outputs_.followers.size();
  for (const Follower& follower : outputs_.followers) {
    for (const auto& entry : layout_.entries()) {
      if (entry.parameter->unconstrained.id() == follower.parameter)
        following_.push_back({entry.first, entry.size, output});
    }
    ++output;
  }
}

template <class T>
void EstimatorOf<T>::follow(std::span<T> parameters) const {
  for (const Following& f : following_) {
    const std::span<const double> target = program_.output(f.output);
    for (std::size_t i = 0; i < f.size; ++i) {
      T& value = parameters[f.first + i];
      value += static_cast<T>(share_of_step) * (static_cast<T>(target[i]) - value);
    }
  }
}

template <class T>
void EstimatorOf<T>::run(std::span<const T> parameters, std::uint64_t seed, std::uint32_t step) {
  program_.run(parameters, seed, step);
}

template <class T>
std::span<const T> EstimatorOf<T>::gradient(std::size_t k) const {
  if constexpr (std::is_same_v<T, double>) {
    return program_.output(1 + k);
  } else {
    return program_.template output_as<T>(1 + k);
  }
}

template <class T>
std::span<const T> EstimatorOf<T>::gradient() const {
  gradient_.resize(layout_.size());
  for (std::size_t k = 0; k < layout_.entries().size(); ++k) {
    const std::span<const T> part = gradient(k);
    std::copy(part.begin(), part.end(),
              gradient_.begin() + static_cast<std::ptrdiff_t>(layout_.entries()[k].first));
  }
  return gradient_;
}

template <class T>
std::span<const double> EstimatorOf<T>::recorded(std::size_t i) const {
  return program_.output(1 + layout_.entries().size() + i);
}

template class EstimatorOf<double>;
template class EstimatorOf<float>;

}  // namespace elbo::inference
