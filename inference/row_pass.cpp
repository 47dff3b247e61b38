// A program that goes over all rows of the data of a fit.
#include "inference/row_pass.hpp"

#include <algorithm>
#include <map>

#include "inference/enumeration.hpp"
#include "inference/subsample.hpp"
#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/missing.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/plates.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Elements of the largest value of one batch, and rows times draws of one: what stands between latent
// variables and data may be wider than both.
constexpr std::int64_t batch_elements = 1 << 20, batch_rows = 1 << 13;
// As of other programs of a finished fit.
constexpr std::uint32_t first_stream = 1u << 20;

bool is_replaced(const ModelGraph& at, const ModelGraph& whole, const std::string& name) {
  const RandomVariable *a = at.find(name), *w = whole.find(name);
  return a != nullptr && w != nullptr && a->value != w->value;
}

bool varies(Expr e, AxisId sample) {
  return std::binary_search(e.type().axes.begin(), e.type().axes.end(), sample);
}

Expr average(Expr e, AxisId sample) {
  return varies(e, sample) ? sum_axis(e, sample) / static_cast<double>(e.graph().axis(sample).size) : e;
}

}  // namespace

Problem predictive_problem(Interpreter& interpreter, const Fit& fit) {
  const Problem& fitted = fit.problem();
  const ModelCall& call = fitted.model->bodies.front().call;
  return {elaborate(interpreter, call, {.graph = fitted.model->graph, .replicate = true}), fitted.guide,
          fitted.summed_out, fitted.ready_made};
}

std::set<std::int64_t> row_counts(const ModelGraph& model) {
  std::set<std::int64_t> counts;
  for (const ObservedRows& each : observed_rows(model)) counts.insert(each.rows);
  return counts;
}

std::set<std::string> latents_of_rows(const ModelGraph& model, std::int64_t rows) {
  const Expr row = model.graph->input("row", {.axes = {}, .event = {1}, .domain = Domain::integer});
  const auto at_row = at_rows({std::make_shared<const ModelGraph>(model), nullptr}, rows, row).model;
  std::set<std::string> names;
  for (const RandomVariable& v : model.variables)
    if (!v.observed && is_replaced(*at_row, model, v.name)) names.insert(v.name);
  return names;
}

std::int64_t rows_at_once(const Problem& problem, std::int64_t rows, std::int64_t draws) {
  if (rows == 0) return 1;
  std::int64_t row = 1;
  for (const ModelGraph* g : {problem.model.get(), problem.guide.get()}) {
    if (g == nullptr) continue;
    for (const RandomVariable& v : g->variables)
      row = std::max(row, element_count(v.value.type().event) / rows);
  }
  return std::clamp<std::int64_t>(std::min(batch_elements / (row * draws), batch_rows / draws), 1, rows);
}

RowPass::RowPass(const Fit& fit, const Problem& whole, std::int64_t rows, std::int64_t batch,
                 std::int64_t draws, bool at_mean)
    : fit_(fit),
      whole_(whole),
      graph_(*whole.model->graph),
      rows_(rows),
      batch_(batch),
      at_mean_(at_mean),
      at_(whole) {
  graph_.restart_streams(first_stream);
  sample_ = graph_.add_axis("sample", draws, AxisKind::sample);
  if (rows > 0) {
    index_ = graph_.input("row", {.axes = {}, .event = {batch}, .domain = Domain::integer});
    at_ = at_rows(whole, rows, index_);
  }
  use_parameters();
  share_latents();
  if (at_.guide) drawn_ = draw_variables(*at_.guide, {sample_}, true, known_);
  for (const VariableDraw& draw : drawn_) {
    const Expr own_mean = mean(draw);
    known_[at_.model->find(draw.variable->name)->value.id()] =
        at_mean ? assemble(*draw.variable, {&own_mean, 1}) : draw.whole;
  }
  use_data();
}

std::vector<RowOutput> RowPass::latent_means() const {
  std::vector<RowOutput> result;
  for (const VariableDraw& draw : drawn_) {
    const std::string& name = draw.variable->name;
    result.push_back({name, &whole_.guide->find(name)->parts[0],
                      with_leading(mean(draw), draw.variable->parts[0].plates), true});
  }
  return result;
}

std::vector<RowOutput> RowPass::data_means() const {
  std::vector<RowOutput> result;
  for (std::size_t i = 0; i < at_.model->variables.size(); ++i) {
    const RandomVariable& v = at_.model->variables[i];
    if (!v.observed) continue;
    for (std::size_t p = 0; p < v.parts.size(); ++p) {
      const VariablePart& part = v.parts[p];
      const DistributionCall call = substitute(part.call, known_);
      if (call.distribution->mean == nullptr) {
        fail("no-mean",
             "reconstruct needs the mean of `" + v.name + "`, and " + call.distribution->name +
                 " has none in closed form",
             part.span, "predict(fit, draws = k) draws it");
      }
      const Expr mean = average(call.distribution->mean(call.canonical), sample_);
      const std::optional<RowBatch>& batch = at_.model->batch;
      result.push_back({v.name, &whole_.model->variables[i].parts[p],
                        with_leading(broadcast(mean, part.plates, part.value.type().event), part.plates),
                        batch && !part.plates.empty() && part.plates.front() == batch->axis});
    }
  }
  return result;
}

bool RowPass::uses_draws() const {
  return std::any_of(drawn_.begin(), drawn_.end(), [&](const VariableDraw& d) {
    return varies(conditional_mean(d, 0).value_or(d.parts[0]), sample_);
  });
}

// ---- what stands for variables and parameters -------------------------------------------------------------

// The model was read anew: its parameters are those of the fit.
void RowPass::use_parameters() {
  for (const PointParameter& p : at_.model->parameters) {
    for (const auto& entry : fit_.layout().entries())
      if (entry.parameter->name == p.name) known_[p.unconstrained.id()] = entry.parameter->unconstrained;
  }
}

// Latent variables that do not belong to the rows become inputs.
void RowPass::share_latents() {
  const auto share = [&](const RandomVariable& v, const RandomVariable* also) {
    const Type& own = v.value.type();
    const Expr input = graph_.input(
        v.name, {at_mean_ ? std::vector<AxisId>{} : std::vector<AxisId>{sample_}, own.event, own.domain});
    shared_.emplace_back(v.name, input);
    known_[v.value.id()] = input;
    if (also != nullptr) known_[also->value.id()] = input;
  };
  if (at_.guide) {
    for (const RandomVariable& v : at_.guide->variables)
      if (!is_replaced(*at_.guide, *whole_.guide, v.name)) share(v, at_.model->find(v.name));
  }
  if (!whole_.summed_out) return;
  for (const std::string& name : whole_.summed_out->names) share(*at_.model->find(name), nullptr);
}

// Observed variables are their data, for those statements that read them.
void RowPass::use_data() {
  for (std::size_t i = 0; i < at_.model->variables.size(); ++i) {
    const RandomVariable &at = at_.model->variables[i], &whole = whole_.model->variables[i];
    if (!at.observed) continue;
    const Expr data = completed(whole);
    known_[at.value.id()] = at.value == whole.value ? data : gather(data, index_, 0);
  }
}

// The data of a variable, with what the guide draws in the place of missing entries.
Expr RowPass::completed(const RandomVariable& v) const {
  const auto missing = std::find_if(shared_.begin(), shared_.end(),
                                    [&](const auto& s) { return s.first == v.name + "_missing"; });
  const Tensor* given = missing == shared_.end() ? nullptr : argument(v.name);
  if (given == nullptr) return v.data;
  std::vector<std::int64_t> from(static_cast<std::size_t>(given->size()));
  std::int64_t slots = 0;
  for (std::int64_t k = 0; k < given->size(); ++k)
    from[static_cast<std::size_t>(k)] = is_missing(given->real(k)) ? given->size() + slots++ : k;
  const Expr list = concatenate({reshape(v.data, {given->size()}), missing->second}, 0);
  return reshape(gather(list, graph_.constant(Tensor({given->size()}, std::move(from))), 0), given->shape());
}

// The data that the model was given under a name.
const Tensor* RowPass::argument(const std::string& name) const {
  for (const ModelBody& body : whole_.model->bodies) {
    const auto& parameters = body.call.closure->callable->parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i)
      if (body.prefix + parameters[i].name.name == name) return body.call.arguments[i].as<Tensor>();
  }
  return nullptr;
}

Expr RowPass::mean(const VariableDraw& draw) const {
  const Expr value = average(conditional_mean(draw, 0).value_or(draw.parts[0]), sample_);
  return broadcast(value, draw.variable->parts[0].plates, draw.parts[0].type().event);
}

// ---- running ----------------------------------------------------------------------------------------------

// Draws, or means, of those shared latent variables that the outputs use.
std::vector<RowPass::Given> RowPass::shared_values(const std::vector<Expr>& outputs,
                                                   std::uint64_t seed) const {
  const std::vector<NodeId> used = topological_order(graph_, outputs);
  std::vector<std::string> names;
  for (const auto& [name, input] : shared_)
    if (std::binary_search(used.begin(), used.end(), input.id())) names.push_back(name);
  if (names.empty()) return {};
  std::map<std::string, Tensor> values;
  if (at_mean_) {
    for (const Moments& m : fit_.moments()) values.emplace(m.name, m.mean);
  } else {
    for (const auto& [name, value] : fit_.posterior().draws_of(names, graph_.axis(sample_).size, seed))
      values.emplace(name, to_tensor(value));
  }
  std::vector<Given> result;
  for (const auto& [name, input] : shared_)
    if (std::find(names.begin(), names.end(), name) != names.end())
      result.push_back({input, values.at(name), false});
  return result;
}

// Rows of data become inputs: a program would keep all of them, as its own numbers.
std::vector<RowPass::Given> RowPass::rows_as_inputs(std::vector<Expr>& outputs) const {
  if (!index_) return {};
  std::vector<Given> result;
  Replacements inputs;
  for (const NodeId id : topological_order(graph_, outputs)) {
    const Node& node = graph_.node(id);
    if (node.operation != &gather_operation || node.inputs[1] != index_.id()) continue;
    const Node& source = graph_.node(node.inputs[0]);
    if (source.operation != &constant_operation || !source.type.axes.empty() ||
        node.attributes.integers[0] != 0)
      continue;
    const Expr input = graph_.input("rows", node.type);
    inputs[id] = input;
    result.push_back({input, *source.attributes.tensor, true});
  }
  outputs = substitute(outputs, inputs);
  return result;
}

void RowPass::keep(RowOutput& output, std::span<const double> values, std::int64_t count) const {
  if (!output.per_row) {
    if (output.all.empty()) output.all.assign(values.begin(), values.end());
    return;
  }
  const std::size_t row = values.size() / static_cast<std::size_t>(batch_);
  if (output.all.empty()) output.all.reserve(row * static_cast<std::size_t>(rows_));
  output.all.insert(output.all.end(), values.begin(),
                    values.begin() + static_cast<std::ptrdiff_t>(row * static_cast<std::size_t>(count)));
}

void RowPass::run(std::vector<RowOutput>& outputs, std::uint64_t seed) const {
  std::vector<Expr> values, inputs;
  for (const RowOutput& output : outputs) values.push_back(output.value);
  const std::vector<Given> shared = shared_values(values, seed);
  const std::vector<Given> data = rows_as_inputs(values);
  for (const auto& entry : fit_.layout().entries()) inputs.push_back(entry.parameter->unconstrained);
  for (const Given& given : shared) inputs.push_back(given.input);
  for (const Given& given : data) inputs.push_back(given.input);
  if (index_) inputs.push_back(index_);

  Execution execution(plan(values, inputs), fit_.result().threads);
  std::size_t place = 0;
  const std::span<const double> parameters = fit_.result().parameters;
  for (const auto& entry : fit_.layout().entries())
    execution.set_input(place++, parameters.subspan(entry.first, entry.size));
  for (const Given& given : shared) execution.set_input(place++, given.values.reals());

  const std::int64_t rows = std::max<std::int64_t>(1, rows_);
  std::vector<double> numbers;
  std::uint32_t round = 0;
  for (std::int64_t first = 0; first < rows; first += batch_) {
    // the last batch is filled up with the last row
    const auto row_of = [&](std::int64_t i) { return std::min(first + i, rows - 1); };
    std::size_t next = place;
    for (const Given& given : data) {
      const std::int64_t each = given.values.size() / rows;
      numbers.resize(static_cast<std::size_t>(each * batch_));
      for (std::int64_t i = 0; i < each * batch_; ++i)
        numbers[static_cast<std::size_t>(i)] = given.values.real(row_of(i / each) * each + i % each);
      execution.set_input(next++, numbers);
    }
    if (index_) {
      numbers.resize(static_cast<std::size_t>(batch_));
      for (std::int64_t i = 0; i < batch_; ++i)
        numbers[static_cast<std::size_t>(i)] = static_cast<double>(row_of(i));
      execution.set_input(next, numbers);
    }
    // other random numbers than those of the shared draws
    execution.set_random(seed + 1, round++);
    execution.run();
    for (std::size_t i = 0; i < outputs.size(); ++i)
      keep(outputs[i], execution.output(i), std::min(batch_, rows - first));
  }
}

}  // namespace elbo::inference
