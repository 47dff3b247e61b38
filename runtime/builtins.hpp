// Everything of a Library that a script may name, as values: functions, distributions and operations are all
// called in one way. Internal to the interpreter.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "runtime/library.hpp"

namespace elbo::runtime {

class Builtins {
 public:
  explicit Builtins(const Library& library);

  /// The value of a name; null when the library has none.
  const Value* find(const std::string& name) const;
  /// By which the arguments of a function are sorted.
  const lang::Signature& signature(const Function& function) const;
  std::vector<std::string> names() const;

 private:
  void add(const Function& function, lang::Signature signature);
  const Function& made(Function function);

  std::deque<Function> made_;  // functions for distributions and operations; a deque, as they are pointed to
  std::unordered_map<std::string, Value> values_;
  std::unordered_map<const Function*, lang::Signature> signatures_;
};

}  // namespace elbo::runtime
