// The names of an interactive session. An input runs in the scope that those before it have left, and can be
// taken back whole. A name that is given anew opens a scope inside the present one when a function or model
// may have captured it: what captured a name keeps the meaning it had, as in any nested scope.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lang/check.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/scope.hpp"

namespace elbo::runtime {

class Workspace {
 public:
  /// The interpreter must outlive the workspace; its own global scope is not used.
  explicit Workspace(Interpreter& interpreter);

  /// Runs one input. Returns the value of its last expression statement (None otherwise), or nothing, with a
  /// diagnostic, when it failed; then the names are as they were before.
  std::optional<Value> run(const lang::CheckedScript& input, lang::Diagnostics& diagnostics);

  /// Gives a name a value from outside.
  void define(const std::string& name, Value value);
  /// Null when there is none.
  const Value* find(const std::string& name) const;
  /// Every name in force, once, oldest first.
  std::vector<std::string> names() const;

  /// All names with their values, and the state of unseeded random numbers. Cheap: values are shared.
  struct Snapshot {
    struct Table {
      std::shared_ptr<Scope> scope;
      std::vector<std::pair<std::string, Value>> entries;
    };
    std::vector<Table> tables;  // innermost first
    bool captured = false;
    std::uint64_t random_calls = 0;
  };
  Snapshot snapshot() const;
  void restore(const Snapshot& snapshot);

 private:
  void make_room_for(const std::vector<std::string>& names);

  Interpreter& interpreter_;
  std::shared_ptr<Scope> scope_;
  bool captured_ = false;  // whether a closure may see scope_
};

/// The names that the statements of a script give a meaning at its top level, in order; `x` of `x = 1` is
/// none.
std::vector<std::string> defined_names(const lang::Script& script);

}  // namespace elbo::runtime
