// One interactive session, without its terminal: takes the text of one input at a time, runs it whole or not
// at all, and writes what there is to show.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "cli/terminal.hpp"
#include "lang/check.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/workspace.hpp"

namespace elbo::cli {

class Session {
 public:
  enum class Outcome {
    ok,
    failed,       ///< the input was wrong; everything is as it was before
    interrupted,  ///< by Ctrl-C, likewise
    broken,       ///< by a mistake of ours, likewise
    left          ///< :quit
  };

  /// What scripts print goes to terminal.out, messages to terminal.err. `settings.search_path` is replaced.
  /// `columns`: width of what is shown.
  Session(const runtime::Library& library, runtime::Settings settings, Terminal terminal,
          std::size_t columns = 80);

  /// Runs one input: statements, or a command that begins with `:`.
  Outcome enter(const std::string& input);

  /// Whether more lines must come before the input can run.
  bool is_unfinished(const std::string& input) const;

  // ---- for the commands (commands.cpp) and the completion (complete.cpp)

  /// What becomes of the value of the last expression: it is shown, and is `ans`; or, as in a script, a plot
  /// draws itself.
  enum class Echo { value, presence };
  /// Runs a text as an input. `redefine`: a `let` may take a name that this very text has defined. `label`:
  /// what undo() calls it; its first line when empty.
  Outcome run(const lang::SourcePtr& source, Echo echo, bool redefine, std::string label = "");
  /// The value of a text, which leaves no trace; nothing, after a message, when it has none.
  std::optional<runtime::Value> evaluate(const lang::SourcePtr& source);
  /// Runs a file as one input, with its folder searched for data first.
  Outcome load(const std::string& path);
  /// Takes back the last input that changed names; its label, or nothing when there is none.
  std::optional<std::string> undo();
  /// Writes a message of the session itself.
  Outcome complain(const std::string& code, const std::string& message, const std::string& hint = "");
  Outcome report(const lang::Diagnostics& diagnostics);

  const std::string& last_loaded() const { return last_loaded_; }
  const runtime::Workspace& workspace() const { return workspace_; }
  runtime::Interpreter& interpreter() { return interpreter_; }
  const runtime::Library& library() const { return interpreter_.library(); }
  const lang::NameTable& name_table() const { return table_; }
  const Terminal& terminal() const { return terminal_; }
  std::size_t columns() const { return columns_; }
  void set_columns(std::size_t columns) { columns_ = columns; }
  /// Whether a number went bad in some input, which went on all the same.
  bool has_bad_numbers() const { return interpreter_.has_bad_numbers(); }

 private:
  struct Step {
    std::string label;
    runtime::Workspace::Snapshot before;
  };

  Outcome enter_unguarded(const std::string& input);
  void show(const runtime::Value& value, Echo echo);
  std::optional<runtime::Value> attempt(const lang::SourcePtr& source, bool redefine,
                                        std::optional<lang::Script>& script, lang::Diagnostics& diagnostics);

  Terminal terminal_;
  std::size_t columns_;
  lang::NameTable table_;
  runtime::Interpreter interpreter_;
  runtime::Workspace workspace_;
  std::deque<Step> steps_;  // that can be taken back, oldest first
  std::string last_loaded_;
};

}  // namespace elbo::cli
