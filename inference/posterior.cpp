// Moments and draws of a fitted guide.
#include "inference/posterior.hpp"

#include <algorithm>
#include <cmath>

#include "inference/enumeration.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Draws behind moments that have no closed form: their error is 1 % of a standard deviation. Variables of
// very many elements get fewer, down to 3 %: so many elements in all are drawn.
constexpr std::int64_t most_moment_draws = 10'000, fewest_moment_draws = 1000;
constexpr std::int64_t moment_work = 200'000'000;
// Elements of the largest value in one batch: a few such values stay in a cache.
constexpr std::int64_t batch_elements = 1 << 20;
// Programs of a finished fit number their streams from here, far from those of the run.
constexpr std::uint32_t first_stream = 1u << 20;

std::int64_t batch_of(std::int64_t draws, std::int64_t elements) {
  return std::clamp<std::int64_t>(batch_elements / std::max<std::int64_t>(1, elements), 1, draws);
}

/// Draws behind moments, in whole batches.
struct MomentDraws {
  std::int64_t all, batch;
};

MomentDraws moment_draws(std::int64_t largest) {
  const std::int64_t wanted = std::clamp(moment_work / largest, fewest_moment_draws, most_moment_draws);
  const std::int64_t batch = batch_of(wanted, largest);
  return {(wanted + batch - 1) / batch * batch, batch};
}

bool varies(Expr e, AxisId sample) {
  return std::binary_search(e.type().axes.begin(), e.type().axes.end(), sample);
}

/// Whether anything that the expressions are made of has this axis.
bool uses_axis(const Graph& graph, const std::vector<Expr>& expressions, AxisId axis) {
  const std::vector<NodeId> order = topological_order(graph, expressions);
  return std::any_of(order.begin(), order.end(), [&](NodeId id) {
    const std::vector<AxisId>& axes = graph.node(id).type.axes;
    return std::binary_search(axes.begin(), axes.end(), axis);
  });
}

Expr average(Expr e, AxisId sample) {
  return varies(e, sample) ? sum_axis(e, sample) / static_cast<double>(e.graph().axis(sample).size) : e;
}

/// Of one batch of draws: the mean, the mean conditional variance, and the sum of squared deviations of the
/// conditional means.
struct BatchMoments {
  Expr mean, variance, squares;
};

BatchMoments of_draws(Expr draws, AxisId sample) {
  const Expr mean = average(draws, sample);
  const Expr zero = broadcast(draws.graph().constant(0), mean.type().axes, mean.type().event);
  return {mean, zero, varies(draws, sample) ? sum_axis(square(draws - mean), sample) : zero};
}

/// Whether unconstrained numbers are the values themselves, in another shape.
bool is_real(const Support& bijector) { return bijector.kind->name == real_support.name; }

std::optional<Expr> conditional_variance(const VariableDraw& draw, std::size_t p) {
  const DistributionCall& call = draw.calls[p];
  if (!draw.unconstrained[p]) {
    if (call.distribution->variance == nullptr) return std::nullopt;
    return call.distribution->variance(call.canonical);
  }
  if (is_real(draw.bijectors[p]))
    return reshape(call.distribution->variance(call.canonical), draw.parts[p].type().event);
  if (!conditional_mean(draw, p)) return std::nullopt;
  const Expr variance = square(call.canonical[1]);
  return exp(2.0 * call.canonical[0] + variance) * expm1(variance);
}

// Total expectation and variance over the draws of earlier variables; exact when the distribution does not
// use them.
BatchMoments of_part(const VariableDraw& draw, std::size_t p, AxisId sample) {
  const Expr value = draw.parts[p];
  const std::optional<Expr> mean = conditional_mean(draw, p), variance = conditional_variance(draw, p);
  if (!mean || !variance) return of_draws(value, sample);
  const BatchMoments of_means = of_draws(*mean, sample);
  const Shape& shape = value.type().event;
  return {broadcast(of_means.mean, {}, shape), broadcast(average(*variance, sample), {}, shape),
          broadcast(of_means.squares, {}, shape)};
}

BatchMoments of_variable(const VariableDraw& draw, AxisId sample) {
  std::vector<Expr> means, variances, squares;
  for (std::size_t p = 0; p < draw.parts.size(); ++p) {
    const BatchMoments part = of_part(draw, p, sample);
    means.push_back(part.mean);
    variances.push_back(part.variance);
    squares.push_back(part.squares);
  }
  return {assemble(*draw.variable, means), assemble(*draw.variable, variances),
          assemble(*draw.variable, squares)};
}

BatchMoments of_recovered(const RecoveredDraw& draw, AxisId sample) {
  BatchMoments result = of_draws(draw.mean, sample);
  result.variance = average(draw.variance, sample);
  return result;
}

std::vector<std::string> names_of(const Problem& problem) {
  std::vector<std::string> names;
  if (problem.guide) {
    for (const RandomVariable& v : problem.guide->variables) names.push_back(v.name);
  }
  if (problem.summed_out) {
    names.insert(names.end(), problem.summed_out->names.begin(), problem.summed_out->names.end());
  }
  for (const DeterministicQuantity& q : problem.model->quantities) names.push_back(q.name);
  return names;
}

/// Moments of all draws from those of batches (Chan, Golub, LeVeque 1983).
class Total {
 public:
  explicit Total(std::size_t size) : mean_(size), variance_(size), squares_(size) {}

  void add(std::span<const double> mean, std::span<const double> variance, std::span<const double> squares,
           std::int64_t draws) {
    const auto b = static_cast<double>(draws);
    if (count_ == 0) {  // closed forms stay what they are
      std::copy(mean.begin(), mean.end(), mean_.begin());
      std::copy(variance.begin(), variance.end(), variance_.begin());
    }
    for (std::size_t i = 0; i < mean_.size(); ++i) {
      const double difference = mean[i] - mean_[i];
      mean_[i] += difference * b / (count_ + b);
      variance_[i] += (variance[i] - variance_[i]) * b / (count_ + b);
      squares_[i] += squares[i] + difference * difference * count_ * b / (count_ + b);
    }
    count_ += b;
  }

  Moments moments(const std::string& name, const Shape& shape) const {
    std::vector<double> sd(mean_.size());
    for (std::size_t i = 0; i < sd.size(); ++i) sd[i] = std::sqrt(variance_[i] + squares_[i] / (count_ - 1));
    return {name, Tensor(shape, mean_), Tensor(shape, std::move(sd))};
  }

 private:
  double count_ = 0;
  std::vector<double> mean_, variance_, squares_;
};

}  // namespace

std::optional<Expr> conditional_mean(const VariableDraw& draw, std::size_t p) {
  const DistributionCall& call = draw.calls[p];
  if (!draw.unconstrained[p]) {
    if (call.distribution->mean == nullptr) return std::nullopt;
    return call.distribution->mean(call.canonical);
  }
  const auto exponential = [&] { return exp(call.canonical[0] + 0.5 * square(call.canonical[1])); };
  const Support& bijector = draw.bijectors[p];
  if (is_real(bijector)) return reshape(call.distribution->mean(call.canonical), draw.parts[p].type().event);
  if (bijector.kind == &positive_support || bijector.kind == &nonnegative_support) return exponential();
  if (bijector.kind == &lower_support) return bijector.bounds[0] + exponential();
  if (bijector.kind == &upper_support) return bijector.bounds[0] - exponential();
  return std::nullopt;
}

std::int64_t Posterior::largest_value() const {
  std::int64_t size = 1;
  if (problem_.guide) {
    for (const RandomVariable& v : problem_.guide->variables)
      size = std::max(size, element_count(v.value.type().event));
  }
  // the tables by which summed variables are drawn back
  if (problem_.summed_out) size = std::max(size, static_cast<std::int64_t>(problem_.summed_out->cost));
  for (const DeterministicQuantity& q : problem_.model->quantities)
    size = std::max(size, element_count(q.value.type().event));
  return size;
}

std::int64_t Posterior::largest_term() const {
  std::int64_t size = largest_value();
  for (const RandomVariable& v : problem_.model->variables)
    size = std::max(size, element_count(v.value.type().event));
  return size;
}

std::int64_t Posterior::affordable(std::int64_t wanted) const {
  constexpr std::int64_t most_elements = 400'000'000, least_draws = 20;
  return std::min(wanted, std::max(least_draws, most_elements / std::max<std::int64_t>(1, largest_term())));
}

std::vector<Expr> Posterior::in_batches(std::int64_t n, std::int64_t batch, std::uint64_t seed,
                                        const Outputs& outputs, const Visit& visit) const {
  problem_.model->graph->restart_streams(first_stream);  // random numbers depend on the seed alone
  SampledModel model = sample_model(problem_, batch);
  recover_summed_out(model);
  const std::vector<Expr> computed = outputs(model);
  if (computed.empty()) return computed;
  ParameterProgram program(layout_, computed, Precision::real64, threads_);
  if (!uses_axis(*model.graph, computed, model.sample)) {  // the same for all draws
    program.run(parameters_, seed, 0);
    visit(program, n);
    return computed;
  }
  std::uint32_t round = 0;
  for (std::int64_t first = 0; first < n; first += batch) {
    program.run(parameters_, seed, round++);
    visit(program, std::min(batch, n - first));
  }
  return computed;
}

std::vector<MomentSource> Posterior::sources() const {
  SampledModel model = sample_model(problem_, 2);  // any number: only what depends on draws is asked
  recover_summed_out(model);
  const std::int64_t draws = moment_draws(largest_value()).all;
  std::vector<MomentSource> result;
  for (const VariableDraw& draw : model.drawn) {
    MomentSource source{draw.variable->name, true, false, draws};
    for (std::size_t p = 0; p < draw.parts.size(); ++p) {
      const std::optional<Expr> mean = conditional_mean(draw, p), variance = conditional_variance(draw, p);
      source.has_formula = source.has_formula && mean && variance;
      source.uses_draws = source.uses_draws || !source.has_formula || varies(*mean, model.sample) ||
                          varies(*variance, model.sample);
    }
    result.push_back(std::move(source));
  }
  for (std::size_t i = 0; i < model.recovered.size(); ++i)
    result.push_back(
        {problem_.summed_out->names[i], true, varies(model.recovered[i].mean, model.sample), draws});
  for (const DeterministicQuantity& quantity : problem_.model->quantities)
    result.push_back({quantity.name, false, true, draws});
  return result;
}

std::vector<Moments> Posterior::moments(std::uint64_t seed) const {
  const auto [n, batch] = moment_draws(largest_value());
  std::vector<Total> totals;
  const auto outputs = [](const SampledModel& model) {
    std::vector<Expr> result;
    const auto add = [&](const BatchMoments& m) {
      result.insert(result.end(), {m.mean, m.variance, m.squares});
    };
    for (const VariableDraw& draw : model.drawn) add(of_variable(draw, model.sample));
    for (const RecoveredDraw& draw : model.recovered) add(of_recovered(draw, model.sample));
    for (const Expr& quantity : model.quantities) add(of_draws(quantity, model.sample));
    return result;
  };
  const auto visit = [&](const ParameterProgram& program, std::int64_t count) {
    for (std::size_t i = 0; i < names_of(problem_).size(); ++i) {
      if (totals.size() <= i) totals.emplace_back(program.output(3 * i).size());
      totals[i].add(program.output(3 * i), program.output(3 * i + 1), program.output(3 * i + 2), count);
    }
  };
  const std::vector<Expr> computed = in_batches(n, batch, seed, outputs, visit);
  const std::vector<std::string> names = names_of(problem_);
  std::vector<Moments> result;
  for (std::size_t i = 0; i < totals.size(); ++i)
    result.push_back(totals[i].moments(names[i], computed[3 * i].type().event));
  return result;
}

Record Posterior::draws(std::int64_t n, std::uint64_t seed) const {
  return collect(n, seed, std::nullopt, names_of(problem_));
}

Record Posterior::draws_of(const std::vector<std::string>& names, std::int64_t n, std::uint64_t seed) const {
  std::vector<std::string> wanted = names_of(problem_);
  std::erase_if(wanted, [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) == names.end();
  });
  return collect(n, seed, std::nullopt, wanted);
}

Record Posterior::draws_of_first(std::int64_t elements, std::int64_t n, std::uint64_t seed) const {
  return collect(n, seed, elements, names_of(problem_));
}

Record Posterior::collect(std::int64_t n, std::uint64_t seed, std::optional<std::int64_t> first,
                          const std::vector<std::string>& wanted) const {
  std::vector<std::vector<double>> values(wanted.size());
  const auto outputs = [&](const SampledModel& model) {
    std::vector<Expr> all = model.draws;
    for (const RecoveredDraw& draw : model.recovered) all.push_back(draw.draw);
    all.insert(all.end(), model.quantities.begin(), model.quantities.end());
    const std::vector<std::string> names = names_of(problem_);
    std::vector<Expr> result;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (std::find(wanted.begin(), wanted.end(), names[i]) != wanted.end()) result.push_back(all[i]);
    }
    for (Expr& e : result) {
      if (!varies(e, model.sample)) e = broadcast_axis(e, model.sample);
      if (!first) continue;
      const std::int64_t size = element_count(e.type().event), shown = std::min(*first, size);
      std::vector<std::int64_t> leading(static_cast<std::size_t>(shown));
      for (std::size_t i = 0; i < leading.size(); ++i) leading[i] = static_cast<std::int64_t>(i);
      e = gather(reshape(e, {size}), model.graph->constant(Tensor({shown}, std::move(leading))), 0);
    }
    return result;
  };
  const std::int64_t batch = batch_of(n, largest_value());
  const auto visit = [&](const ParameterProgram& program, std::int64_t count) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::span<const double> v = program.output(i);
      const std::size_t each = v.size() / static_cast<std::size_t>(batch);
      values[i].insert(values[i].end(), v.begin(),
                       v.begin() + static_cast<std::ptrdiff_t>(each * static_cast<std::size_t>(count)));
    }
  };
  const std::vector<Expr> computed = in_batches(n, batch, seed, outputs, visit);
  Record record;
  for (std::size_t i = 0; i < computed.size(); ++i) {
    Shape shape{n};
    shape.insert(shape.end(), computed[i].type().event.begin(), computed[i].type().event.end());
    Tensor tensor(shape, std::move(values[i]));
    if (computed[i].type().domain != Domain::real) tensor = tensor.stored_as(Storage::integer);
    record.emplace_back(wanted[i], Value(std::move(tensor)));
  }
  return record;
}

std::pair<double, double> Posterior::elbo(std::int64_t n, std::uint64_t seed) const {
  const std::int64_t batch = batch_of(n, largest_term());
  std::vector<double> values;
  in_batches(
      n, batch, seed,
      [](const SampledModel& model) { return std::vector{model.log_joint - model.log_guide}; },
      [&](const ParameterProgram& program, std::int64_t count) {
        const std::span<const double> v = program.output(0);
        values.insert(values.end(), v.begin(), v.begin() + static_cast<std::ptrdiff_t>(count));
      });
  double mean = 0, squares = 0;
  for (const double v : values) mean += v / static_cast<double>(n);
  for (const double v : values) squares += (v - mean) * (v - mean);
  return {mean, std::sqrt(squares / static_cast<double>(n - 1) / static_cast<double>(n))};
}

}  // namespace elbo::inference
