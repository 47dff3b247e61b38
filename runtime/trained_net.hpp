// A net together with weights that were found for it: what `fit.net(f)` evaluates to.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/nets.hpp"

namespace elbo::runtime {

/// A net with weights of its own, which can be called anywhere. Fields are its layers.
class TrainedNet : public Object {
 public:
  /// `names`: of nets whose weights are known, by closure; weights by full name.
  using Names = std::vector<std::pair<std::string, std::shared_ptr<const Closure>>>;
  TrainedNet(std::shared_ptr<const Closure> net, std::string name, Names names, Record weights)
      : net_(std::move(net)),
        name_(std::move(name)),
        names_(std::move(names)),
        weights_(std::move(weights)) {}

  std::string type_name() const override { return "net with its weights"; }
  std::string show() const override;
  std::vector<std::string> field_names() const override;
  std::optional<Value> field(const std::string& name) const override;
  std::optional<Value> call(Interpreter& interpreter, std::vector<CallArgument> arguments,
                            const lang::Span& span) const override;

  const std::string& name() const { return name_; }
  /// This net's own weights, without its name: "dense_1.weight".
  Record weights() const;

 private:
  std::shared_ptr<const Closure> net_;
  std::string name_;
  Names names_;
  Record weights_;  // of all nets, by full name
};

/// {"a.b": x, "a.c": y} as {a: {b: x, c: y}}, and back.
Record nested(const Record& flat);
Record flattened(const Record& nested);

/// A table of layers, shapes and numbers of weights.
std::string summarise_weights(const std::string& title, const Record& flat);

}  // namespace elbo::runtime
