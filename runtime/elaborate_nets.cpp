// Nets in models and guides: their weights are parameters of the graph that is being read. A guide shares the
// weights of nets that its model calls, too.
#include <algorithm>

#include "runtime/elaboration.hpp"
#include "runtime/nets.hpp"

namespace elbo::runtime {

std::string Elaboration::name_of(const std::shared_ptr<const Closure>& net, const lang::Span&) {
  for (const NetUse& use : model_->nets) {
    if (use.net == net) return use.name;
  }
  const std::string base = net->name.empty() ? "net" : net->name;
  const auto is_taken = [&](const std::string& name) {
    return std::any_of(model_->nets.begin(), model_->nets.end(),
                       [&](const NetUse& u) { return u.name == name; });
  };
  std::string name = base;
  for (int k = 2; is_taken(name); ++k) name = base + "_" + std::to_string(k);
  model_->nets.push_back({name, net});
  return name;
}

std::optional<Value> Elaboration::find(const std::string& name) const {
  for (const ModelGraph* graph : {static_cast<const ModelGraph*>(model_.get()), shared_}) {
    if (graph == nullptr) continue;
    for (const PointParameter& p : graph->parameters) {
      if (p.is_weight && p.name == name) return Value(Symbol{model_->graph, p.value});
    }
  }
  return std::nullopt;
}

Value Elaboration::make(const std::string& name, const Shape& shape, const WeightStart& start,
                        const lang::Span& span) {
  PointParameter weight;
  weight.name = name;
  weight.support = {.kind = &real_support, .bounds = {}};
  weight.via = "exp";
  weight.span = span;
  weight.initial = Tensor(shape, std::vector<double>(static_cast<std::size_t>(element_count(shape))));
  weight.unconstrained = model_->graph->input(name, {.axes = {}, .event = shape, .domain = Domain::real});
  weight.value = parameter_transform(weight.via).constrain(weight.unconstrained, weight.support);
  weight.start = start;
  weight.is_weight = true;
  model_->parameters.push_back(weight);
  return Symbol{model_->graph, weight.value};
}

Value Elaboration::make(Evaluation& evaluation, const lang::ParamStatement& node, const std::string& name,
                        const lang::Span& span) {
  const Value value = add_parameter(evaluation, node, name, {}, span);
  model_->parameters.back().is_weight = true;
  return value;
}

std::shared_ptr<const ModelGraph> elaborate_net(Interpreter& interpreter,
                                                const std::shared_ptr<const Closure>& net,
                                                std::vector<CallArgument> arguments, const lang::Span& span) {
  const ModelCall call{net, {}, span};
  Elaboration elaboration(interpreter, call, std::make_shared<Graph>());
  return elaboration.read_net(net, std::move(arguments), span);
}

std::shared_ptr<ModelGraph> Elaboration::read_net(const std::shared_ptr<const Closure>& net,
                                                  std::vector<CallArgument> arguments,
                                                  const lang::Span& span) {
  const GivenWeights given(interpreter_, *this);
  model_->returned = call_net(interpreter_, net, std::move(arguments), span);
  return model_;
}

}  // namespace elbo::runtime
