// gradient_variance(model, guide, method, …): the estimators of methods looked at, at fixed parameters.
#include <algorithm>
#include <array>
#include <cmath>

#include "inference/diagnose.hpp"
#include "inference/gradient_statistics.hpp"
#include "inference/methods.hpp"
#include "inference/request.hpp"
#include "inference/start.hpp"
#include "inference/studies.hpp"
#include "inference/summary.hpp"
#include "runtime/evaluation.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// What is estimated, where that is no gradient: its numbers do not compare with those of gradients.
std::string kind_of(const GradientEstimate& estimate) {
  if (estimate.schedule) return "steps of size 1, not gradients";
  if (!estimate.account.preconditioner.empty())
    return "gradients times the " + estimate.account.preconditioner;
  if (estimate.account.objective != "ELBO" && estimate.account.objective != "log likelihood")
    return "gradients of another objective: " + estimate.account.objective;
  return {};
}

/// One method's statistics.
struct Row {
  std::string method, kind;
  bool has_guide = true;
  std::vector<std::pair<std::string, Shape>> parameters;
  GradientStatistics numbers;
};

class GradientVariance : public Object {
 public:
  explicit GradientVariance(std::vector<Row> rows) : rows_(std::move(rows)) {}
  std::string type_name() const override { return "gradient statistics"; }

  std::vector<std::string> field_names() const override {
    std::vector<std::string> names;
    for (const auto& [name, value] : record(rows_.front())) names.push_back(name);
    names.push_back("table");
    return names;
  }

  // Of one method its numbers; of several a list of them, or a vector.
  std::optional<Value> field(const std::string& name) const override {
    List values;
    for (const Row& row : rows_) {
      Record fields = record(row);
      if (name == "table") {
        values.push_back(make_record(std::move(fields)));
      } else if (const Value* value = find_field(fields, name)) {
        values.push_back(*value);
      } else {
        return std::nullopt;
      }
    }
    if (name == "table") return make_list(std::move(values));
    return values.size() == 1 ? values.front() : make_array(std::move(values));
  }

  std::string show() const override {
    Table table{{"", "variance", "time", "variance * s", rows_.front().has_guide ? "ELBO" : "loss"}, {}};
    std::string notes;
    for (const Row& row : rows_) {
      const GradientStatistics& n = row.numbers;
      table.rows.push_back(
          {row.method, significant(n.total_variance), time_text(n.seconds), significant(n.cost(), 3),
           significant(row.has_guide ? n.elbo : -n.elbo, 6) + " ± " + significant(n.elbo_error, 2)});
      if (!row.kind.empty()) notes += "\n" + row.method + ": of " + row.kind;
    }
    std::string result = text(table);
    if (rows_.size() == 1) result += "\n" + text(by_parameter(rows_.front()));
    result.pop_back();
    return result + notes;
  }

 private:
  static Value shaped(const Row& row, const std::vector<double>& flat, double sign) {
    Record fields;
    auto at = flat.begin();
    for (const auto& [name, shape] : row.parameters) {
      std::vector<double> values(at, at + element_count(shape));
      at += element_count(shape);
      for (double& v : values) v *= sign;
      fields.emplace_back(name, from_tensor(Tensor(shape, std::move(values))));
    }
    return make_record(std::move(fields));
  }

  // As `fit.gradients`, of what a fit reports: the loss of a fit without a guide is minus what is maximised.
  static Record record(const Row& row) {
    const GradientStatistics& n = row.numbers;
    const double sign = row.has_guide ? 1 : -1;
    const std::string objective = row.has_guide ? "elbo" : "loss";
    return {{"method", Value(row.method)},
            {"mean", shaped(row, n.mean, sign)},
            {"variance", shaped(row, n.variance, 1)},
            {"total_variance", Value(n.total_variance)},
            {"seconds", Value(n.seconds)},
            {"cost", Value(n.cost())},
            {objective, Value(sign * n.elbo)},
            {objective + "_error", Value(n.elbo_error)},
            {"repetitions", Value(n.repetitions)}};
  }

  static Table by_parameter(const Row& row) {
    Table table{{"parameter", "elements", "|mean|", "variance"}, {}};
    std::size_t at = 0;
    for (const auto& [name, shape] : row.parameters) {
      const auto count = static_cast<std::size_t>(element_count(shape));
      double squares = 0, variance = 0;
      for (std::size_t i = at; i < at + count; ++i) {
        squares += row.numbers.mean[i] * row.numbers.mean[i];
        variance += row.numbers.variance[i];
      }
      at += count;
      table.rows.push_back(
          {name, std::to_string(count), significant(std::sqrt(squares)), significant(variance)});
    }
    return table;
  }

  std::vector<Row> rows_;
};

const std::vector<Option> own_options{
    {"at", Value("none"), "where the parameters are; none: where they start", "a fit or a record"},
    {"repetitions", Value("1000"), "estimates of the gradient", "2, 3, …"}};
// Those of `infer` that an estimate depends on.
constexpr std::array shared_options{"seed", "batch", "precision"};

Row statistics_by(Interpreter& interpreter, const Request& request, const MethodValue& method,
                  const GivenOption& at, const std::vector<GivenOption>& shared, StatisticsOptions options) {
  const Problem problem = pose(interpreter, request, method, request.guide());
  const PreparedRun run = prepare_run(problem, method, shared, request.span);
  const GradientEstimate& estimate = run.gradient.estimate;
  const ParameterVector layout(problem);
  require_parameters(layout, {}, request.span);
  const std::vector<double> parameters = starting_values(layout, at.value, at.name, options.seed, at.span);
  options.precision = run.options.precision;
  Row row{method.show(), kind_of(estimate), problem.guide != nullptr, {}, {}};
  row.numbers = gradient_statistics(layout, estimate, parameters, options);
  if (row.numbers.bad_repetition > 0) {
    throw lang::Failure(diagnose(problem, run.gradient.model, estimate, layout, parameters, options.seed,
                                 row.numbers.bad_repetition, "repetition"));
  }
  for (const auto& entry : layout.entries())
    row.parameters.emplace_back(entry.parameter->name, entry.parameter->unconstrained.type().event);
  return row;
}

Value gradient_variance(Interpreter& interpreter, const Arguments& a) {
  const std::string function = "gradient_variance";
  const Request request = sort_arguments(a, function, {.methods = true});
  std::vector<std::string> names(shared_options.begin(), shared_options.end());
  for (const Option& option : own_options) names.push_back(option.name);
  require_known(request.options, names, function);
  StatisticsOptions options;
  GivenOption at{"at", Value(), a.span};
  std::vector<GivenOption> shared;
  for (const GivenOption& option : request.options) {
    if (option.name == "at") {
      at = option;
    } else if (option.name == "repetitions") {
      options.repetitions = whole_option(option, 2);
    } else {
      shared.push_back(option);
    }
  }
  const RunOptions run = read_run_options(shared);
  options.seed = run.has_seed ? run.seed : interpreter.next_seed();
  options.threads = interpreter.settings().threads;
  options.before_each = [&] { check_interrupted(interpreter, a.span); };
  std::vector<Row> rows;
  for (const Request::GivenMethod& given : request.methods)
    rows.push_back(statistics_by(interpreter, request, *given.method, at, shared, options));
  return Value(ObjectPtr(std::make_shared<GradientVariance>(std::move(rows))));
}

}  // namespace

std::vector<Option> gradient_variance_options() {
  std::vector<Option> options = own_options;
  for (Option& option : run_option_list()) {
    if (std::find(shared_options.begin(), shared_options.end(), option.name) != shared_options.end())
      options.push_back(std::move(option));
  }
  return options;
}

Function gradient_variance_function() {
  return {.name = "gradient_variance",
          .signature = "gradient_variance(..., **)",
          .help =
              "mean, variance and time of the gradient estimates of one method or several at fixed "
              "parameters — e.g. print(gradient_variance(model(x), q, [bbvi(), reparam()], at = fit))",
          .category = "inference",
          .call = gradient_variance};
}

}  // namespace elbo::inference
