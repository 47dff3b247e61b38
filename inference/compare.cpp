// compare(model, guide, [methods…], …): methods (and guides) on one problem, from the same start with the
// same budget, by the same measures.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

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

constexpr double near_best = 0.1;                   // nats: when a method has arrived
constexpr std::int64_t elbo_draws = 10'000;         // behind the final ELBO of a fit
constexpr std::int64_t variance_repetitions = 200;  // behind the variance of the gradient at the end
constexpr std::size_t shown_points = 400;           // of a curve
constexpr std::int64_t trial_steps = 50;            // to see how long one takes
constexpr double most_steps = 1e7;                  // where time is the budget

double mean_of(const std::vector<double>& x) {
  double total = 0;
  for (const double v : x) total += v;
  return total / static_cast<double>(x.size());
}

double variance_of(const std::vector<double>& x) {
  const double mean = mean_of(x);
  double total = 0;
  for (const double v : x) total += (v - mean) * (v - mean);
  return x.size() > 1 ? total / static_cast<double>(x.size() - 1) : 0;
}

// Means of the last hundredth of the run up to each step (of fewer at its beginning).
std::vector<double> smoothed(const std::vector<double>& elbo) {
  const std::size_t window = std::max<std::size_t>(1, elbo.size() / 100);
  std::vector<double> result(elbo.size());
  double total = 0;
  for (std::size_t t = 0; t < elbo.size(); ++t) {
    total += elbo[t];
    if (t >= window) total -= elbo[t - window];
    result[t] = total / static_cast<double>(std::min(t + 1, window));
  }
  return result;
}

/// What the methods are held against.
struct Reference {
  std::vector<std::pair<std::string, Tensor>> mean, sd;
};

std::vector<std::pair<std::string, Tensor>> tensors_of(const Record& record, const lang::Span& span) {
  std::vector<std::pair<std::string, Tensor>> result;
  for (const auto& [name, value] : record) {
    if (!is_numeric(value) || value.is<Symbol>())
      fail("bad-option", "`reference` gives `" + name + "` a value that is no number: " + show(value), span);
    result.emplace_back(name, to_tensor(value));
  }
  return result;
}

Reference read_reference(const GivenOption& option) {
  Reference result;
  if (const ObjectPtr* object = option.value.as<ObjectPtr>()) {
    if (const auto fit = std::dynamic_pointer_cast<const Fit>(*object)) {
      for (const Moments& m : fit->moments()) {
        result.mean.emplace_back(m.name, m.mean);
        result.sd.emplace_back(m.name, m.sd);
      }
      return result;
    }
  }
  if (const auto* record = option.value.as<std::shared_ptr<const Record>>()) {
    for (const auto& [name, list] : {std::pair{"mean", &result.mean}, std::pair{"sd", &result.sd}}) {
      const Value* field = find_field(**record, name);
      const auto* fields = field != nullptr ? field->as<std::shared_ptr<const Record>>() : nullptr;
      if (fields != nullptr) *list = tensors_of(**fields, option.span);
    }
  }
  if (result.mean.empty() || result.sd.empty())
    fail("bad-option",
         "option `reference` must be a fit, or a record {mean: {…}, sd: {…}}, but is " + show(option.value),
         option.span);
  return result;
}

const Tensor* find(const std::vector<std::pair<std::string, Tensor>>& list, const std::string& name) {
  for (const auto& [own, tensor] : list) {
    if (own == name) return &tensor;
  }
  return nullptr;
}

/// Root mean squares, over all elements that both have, of (mean - reference) / sd of the reference, and of
/// sd / sd of the reference - 1.
std::optional<std::pair<double, double>> errors(const Fit& fit, const Reference& reference) {
  double means = 0, sds = 0, count = 0;
  for (const Moments& m : fit.moments()) {
    const Tensor *mean = find(reference.mean, m.name), *sd = find(reference.sd, m.name);
    if (mean == nullptr || sd == nullptr || mean->size() != m.mean.size() || sd->size() != m.mean.size())
      continue;
    for (std::int64_t i = 0; i < mean->size(); ++i) {
      if (!(sd->real(i) > 0)) continue;
      means += std::pow((m.mean.real(i) - mean->real(i)) / sd->real(i), 2);
      sds += std::pow(m.sd.real(i) / sd->real(i) - 1, 2);
      ++count;
    }
  }
  if (count == 0) return std::nullopt;
  return std::pair{std::sqrt(means / count), std::sqrt(sds / count)};
}

/// One method with one guide.
struct Entry {
  std::string label;
  std::string why_not;       ///< the message of what stopped it; empty
  std::vector<FitPtr> fits;  ///< by seed
  double elbo = 0, elbo_error = 0;
  double variance = 0;  ///< of the gradient estimate at the last parameters, over all of them
  std::string kind;     ///< what the variance is of, where that is no gradient of the ELBO
  double seconds_per_step = 0, seconds = 0;
  std::optional<double> to_best;  ///< seconds until the smoothed ELBO is within near_best of the best
  std::optional<std::pair<double, double>> error;
};

class Comparison : public Object {
 public:
  Comparison(std::vector<Entry> entries, bool has_reference)
      : entries_(std::move(entries)), has_reference_(has_reference) {}

  std::string type_name() const override { return "comparison"; }
  std::vector<std::string> field_names() const override { return {"table", "fits", "best"}; }

  std::optional<Value> field(const std::string& name) const override {
    if (name == "best") return best() != nullptr ? Value(best()->label) : Value();
    if (name != "table" && name != "fits") return std::nullopt;
    List rows;
    for (const Entry& e : entries_) {
      if (name == "table") {
        rows.push_back(make_record(record(e)));
        continue;
      }
      List fits;
      for (const FitPtr& fit : e.fits) fits.push_back(Value(ObjectPtr(fit)));
      rows.push_back(make_list(std::move(fits)));
    }
    return make_list(std::move(rows));
  }

  std::string show() const override {
    Table table{{"", "ELBO", "± se", "gradient variance", "time per step", "to within 0.1 nat"}, {}};
    if (has_reference_) table.heading.insert(table.heading.end(), {"error of means", "of sds"});
    std::string notes;
    for (const Entry& e : entries_) {
      if (!e.why_not.empty()) {
        table.rows.push_back({e.label, "-", "-", "-", "-", "-"});
        notes += "\n" + e.label + ": " + e.why_not;
        continue;
      }
      table.rows.push_back({e.label, significant(e.elbo, 6), significant(e.elbo_error, 2),
                            significant(e.variance, 3), time_text(e.seconds_per_step),
                            e.to_best ? time_text(*e.to_best) : "-"});
      if (has_reference_) {
        table.rows.back().push_back(e.error ? significant(e.error->first, 2) : "-");
        table.rows.back().push_back(e.error ? significant(e.error->second, 2) : "-");
      }
      if (!e.kind.empty()) notes += "\n" + e.label + ": " + e.kind;
    }
    std::string result = text(table);
    result.pop_back();
    return result + notes;
  }

  // The smoothed ELBO of each method's first run against time.
  std::optional<Curves> curves() const override {
    Curves result;
    result.x_label = "seconds";
    result.y_label = "ELBO";
    result.log_x = true;
    for (const Entry& e : entries_) {
      if (e.fits.empty() || !e.why_not.empty()) continue;
      const std::vector<double> elbo = smoothed(e.fits.front()->result().history.elbo);
      Curve curve{e.label, {}, {}};
      std::size_t last = 0;
      for (std::size_t k = 1; k <= shown_points; ++k) {
        // evenly along the logarithm of the steps
        const double share = static_cast<double>(k) / static_cast<double>(shown_points);
        const auto t = static_cast<std::size_t>(std::pow(static_cast<double>(elbo.size()), share));
        if (t <= last || t > elbo.size() || !std::isfinite(elbo[t - 1])) continue;
        last = t;
        curve.x.push_back(static_cast<double>(t) * e.fits.front()->result().seconds_per_step);
        curve.y.push_back(elbo[t - 1]);
      }
      result.curves.push_back(std::move(curve));
    }
    return result;
  }

  bool present(Interpreter& interpreter) const override {
    interpreter.out() << show() << "\n";
    return true;
  }

 private:
  const Entry* best() const {
    const Entry* result = nullptr;
    for (const Entry& e : entries_) {
      if (e.why_not.empty() && (result == nullptr || e.elbo > result->elbo)) result = &e;
    }
    return result;
  }

  Record record(const Entry& e) const {
    if (!e.why_not.empty()) return {{"method", Value(e.label)}, {"why_not", Value(e.why_not)}};
    Record result{{"method", Value(e.label)},
                  {"elbo", Value(e.elbo)},
                  {"elbo_error", Value(e.elbo_error)},
                  {"variance", Value(e.variance)},
                  {"seconds_per_step", Value(e.seconds_per_step)},
                  {"seconds", Value(e.seconds)},
                  {"to_best", e.to_best ? Value(*e.to_best) : Value()}};
    if (has_reference_) {
      result.emplace_back("mean_error", e.error ? Value(e.error->first) : Value());
      result.emplace_back("sd_error", e.error ? Value(e.error->second) : Value());
    }
    return result;
  }

  std::vector<Entry> entries_;
  bool has_reference_;
};

const std::vector<Option> own_options{
    {"seeds", Value("3"), "runs of each method, with seeds seed, seed + 1, …", "1, 2, …"},
    {"time", Value("none"), "seconds of each run, in place of steps", "a number above 0"},
    {"guides", Value("none"), "every method with each of these guides", "a list of guides"},
    {"reference", Value("none"), "what means and standard deviations are held against",
     "a fit, or {mean: {…}, sd: {…}}"},
    {"file", Value("none"), "draws the ELBO against time", "\"name.svg\""}};
constexpr std::array shared_options{"steps", "epochs", "optimizer", "seed", "batch", "precision", "init"};

struct CompareOptions {
  std::int64_t seeds = 3;
  std::optional<double> time;
  std::vector<Request::GivenGuide> guides;
  std::optional<Reference> reference;
  std::optional<GivenOption> file;
  std::vector<GivenOption> shared;
};

CompareOptions read_settings(Request& request) {
  std::vector<std::string> names(shared_options.begin(), shared_options.end());
  for (const Option& option : own_options) names.push_back(option.name);
  require_known(request.options, names, "compare");
  CompareOptions settings;
  settings.guides = request.guides;
  for (const GivenOption& option : request.options) {
    if (option.name == "seeds") {
      settings.seeds = whole_option(option, 1);
    } else if (option.name == "time") {
      const bool is_number =
          is_numeric(option.value) && !option.value.is<Symbol>() && to_tensor(option.value).size() == 1;
      const double time = is_number ? to_tensor(option.value).real(0) : 0;
      if (!(time > 0) || std::isinf(time))
        fail("bad-option", "option `time` must be a number of seconds above 0, but is " + show(option.value),
             option.span);
      settings.time = time;
    } else if (option.name == "guides") {
      settings.guides = as_guides(option.value, option.span);
    } else if (option.name == "reference") {
      settings.reference = read_reference(option);
    } else if (option.name == "file") {
      if (!option.value.is<std::string>())
        fail("bad-option", "option `file` must be the name of a file, but is " + show(option.value),
             option.span, "file = \"comparison.svg\"");
      settings.file = option;
    } else {
      settings.shared.push_back(option);
    }
  }
  for (const GivenOption& option : settings.shared) {
    if (settings.time && (option.name == "steps" || option.name == "epochs"))
      fail("bad-option", "`time` and `" + option.name + "` both say how long to run", option.span,
           "leave one of them out");
  }
  return settings;
}

/// The comparison as it is made, entry by entry.
class Comparing {
 public:
  Comparing(Interpreter& interpreter, const Request& request, const CompareOptions& settings)
      : interpreter_(interpreter), request_(request), settings_(settings) {
    const RunOptions run = read_run_options(settings.shared);
    seed_ = run.has_seed ? run.seed : interpreter.next_seed();
  }

  std::vector<Entry> run() {
    std::vector<const Request::GivenGuide*> guides;
    for (const Request::GivenGuide& guide : settings_.guides) guides.push_back(&guide);
    const bool names_guide = guides.size() > 1;
    if (guides.empty()) guides.push_back(nullptr);
    for (const Request::GivenMethod& given : request_.methods) {
      for (const Request::GivenGuide* guide : guides) {
        Entry entry;
        entry.label = given.method->show();
        try {
          measure(entry, *given.method, guide, names_guide);
        } catch (const lang::Failure& failure) {
          if (failure.diagnostic().code == "interrupted") throw;
          entry.why_not = failure.diagnostic().message;
        }
        entries_.push_back(std::move(entry));
      }
    }
    find_arrivals();
    return std::move(entries_);
  }

 private:
  std::vector<GivenOption> options(std::int64_t run, std::optional<std::int64_t> steps = {}) const {
    std::vector<GivenOption> result;
    for (const GivenOption& option : settings_.shared) {
      if (option.name != "seed") result.push_back(option);
    }
    result.push_back({"seed", Value(static_cast<std::int64_t>(seed_) + run), request_.span});
    result.push_back({"progress", Value(false), request_.span});
    if (steps) result.push_back({"steps", Value(*steps), request_.span});
    return result;
  }

  // How many steps a method can take in the time: from then on it is a run of so many steps, so that
  // schedules know where it ends.
  std::optional<std::int64_t> steps_in_time(const Problem& problem, const MethodValue& method) const {
    if (!settings_.time) return std::nullopt;
    const FitPtr trial = fit_by(interpreter_, problem, method, options(0, trial_steps), request_.span);
    const double steps = *settings_.time / std::max(trial->result().seconds_per_step, 1e-9);
    return static_cast<std::int64_t>(std::clamp(steps, 1.0, most_steps));
  }

  void measure(Entry& entry, const MethodValue& method, const Request::GivenGuide* guide, bool names_guide) {
    const Problem problem = pose(interpreter_, request_, method, guide);
    if (names_guide && problem.guide) entry.label += ", " + problem.guide->name;
    if (!problem.guide) fail("no-elbo", "it has no guide, and so no ELBO", request_.span);
    const std::optional<std::int64_t> steps = steps_in_time(problem, method);
    std::vector<double> elbos, errors_of, per_step, seconds;
    for (std::int64_t run = 0; run < settings_.seeds; ++run) {
      check_interrupted(interpreter_, request_.span);
      entry.fits.push_back(fit_by(interpreter_, problem, method, options(run, steps), request_.span));
      const Fit& fit = *entry.fits.back();
      if (fit.result().termination == Termination::bad_numbers)
        fail("bad-number",
             "it met numbers that are not finite after " + std::to_string(fit.result().steps) + " steps",
             request_.span);
      const auto [elbo, error] = fit.posterior().elbo(elbo_draws, seed_);
      elbos.push_back(elbo);
      errors_of.push_back(error * error);
      per_step.push_back(fit.result().seconds_per_step);
      seconds.push_back(fit.result().seconds);
    }
    const auto n = static_cast<double>(elbos.size());
    entry.elbo = mean_of(elbos);
    // of the runs, and of the draws that each is evaluated with
    entry.elbo_error = std::sqrt((variance_of(elbos) + mean_of(errors_of)) / n);
    entry.seconds_per_step = mean_of(per_step);
    entry.seconds = mean_of(seconds);
    look_at_gradient(entry, problem, method);
    if (settings_.reference) entry.error = errors(*entry.fits.front(), *settings_.reference);
  }

  void look_at_gradient(Entry& entry, const Problem& problem, const MethodValue& method) {
    const PreparedRun run = prepare_run(problem, method, options(0), request_.span);
    const GradientEstimate& estimate = run.gradient.estimate;
    if (estimate.schedule) entry.kind = "the variance is that of steps of size 1, not of gradients";
    if (!estimate.account.preconditioner.empty())
      entry.kind = "the variance is that of gradients times the " + estimate.account.preconditioner;
    if (estimate.account.objective != "ELBO")
      entry.kind = "it maximises another objective (" + estimate.account.objective +
                   "), of which its curve and variance are";
    const ParameterVector layout(problem);
    StatisticsOptions statistics;
    statistics.repetitions = variance_repetitions;
    statistics.seed = seed_ + 1'000'003;  // other draws than those of the runs
    statistics.precision = run.options.precision;
    statistics.threads = interpreter_.settings().threads;
    statistics.before_each = [&] { check_interrupted(interpreter_, request_.span); };
    entry.variance =
        gradient_statistics(layout, estimate, entry.fits.front()->result().parameters, statistics)
            .total_variance;
  }

  // When the trace of each comes near the best of all that trace the ELBO.
  void find_arrivals() {
    double best = -std::numeric_limits<double>::infinity();
    for (const Entry& e : entries_) {
      if (e.why_not.empty()) best = std::max(best, e.elbo);
    }
    for (Entry& e : entries_) {
      if (!e.why_not.empty() || e.fits.empty()) continue;
      if (e.fits.front()->result().account.objective != "ELBO") continue;
      std::vector<double> times;
      for (const FitPtr& fit : e.fits) {
        const std::vector<double> elbo = smoothed(fit->result().history.elbo);
        const auto arrived =
            std::find_if(elbo.begin(), elbo.end(), [&](double v) { return v > best - near_best; });
        if (arrived == elbo.end()) break;
        const double share =
            static_cast<double>(arrived - elbo.begin() + 1) / static_cast<double>(elbo.size());
        times.push_back(share * static_cast<double>(fit->result().steps) * fit->result().seconds_per_step);
      }
      if (times.size() == e.fits.size()) e.to_best = mean_of(times);
    }
  }

  Interpreter& interpreter_;
  const Request& request_;
  const CompareOptions& settings_;
  std::uint64_t seed_ = 0;
  std::vector<Entry> entries_;
};

Value compare(Interpreter& interpreter, const Arguments& a) {
  Request request = sort_arguments(a, "compare", {.methods = true, .guides = true});
  const CompareOptions settings = read_settings(request);
  const bool has_reference = settings.reference.has_value();
  auto comparison =
      std::make_shared<Comparison>(Comparing(interpreter, request, settings).run(), has_reference);
  if (settings.file) {
    const Function* plot = interpreter.library().function("plot");
    if (plot == nullptr) throw lang::InternalError("compare draws with plot, which the library lacks");
    interpreter.call(Value(plot), {Value(ObjectPtr(comparison))}, a.span, {{"file", settings.file->value}});
  }
  return Value(ObjectPtr(comparison));
}

}  // namespace

std::vector<Option> compare_options() {
  std::vector<Option> options = own_options;
  for (Option& option : run_option_list()) {
    if (std::find(shared_options.begin(), shared_options.end(), option.name) != shared_options.end())
      options.push_back(std::move(option));
  }
  return options;
}

Function compare_function() {
  return {.name = "compare",
          .signature = "compare(..., **)",
          .help =
              "methods on one model, from the same start with the same budget: final ELBO, noise of the "
              "gradient, "
              "time — e.g. print(compare(model(x), [bbvi(), reparam(), natural()], steps = 1000))",
          .category = "inference",
          .call = compare};
}

std::vector<Option> options_of(std::string_view function) {
  if (function == "compare") return compare_options();
  if (function == "gradient_variance") return gradient_variance_options();
  if (function == "infer") return run_option_list();
  return {};
}

}  // namespace elbo::inference
