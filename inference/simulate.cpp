// simulate(model(…)) and predict(fit): the variables of a model drawn in order, from the prior or given a
// fit's draws.
#include "inference/simulate.hpp"

#include <algorithm>

#include "inference/ancestral.hpp"
#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/program.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

/// The model with its observed variables to be drawn; what cannot be drawn is refused.
std::shared_ptr<const ModelGraph> drawable(Interpreter& interpreter, const ModelCall& call,
                                           const char* function, const lang::Span& span) {
  auto model = elaborate(interpreter, call, {.graph = {}, .replicate = true});
  if (!model->factors.empty()) {
    lang::Diagnostic d{.code = "factor-in-simulation",
                       .message = std::string(function) + " cannot draw from `" + model->name +
                                  "`: a factor adds to the log density, but says nothing of how to draw",
                       .span = span,
                       .related = {{model->factors.front().span, "the factor"}},
                       .hint = "leave the factor out, or give its variable a distribution that has it"};
    throw lang::Failure(std::move(d));
  }
  for (const RandomVariable& v : model->variables) {
    if (v.observed && !v.data) {
      fail("not-yet-supported",
           std::string(function) + " cannot draw `" + v.name + "`, which a model embedded in a loop observes",
           span, "write the statements of the embedded model in the loop itself");
    }
    for (const VariablePart& part : v.parts) {
      const Support own = support(part.call);
      if (v.observed || (own.kind == part.support.kind && own.bounds == part.support.bounds)) continue;
      fail("constraint-in-simulation",
           std::string(function) + " cannot draw `" + v.name + "`: its constraint restricts " +
               std::string(part.call.distribution->name) + " to `" + std::string(part.support.kind->name) +
               "`, and how to draw from what is left is not known",
           part.span, "choose a distribution with that support");
    }
  }
  return model;
}

/// Names to tensors [n, shape…], or [shape…] without an axis of draws.
Record record_of(const std::vector<std::pair<std::string, Expr>>& values, const std::vector<AxisId>& axes,
                 std::uint64_t seed, int threads) {
  std::vector<Expr> roots;
  for (const auto& [name, value] : values)
    roots.push_back(axes.empty() ? value : broadcast_axis(value, axes[0]));
  std::vector<Tensor> tensors = runtime::evaluate(roots, seed, 0, threads);
  Record record;
  for (std::size_t i = 0; i < values.size(); ++i)
    record.emplace_back(values[i].first, from_tensor(tensors[i]));
  return record;
}

}  // namespace

Record simulate(Interpreter& interpreter, const ModelCall& call, std::optional<std::int64_t> n,
                std::uint64_t seed, const lang::Span& span) {
  const auto model = drawable(interpreter, call, "simulate", span);
  if (!model->parameters.empty()) {
    fail("parameter-in-simulation",
         "simulate cannot draw from `" + model->name + "`: its parameter `" + model->parameters.front().name +
             "` has no distribution",
         span, "give it a prior with `~`, or make it an argument of the model");
  }
  std::vector<AxisId> axes;
  if (n) axes.push_back(model->graph->add_axis("sample", *n, AxisKind::sample));
  Replacements drawn;
  std::vector<std::pair<std::string, Expr>> values;
  for (const VariableDraw& draw : draw_variables(*model, axes, false, drawn)) {
    values.emplace_back(draw.variable->name, draw.whole);
  }
  for (const DeterministicQuantity& q : model->quantities) {
    values.emplace_back(q.name, substitute(std::span(&q.value, 1), drawn)[0]);
  }
  return record_of(values, axes, seed, interpreter.settings().threads);
}

Record predict(Interpreter& interpreter, const Fit& fit, std::int64_t n, std::uint64_t seed,
               const lang::Span& span) {
  const auto model = drawable(interpreter, fit.problem().model->bodies.front().call, "predict", span);
  const bool observes = std::any_of(model->variables.begin(), model->variables.end(),
                                    [](const RandomVariable& v) { return v.observed; });
  if (!observes) {
    fail("nothing-observed", "predict draws observed data anew, but `" + model->name + "` observes nothing",
         span, "draws(fit, n) draws its latent variables");
  }
  const AxisId sample = model->graph->add_axis("sample", n, AxisKind::sample);
  const Record draws = fit.posterior().draws(n, seed);
  Replacements known;
  for (const RandomVariable& v : model->variables) {
    if (v.observed) continue;
    const Value* value = find_field(draws, v.name);
    if (value == nullptr) throw lang::InternalError("the fit has no draws of `" + v.name + "`");
    known[v.value.id()] = model->graph->constant(to_tensor(*value), {sample});
  }
  const Record parameters = fit.parameters();
  for (const PointParameter& p : model->parameters) {
    const Tensor start = to_tensor(*find_field(parameters, p.name));
    known[p.unconstrained.id()] =
        model->graph->constant(Tensor(p.unconstrained.type().event, unconstrain(p, start)));
  }
  std::vector<std::pair<std::string, Expr>> values;
  for (const VariableDraw& draw : draw_variables(*model, {sample}, false, known)) {
    values.emplace_back(draw.variable->name, draw.whole);
  }
  return record_of(values, {sample}, seed + 1, interpreter.settings().threads);
}

}  // namespace elbo::inference
