// Relaxed discrete draws, carried through a model.
#include "inference/relaxation.hpp"

#include <algorithm>
#include <numeric>

#include "inference/impossible.hpp"
#include "inference/reads.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/plates.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

constexpr double least_log_probability = -690;  // of the smallest numbers

Shape with_column(Shape shape, std::int64_t size) {
  shape.push_back(size);
  return shape;
}

Expr column(Expr x) { return reshape(x, with_column(x.type().event, 1)); }

Expr numbers(Graph& graph, std::int64_t count, std::int64_t first) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), first);
  return graph.constant(Tensor({count}, std::move(values)));
}

struct Values {
  std::int64_t first, count;
};

// The values that a statement draws from, where they are a list.
std::optional<Values> values_of(const VariablePart& part) {
  if (part.support.kind == &boolean_support) return Values{0, 2};
  if (part.support.kind != &category_support) return std::nullopt;
  const std::optional<Tensor> count = known_value(part.support.bounds[0]);
  if (!count || count->size() != 1) return std::nullopt;
  return Values{1, count->integer(0)};
}

Expr values_along(Graph& graph, AxisId axis, std::int64_t first, Domain domain) {
  const Expr values = to_axis(numbers(graph, graph.axis(axis).size, first), 0, axis);
  return domain == Domain::boolean ? less(graph.constant(0.5), values) : values;
}

// Log probabilities [event, values] of a distribution.
Expr log_probabilities(const VariablePart& part, const DistributionCall& call, const Values& values) {
  Graph& graph = part.value.graph();
  const Shape& event = part.value.type().event;
  const AxisId axis = graph.add_axis("values", values.count, AxisKind::plate);
  const Expr at = broadcast(values_along(graph, axis, values.first, part.value.type().domain), {}, event);
  const Expr logs = broadcast(log_density(call, at), {axis}, event);
  const Expr last = to_event(logs, axis, static_cast<std::int64_t>(event.size()));
  return at_least(last, least_log_probability);
}

/// The walk through one expression.
class Relaxing {
 public:
  Relaxing(Graph& graph, std::span<const RelaxedValue> values, Expr own, Expr own_weights)
      : graph_(graph), values_(values), own_(own), own_weights_(own_weights) {}

  Expr run(Expr root) {
    std::vector<Expr> variables;
    for (const RelaxedValue& v : values_) variables.push_back(v.value);
    for (const Read& read : reads_of({root}, variables)) open(read);
    for (const NodeId id : topological_order(graph_, std::span(&root, 1))) {
      if (forms_.count(id) > 0) continue;
      const auto& inputs = graph_.node(id).inputs;
      if (std::any_of(inputs.begin(), inputs.end(), [&](NodeId i) { return forms_.count(i) > 0; }))
        forms_[id] = through(id);
    }
    const auto it = forms_.find(root.id());
    return it == forms_.end() ? root : averaged(it->second).value;
  }

 private:
  /// A node at all values of what it reads, along axes that are not averaged over yet.
  struct Open {
    AxisId axis;
    Expr weights;  // of the values along the axis; broadcasts against the node
  };
  struct Form {
    Expr value;
    std::vector<Open> axes;
  };

  void open(const Read& read) {
    const auto v = std::find_if(values_.begin(), values_.end(),
                                [&](const RelaxedValue& each) { return each.value == read.variable; });
    const std::int64_t count = v->weights.type().event.back();
    const AxisId axis = graph_.add_axis("values", count, AxisKind::plate);
    const bool is_own = own_ && read.node == own_;
    const Expr weights = is_own ? own_weights_ : v->weights;
    const auto last = static_cast<std::int64_t>(weights.type().event.size()) - 1;
    const Expr in_place = substitute(read.node, {{read.variable.id(), to_axis(weights, last, axis)}});
    const Expr each = values_along(graph_, axis, v->first, read.variable.type().domain);
    forms_[read.node.id()] = {broadcast(each, {}, read.node.type().event), {{axis, in_place}}};
  }

  static Form averaged(Form form) {
    for (const Open& open : form.axes) {
      form.value = sum_axis(open.weights * at_least(form.value, impossible), open.axis);
    }
    form.axes.clear();
    return form;
  }

  Form through(NodeId id) {
    const Node& node = graph_.node(id);
    std::vector<Form> inputs;
    for (const NodeId input : node.inputs) {
      const auto it = forms_.find(input);
      inputs.push_back(it == forms_.end() ? Form{graph_.at(input), {}} : it->second);
    }
    const bool looks_up = node.operation == &gather_operation;
    if (looks_up) {
      inputs[0] = averaged(inputs[0]);
    } else if (!node.operation->elementwise) {
      for (Form& input : inputs) input = averaged(std::move(input));
    }
    Form result;
    std::vector<Expr> values;
    for (const Form& input : inputs) values.push_back(input.value);
    result.value = rebuild(graph_, node, values);
    for (const Form& input : inputs) {
      for (const Open& open : input.axes) {
        const bool present = std::any_of(result.axes.begin(), result.axes.end(),
                                         [&](const Open& o) { return o.axis == open.axis; });
        if (present) continue;
        result.axes.push_back({open.axis, looks_up ? at_index(node, inputs, open.weights) : open.weights});
      }
    }
    // what is a real number now is averaged now
    return result.value.type().domain == Domain::real ? averaged(std::move(result)) : result;
  }

  // Weights of an index, aligned with what it looks up.
  static Expr at_index(const Node& node, const std::vector<Form>& inputs, Expr weights) {
    const Shape& index = inputs[1].value.type().event;
    const auto dim = static_cast<std::size_t>(node.attributes.integers[0]);
    Shape shape = index;
    shape.resize(index.size() + inputs[0].value.type().event.size() - dim - 1, 1);
    return reshape(broadcast(weights, {}, index), shape);
  }

  Graph& graph_;
  std::span<const RelaxedValue> values_;
  Expr own_, own_weights_;
  std::unordered_map<NodeId, Form> forms_;
};

}  // namespace

bool can_be_relaxed(const VariablePart& part) { return !part.bijector && values_of(part).has_value(); }

RelaxedPart draw_relaxed(const VariablePart& part, const DistributionCall& call,
                         const std::vector<AxisId>& axes, const Relaxation& relaxation) {
  Graph& graph = part.value.graph();
  const Values values = *values_of(part);
  const Expr logs = log_probabilities(part, call, values);
  const Shape shape = logs.type().event;
  const Expr scores = logs - log(-log(random_uniform(graph, axes, shape)));
  const Expr hot = stop_gradient(equal(scores, column(max_dim(scores, -1))));
  RelaxedPart result;
  const Expr over = scores / relaxation.temperature;
  const Expr soft = exp(over - column(logsumexp_dim(over, -1)));
  const Expr one = graph.constant(1), zero = graph.constant(0);
  result.weights = relaxation.hard ? soft + stop_gradient(select(hot, one, zero) - soft) : soft;
  result.probabilities = exp(logs);
  const Expr none = graph.constant(Tensor(Shape{}, std::vector<std::int64_t>{0}));
  const Expr value = sum_dim(select(hot, numbers(graph, values.count, values.first), none), -1);
  result.draw = part.value.type().domain == Domain::boolean ? less(graph.constant(0.5), value) : value;
  return result;
}

Expr relaxed(Expr e, std::span<const RelaxedValue> values, Expr own, Expr own_weights) {
  return Relaxing(e.graph(), values, own, own_weights).run(e);
}

}  // namespace elbo::inference
