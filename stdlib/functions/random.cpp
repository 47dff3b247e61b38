// Functions of distributions: draws, log densities, moments, entropy and divergence.
#include <algorithm>
#include <limits>
#include <unordered_map>

#include "runtime/distribution_functions.hpp"
#include "runtime/exponential_family.hpp"
#include "runtime/operation.hpp"
#include "runtime/own_distribution.hpp"
#include "runtime/program.hpp"
#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"
#include "stdlib/functions/models.hpp"

namespace elbo::stdlib {

using runtime::DistributionCall;
using runtime::DistributionValue;
using runtime::Graph;
using runtime::NodeId;

namespace {

constexpr const char* category = "distributions";

const DistributionValue& distribution_argument(const Arguments& a, std::size_t i, const char* name) {
  const auto* value = a.values[i].as<DistributionPtr>();
  if (value == nullptr) wrong_type(name, "a distribution, such as Normal(0, 1)", a.values[i], a.spans[i]);
  return **value;
}

/// A graph for the values: that of a symbol among them, or a new one.
struct Place {
  std::shared_ptr<Graph> graph;
  bool symbolic;
};
Place place_for(const std::vector<Value>& values) {
  auto graph = runtime::graph_of(values);
  const bool is_symbolic = graph != nullptr;
  return {is_symbolic ? std::move(graph) : std::make_shared<Graph>(), is_symbolic};
}

/// The number at once, or the node when some parameter is a symbol.
Value result_in(const Place& place, Expr expr) {
  if (place.symbolic) return Symbol{place.graph, expr};
  return from_tensor(runtime::evaluate(expr));
}

[[noreturn]] void lacks(const DistributionValue& value, const std::string& what, const lang::Span& span) {
  fail("no-closed-form",
       std::string(value.distribution->name) + " has no " + what + " in closed form, if it has one at all",
       span,
       value.distribution->quantile
           ? "`median(d)` and `quantile(d, p)` exist of every distribution on numbers"
           : "estimate it from draws: x = sample(d, 10_000)");
}

// ---- draws
// -----------------------------------------------------------------------------------------------------

std::uint64_t seed_argument(Interpreter& interpreter, const Arguments& a, std::size_t i) {
  if (!is_given(a, i)) return interpreter.next_seed();
  return static_cast<std::uint64_t>(size_argument(a, i, "seed"));
}

/// Draws inside a function that is being differentiated (or in a model): the random numbers become constants,
/// the same as the same call would give outside, and only what is done to them stays a graph. Those that have
/// a parameter (a gamma's shape) stay nodes, with this seed as their own.
Expr with_fixed_randomness(Expr draws, const DistributionValue& value, std::uint64_t seed,
                           std::uint32_t first_stream, const lang::Span& span) {
  Graph& graph = draws.graph();
  std::unordered_map<NodeId, Expr> constants;
  for (const NodeId id : runtime::topological_order(graph, std::span(&draws, 1))) {
    const runtime::Node& node = graph.node(id);
    if (node.operation->random == nullptr || node.attributes.integers[0] < first_stream) continue;
    const bool moves = !node.inputs.empty();
    if ((moves && node.operation->gradient == nullptr) || !node.type.axes.empty()) {
      fail("not-differentiable",
           "draws of " + std::string(value.distribution->name) + " have no derivative in its parameters",
           span, "draw from a distribution of fixed parameters and transform the draws");
    }
    runtime::Attributes attributes = node.attributes;
    attributes.integers[0] -= first_stream - 1;  // as in a graph of its own, see `sample`
    if (moves) {
      attributes.text = std::to_string(seed);
      const Expr input = graph.at(node.inputs[0]);
      const Expr parameter = runtime::substitute(input, constants);
      constants.emplace(id, graph.add(*node.operation, {parameter}, std::move(attributes)));
      continue;
    }
    Graph fresh;
    const Expr random = fresh.add(*node.operation, {}, std::move(attributes));
    constants.emplace(id, graph.constant(runtime::evaluate(std::span(&random, 1), seed).front()));
  }
  return runtime::substitute(draws, constants);
}

Value sample(Interpreter& interpreter, const Arguments& a) {
  DistributionValue value = distribution_argument(a, 0, "d");
  if (is_given(a, 1)) {
    const Shape copies = shape_argument(a, 1, "n");
    value.size.insert(value.size.begin(), copies.begin(), copies.end());
  }
  // Inside `sample()` of a script's own distribution the numbers are drawn when those of the distribution
  // are.
  if (const runtime::DrawContext* context = interpreter.draw_context()) {
    const Expr drawn = runtime::sample(to_call(value, context->graph), context->axes);
    return Symbol{context->graph, runtime::stop_gradient(drawn)};
  }
  const std::uint64_t seed = seed_argument(interpreter, a, 2);
  const Place place = place_for(value.parameters);
  if (place.symbolic && value.distribution->pathwise == runtime::Pathwise::none) {
    fail("not-differentiable",
         "draws of " + std::string(value.distribution->name) + " have no derivative in its parameters",
         a.spans[0]);
  }
  const DistributionCall call = to_call(value, place.graph);
  const std::uint32_t first_stream = place.graph->new_stream() + 1;
  const Expr draws = runtime::sample(call, {});
  if (place.symbolic) {
    return Symbol{place.graph, with_fixed_randomness(draws, value, seed, first_stream, a.spans[0])};
  }
  return from_tensor(
      runtime::evaluate(std::span(&draws, 1), seed, 0, interpreter.settings().threads).front());
}

// ---- densities and moments
// -------------------------------------------------------------------------------------

Value log_density(Interpreter& interpreter, const Arguments& a) {
  if (const auto model =
          runtime::as_model_call(interpreter, a.values[0], runtime::CallableKind::model, a.spans[0])) {
    return model_log_density(interpreter, *model, a.values[1], a.span);
  }
  const DistributionValue& value = distribution_argument(a, 0, "d");
  const Value x = numeric_argument(a, 1, "x");
  std::vector<Value> values = value.parameters;
  values.push_back(x);
  const Place place = place_for(values);
  const DistributionCall call = to_call(value, place.graph);
  return result_in(place, runtime::log_density(call, to_expr(x, place.graph)));
}

/// A function of a distribution and of outcomes (or probabilities), which the record must know.
using OfOutcomes = Expr (*)(const DistributionCall&, Expr);

Value at_outcomes(const DistributionValue& value, OfOutcomes f, const Value& x) {
  std::vector<Value> values = value.parameters;
  values.push_back(x);
  const Place place = place_for(values);
  return result_in(place, f(to_call(value, place.graph), to_expr(x, place.graph)));
}

template <OfOutcomes f>
Value distribution_function(Interpreter&, const Arguments& a) {
  const DistributionValue& value = distribution_argument(a, 0, "d");
  if (!value.distribution->cdf) lacks(value, "distribution function", a.spans[0]);
  return at_outcomes(value, f, numeric_argument(a, 1, "x"));
}

Value entropy(Interpreter&, const Arguments& a) {
  const DistributionValue& value = distribution_argument(a, 0, "d");
  const Place place = place_for(value.parameters);
  const DistributionCall call = to_call(value, place.graph);
  Expr result = runtime::entropy(*value.distribution, call.canonical);
  if (!result) lacks(value, "entropy", a.spans[0]);
  if (value.distribution->event_rank == 0)
    result = runtime::broadcast(result, {}, runtime::event_shape(call));
  return result_in(place, result);
}

Value kl(Interpreter&, const Arguments& a) {
  const DistributionValue& p = distribution_argument(a, 0, "p");
  const DistributionValue& q = distribution_argument(a, 1, "q");
  if (p.distribution != q.distribution) {
    fail("no-closed-form",
         "the divergence of " + std::string(p.distribution->name) + " from " +
             std::string(q.distribution->name) + " has no closed form here",
         a.span, "estimate it: x = sample(p, 10_000), mean(log_density(p, x) - log_density(q, x))");
  }
  std::vector<Value> values = p.parameters;
  values.insert(values.end(), q.parameters.begin(), q.parameters.end());
  const Place place = place_for(values);
  const DistributionCall from = to_call(p, place.graph), to = to_call(q, place.graph);
  const Expr result = runtime::kl(*p.distribution, from.canonical, to.canonical);
  if (!result) lacks(p, "divergence between two", a.span);
  return result_in(place, result);
}

}  // namespace

Value distribution_moment(Moment moment, const Value& distribution, const lang::Span& span) {
  const DistributionValue& value = **distribution.as<DistributionPtr>();
  const auto rule = moment == Moment::mean ? value.distribution->mean : value.distribution->variance;
  if (rule == nullptr) lacks(value, moment == Moment::mean ? "mean" : "variance", span);
  const Place place = place_for(value.parameters);
  const DistributionCall call = to_call(value, place.graph);
  Expr result = rule(call.canonical);
  if (moment == Moment::sd) result = runtime::sqrt(result);
  return result_in(place, runtime::broadcast(result, {}, runtime::event_shape(call)));
}

Value distribution_quantile(const Value& distribution, const Value& p, const lang::Span& span) {
  const DistributionValue& value = **distribution.as<DistributionPtr>();
  if (!value.distribution->quantile) lacks(value, "quantile", span);
  return at_outcomes(value, runtime::quantile, p);
}

std::vector<Function> random_functions() {
  return {
      {"sample", "sample(d, n = none, *, seed = none)",
       "A draw from a distribution, or n of them (a number or a shape) along new first axes; the same seed "
       "gives the "
       "same draws — e.g. sample(Normal(0, 1), 1000, seed = 1)",
       category, sample},
      {"log_density", "log_density(d, x)",
       "Log density of a distribution at x, element by element; -inf outside its support. Of a model applied "
       "to data: "
       "its log density at the values that the record x gives its latent variables — e.g. "
       "sum(log_density(Normal(0, 1), [0.5, -1])), log_density(coin(y), {p: 0.5})",
       category, log_density},
      {"cdf", "cdf(d, x)",
       "Distribution function: the probability of an outcome of at most x, element by element; `quantile` is "
       "its inverse — e.g. cdf(Uniform(0, 4), [-1, 1, 5]) is [0, 0.25, 1]",
       category, distribution_function<runtime::cdf>},
      {"survival", "survival(d, x)",
       "Probability of an outcome above x, also where it is too small for 1 - cdf(d, x) — e.g. "
       "survival(Uniform(0, 4), 1) is 0.75",
       category, distribution_function<runtime::survival>},
      {"log_cdf", "log_cdf(d, x)",
       "Logarithm of cdf(d, x): what data known to be at most x adds to a log density — e.g. "
       "log_cdf(Normal(0, 1), -40)",
       category, distribution_function<runtime::log_cdf>},
      {"log_survival", "log_survival(d, x)",
       "Logarithm of survival(d, x): what data known to be above x adds to a log density — e.g. "
       "log_survival(Exponential(2), 500) is -1000",
       category, distribution_function<runtime::log_survival>},
      {"entropy", "entropy(d)", "Entropy of a distribution in nats — e.g. entropy(Uniform(0, 1)) is 0",
       category, entropy},
      {"kl", "kl(p, q)",
       "Kullback-Leibler divergence of p from q, two distributions of one family — e.g. kl(Normal(1, 1), "
       "Normal(0, 1)) is "
       "0.5",
       category, kl},
  };
}

}  // namespace elbo::stdlib
