// A fit on other data.
#include "inference/with_data.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "inference/enumeration.hpp"
#include "inference/guides.hpp"
#include "inference/request.hpp"
#include "inference/subsample.hpp"
#include "lang/check.hpp"
#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

constexpr const char* amortise =
    "new data need a guide whose parameters do not belong to rows, such as one that computes the "
    "distribution of "
    "a row from the row; else fit again, from here: init = fit";

std::vector<std::string> argument_names(const ModelCall& call) {
  std::vector<std::string> names;
  for (const lang::Parameter& p : call.closure->callable->parameters) names.push_back(p.name.name);
  return names;
}

/// A model or guide with some of its arguments replaced.
class Replacement {
 public:
  explicit Replacement(const ModelCall& call)
      : call_(std::make_shared<ModelCall>(call)), names_(argument_names(call)) {}

  /// Whether there is an argument of this name.
  bool replace(const GivenOption& data) {
    const auto at = std::find(names_.begin(), names_.end(), data.name);
    if (at == names_.end()) return false;
    const auto i = static_cast<std::size_t>(at - names_.begin());
    before_.push_back(call_->arguments[i]);
    call_->arguments[i] = data.value;
    replaced_.insert(i);
    return true;
  }

  /// An argument that was not replaced and holds what another call has replaced.
  std::optional<std::string> stale(const Replacement& other) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (replaced_.contains(i)) continue;
      for (const Value& before : other.before_) {
        const bool is_data = before.is<Tensor>() || before.is<std::shared_ptr<const Record>>();
        if (is_data && same_value(call_->arguments[i], before)) return names_[i];
      }
    }
    return std::nullopt;
  }

  const std::shared_ptr<ModelCall>& call() const { return call_; }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::shared_ptr<ModelCall> call_;
  std::vector<std::string> names_;
  std::vector<Value> before_;
  std::set<std::size_t> replaced_;
};

const ModelCall* guide_call(const Problem& problem) {
  if (!problem.guide || problem.ready_made || problem.guide->bodies.empty()) return nullptr;
  return &problem.guide->bodies.front().call;
}

void refuse_unknown(const GivenOption& data, const Problem& problem, const std::vector<std::string>& names,
                    const std::string& function) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "`" : ", `") + name + "`";
  const std::string near = lang::did_you_mean(data.name, names);
  fail("unknown-argument",
       function + " gives `" + data.name + "`, which is no argument of `" + problem.model->name + "`" +
           (guide_call(problem) != nullptr ? " nor of its guide" : ""),
       data.span,
       !near.empty()  ? near
       : list.empty() ? ""
                      : "its arguments: " + list);
}

std::vector<Expr> expressions_of(const RandomVariable& variable) {
  std::vector<Expr> roots;
  for (const VariablePart& part : variable.parts) {
    roots.insert(roots.end(), part.call.canonical.begin(), part.call.canonical.end());
    if (part.bijector) roots.insert(roots.end(), part.bijector->bounds.begin(), part.bijector->bounds.end());
  }
  return roots;
}

/// Latent variables of which every row of the data has its own entry: those that are drawn for the row, and
/// those (of a chain) of which it reads the entry with its number.
std::set<std::string> bound_to_rows(const ModelGraph& model) {
  std::set<std::string> result;
  std::set<std::int64_t> counts;
  for (const ObservedRows& each : observed_rows(model)) counts.insert(each.rows);
  Graph& graph = *model.graph;
  for (const std::int64_t rows : counts) {
    const Expr row = graph.input("row", {.axes = {}, .event = {1}, .domain = Domain::integer});
    const auto whole = std::make_shared<const ModelGraph>(model);
    const auto at_row = at_rows({whole, nullptr}, rows, row).model;
    std::vector<Expr> roots;
    for (std::size_t i = 0; i < model.variables.size(); ++i) {
      if (at_row->variables[i].value != model.variables[i].value) result.insert(model.variables[i].name);
      const std::vector<Expr> own = expressions_of(at_row->variables[i]);
      roots.insert(roots.end(), own.begin(), own.end());
    }
    if (roots.empty()) continue;
    for (const NodeId id : topological_order(graph, roots)) {
      const Node& node = graph.node(id);
      if (node.operation != &gather_operation || node.inputs[1] != row.id()) continue;
      for (const RandomVariable& v : model.variables) {
        if (!v.observed && v.value.id() == node.inputs[0]) result.insert(v.name);
      }
    }
  }
  return result;
}

/// A parameter of the guide with an entry for each row of the data.
const PointParameter* parameter_of_rows(const Problem& problem) {
  if (!problem.guide) return nullptr;
  const std::set<std::string> bound = bound_to_rows(*problem.model);
  for (const RandomVariable& v : problem.guide->variables) {
    if (!bound.contains(v.name)) continue;
    const std::vector<Expr> roots = expressions_of(v);
    if (roots.empty()) continue;
    const std::vector<NodeId> used = topological_order(*problem.guide->graph, roots);
    for (const PointParameter& p : problem.guide->parameters) {
      const Shape& own = p.initial.shape();
      const Shape& entries = v.value.type().event;
      const bool per_row = !own.empty() && !entries.empty() && own.front() == entries.front();
      if ((per_row || problem.ready_made) &&
          std::binary_search(used.begin(), used.end(), p.unconstrained.id()))
        return &p;
    }
  }
  return nullptr;
}

[[noreturn]] void refuse_parameter(const Problem& problem, const PointParameter& p, std::string message,
                                   const lang::Span& span, const std::string& hint) {
  lang::Diagnostic d;
  d.code = "parameter-of-rows";
  d.message = std::move(message);
  d.span = span;
  d.hint = hint;
  // those of a ready-made guide have no statement of their own
  if (p.span && !problem.ready_made) d.related = {{p.span, "the parameter"}};
  throw lang::Failure(std::move(d));
}

std::string describe(const Shape& shape) {
  return shape.empty() ? "a single number" : "of shape " + show(shape);
}

/// The parameters of a fit in the order of those of a problem.
std::vector<double> carried_over(const Fit& fit, const Problem& to, const std::string& function,
                                 const lang::Span& span) {
  const ParameterVector layout(to);
  std::vector<double> result(layout.size());
  for (const auto& entry : layout.entries()) {
    const PointParameter& wanted = *entry.parameter;
    const std::vector<ParameterVector::Entry>& all = fit.layout().entries();
    const auto own =
        std::find_if(all.begin(), all.end(), [&](const auto& e) { return e.parameter->name == wanted.name; });
    if (own == all.end()) {
      refuse_parameter(
          to, wanted,
          function + ": on the new data there is a parameter `" + wanted.name + "`, which was not fitted",
          span, "");
    }
    const Shape &before = own->parameter->initial.shape(), &now = wanted.initial.shape();
    if (before != now) {
      refuse_parameter(to, wanted,
                       function + ": the parameter `" + wanted.name + "` was fitted as one " +
                           describe(before) + ", but on the new data it would be " + describe(now),
                       span, amortise);
    }
    const std::span<const double> fitted =
        std::span<const double>(fit.result().parameters).subspan(own->first, own->size);
    std::copy(fitted.begin(), fitted.end(), result.begin() + static_cast<std::ptrdiff_t>(entry.first));
  }
  return result;
}

/// The model and the guide of a fit with arguments replaced; null for a guide that no script wrote.
struct ReplacedCalls {
  std::shared_ptr<const ModelCall> model, guide;
};

ReplacedCalls replaced_calls(const Problem& fitted, const std::vector<GivenOption>& data,
                             const std::string& function, const lang::Span& span) {
  std::vector<Replacement> calls{Replacement(fitted.model->bodies.front().call)};
  if (const ModelCall* guide = guide_call(fitted)) calls.emplace_back(*guide);
  std::vector<std::string> names;
  for (const Replacement& call : calls) {
    for (const std::string& name : call.names())
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  if (data.empty()) {
    fail("missing-argument", function + " needs the data that take the place of those fitted", span,
         names.empty() ? "" : "by name: " + function + "(fit, " + names.front() + " = …)");
  }
  for (const GivenOption& each : data) {
    bool known = false;
    for (Replacement& call : calls) known = call.replace(each) || known;
    if (!known) refuse_unknown(each, fitted, names, function);
  }
  for (std::size_t i = 0; calls.size() == 2 && i < 2; ++i) {
    const auto name = calls[i].stale(calls[1 - i]);
    if (!name) continue;
    fail("stale-argument",
         function + " replaces data that the argument `" + *name + "` of `" +
             (i == 0 ? fitted.model->name : fitted.guide->name) + "` holds too, and would keep",
         span, "replace it as well: " + *name + " = …");
  }
  return {calls[0].call(), calls.size() == 2 ? calls[1].call() : nullptr};
}

}  // namespace

FitPtr with_data(Interpreter& interpreter, const Fit& fit, const std::vector<GivenOption>& data,
                 const std::string& function, const lang::Span& span) {
  const Problem& fitted = fit.problem();
  const ReplacedCalls calls = replaced_calls(fitted, data, function, span);
  const std::vector<std::string> summed =
      fitted.summed_out ? fitted.summed_out->names : std::vector<std::string>{};
  Problem problem = pose_again(interpreter, *calls.model, {calls.guide, fitted.ready_made}, summed, span);
  Fit::Result result = fit.result();
  result.parameters = carried_over(fit, problem, function, span);
  if (const PointParameter* p = parameter_of_rows(fitted)) {
    refuse_parameter(fitted, *p,
                     function + ": the parameter `" + p->name + "`, " + describe(p->initial.shape()) +
                         ", belongs to the rows that were fitted, and says nothing of others",
                     span, amortise);
  }
  return std::make_shared<const Fit>(std::move(problem), std::move(result));
}

}  // namespace elbo::inference
