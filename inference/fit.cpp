// A fit and what can be asked of it.
#include "inference/fit.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Draws behind moments that have no closed form: their error is 1 % of a standard deviation.
constexpr std::int64_t moment_draws = 10'000;
// Programs of a finished fit number their streams from here, far from those of the run.
constexpr std::uint32_t first_stream = 1u << 20;

// A sampled model whose random numbers depend on the seed alone.
SampledModel fresh(const Problem& problem, std::int64_t samples) {
  problem.model->graph->restart_streams(first_stream);
  return sample_model(problem, samples);
}

bool varies(Expr e, AxisId sample) {
  return std::binary_search(e.type().axes.begin(), e.type().axes.end(), sample);
}

Expr average(Expr e, AxisId sample) {
  return varies(e, sample) ? sum_axis(e, sample) / static_cast<double>(e.graph().axis(sample).size) : e;
}

struct MeanAndVariance {
  Expr mean, variance;
};

MeanAndVariance of_draws(Expr draws, AxisId sample) {
  const Expr mean = average(draws, sample);
  const double n = static_cast<double>(draws.graph().axis(sample).size);
  return {mean, varies(draws, sample) ? sum_axis(square(draws - mean), sample) / (n - 1) : draws * 0.0};
}

// Total expectation and variance over the draws of earlier variables; exact when the distribution does not
// use them.
MeanAndVariance of_call(const DistributionCall& call, Expr draw, AxisId sample) {
  const Distribution& d = *call.distribution;
  if (!d.mean || !d.variance) return of_draws(draw, sample);
  const Shape& shape = draw.type().event;
  const Expr conditional_mean = d.mean(call.canonical), conditional_variance = d.variance(call.canonical);
  const MeanAndVariance of_means = of_draws(conditional_mean, sample);
  const Expr variance = average(conditional_variance, sample);
  return {broadcast(of_means.mean, {}, shape),
          broadcast(varies(conditional_mean, sample) ? variance + of_means.variance : variance, {}, shape)};
}

// The image of a normal: log-normal where the bijector is the exponential, by the draws otherwise.
MeanAndVariance of_image(const VariableDraw& draw, std::size_t p, AxisId sample) {
  const SupportKind* kind = draw.bijectors[p].kind;
  const DistributionCall& call = draw.calls[p];
  const bool is_exponential = kind == &positive_support || kind == &nonnegative_support;
  if (!is_exponential) return of_draws(draw.parts[p], sample);
  const Expr half = 0.5 * square(call.canonical[1]);
  const Expr mean = exp(call.canonical[0] + half);
  const Shape& shape = draw.parts[p].type().event;
  return {broadcast(mean, {}, shape), broadcast(square(mean) * expm1(2.0 * half), {}, shape)};
}

MeanAndVariance of_variable(const VariableDraw& draw, AxisId sample) {
  std::vector<Expr> means, variances;
  for (std::size_t p = 0; p < draw.parts.size(); ++p) {
    const MeanAndVariance part =
        draw.unconstrained[p] ? of_image(draw, p, sample) : of_call(draw.calls[p], draw.parts[p], sample);
    means.push_back(part.mean);
    variances.push_back(part.variance);
  }
  return {assemble(*draw.variable, means), assemble(*draw.variable, variances)};
}

}  // namespace

std::string describe(Termination termination) {
  static constexpr const char* texts[] = {"all steps done", "converged", "stopped by max_time", "interrupted",
                                          "stopped by bad numbers"};
  return texts[static_cast<int>(termination)];
}

Fit::Fit(Problem problem, Result result)
    : problem_(std::move(problem)), result_(std::move(result)), layout_(problem_) {}

std::string Fit::show() const {
  std::string text = "fit of " + problem_.model->name + " by " + result_.method + ": " +
                     describe(result_.termination) + " after " + std::to_string(result_.steps) + " steps";
  return text;
}

std::vector<std::string> Fit::field_names() const {
  return {"params",  "elbo",  "trace", "gradients", "mean",  "sd",
          "seconds", "steps", "seed",  "method",    "status"};
}

namespace {

Value series_record(const std::vector<Series>& list) {
  Record record;
  for (const Series& series : list) record.emplace_back(series.name(), from_tensor(series.tensor()));
  return make_record(std::move(record));
}

}  // namespace

std::optional<Value> Fit::field(const std::string& name) const {
  const History& history = result_.history;
  if (name == "params") return make_record(parameters());
  if (name == "elbo") {
    return Value(Tensor({static_cast<std::int64_t>(history.elbo.size())}, history.elbo));
  }
  if (name == "trace") {
    if (!history.has_trace) fail("no-trace", "this fit has too many parameters and steps to keep a trace");
    return series_record(history.trace);
  }
  if (name == "gradients") {
    if (history.gradients.empty()) {
      fail("no-gradients", "this fit kept no gradients", {}, "fit with `record = \"gradients\"`");
    }
    return series_record(history.gradients);
  }
  if (name == "mean" || name == "sd") {
    Record record;
    for (const Moments& m : moments())
      record.emplace_back(m.name, from_tensor(name == "mean" ? m.mean : m.sd));
    return make_record(std::move(record));
  }
  if (name == "seconds") return Value(result_.seconds);
  if (name == "steps") return Value(result_.steps);
  if (name == "seed") return Value(static_cast<std::int64_t>(result_.seed));
  if (name == "method") return Value(result_.method);
  if (name == "status") return Value(describe(result_.termination));
  return std::nullopt;
}

Record Fit::parameters() const {
  Record record;
  std::vector<Expr> values;
  for (const auto& entry : layout_.entries()) values.push_back(entry.parameter->value);
  if (values.empty()) return record;
  ParameterProgram program(layout_, values, Precision::real64, 1);
  program.run(result_.parameters, 0, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::span<const double> v = program.output(i);
    record.emplace_back(layout_.entries()[i].parameter->name,
                        from_tensor(Tensor(values[i].type().event, std::vector<double>(v.begin(), v.end()))));
  }
  return record;
}

const std::vector<Moments>& Fit::moments() const {
  const std::lock_guard lock(mutex_);
  if (moments_) return *moments_;
  const SampledModel model = fresh(problem_, moment_draws);
  std::vector<std::string> names = model.latents;
  std::vector<Expr> outputs;
  for (const VariableDraw& draw : model.drawn) {
    const MeanAndVariance m = of_variable(draw, model.sample);
    outputs.insert(outputs.end(), {m.mean, sqrt(m.variance)});
  }
  for (std::size_t i = 0; i < model.quantities.size(); ++i) {
    names.push_back(problem_.model->quantities[i].name);
    const MeanAndVariance m = of_draws(model.quantities[i], model.sample);
    outputs.insert(outputs.end(), {m.mean, sqrt(m.variance)});
  }
  std::vector<Moments> result;
  if (!outputs.empty()) {
    ParameterProgram program(layout_, outputs, Precision::real64, result_.threads);
    program.run(result_.parameters, result_.seed, 0);
    const auto tensor = [&](std::size_t i) {
      const std::span<const double> v = program.output(i);
      return Tensor(outputs[i].type().event, std::vector<double>(v.begin(), v.end()));
    };
    for (std::size_t i = 0; i < names.size(); ++i)
      result.push_back({names[i], tensor(2 * i), tensor(2 * i + 1)});
  }
  moments_ = std::move(result);
  return *moments_;
}

Record Fit::draws(std::int64_t n, std::uint64_t seed) const {
  const SampledModel model = fresh(problem_, n);
  std::vector<std::string> names = model.latents;
  std::vector<Expr> outputs = model.draws;
  for (std::size_t i = 0; i < model.quantities.size(); ++i) {
    names.push_back(problem_.model->quantities[i].name);
    const Expr q = model.quantities[i];
    outputs.push_back(varies(q, model.sample) ? q : broadcast_axis(q, model.sample));
  }
  ParameterProgram program(layout_, outputs, Precision::real64, result_.threads);
  program.run(result_.parameters, seed, 0);
  Record record;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Shape shape{n};
    shape.insert(shape.end(), outputs[i].type().event.begin(), outputs[i].type().event.end());
    const std::span<const double> v = program.output(i);
    Tensor tensor(shape, std::vector<double>(v.begin(), v.end()));
    if (outputs[i].type().domain != Domain::real) tensor = tensor.stored_as(Storage::integer);
    record.emplace_back(names[i], Value(std::move(tensor)));
  }
  return record;
}

std::pair<double, double> Fit::final_elbo(std::int64_t n) const {
  const SampledModel model = fresh(problem_, n);
  const MeanAndVariance m = of_draws(model.log_joint - model.log_guide, model.sample);
  const std::vector<Expr> outputs{m.mean, m.variance};
  ParameterProgram program(layout_, outputs, Precision::real64, result_.threads);
  program.run(result_.parameters, result_.seed, 0);
  return {program.output(0)[0], std::sqrt(program.output(1)[0] / static_cast<double>(n))};
}

}  // namespace elbo::inference
