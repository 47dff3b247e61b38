// A fit and what can be asked of it.
#include "inference/fit.hpp"

#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/trained_net.hpp"

namespace elbo::inference {

using namespace runtime;

std::string describe(Termination termination) {
  static constexpr const char* texts[] = {"all steps done", "converged", "stopped by max_time", "interrupted",
                                          "stopped by bad numbers"};
  return texts[static_cast<int>(termination)];
}

Fit::Fit(Problem problem, Result result)
    : problem_(std::move(problem)), result_(std::move(result)), layout_(problem_) {}

std::string Fit::show() const {
  std::string text = "fit of " + problem_.model->name + " by " + result_.method + ": " +
                     describe(result_.termination) + " after " + std::to_string(result_.steps) + " steps";
  return text;
}

namespace {

// The guide's list begins with that of the model.
TrainedNet::Names nets_of(const Problem& problem) {
  TrainedNet::Names names;
  const ModelGraph& last = problem.guide && !problem.guide->nets.empty() ? *problem.guide : *problem.model;
  for (const NetUse& use : last.nets) names.emplace_back(use.name, use.net);
  return names;
}

}  // namespace

std::vector<std::string> Fit::field_names() const {
  std::vector<std::string> names{"params",  problem_.guide ? "elbo" : "loss",
                                 "trace",   "gradients",
                                 "mean",    "sd",
                                 "seconds", "steps",
                                 "seed",    "method",
                                 "status"};
  if (!nets_of(problem_).empty()) names.emplace_back("net");
  return names;
}

namespace {

/// `fit.net`: given a net of the model or guide, it is that net with the weights of the fit.
class FittedNets : public Object {
 public:
  FittedNets(TrainedNet::Names names, Record weights)
      : names_(std::move(names)), weights_(std::move(weights)) {}
  std::string type_name() const override { return "nets of a fit"; }
  std::string show() const override { return summarise_weights("nets " + listed(), weights_); }
  std::optional<Value> call(Interpreter&, std::vector<CallArgument> arguments,
                            const lang::Span& span) const override {
    const auto net = arguments.size() == 1 ? as_net(arguments[0].value) : nullptr;
    if (!net) fail("wrong-type", "`.net` of a fit takes one net", span, "as in fit.net(decoder)(z)");
    for (const auto& [name, known] : names_) {
      if (known == net) return Value(ObjectPtr(std::make_shared<TrainedNet>(net, name, names_, weights_)));
    }
    fail("no-weight", "neither model nor guide of this fit calls the net `" + net->name + "`", span,
         "they call " + listed());
  }

 private:
  std::string listed() const {
    std::string text;
    for (const auto& [name, net] : names_) text += (text.empty() ? "" : ", ") + name;
    return text;
  }
  TrainedNet::Names names_;
  Record weights_;
};

Value series_record(const std::vector<Series>& list) {
  Record record;
  for (const Series& series : list) record.emplace_back(series.name(), from_tensor(series.tensor()));
  return make_record(std::move(record));
}

}  // namespace

std::optional<Value> Fit::field(const std::string& name) const {
  const History& history = result_.history;
  if (name == "params") return make_record(nested_weights());
  if (name == "net" && !nets_of(problem_).empty())
    return Value(ObjectPtr(std::make_shared<FittedNets>(nets_of(problem_), weights())));
  if (name == "elbo" && !problem_.guide) {
    fail("no-elbo", "a fit without a guide has no ELBO", {}, "its `.loss` is minus the log likelihood");
  }
  if (name == "loss") {
    std::vector<double> loss = history.elbo;
    for (double& value : loss) value = -value;
    const auto steps = static_cast<std::int64_t>(loss.size());
    return Value(Tensor({steps}, std::move(loss)));
  }
  if (name == "elbo") {
    return Value(Tensor({static_cast<std::int64_t>(history.elbo.size())}, history.elbo));
  }
  if (name == "trace") {
    if (!history.has_trace) fail("no-trace", "this fit has too many parameters and steps to keep a trace");
    return series_record(history.trace);
  }
  if (name == "gradients") {
    if (history.gradients.empty()) {
      fail("no-gradients", "this fit kept no gradients", {}, "fit with `record = \"gradients\"`");
    }
    return series_record(history.gradients);
  }
  if (name == "mean" || name == "sd") {
    Record record;
    for (const Moments& m : moments())
      record.emplace_back(m.name, from_tensor(name == "mean" ? m.mean : m.sd));
    return make_record(std::move(record));
  }
  if (name == "seconds") return Value(result_.seconds);
  if (name == "steps") return Value(result_.steps);
  if (name == "seed") return Value(static_cast<std::int64_t>(result_.seed));
  if (name == "method") return Value(result_.method);
  if (name == "status") return Value(describe(result_.termination));
  return std::nullopt;
}

Record parameter_values(const ParameterVector& layout, std::span<const double> parameters) {
  Record record;
  std::vector<Expr> values;
  for (const auto& entry : layout.entries()) values.push_back(entry.parameter->value);
  if (values.empty()) return record;
  ParameterProgram program(layout, values, Precision::real64, 1);
  program.run(parameters, 0, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::span<const double> v = program.output(i);
    record.emplace_back(layout.entries()[i].parameter->name,
                        from_tensor(Tensor(values[i].type().event, std::vector<double>(v.begin(), v.end()))));
  }
  return record;
}

Record Fit::weights() const {
  Record record;
  const Record all = parameters();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (layout_.entries()[i].parameter->is_weight) record.push_back(all[i]);
  }
  return record;
}

Record Fit::nested_weights() const {
  Record result;
  const Record all = parameters();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!layout_.entries()[i].parameter->is_weight) result.push_back(all[i]);
  }
  for (auto& field : nested(weights())) result.push_back(std::move(field));
  return result;
}

Record Fit::parameters() const { return parameter_values(layout_, result_.parameters); }

std::span<const double> Fit::unconstrained(const std::string& parameter) const {
  for (const auto& entry : layout_.entries()) {
    if (entry.parameter->name == parameter)
      return std::span<const double>(result_.parameters).subspan(entry.first, entry.size);
  }
  throw lang::InternalError("the fit has no parameter `" + parameter + "`");
}

Posterior Fit::posterior() const { return {problem_, layout_, result_.parameters, result_.threads}; }

const std::vector<Moments>& Fit::moments() const {
  const std::lock_guard lock(mutex_);
  if (!moments_) moments_ = posterior().moments(result_.seed);
  return *moments_;
}

}  // namespace elbo::inference
