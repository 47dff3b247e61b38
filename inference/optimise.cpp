// The loop of stochastic optimisation.
#include "inference/optimise.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "inference/checkpoint.hpp"
#include "inference/diagnose.hpp"
#include "inference/optimizers/blocks.hpp"
#include "inference/progress.hpp"
#include "inference/recorded.hpp"
#include "inference/start.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/workers.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

// Steps whose mean ELBO the tolerance compares with that of as many before.
constexpr std::size_t tolerance_window = 100;

template <class T>
bool all_finite(std::span<const T> values) {
  // a sum of doubles: finite only if all of its terms are, and all but always if they are
  double total = 0;
  kernels(precision_of<T>).sum(&total, values.data(), static_cast<std::int64_t>(values.size()));
  return std::isfinite(total) ||
         std::all_of(values.begin(), values.end(), [](T v) { return std::isfinite(v); });
}

double mean_of(std::span<const double> values) {
  double total = 0;
  for (const double v : values) total += v;
  return total / static_cast<double>(values.size());
}

/// A run whose program computes with numbers of type T.
template <class T>
class Run {
 public:
  Run(Interpreter& interpreter, const Problem& problem, const PreparedRun& prepared,
      const std::string& method, const RunOptions& options, std::uint64_t seed, const lang::Span& span)
      : interpreter_(interpreter),
        problem_(problem),
        prepared_(prepared),
        method_(method),
        options_(options),
        seed_(seed),
        pass_(steps_of_pass(*problem.model, options.batch)),
        layout_(problem),
        recorded_(recorded_values(problem, prepared.gradient.model)) {
    const std::vector<double> start = starting_values(layout_, options.init, "init", seed, span);
    parameters_.assign(start.begin(), start.end());
    require_parameters(layout_, problem, span);
    pieces_ = pieces_of(layout_);
    gradient_.resize(layout_.entries().size());
    prepare_history();
  }

  Fit::Result run() {
    const auto start = std::chrono::steady_clock::now();
    const auto seconds = [&] {
      return seconds_before_ +
             std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    const std::optional<Schedule>& schedule = prepared_.gradient.estimate.schedule;
    const auto optimizer = schedule             ? whole_step()
                           : options_.optimizer ? options_.optimizer
                                                : default_optimizer();
    optimizer_ = schedule ? "natural steps of " + schedule->text : optimizer->show();
    const Settings& settings = interpreter_.settings();
    const std::vector<Expr> recorded = history_.has_trace ? recorded_.values : std::vector<Expr>{};
    const auto workers = std::make_shared<Workers>(settings.threads);
    const std::span<const T> parameters = parameters_;
    EstimatorOf<T> whole(layout_, prepared_.gradient.estimate, recorded, parameters, workers);
    std::optional<EstimatorOf<T>> rest;
    if (prepared_.rest) rest.emplace(layout_, prepared_.rest->estimate, recorded, parameters, workers);
    const std::unique_ptr<Stepper<T>> stepper = optimizer->template start<T>(layout_.size());
    Termination end = Termination::completed;
    good_ = parameters_;
    std::int64_t t = 1;
    if (std::optional<Checkpoint> found = stored_run()) {
      if (is_over(found->fit.result.termination)) return finished(std::move(*found));
      t = take_up(*found, *stepper);
    }
    const std::int64_t first = t;
    Progress progress(interpreter_.log(), settings.interactive && options_.progress && !settings.quiet,
                      {.steps = options_.steps,
                       .pass = counts_passes() ? pass_.steps : 0,
                       .rows = counts_passes() ? batch()->rows : 0,
                       .done = first - 1});
    const double before = seconds();
    double written = before;
    for (; t <= options_.steps; ++t) {
      if (settings.interrupted && settings.interrupted->exchange(false)) {
        end = Termination::interrupted;
        break;
      }
      EstimatorOf<T>& estimator = is_rest(t) ? *rest : whole;
      if (schedule) estimator.set_step_size(schedule->at(t, options_.steps));
      estimator.run(seed_, static_cast<std::uint32_t>(t));
      if (!std::isfinite(estimator.elbo()) || !read_gradient(estimator)) {
        end = Termination::bad_numbers;
        break;
      }
      keep(estimator, t);
      stepper->begin(t, options_.steps);
      const bool keeps = (t - 1) % keep_every() == 0;
      if (keeps) good_step_ = t;
      move(*stepper, *workers, keeps);
      estimator.follow(parameters_);
      layout_.project(std::span<T>(parameters_));
      progress.update(t, reported(estimator.elbo()));
      if (is_converged()) {
        end = Termination::converged;
        ++t;
        break;
      }
      // the clock is read rarely: a step may take less than a microsecond
      if (options_.max_time > 0 && t % 16 == 0 && seconds() > options_.max_time) {
        end = Termination::out_of_time;
        ++t;
        break;
      }
      if (!options_.checkpoint.file.empty() && seconds() > written + options_.checkpoint.seconds) {
        write_state(result_now(Termination::interrupted, t + 1, seconds()), t + 1, *stepper);
        written = seconds();
      }
    }
    const double loop = seconds() - before;
    progress.clear();
    if (end == Termination::bad_numbers || !all_finite<T>(parameters_)) end = warn_of_bad_numbers(t);
    // Where numbers went bad the file keeps what it had before.
    const bool goes_on = end == Termination::interrupted || end == Termination::out_of_time;
    if (goes_on) write_state(result_now(Termination::interrupted, t, seconds()), t, *stepper);
    record_last(t);
    Fit::Result result = result_now(end, t, seconds());
    result.seconds_per_step = loop / static_cast<double>(std::max<std::int64_t>(1, t - first));
    if (is_over(end)) write_state(result, t, *stepper);
    return result;
  }

 private:
  // Whether there is nothing left to do.
  static bool is_over(Termination end) {
    return end == Termination::completed || end == Termination::converged;
  }

  // What a run that has done all steps before step t leaves.
  Fit::Result result_now(Termination end, std::int64_t t, double seconds) const {
    Fit::Result result;
    result.method = method_;
    result.optimizer = optimizer_;
    result.parameters.assign(parameters_.begin(), parameters_.end());
    result.history = history_;
    result.termination = end;
    result.steps = t - 1;
    result.seconds = seconds;
    result.seed = seed_;
    result.threads = interpreter_.settings().threads;
    result.account = prepared_.gradient.estimate.account;
    if (batch()) {
      result.batch = options_.batch.size;
      result.rows = batch()->rows;
    }
    result.precision = options_.precision;
    result.starts_elsewhere = !options_.init.is<None>();
    return result;
  }

  // The state of the run in its file, from which it can be taken up again with step t.
  void write_state(Fit::Result result, std::int64_t t, Stepper<T>& stepper) const {
    const CheckpointOption& option = options_.checkpoint;
    if (option.file.empty()) return;
    Checkpoint state;
    state.fit = describe_fit(problem_, layout_, std::move(result));
    state.planned = options_.steps;
    state.next = t;
    state.pass_total = pass_total_;
    for (const std::span<T> numbers : stepper.state())
      state.optimizer.emplace_back(numbers.begin(), numbers.end());
    write_checkpoint(option.path, state, option.span);
  }

  // With --resume, the run that the file holds.
  std::optional<Checkpoint> stored_run() const {
    const CheckpointOption& option = options_.checkpoint;
    if (option.file.empty() || !interpreter_.settings().resume) return std::nullopt;
    std::optional<Checkpoint> found = read_checkpoint(option.path, option.span);
    if (!found) return std::nullopt;
    require_same_run(*found, result_now(Termination::interrupted, 1, 0), options_.steps, option.path,
                     option.span);
    return found;
  }

  // Of a run that was over when it was written.
  Fit::Result finished(Checkpoint found) const {
    const CheckpointOption& option = options_.checkpoint;
    std::vector<double> parameters = parameters_for(found.fit, layout_, {option.path, option.span});
    Fit::Result result = std::move(found.fit.result);
    result.parameters = std::move(parameters);
    result.threads = interpreter_.settings().threads;
    return result;
  }

  // Goes on where a run stopped; the step with which.
  std::int64_t take_up(const Checkpoint& found, Stepper<T>& stepper) {
    const CheckpointOption& option = options_.checkpoint;
    const std::vector<double> values = parameters_for(found.fit, layout_, {option.path, option.span});
    std::copy(values.begin(), values.end(), parameters_.begin());
    const std::vector<std::span<T>> state = stepper.state();
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (i >= found.optimizer.size() || found.optimizer[i].size() != state[i].size())
        runtime::damaged({option.path, option.span}, "it lacks what the optimizer remembers");
      std::copy(found.optimizer[i].begin(), found.optimizer[i].end(), state[i].begin());
    }
    const History& before = found.fit.result.history;
    history_.elbo = before.elbo;
    const auto take = [](std::vector<Series>& own, const std::vector<Series>& stored) {
      for (Series& series : own) {
        for (const Series& other : stored) {
          if (other.name() == series.name()) series.append_all(other);
        }
      }
    };
    take(history_.trace, before.trace);
    take(history_.gradients, before.gradients);
    pass_total_ = found.pass_total;
    seconds_before_ = found.fit.result.seconds;
    good_ = parameters_;
    good_step_ = found.next;
    return found.next;
  }

  void prepare_history() {
    const std::int64_t steps = options_.steps;
    std::int64_t total = 0;
    for (const Expr& e : recorded_.values) total += element_count(e.type().event);
    history_.elbo.reserve(static_cast<std::size_t>(std::min<std::int64_t>(steps, 1 << 24)));
    history_.has_trace = total * steps <= largest_trace;
    for (std::size_t i = 0; history_.has_trace && i < recorded_.names.size(); ++i) {
      history_.trace.emplace_back(recorded_.names[i], recorded_.values[i].type().event, steps);
    }
    if (!options_.record_gradients) return;
    for (const auto& entry : layout_.entries()) {
      history_.gradients.emplace_back(entry.parameter->name, entry.parameter->unconstrained.type().event,
                                      steps);
    }
  }

  // Reads the gradient of this step, and says whether all of it is finite.
  bool read_gradient(const EstimatorOf<T>& estimator) {
    for (std::size_t k = 0; k < gradient_.size(); ++k) {
      gradient_[k] = estimator.gradient(k);
      if (!all_finite<T>(gradient_[k])) return false;
    }
    return true;
  }

  // Parameters that one thread moves at a time: what it touches fits into the cache.
  struct Piece {
    std::size_t entry, first, size;
  };
  static constexpr std::size_t piece_size = 8192;

  static std::vector<Piece> pieces_of(const ParameterVector& layout) {
    std::vector<Piece> pieces;
    for (std::size_t k = 0; k < layout.entries().size(); ++k) {
      const std::size_t size = layout.entries()[k].size;
      for (std::size_t first = 0; first < size; first += piece_size)
        pieces.push_back({k, first, std::min(piece_size, size - first)});
    }
    return pieces;
  }

  // Steps between parameters that are kept, to go back to: of many parameters not those before every step.
  std::int64_t keep_every() const { return layout_.size() > 65536 ? 16 : 1; }

  // The step; `keeps`: the parameters before it are kept.
  void move(Stepper<T>& stepper, Workers& workers, bool keeps) {
    const auto move_piece = [&](const Piece& piece) {
      const std::size_t first = layout_.entries()[piece.entry].first + piece.first;
      const std::span<T> parameters = std::span(parameters_).subspan(first, piece.size);
      if (keeps)
        std::copy(parameters.begin(), parameters.end(), good_.begin() + static_cast<std::ptrdiff_t>(first));
      stepper.move(first, parameters, gradient_[piece.entry].subspan(piece.first, piece.size));
    };
    if (layout_.size() < piece_size) {
      for (const Piece& piece : pieces_) move_piece(piece);
    } else {
      workers.run(static_cast<std::int64_t>(pieces_.size()),
                  [&](std::int64_t i, int) { move_piece(pieces_[static_cast<std::size_t>(i)]); });
    }
  }

  const std::optional<RowBatch>& batch() const { return prepared_.gradient.model.problem.model->batch; }

  // Whether step t is the last of a pass, with fewer rows than a batch.
  bool is_rest(std::int64_t t) const { return prepared_.rest && t % pass_.steps == 0; }
  const PreparedGradient& prepared_at(std::int64_t t) const {
    return is_rest(t) ? *prepared_.rest : prepared_.gradient;
  }

  // Whether the history has an entry per pass over the rows, not per step.
  bool counts_passes() const { return batch() && options_.epochs > 0; }

  // An estimate of the objective, of a row where passes are counted.
  double reported(double elbo) const {
    const bool per_row = counts_passes() && !prepared_.gradient.estimate.is_average;
    return per_row ? elbo / static_cast<double>(batch()->rows) : elbo;
  }

  // Of every step, or of every pass: the mean over its rows.
  void keep_elbo(double elbo, std::int64_t t) {
    if (!counts_passes()) {
      history_.elbo.push_back(elbo);
      return;
    }
    const std::int64_t seen = is_rest(t) ? pass_.rest : options_.batch.size;
    pass_total_ += reported(elbo) * (static_cast<double>(seen) / static_cast<double>(batch()->rows));
    if (t % pass_.steps != 0) return;
    history_.elbo.push_back(pass_total_);
    pass_total_ = 0;
  }

  // What the program of step t computed at the parameters after step t - 1.
  void keep(const EstimatorOf<T>& estimator, std::int64_t t) {
    keep_elbo(estimator.elbo(), t);
    for (std::size_t i = 0; t > 1 && i < history_.trace.size(); ++i) {
      history_.trace[i].append(estimator.recorded(i));
    }
    for (std::size_t i = 0; i < history_.gradients.size(); ++i) {
      const std::span<const T> part = gradient_[i];
      // of what the fit reports: the loss of a fit without a guide is minus what is maximised
      reported_gradient_.assign(part.begin(), part.end());
      if (!problem_.guide) {
        for (double& g : reported_gradient_) g = -g;
      }
      history_.gradients[i].append(reported_gradient_);
    }
  }

  // The trace after the last step that was taken.
  void record_last(std::int64_t t) {
    if (history_.trace.empty() || t <= 1) return;
    ParameterProgram program(layout_, recorded_.values, options_.precision, 1);
    program.run(std::span<const T>(parameters_), seed_, static_cast<std::uint32_t>(t));
    for (std::size_t i = 0; i < history_.trace.size(); ++i) history_.trace[i].append(program.output(i));
  }

  Termination warn_of_bad_numbers(std::int64_t& t) {
    const PreparedGradient& at = prepared_at(t);
    const std::vector<double> here(parameters_.begin(), parameters_.end());
    lang::Diagnostic found = diagnose(problem_, at.model, at.estimate, layout_, here, seed_, t);
    if (found.hint.empty()) {
      found.hint =
          "the fit keeps its last good state; a smaller step size, other starting values or a tighter "
          "constraint may help";
    }
    interpreter_.warn(std::move(found));
    std::copy(good_.begin(), good_.end(), parameters_.begin());  // programs read them where they are
    // the steps that led here are taken back
    if (t > 1) {
      t = good_step_;
      history_.cut(t);
    }
    return Termination::bad_numbers;
  }

  bool is_converged() const {
    const std::size_t n = history_.elbo.size();
    if (options_.tolerance <= 0 || n < 2 * tolerance_window || n % tolerance_window != 0) return false;
    const std::span<const double> all = history_.elbo;
    const double last = mean_of(all.last(tolerance_window));
    const double before = mean_of(all.subspan(n - 2 * tolerance_window, tolerance_window));
    return std::abs(last - before) < options_.tolerance;
  }

  Interpreter& interpreter_;
  const Problem& problem_;
  const PreparedRun& prepared_;
  const std::string& method_;
  const RunOptions& options_;
  std::uint64_t seed_;
  PassSteps pass_;
  ParameterVector layout_;
  Recorded recorded_;
  std::vector<T> parameters_, good_;
  std::int64_t good_step_ = 1;                // the step before which good_ were the parameters
  std::vector<std::span<const T>> gradient_;  // of this step, by entry of the layout
  std::vector<Piece> pieces_;
  std::vector<double> reported_gradient_;
  History history_;
  double pass_total_ = 0;      // of the pass that is under way
  double seconds_before_ = 0;  // of the run that this one goes on with
  std::string optimizer_;
};

}  // namespace

std::shared_ptr<const Fit> optimise(Interpreter& interpreter, const Problem& problem,
                                    const PreparedRun& prepared, const std::string& method,
                                    const RunOptions& given, const lang::Span& span) {
  const std::uint64_t seed = given.has_seed ? given.seed : interpreter.next_seed();
  RunOptions options = given;
  if (!options.checkpoint.file.empty())
    options.checkpoint.path = output_path(interpreter, interpreter.checkpoint_name(options.checkpoint.file));
  Fit::Result result = options.precision == Precision::real64
                           ? Run<double>(interpreter, problem, prepared, method, options, seed, span).run()
                           : Run<float>(interpreter, problem, prepared, method, options, seed, span).run();
  if (result.termination == Termination::interrupted) {
    lang::Diagnostic d;
    d.code = "interrupted";
    d.tier = lang::Tier::warning;
    d.span = span;
    d.message = "interrupted after " + std::to_string(result.steps) + " of " + std::to_string(options.steps) +
                " steps; the fit so far is kept";
    interpreter.warn(std::move(d));
  }
  return std::make_shared<Fit>(problem, std::move(result));
}

}  // namespace elbo::inference
