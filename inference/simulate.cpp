// simulate(model(…)) and predict(fit): the variables of a model drawn in order, from the prior or given a
// fit's draws.
#include "inference/simulate.hpp"

#include <algorithm>
#include <cstring>

#include "inference/ancestral.hpp"
#include "inference/new_row.hpp"
#include "runtime/evaluation.hpp"
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

Tensor tensor_of(Expr e, std::vector<double> values) {
  Shape shape;
  for (const AxisId axis : e.type().axes) shape.push_back(e.graph().axis(axis).size);
  shape.insert(shape.end(), e.type().event.begin(), e.type().event.end());
  const Tensor tensor(shape, std::move(values));
  return e.type().domain == Domain::real ? tensor : tensor.stored_as(Storage::integer);
}

/// Where the entries of a variable that is drawn from itself begin: the data, or 1, which most supports hold.
std::vector<double> start_of(const FixedPoint& point) {
  const Expr data = point.variable->data;
  const Type& type = point.whole.type();
  if (!data) return std::vector<double>(static_cast<std::size_t>(point.whole.graph().element_count(type)), 1);
  const Tensor spread = evaluate(broadcast(data, type.axes, type.event));
  std::vector<double> values(static_cast<std::size_t>(spread.size()));
  for (std::int64_t i = 0; i < spread.size(); ++i) values[static_cast<std::size_t>(i)] = spread.real(i);
  return values;
}

/// Finds the draws of variables that are drawn from themselves, and puts them in place of `whole`. Each round
/// makes at least one more entry right, since entries depend on earlier ones only.
Replacements settled(Interpreter& interpreter, const std::vector<FixedPoint>& points, std::uint64_t seed,
                     const lang::Span& span) {
  if (points.empty()) return {};
  std::vector<Expr> inputs, outputs;
  std::vector<std::vector<double>> values;
  std::int64_t rounds = 1;
  for (const FixedPoint& point : points) {
    inputs.push_back(point.entering);
    outputs.push_back(point.whole);
    values.push_back(start_of(point));
    rounds += element_count(point.whole.type().event);
  }
  Execution execution(plan(outputs, inputs), interpreter.settings().threads);
  execution.set_random(seed, 0);
  for (bool changed = true; changed; --rounds) {
    check_interrupted(interpreter, span);
    if (rounds < 0) {
      fail("circular-draw",
           "`" + points.front().variable->name + "` cannot be drawn: its entries depend on each other",
           points.front().variable->span(), "an entry can depend on those drawn before it only");
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) execution.set_input(i, values[i]);
    execution.run();
    changed = false;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::span<const double> now = execution.output(i);
      changed = changed || std::memcmp(now.data(), values[i].data(), now.size_bytes()) != 0;
      values[i].assign(now.begin(), now.end());
    }
  }
  Replacements found;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Expr whole = points[i].whole;
    found[whole.id()] = whole.graph().constant(tensor_of(whole, std::move(values[i])), whole.type().axes);
  }
  return found;
}

/// Names to tensors [n, shape…], or [shape…] without an axis of draws.
Record record_of(const std::vector<std::pair<std::string, Expr>>& values, const std::vector<AxisId>& axes,
                 const Replacements& found, std::uint64_t seed, int threads) {
  std::vector<Expr> roots;
  for (const auto& [name, value] : values)
    roots.push_back(axes.empty() ? value : broadcast_axis(value, axes[0]));
  roots = substitute(roots, found);
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
  std::vector<FixedPoint> points;
  for (const VariableDraw& draw : draw_variables(*model, axes, false, drawn, &points)) {
    values.emplace_back(draw.variable->name, draw.whole);
  }
  for (const DeterministicQuantity& q : model->quantities) {
    values.emplace_back(q.name, substitute(q.value, drawn));
  }
  return record_of(values, axes, settled(interpreter, points, seed, span), seed,
                   interpreter.settings().threads);
}

namespace {

/// The model of a fit, to be drawn from.
std::shared_ptr<const ModelGraph> predictive_model(Interpreter& interpreter, const Fit& fit,
                                                   const lang::Span& span) {
  auto model = drawable(interpreter, fit.problem().model->bodies.front().call, "predict", span);
  const bool observes = std::any_of(model->variables.begin(), model->variables.end(),
                                    [](const RandomVariable& v) { return v.observed; });
  if (!observes) {
    fail("nothing-observed", "predict draws observed data anew, but `" + model->name + "` observes nothing",
         span, "draws(fit, n) draws its latent variables");
  }
  return model;
}

/// Puts draws of these latent variables in their place.
void set_draws(const ModelGraph& model, const std::vector<std::string>& names, const Record& draws,
               AxisId sample, Replacements& known) {
  for (const std::string& name : names) {
    const Value* value = find_field(draws, name);
    if (value == nullptr) throw lang::InternalError("the fit has no draws of `" + name + "`");
    known[model.find(name)->value.id()] = model.graph->constant(to_tensor(*value), {sample});
  }
}

/// Parameters of the model as they were fitted.
void set_parameters(const ModelGraph& model, const Fit& fit, Replacements& known) {
  for (const PointParameter& p : model.parameters) {
    const std::span<const double> fitted = fit.unconstrained(p.name);
    known[p.unconstrained.id()] = model.graph->constant(
        Tensor(p.unconstrained.type().event, std::vector<double>(fitted.begin(), fitted.end())));
  }
}

}  // namespace

Record predict(Interpreter& interpreter, const Fit& fit, std::int64_t n, std::uint64_t seed,
               const lang::Span& span) {
  const auto model = predictive_model(interpreter, fit, span);
  const AxisId sample = model->graph->add_axis("sample", n, AxisKind::sample);
  Replacements known;
  std::vector<std::string> latents;
  for (const RandomVariable& v : model->variables)
    if (!v.observed) latents.push_back(v.name);
  set_draws(*model, latents, fit.posterior().draws(n, seed), sample, known);
  set_parameters(*model, fit, known);
  std::vector<std::pair<std::string, Expr>> values;
  std::vector<FixedPoint> points;
  for (const VariableDraw& draw : draw_variables(*model, {sample}, false, known, &points)) {
    values.emplace_back(draw.variable->name, draw.whole);
  }
  // other random numbers than those of the fit's draws
  return record_of(values, {sample}, settled(interpreter, points, seed + 1, span), seed + 1,
                   interpreter.settings().threads);
}

Record predict_rows(Interpreter& interpreter, const Fit& fit, std::int64_t n, const std::string& of,
                    std::uint64_t seed, const lang::Span& span) {
  const auto model = predictive_model(interpreter, fit, span);
  NewRow row = new_row(model, of, span);
  const AxisId sample = model->graph->add_axis("sample", n, AxisKind::sample);
  const auto is_drawn = [&](const std::string& name) {
    return std::find(row.drawn.begin(), row.drawn.end(), name) != row.drawn.end();
  };
  Replacements known = std::move(row.alike);
  std::vector<std::string> shared;  // latent variables that all rows see
  for (const RandomVariable& v : row.model->variables) {
    if (is_drawn(v.name)) continue;
    if (v.observed) known[v.value.id()] = v.data;
    if (!v.observed) shared.push_back(v.name);
  }
  set_draws(*row.model, shared, fit.posterior().draws_of(shared, n, seed), sample, known);
  set_parameters(*row.model, fit, known);
  std::vector<std::pair<std::string, Expr>> values;
  std::vector<FixedPoint> points;
  for (const VariableDraw& draw : draw_variables(*row.model, {sample}, false, known, &points)) {
    Shape one = draw.whole.type().event;  // less the dimension of the rows, of which there is one
    one.erase(one.begin());
    values.emplace_back(draw.variable->name, reshape(draw.whole, one));
  }
  return record_of(values, {sample}, settled(interpreter, points, seed + 1, span), seed + 1,
                   interpreter.settings().threads);
}

}  // namespace elbo::inference
