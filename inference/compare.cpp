// compare(model, guide, [methods…], …): several methods run from the same start with equal budgets, and one
// table of where they got and what it took.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "inference/comparison.hpp"
#include "inference/gradient_statistics.hpp"
#include "inference/methods.hpp"
#include "inference/optimise.hpp"
#include "inference/reference.hpp"
#include "inference/request.hpp"
#include "inference/studies.hpp"
#include "inference/summary.hpp"
#include "runtime/evaluation.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

const std::vector<Option> own_options{
    {"seeds", Value("3"), "runs of each method, with the seeds `seed`, `seed` + 1, …", "1, 2, …"},
    {"time", Value("none"),
     "seconds per run, instead of `steps`: as many steps as fit, by a short run before", "> 0, in seconds"},
    {"guides", Value("none"), "run every method with each of these guides", "a guide or a list of guides"},
    {"reference", Value("none"), "what means and standard deviations are to be",
     "a fit, or {mean: {…}, sd: {…}}"},
    {"draws", Value("10000"), "draws behind each final ELBO: the same for all runs", "2, 3, …"},
    {"file", Value("none"), "where the curves are drawn", "\"….svg\", \"….png\", \"….pdf\", \"….txt\""}};

// Estimates behind each variance of a gradient: its error is then 10 %, for gradients that are nearly normal.
constexpr std::int64_t variance_repetitions = 200;
// Seeds of what is computed from finished fits, away from those that scripts give to runs: the parameters
// that a run ends with depend on its own draws.
constexpr std::uint64_t evaluation_seed = std::uint64_t{1} << 40;
// Share of the time of a run that the run before it takes, by which steps are counted out.
constexpr double trial_share = 0.05;
constexpr std::int64_t most_steps = 100'000'000;

struct Settings {
  std::int64_t seeds = 3, draws = 10'000;
  double time = 0;  ///< seconds; 0: by steps
  std::uint64_t seed = 0;
  std::string file;
  std::optional<Reference> reference;
  std::vector<GivenOption> run;  ///< options of `infer`, those of the budget among them
};

[[noreturn]] void bad(const GivenOption& option, const std::string& wanted) {
  fail("bad-option", "option `" + option.name + "` must be " + wanted + ", but is " + show(option.value),
       option.span);
}

double seconds_option(const GivenOption& option) {
  const bool is_number =
      is_numeric(option.value) && !option.value.is<Symbol>() && to_tensor(option.value).size() == 1;
  const double seconds = is_number ? to_tensor(option.value).real(0) : 0;
  if (!(seconds > 0) || std::isinf(seconds)) bad(option, "a number of seconds above 0");
  return seconds;
}

// `guides` of the request are completed.
Settings read(Interpreter& interpreter, Request& request) {
  Settings settings;
  std::vector<std::string> names;
  for (const Option& option : compare_options()) names.push_back(option.name);
  const auto given = [&](std::string_view name) {
    const auto it = std::find_if(request.options.begin(), request.options.end(),
                                 [&](const GivenOption& o) { return o.name == name; });
    return it == request.options.end() ? nullptr : &*it;
  };
  if (const GivenOption* limit = given("max_time")) {
    fail("unknown-option", "compare has no option `max_time`", limit->span,
         "the time of each run is its budget: time = 10");
  }
  require_known(request.options, names, "compare");
  for (const GivenOption& option : request.options) {
    if (option.name == "seeds") {
      settings.seeds = whole_option(option, 1);
    } else if (option.name == "draws") {
      settings.draws = whole_option(option, 2);
    } else if (option.name == "time") {
      settings.time = seconds_option(option);
    } else if (option.name == "reference") {
      settings.reference = read_reference(option);
    } else if (option.name == "file") {
      const std::string* name = option.value.as<std::string>();
      if (name == nullptr) bad(option, "the name of a file");
      settings.file = *name;
    } else if (option.name == "guides") {
      if (!request.guides.empty()) {
        fail("repeated-argument", "compare is given guides in two places", option.span,
             "name all of them in `guides`");
      }
      request.guides = as_guides(option.value, option.span);
    } else {
      settings.run.push_back(option);
    }
  }
  if (settings.time > 0) {
    for (const char* name : {"steps", "epochs"}) {
      if (const GivenOption* other = given(name)) {
        fail("bad-option", "`time` and `" + std::string(name) + "` both say how long to run", other->span,
             "leave one of them out");
      }
    }
  } else if (!given("steps") && !given("epochs")) {
    // the same for all, whatever a method by itself would take
    settings.run.push_back({"steps", Value(RunOptions().steps), request.span});
  }
  const RunOptions run = read_run_options(settings.run);  // before anything runs
  if (!run.checkpoint.file.empty()) {
    fail("bad-option", "compare keeps no checkpoints", run.checkpoint.span,
         "infer does, for one run at a time");
  }
  settings.seed = run.has_seed ? run.seed : interpreter.next_seed();
  return settings;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double sd_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// One method with one guide.
class Entry {
 public:
  Entry(Interpreter& interpreter, const Settings& settings, const MethodValue& method, Problem problem,
        const lang::Span& span)
      : interpreter_(interpreter),
        settings_(settings),
        method_(method),
        problem_(std::move(problem)),
        prepared_(prepare_run(problem_, method, options_for(method), span)),
        span_(span) {}

  ComparisonRow run() {
    RunOptions options = prepared_.options;
    if (settings_.time > 0) {
      options.steps = steps_in_time();
      options.max_time = settings_.time;
    }
    for (std::int64_t i = 0; i < settings_.seeds; ++i) {
      options.seed = settings_.seed + static_cast<std::uint64_t>(i);
      options.has_seed = true;
      row_.fits.push_back(run_with(options));
      if (row_.fits.back()->result().termination == Termination::interrupted) break;
    }
    add_ends();
    add_objective();
    add_variance();
    add_curve();
    if (settings_.reference) add_errors();
    return std::move(row_);
  }

 private:
  // A method whose steps are whole takes no optimizer: the one that is given is for the others.
  std::vector<GivenOption> options_for(const MethodValue& method) const {
    std::vector<GivenOption> options = settings_.run;
    if (!method.method().requirements.optimizer.why.empty())
      std::erase_if(options, [](const GivenOption& o) { return o.name == "optimizer"; });
    return options;
  }

  FitPtr run_with(const RunOptions& options) const {
    return optimise(interpreter_, problem_, prepared_, method_.show(), options, span_);
  }

  // Step sizes that fall over a run need to know its length.
  std::int64_t steps_in_time() const {
    RunOptions trial = prepared_.options;
    trial.seed = settings_.seed;
    trial.has_seed = true;
    trial.steps = 1'000'000;
    trial.max_time = trial_share * settings_.time;
    trial.progress = false;
    const Fit::Result& result = run_with(trial)->result();
    const double before = result.seconds - result.seconds_per_step * static_cast<double>(result.steps);
    const double steps = (settings_.time - before) / std::max(result.seconds_per_step, 1e-9);
    return static_cast<std::int64_t>(std::clamp(steps, 1.0, static_cast<double>(most_steps)));
  }

  double mean_over_fits(const std::function<double(const Fit::Result&)>& number) const {
    std::vector<double> values;
    for (const FitPtr& fit : row_.fits) values.push_back(number(fit->result()));
    return mean_of(values);
  }

  void add_ends() {
    row_.steps = row_.fits.front()->result().steps;
    for (const FitPtr& fit : row_.fits) {
      const Fit::Result& result = fit->result();
      row_.steps = std::min(row_.steps, result.steps);
      if (result.termination == Termination::bad_numbers || result.termination == Termination::interrupted) {
        row_.notes.push_back(describe(result.termination) + " after " + std::to_string(result.steps) +
                             " steps (seed " + std::to_string(result.seed) + ")");
      }
    }
    row_.seconds = mean_over_fits([](const Fit::Result& r) { return r.seconds; });
    row_.seconds_per_step = mean_over_fits([](const Fit::Result& r) { return r.seconds_per_step; });
  }

  // By the same draws for all: what differs between rows is then not the luck of the draws.
  void add_objective() {
    std::vector<double> values, errors;
    for (const FitPtr& fit : row_.fits) {
      const auto [value, error] = fit->posterior().elbo(settings_.draws, evaluation_seed);
      values.push_back(value);
      errors.push_back(error * error);
    }
    row_.elbo = mean_of(values);
    row_.elbo_error = std::sqrt(mean_of(errors));
    if (values.size() > 1) row_.spread = sd_of(values);
  }

  bool is_comparable() const {
    const std::string& objective = prepared_.gradient.estimate.account.objective;
    return objective == "ELBO" || objective == "log likelihood";
  }

  void add_variance() {
    const GradientEstimate& estimate = prepared_.gradient.estimate;
    if (estimate.schedule || !estimate.account.preconditioner.empty()) {
      row_.notes.emplace_back(estimate.schedule ? "whole steps: their variance is not that of a gradient"
                                                : "preconditioned: its variance is not that of a gradient");
      return;
    }
    const ParameterVector layout(problem_);
    std::vector<double> variances;
    for (const FitPtr& fit : row_.fits) {
      const GradientStatistics statistics =
          gradient_statistics(layout, estimate, fit->result().parameters,
                              {.repetitions = variance_repetitions,
                               .seed = evaluation_seed,
                               .precision = prepared_.options.precision,
                               .threads = interpreter_.settings().threads,
                               .before_each = [&] { check_interrupted(interpreter_, span_); }});
      if (statistics.bad_repetition > 0) return;
      variances.push_back(statistics.total_variance);
    }
    row_.variance = mean_of(variances);
  }

  // The mean over the seeds, as far as all have got.
  void add_curve() {
    if (!is_comparable()) {
      row_.notes.push_back("climbs another objective (" + prepared_.gradient.estimate.account.objective +
                           "): its curve is not shown");
      return;
    }
    std::size_t length = row_.fits.front()->result().history.elbo.size();
    for (const FitPtr& fit : row_.fits) length = std::min(length, fit->result().history.elbo.size());
    row_.curve.resize(length);
    const auto count = static_cast<double>(row_.fits.size());
    for (const FitPtr& fit : row_.fits) {
      const std::vector<double> values = smoothed(fit->result().history.elbo);
      for (std::size_t t = 0; t < length; ++t) row_.curve[t] += values[t] / count;
    }
    // entries of passes over the data are several steps apart
    const double loop = mean_over_fits(
        [](const Fit::Result& r) { return r.seconds_per_step * static_cast<double>(r.steps); });
    const double before = mean_over_fits([](const Fit::Result& r) { return r.seconds; }) - loop;
    const double entries =
        mean_over_fits([](const Fit::Result& r) { return static_cast<double>(r.history.elbo.size()); });
    for (std::size_t t = 1; t <= length; ++t)
      row_.curve_seconds.push_back(before + loop * static_cast<double>(t) / entries);
  }

  void add_errors() {
    ReferenceErrors errors;
    for (const FitPtr& fit : row_.fits) errors.add(*settings_.reference, fit->moments());
    row_.mean_error = errors.mean();
    row_.sd_error = errors.sd();
  }

  Interpreter& interpreter_;
  const Settings& settings_;
  const MethodValue& method_;
  Problem problem_;
  PreparedRun prepared_;
  lang::Span span_;
  ComparisonRow row_;
};

Value compare(Interpreter& interpreter, const Arguments& a) {
  Request request = sort_arguments(a, "compare", {.methods = true, .guides = true});
  const Settings settings = read(interpreter, request);
  if (settings.reference) settings.reference->check(*elaborate(interpreter, *request.model));
  std::vector<const Request::GivenGuide*> guides;
  for (const Request::GivenGuide& guide : request.guides) guides.push_back(&guide);
  if (guides.empty()) guides.push_back(nullptr);

  std::vector<ComparisonRow> rows;
  std::optional<lang::Failure> first;
  std::string model, objective;
  bool is_interrupted = false;
  for (const Request::GivenMethod& given : request.methods) {
    for (const Request::GivenGuide* guide : guides) {
      ComparisonRow row;
      std::string label = given.method->show();
      if (guides.size() > 1)
        label += ", " + (guide->written ? guide->written->closure->name : guide->ready_made->show());
      if (is_interrupted) {
        row.why_not = "interrupted before";
      } else {
        try {
          const Problem problem = pose(interpreter, request, *given.method, guide);
          model = problem.model->name;
          row = Entry(interpreter, settings, *given.method, problem, a.span).run();
          if (objective.empty()) objective = problem.guide ? "ELBO" : "log likelihood";
          is_interrupted = row.fits.back()->result().termination == Termination::interrupted;
        } catch (const lang::Failure& failure) {
          if (failure.diagnostic().code == "interrupted") throw;
          if (!first) first = failure;
          row.why_not = failure.diagnostic().message;
        }
      }
      row.label = std::move(label);
      rows.push_back(std::move(row));
    }
  }
  if (std::all_of(rows.begin(), rows.end(), [](const ComparisonRow& r) { return r.fits.empty(); }))
    throw *first;

  Comparison::Facts facts;
  facts.model = model;
  facts.objective = objective;
  facts.seeds = settings.seeds;
  facts.seed = settings.seed;
  facts.draws = objective == "ELBO" ? settings.draws : 0;
  facts.span = a.span;
  const auto epochs = std::find_if(settings.run.begin(), settings.run.end(),
                                   [](const GivenOption& o) { return o.name == "epochs"; });
  if (settings.time > 0) {
    facts.budget = time_text(settings.time);
  } else if (epochs != settings.run.end()) {
    facts.budget = std::to_string(whole_option(*epochs, 1)) + " epochs";
  } else {
    const RunOptions run = read_run_options(settings.run);
    facts.budget = std::to_string(run.steps) + " steps";
  }
  const auto comparison = std::make_shared<const Comparison>(std::move(facts), std::move(rows));
  if (!settings.file.empty()) comparison->draw(interpreter, settings.file);
  return Value(ObjectPtr(comparison));
}

}  // namespace

std::vector<Option> compare_options() {
  // `time` and `seeds` stand for these
  static constexpr std::array replaced{"max_time"};
  std::vector<Option> options = own_options;
  for (Option& option : run_option_list()) {
    if (std::find(replaced.begin(), replaced.end(), option.name) == replaced.end())
      options.push_back(std::move(option));
  }
  return options;
}

std::vector<Option> options_of(std::string_view function) {
  if (function == "compare") return compare_options();
  if (function == "gradient_variance") return gradient_variance_options();
  if (function == "infer") return run_option_list();
  return {};
}

Function compare_function() {
  return {.name = "compare",
          .signature = "compare(..., **)",
          .help =
              "fits a model by several methods from the same start with equal budgets, and tells in a table "
              "and by curves where they got and what it took — e.g. "
              "print(compare(model(x), q, [bbvi(), reparam(), natural()], steps = 2000))",
          .category = "inference",
          .call = compare};
}

}  // namespace elbo::inference
