// A model at a row that its data do not have.
#include "inference/new_row.hpp"

#include <algorithm>
#include <optional>

#include "inference/subsample.hpp"
#include "lang/check.hpp"
#include "runtime/expression.hpp"
#include "runtime/library.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/plates.hpp"
#include "runtime/program.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

std::int64_t rows_meant(const ModelGraph& model, const std::string& of, const lang::Span& span) {
  const std::vector<ObservedRows> all = observed_rows(model);
  std::optional<std::int64_t> rows;
  for (const ObservedRows& each : all) {
    if (!of.empty() && each.variable != of && each.loop != of) continue;
    if (rows && *rows != each.rows) {
      fail("no-rows", "predict(fit, n = …) does not say whose rows: " + listed(all), span,
           "name the variable: predict(fit, n = …, of = \"" + all.front().variable + "\")");
    }
    rows = each.rows;
  }
  if (rows) return *rows;
  if (of.empty()) {
    fail("no-rows", "predict(fit, n = …) draws new rows, but what `" + model.name + "` observes has none",
         span,
         "rows are the turns of a loop around an observed statement, or the entries of an observed vector");
  }
  std::vector<std::string> names;
  for (const ObservedRows& each : all) names.push_back(each.variable);
  fail("no-rows", "`" + of + "` is no observed variable with rows and no loop around one", span,
       lang::did_you_mean(of, names));
}

std::vector<Expr> expressions_of(const RandomVariable& variable) {
  std::vector<Expr> result;
  for (const VariablePart& part : variable.parts) {
    result.insert(result.end(), part.call.canonical.begin(), part.call.canonical.end());
    result.insert(result.end(), part.call.given.begin(), part.call.given.end());
    result.insert(result.end(), part.support.bounds.begin(), part.support.bounds.end());
  }
  return result;
}

/// The same for every entry of dimension `dim`.
bool is_alike(const Tensor& values, std::size_t dim) {
  std::int64_t inner = 1;
  for (std::size_t d = dim + 1; d < values.rank(); ++d) inner *= values.shape()[d];
  const std::int64_t entries = values.shape()[dim];
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const std::int64_t entry = i / inner % entries;
    if (values.real(i) != values.real(i - entry * inner)) return false;
  }
  return true;
}

class Reader {
 public:
  Reader(const ModelGraph& whole, Expr row) : whole_(whole), graph_(*whole.graph), row_(row) {}

  /// Where the statements of a variable of the row choose its entry: replaced where all rows are alike, or
  /// refused.
  void read(const RandomVariable& variable, Replacements& alike) const {
    const std::vector<Expr> roots = expressions_of(variable);
    if (roots.empty()) return;
    for (const NodeId id : topological_order(graph_, roots)) {
      const Node& node = graph_.node(id);
      const bool chooses = std::find(node.inputs.begin(), node.inputs.end(), row_.id()) != node.inputs.end();
      if (!chooses || alike.contains(id)) continue;
      const Expr source = graph_.at(node.inputs[0]);
      const std::int64_t dim = node.attributes.integers.empty() ? 0 : node.attributes.integers[0];
      // axes of a value lead in the tensor
      if (const auto values = known_value(source);
          values && is_alike(*values, source.type().axes.size() + static_cast<std::size_t>(dim))) {
        const Expr first = graph_.constant(Tensor({1}, std::vector<std::int64_t>{0}));
        alike[id] = gather(source, first, dim);
        continue;
      }
      refuse(variable, source);
    }
  }

  /// For an observed variable with rows that are not drawn one by one.
  [[noreturn]] void refuse_rows(const RandomVariable& variable) const {
    lang::Diagnostic d;
    d.code = "bound-rows";
    d.message = "predict cannot draw a new row of `" + variable.name +
                "`: its rows see one another, or several statements define it";
    d.span = variable.span();
    d.hint = "predict(fit, draws = k) replicates the observed data as a whole";
    throw lang::Failure(std::move(d));
  }

 private:
  [[noreturn]] void refuse(const RandomVariable& variable, Expr source) const {
    lang::Diagnostic d;
    d.span = variable.span();
    const auto reads = [&](const std::string& what) {
      return "predict cannot draw a new row: `" + variable.name + "` reads " + what + " of its row";
    };
    for (const RandomVariable& v : whole_.variables) {
      if (!uses(source, v.value)) continue;
      d.code = "bound-rows";
      d.message = reads("`" + v.name + "`") + ", and `" + v.name + "` is not drawn row by row";
      d.related = {{v.span(), "drawn here"}};
      d.hint =
          "a variable belongs to the rows where one statement draws an entry for each row, which no other "
          "row reads";
      throw lang::Failure(std::move(d));
    }
    for (const PointParameter& p : whole_.parameters) {
      if (!uses(source, p.unconstrained)) continue;
      d.code = "bound-rows";
      d.message = reads("the parameter `" + p.name + "`") + ", and a new row has none";
      d.related = {{p.span, "one entry per row"}};
      throw lang::Failure(std::move(d));
    }
    const std::string name = argument_of(source);
    d.code = "row-data";
    d.message = reads(!name.empty()    ? "`" + name + "`"
                      : counts(source) ? "the number"
                                       : "data") +
                ", and new rows have none";
    d.hint =
        "give the data of new rows, and something in the place of what is to be drawn: "
        "predict(with_data(fit, " +
        (name.empty() ? "…" : name + " = …, " + variable.name + " = …") + "))";
    throw lang::Failure(std::move(d));
  }

  bool uses(Expr source, Expr input) const {
    if (input.node().operation != &input_operation) return false;
    const std::vector<NodeId> order = topological_order(graph_, {&source, 1});
    return std::binary_search(order.begin(), order.end(), input.id());
  }

  /// The argument of the model that an expression of data is made of; empty where that cannot be told.
  std::string argument_of(Expr source) const {
    for (const NodeId id : topological_order(graph_, {&source, 1})) {
      const Node& node = graph_.node(id);
      if (node.operation != &constant_operation || node.attributes.tensor->size() == 1) continue;
      for (const ModelBody& body : whole_.bodies) {
        const auto& parameters = body.call.closure->callable->parameters;
        for (std::size_t i = 0; i < parameters.size(); ++i) {
          const Value& value = body.call.arguments[i];
          if (whole_.find(body.prefix + parameters[i].name.name) != nullptr) continue;  // it is drawn
          if (is_numeric(value) && !value.is<Symbol>() &&
              same_numbers(to_tensor(value), *node.attributes.tensor))
            return body.prefix + parameters[i].name.name;
        }
      }
    }
    return "";
  }

  /// Whether it is 0, 1, 2, … or 1, 2, 3, …: what a loop gives its turns.
  static bool counts(Expr source) {
    const auto values = known_value(source);
    if (!values || values->rank() != 1) return false;
    for (std::int64_t i = 0; i < values->size(); ++i) {
      if (values->real(i) - values->real(0) != static_cast<double>(i)) return false;
    }
    return values->real(0) == 0 || values->real(0) == 1;
  }

  // As data or, less one, as indices.
  static bool same_numbers(const Tensor& a, const Tensor& b) {
    if (a.size() != b.size()) return false;
    const double shift = a.real(0) - b.real(0);
    if (shift != 0 && shift != 1) return false;
    for (std::int64_t i = 0; i < a.size(); ++i) {
      if (a.real(i) - b.real(i) != shift) return false;
    }
    return true;
  }

  const ModelGraph& whole_;
  Graph& graph_;
  Expr row_;
};

}  // namespace

NewRow new_row(const std::shared_ptr<const ModelGraph>& model, const std::string& of,
               const lang::Span& span) {
  const std::int64_t rows = rows_meant(*model, of, span);
  const Expr row = model->graph->input("row", {.axes = {}, .event = {1}, .domain = Domain::integer});
  NewRow result{at_rows({model, nullptr}, rows, row).model, {}, {}};
  const Reader reader(*model, row);
  const std::vector<ObservedRows> observed = observed_rows(*model);
  for (std::size_t i = 0; i < model->variables.size(); ++i) {
    const RandomVariable& at_row = result.model->variables[i];
    if (at_row.value != model->variables[i].value) {
      result.drawn.push_back(at_row.name);
      reader.read(at_row, result.alike);
    } else if (std::any_of(observed.begin(), observed.end(), [&](const ObservedRows& o) {
                 return o.variable == at_row.name && o.rows == rows;
               })) {
      reader.refuse_rows(model->variables[i]);
    }
  }
  return result;
}

}  // namespace elbo::inference
