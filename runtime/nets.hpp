// Nets: functions of a script that own weights. While a net is called, its layers and `param` statements ask
// for their weights by name; whoever had it called answers: a model being read makes parameters of them, a
// fit gives the values that it found. All calls of a net in one model share its weights.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/evaluation.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::runtime {

/// Where the weights of nets come from.
class Weights {
 public:
  virtual ~Weights() = default;
  /// What the weights of this net begin with: its name, made different from that of other nets ("decoder").
  virtual std::string name_of(const std::shared_ptr<const Closure>& net, const lang::Span& span) = 0;
  /// The weight of that name, or nothing: it has not been asked for yet.
  virtual std::optional<Value> find(const std::string& name) const = 0;
  /// Makes the weight of a layer. Failure "no-weight" where there is nothing to make it of.
  virtual Value make(const std::string& name, const Shape& shape, const WeightStart& start,
                     const lang::Span& span) = 0;
  /// The same for `param` in the body of a net, which says how it starts.
  virtual Value make(Evaluation& evaluation, const lang::ParamStatement& node, const std::string& name,
                     const lang::Span& span) = 0;
};

/// The nets that are being called, innermost last, and whose weights they have.
struct NetCalls {
  struct Frame {
    std::string name;                                ///< of the net
    std::map<std::string, int, std::less<>> layers;  ///< how many of each kind so far
  };
  Weights* weights;
  std::vector<Frame> frames;
};

/// Gives the nets that are called from now on these weights, for as long as it lives.
class GivenWeights {
 public:
  GivenWeights(Interpreter& interpreter, Weights& weights)
      : interpreter_(interpreter), calls_{&weights, {}}, before_(interpreter.call_nets_by(&calls_)) {}
  GivenWeights(const GivenWeights&) = delete;
  GivenWeights& operator=(const GivenWeights&) = delete;
  ~GivenWeights() { interpreter_.call_nets_by(before_); }

 private:
  Interpreter& interpreter_;
  NetCalls calls_;
  NetCalls* before_;
};

/// Calls a net, with the weights in force. Failures: "net-without-weights", and as of a function.
Value call_net(Interpreter& interpreter, const std::shared_ptr<const Closure>& net,
               std::vector<CallArgument> arguments, const lang::Span& span);

/// One layer of the net that is being called: number k of its kind, by which its weights are named
/// ("decoder.dense_1.weight").
class Layer {
 public:
  /// Failure "layer-outside-net".
  Layer(Interpreter& interpreter, std::string_view kind, lang::Span span);
  /// A weight of this layer; `input`: the shape of what the layer is called on, for messages. Failure
  /// "layer-shape" where an earlier call of the net gave it another shape.
  Value weight(const std::string& name, const Shape& shape, const WeightStart& start,
               const Shape& input) const;
  /// "`dense_1` of the net `decoder`", for messages.
  const std::string& show() const { return shown_; }

 private:
  Weights& weights_;
  std::string name_, shown_;
  lang::Span span_;
};

/// A net by itself as a graph: its weights are the parameters, what it returns is `returned`.
std::shared_ptr<const ModelGraph> elaborate_net(Interpreter& interpreter,
                                                const std::shared_ptr<const Closure>& net,
                                                std::vector<CallArgument> arguments, const lang::Span& span);

/// The net that a value is; null for any other.
std::shared_ptr<const Closure> as_net(const Value& value);

}  // namespace elbo::runtime
