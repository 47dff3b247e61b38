// Nets with weights that are values: calling them, looking into them, and tables of what they hold.
#include "runtime/trained_net.hpp"

#include <algorithm>
#include <array>

namespace elbo::runtime {

namespace {

/// Weights that are there, and no others.
class KnownWeights : public Weights {
 public:
  KnownWeights(const TrainedNet::Names& names, const Record& weights) : names_(names), weights_(weights) {}

  std::string name_of(const std::shared_ptr<const Closure>& net, const lang::Span& span) override {
    for (const auto& [name, known] : names_) {
      if (known == net) return name;
    }
    // a net that another one calls
    const bool has_weights = std::any_of(weights_.begin(), weights_.end(), [&](const auto& weight) {
      return weight.first.starts_with(net->name + ".");
    });
    if (has_weights) return net->name;
    fail("no-weight", "there are no weights of the net `" + net->name + "` here", span);
  }

  std::optional<Value> find(const std::string& name) const override {
    const Value* value = find_field(weights_, name);
    return value ? std::optional<Value>(*value) : std::nullopt;
  }

  Value make(const std::string& name, const Shape& shape, const WeightStart&,
             const lang::Span& span) override {
    fail("no-weight",
         "the net needs a weight `" + name + "` of shape " + runtime::show(shape) +
             ", and there is none among those given",
         span, given());
  }
  Value make(Evaluation&, const lang::ParamStatement&, const std::string& name,
             const lang::Span& span) override {
    fail("no-weight", "the net needs a parameter `" + name + "`, and there is none among those given", span,
         given());
  }

 private:
  std::string given() const {
    std::string text;
    for (const auto& [name, value] : weights_) text += (text.empty() ? "" : ", ") + ("`" + name + "`");
    return text.empty() ? "none are given" : "given are " + text;
  }

  const TrainedNet::Names& names_;
  const Record& weights_;
};

void put(Record& record, const std::string& name, const Value& value) {
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) {
    record.emplace_back(name, value);
    return;
  }
  const std::string first = name.substr(0, dot);
  auto inner = std::find_if(record.begin(), record.end(), [&](const auto& f) { return f.first == first; });
  Record fields;
  if (inner == record.end()) {
    record.emplace_back(first, make_record({}));
    inner = record.end() - 1;
  } else if (const auto* present = inner->second.as<std::shared_ptr<const Record>>()) {
    fields = **present;
  }
  put(fields, name.substr(dot + 1), value);
  inner->second = make_record(std::move(fields));
}

void take(Record& flat, const std::string& prefix, const Record& record) {
  for (const auto& [name, value] : record) {
    const auto* inner = value.as<std::shared_ptr<const Record>>();
    if (inner != nullptr) {
      take(flat, prefix + name + ".", **inner);
    } else {
      flat.emplace_back(prefix + name, value);
    }
  }
}

}  // namespace

Record nested(const Record& flat) {
  Record result;
  for (const auto& [name, value] : flat) put(result, name, value);
  return result;
}

Record flattened(const Record& nested) {
  Record flat;
  take(flat, "", nested);
  return flat;
}

std::string summarise_weights(const std::string& title, const Record& flat) {
  std::size_t widest = 6;
  std::vector<std::array<std::string, 3>> rows;
  std::int64_t total = 0;
  for (const auto& [name, value] : flat) {
    const Tensor weight = to_tensor(value);
    rows.push_back({name, runtime::show(weight.shape()), std::to_string(weight.size())});
    widest = std::max(widest, name.size());
    total += weight.size();
  }
  const auto line = [&](const std::string& name, const std::string& shape, const std::string& count) {
    return name + std::string(widest - std::min(widest, name.size()) + 2, ' ') + shape +
           std::string(14 - std::min<std::size_t>(14, shape.size()), ' ') +
           std::string(10 - std::min<std::size_t>(10, count.size()), ' ') + count;
  };
  std::string text = title + "\n" + line("weight", "shape", "numbers");
  for (const auto& [name, shape, count] : rows) text += "\n" + line(name, shape, count);
  return text + "\n" + line("total", "", std::to_string(total));
}

Record TrainedNet::weights() const {
  Record own;
  for (const auto& [name, value] : weights_) {
    if (name.starts_with(name_ + ".")) own.emplace_back(name.substr(name_.size() + 1), value);
  }
  return own;
}

std::string TrainedNet::show() const { return summarise_weights("net " + name_, weights()); }

std::vector<std::string> TrainedNet::field_names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : nested(weights())) names.push_back(name);
  return names;
}

std::optional<Value> TrainedNet::field(const std::string& name) const {
  const Record record = nested(weights());
  const Value* value = find_field(record, name);
  return value ? std::optional<Value>(*value) : std::nullopt;
}

std::optional<Value> TrainedNet::call(Interpreter& interpreter, std::vector<CallArgument> arguments,
                                      const lang::Span& span) const {
  KnownWeights known(names_, weights_);
  const GivenWeights given(interpreter, known);
  return call_net(interpreter, net_, std::move(arguments), span);
}

}  // namespace elbo::runtime
