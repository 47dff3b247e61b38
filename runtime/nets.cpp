// Calls of nets, and the names of the weights that they ask for.
#include "runtime/nets.hpp"

#include <set>

#include "runtime/interpreter.hpp"

namespace elbo::runtime {

namespace {

/// `param` in the body of a net that is being called.
class NetParameters : public NetStatements {
 public:
  NetParameters(Weights& weights, std::string name) : weights_(weights), name_(std::move(name)) {}

  void param(Evaluation& evaluation, const lang::ParamStatement& node, const lang::Span& span) override {
    const lang::Identifier& own = node.target.name;
    if (!node.target.indices.empty()) {
      fail("net-parameter", "a parameter of a net has no index", node.target.span,
           "give it a shape: `param " + own.name + " : real[3]`");
    }
    if (!declared_.insert(own.name).second) {
      fail("net-parameter", "`" + own.name + "` is a parameter already, in the same call of the net",
           node.target.span, "a `param` in a loop would be one and the same in every turn: give it a shape");
    }
    const std::string name = name_ + "." + own.name;
    std::optional<Value> value = weights_.find(name);
    if (!value) value = weights_.make(evaluation, node, name, span);
    evaluation.scope()->define(own.name, std::move(*value));
  }

 private:
  Weights& weights_;
  std::string name_;
  std::set<std::string> declared_;
};

/// A net is being called for as long as it lives.
class Called {
 public:
  Called(NetCalls& calls, NetCalls::Frame frame) : calls_(calls) { calls.frames.push_back(std::move(frame)); }
  Called(const Called&) = delete;
  Called& operator=(const Called&) = delete;
  ~Called() { calls_.frames.pop_back(); }

 private:
  NetCalls& calls_;
};

Shape shape_of(const Value& weight) {
  if (const auto* symbol = weight.as<Symbol>()) return symbol->expr.type().event;
  return to_tensor(weight).shape();
}

}  // namespace

Value call_net(Interpreter& interpreter, const std::shared_ptr<const Closure>& net,
               std::vector<CallArgument> arguments, const lang::Span& span) {
  NetCalls* calls = interpreter.net_calls();
  const std::string shown = net->name.empty() ? "this net" : "the net `" + net->name + "`";
  if (calls == nullptr) {
    fail("net-without-weights", shown + " has no weights here", span,
         "a model or guide can call it, and with the weights of a fit it can be called anywhere: "
         "`fit.net(" +
             (net->name.empty() ? "f" : net->name) + ")(x)`");
  }
  std::string name = calls->weights->name_of(net, span);
  NetParameters parameters(*calls->weights, name);
  const Called called(*calls, {std::move(name), {}});
  return call_closure(interpreter, *net, std::move(arguments), span, &parameters);
}

namespace {

NetCalls& calls_of(Interpreter& interpreter, std::string_view kind, const lang::Span& span) {
  NetCalls* calls = interpreter.net_calls();
  if (calls != nullptr && !calls->frames.empty()) return *calls;
  fail("layer-outside-net", "`" + std::string(kind) + "` owns weights, and so stands in the body of a net",
       span, "net f(x) { " + std::string(kind) + "(x, …) }");
}

}  // namespace

Layer::Layer(Interpreter& interpreter, std::string_view kind, lang::Span span)
    : weights_(*calls_of(interpreter, kind, span).weights), span_(std::move(span)) {
  NetCalls::Frame& frame = interpreter.net_calls()->frames.back();
  const std::string own =
      std::string(kind) + "_" + std::to_string(++frame.layers.emplace(kind, 0).first->second);
  name_ = frame.name + "." + own;
  shown_ = "`" + own + "` of the net `" + frame.name + "`";
}

Value Layer::weight(const std::string& name, const Shape& shape, const WeightStart& start,
                    const Shape& input) const {
  const std::string full = name_ + "." + name;
  const std::optional<Value> value = weights_.find(full);
  if (!value) return weights_.make(full, shape, start, span_);
  if (const Shape found = runtime::shape_of(*value); found != shape) {
    fail("layer-shape",
         shown_ + " has a " + name + " of shape " + runtime::show(found) + ", but an input of shape " +
             runtime::show(input) + " needs one of shape " + runtime::show(shape),
         span_, "all calls of a net share its weights, and so take inputs of one shape");
  }
  return *value;
}

std::shared_ptr<const Closure> as_net(const Value& value) {
  const auto* closure = value.as<std::shared_ptr<const Closure>>();
  return closure != nullptr && (*closure)->kind == CallableKind::net ? *closure : nullptr;
}

}  // namespace elbo::runtime
