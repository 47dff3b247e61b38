// Questions to a model applied to data: its log density at given values.
#include "stdlib/functions/models.hpp"

#include <algorithm>
#include <unordered_map>

#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/program.hpp"

namespace elbo::stdlib {

using namespace runtime;

namespace {

using RecordPtr = std::shared_ptr<const Record>;

/// Entries by the names of the model's variables: `{z: {w: 1}}` gives `z.w`, a variable of an embedded model.
void flatten(const Record& record, const std::string& prefix, Record& to) {
  for (const auto& [name, value] : record) {
    if (const auto* inner = value.as<RecordPtr>()) {
      flatten(**inner, prefix + name + ".", to);
    } else {
      to.emplace_back(prefix + name, value);
    }
  }
}

/// What the record must give: latent variables, and parameters of the model.
struct Wanted {
  std::string name;
  Expr value;
};

std::vector<Wanted> wanted_of(const ModelGraph& model) {
  std::vector<Wanted> result;
  for (const RandomVariable& v : model.variables) {
    if (!v.observed) result.push_back({v.name, v.value});
  }
  for (const PointParameter& p : model.parameters) result.push_back({p.name, p.value});
  return result;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "`" : ", `") + name + "`";
  return text;
}

void check_names(const std::vector<Wanted>& wanted, const Record& given, const std::string& model,
                 const lang::Span& span) {
  std::vector<std::string> names, lacking;
  for (const Wanted& w : wanted) {
    names.push_back(w.name);
    if (find_field(given, w.name) == nullptr) lacking.push_back(w.name);
  }
  for (const auto& [name, value] : given) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string near = lang::did_you_mean(name, names);
    fail("unknown-variable", "the model `" + model + "` has no latent variable or parameter `" + name + "`",
         span, near.empty() ? "it has " + listed(names) : near);
  }
  if (!lacking.empty()) {
    fail("missing-variable", "the log density of `" + model + "` needs a value of " + listed(lacking), span,
         "give all of them: {" + lacking.front() + ": …}");
  }
}

}  // namespace

Value model_log_density(Interpreter& interpreter, const ModelCall& call, const Value& values,
                        const lang::Span& span) {
  const auto* record = values.as<RecordPtr>();
  if (record == nullptr) {
    fail("wrong-type",
         "the log density of a model takes a record of the values of its variables, not " + type_name(values),
         span, "for example log_density(model(y), {mu: 0, tau: 1})");
  }
  Record given;
  flatten(**record, "", given);
  std::vector<Value> all;
  for (const auto& [name, value] : given) all.push_back(value);
  const std::shared_ptr<Graph> outer = graph_of(all);
  const std::shared_ptr<const ModelGraph> model = elaborate(interpreter, call, {.graph = outer});
  const std::vector<Wanted> wanted = wanted_of(*model);
  check_names(wanted, given, model->name, span);
  std::unordered_map<NodeId, Expr> at;
  for (const Wanted& w : wanted) {
    const Value& value = *find_field(given, w.name);
    if (!is_numeric(value) && !value.is<Range>()) {
      fail("wrong-type", "the value of `" + w.name + "` must be a number, but is " + type_name(value), span);
    }
    const Expr e = to_expr(value, model->graph);
    const Shape& shape = w.value.type().event;
    if (e.type().event != shape) {
      fail("shape-mismatch",
           "`" + w.name + "` has shape " + show(shape) + " in the model, but is given shape " +
               show(e.type().event),
           span);
    }
    at[w.value.id()] = e;
  }
  const Expr total = log_joint(*model);
  const Expr result = substitute(total, at);
  if (outer) return Symbol{outer, result};
  return from_tensor(evaluate(result));
}

}  // namespace elbo::stdlib
