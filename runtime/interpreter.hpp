// Evaluates checked scripts: values in, values and effects (print, plots, fits) out.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lang/check.hpp"
#include "runtime/library.hpp"
#include "runtime/model_graph.hpp"

namespace elbo::runtime {

/// How a script is run; set by the command line.
struct Settings {
  std::vector<std::string> search_path;  ///< folders in which files are looked for, in order
  std::string output_folder;             ///< --out; empty: none
  std::string script_name;               ///< stem used for NAME-plot-1.svg
  std::uint64_t seed = 0;                ///< of everything random that is not given one
  int threads = 1;
  bool quiet = false;
  bool resume = false;  ///< --resume: runs with a checkpoint go on from it
  bool interactive = false;                                ///< a terminal: text plots, progress bars
  std::vector<std::pair<std::string, Value>> definitions;  ///< --set name=value
  std::atomic<bool>* interrupted = nullptr;                ///< set by Ctrl-C; who heeds it clears it
};

class Builtins;
class NameReader;
struct DrawContext;
struct NetCalls;

class Interpreter {
 public:
  Interpreter(const Library& library, Settings settings, std::ostream& out, std::ostream& log);
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;
  ~Interpreter();

  /// Runs a script in the global scope. Returns the value of the last expression statement (None otherwise),
  /// or nothing when it failed; the diagnostic is appended. Names defined before the failure stay.
  std::optional<Value> run(const lang::CheckedScript& script, lang::Diagnostics& diagnostics);

  /// Names in the global scope.
  std::vector<std::string> global_names() const;
  const Value* global(const std::string& name) const;

  /// Names of Settings::definitions that no top-level `let` of the scripts run so far has taken.
  std::vector<std::string> unused_definitions() const;

  /// Calls a function value (closure or built-in) with positional and named arguments.
  Value call(const Value& function, const std::vector<Value>& arguments, const lang::Span& span,
             const Record& named = {});

  const Library& library() const { return library_; }
  const Builtins& builtins() const { return *builtins_; }
  const Settings& settings() const { return settings_; }
  std::ostream& out() { return out_; }  ///< what the script prints
  std::ostream& log() { return log_; }  ///< warnings, progress

  /// Seed for one more unseeded random call; a script draws them in order, so runs repeat.
  std::uint64_t next_seed();
  /// The file of one more run that keeps its state in a file of this name: "run.npz", for a second "run-2.npz".
  std::string checkpoint_name(const std::string& file);
  /// Whether any run has asked for one.
  bool has_checkpoints() const { return !checkpoints_.empty(); }
  /// Number of the next plot that has no file name.
  int next_plot() { return ++plots_; }
  /// How many seeds have been drawn; a prompt that takes an input back sets the number it had before.
  std::uint64_t random_calls() const { return random_calls_; }
  void set_random_calls(std::uint64_t calls) { random_calls_ = calls; }
  /// Looks for files in other folders from now on; returns those before.
  std::vector<std::string> search_in(std::vector<std::string> folders) {
    return std::exchange(settings_.search_path, std::move(folders));
  }
  void warn(lang::Diagnostic diagnostic);
  /// Whether a warning of tier `numbers` was given: the script went on, but the program must not end as if
  /// all was well.
  bool has_bad_numbers() const { return has_bad_numbers_; }
  /// A warning that holds for the whole run: later ones of the same code are not shown.
  void warn_once(lang::Diagnostic diagnostic);
  /// Full path of a data file, or Failure "file-not-found" naming every place tried.
  std::string find_file(const std::string& name, const lang::Span& span) const;

  /// The names of another script as a record; runs it when it is asked for the first time. Failures:
  /// file-not-found, import-cycle, and those of the script itself.
  Value import_script(const std::string& name, const lang::Span& span);
  /// A further mistake that is reported together with the failure that ends the run.
  void add_pending(lang::Diagnostic diagnostic) { pending_.push_back(std::move(diagnostic)); }
  lang::Diagnostics take_pending() { return std::exchange(pending_, {}); }
  /// What is imported from now on is read and run anew: at a prompt, a file may have been changed since.
  void forget_imports() { imported_.clear(); }

  /// How names are read while a model's body is being read; null otherwise. Returns the one before.
  NameReader* read_names_by(NameReader* reader) { return std::exchange(reader_, reader); }

  NameReader* name_reader() const { return reader_; }

  /// Where a script's own distribution draws from (runtime/own_distribution.hpp); null elsewhere. Returns the
  /// one before.
  const DrawContext* draw_in(const DrawContext* context) { return std::exchange(draws_, context); }
  const DrawContext* draw_context() const { return draws_; }

  /// The nets that are being called, and where their weights come from (runtime/nets.hpp); null where they have
  /// none. Returns those before.
  NetCalls* call_nets_by(NetCalls* calls) { return std::exchange(net_calls_, calls); }
  NetCalls* net_calls() const { return net_calls_; }

  /// Every model, guide and fit made while running, for `elbo dump`.
  std::vector<std::shared_ptr<const ModelGraph>>& elaborated() { return elaborated_; }

 private:
  friend class Evaluation;
  friend class CallFrame;

  /// Remembers a scope that a closure stored in it may keep alive; such circles are cut at the end.
  void note_captured(const std::shared_ptr<Scope>& scope);
  /// The value of --set for a top-level `let`; null when there is none.
  const Value* definition(const std::string& name);

  const Library& library_;
  Settings settings_;
  std::ostream& out_;
  std::ostream& log_;
  std::unique_ptr<const Builtins> builtins_;
  std::shared_ptr<Scope> globals_;
  std::vector<std::weak_ptr<Scope>> captured_;
  std::size_t next_pruning_ = 1024;  // size of captured_ at which expired entries are dropped
  std::vector<std::string> definitions_used_;
  int depth_ = 0;                     // of calls of closures
  const char* stack_base_ = nullptr;  // address in the frame of the outermost call
  std::uint64_t random_calls_ = 0;
  int plots_ = 0;
  std::map<std::string, int> checkpoints_;  // runs so far, by name of the file
  bool has_bad_numbers_ = false;
  std::set<std::string> warned_;  // codes given to warn_once
  std::vector<std::shared_ptr<const ModelGraph>> elaborated_;
  NameReader* reader_ = nullptr;
  const DrawContext* draws_ = nullptr;
  NetCalls* net_calls_ = nullptr;
  std::map<std::string, std::optional<Value>> imported_;  // by canonical path; empty while it is being run
  lang::Diagnostics pending_;
};

// ---- operations on values, shared by the evaluator and built-in functions
// --------------------------------------

/// Applies a binary or unary operator ("+", "<", "not", …) or an Operation to numeric values: eagerly, or as
/// a graph node when any is a Symbol. Shapes that do not fit are a Failure "shape-mismatch". Ints are exact
/// ("integer-overflow"); `//` and `%` take ints only; a missing operand gives missing.
Value apply_operator(const std::string& symbol, const std::vector<Value>& operands);
Value apply_operator(const std::string& symbol, const Value& left, const Value& right);
Value apply_operation(const Operation& operation, const std::vector<Value>& operands,
                      Attributes attributes = {});

/// The model (or guide) with its arguments that a value stands for: what `normal_gamma(x)` evaluates to, or a
/// bare closure all of whose parameters have defaults (`q`). Null for any other value.
std::shared_ptr<const ModelCall> as_model_call(Interpreter& interpreter, const Value& value,
                                               CallableKind kind, const lang::Span& span);

}  // namespace elbo::runtime
