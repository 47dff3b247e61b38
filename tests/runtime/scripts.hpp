// Running scripts in tests of the evaluator: a small library of its own, so that nothing of stdlib is needed.
#pragma once

#include <memory>
#include <sstream>
#include <string>

#include "runtime/interpreter.hpp"

namespace elbo::tests {

/// Normal (sd, precision), Gamma(shape, rate), Bernoulli(probability) and Uniform(lower, upper) as in the
/// books, the function print, the constant pi, and elaborate(model) and elaborate_guide(guide, model) under
/// names of their own.
const runtime::Library& small_library();

/// One interpreter with what it printed and what went wrong.
class Session {
 public:
  explicit Session(runtime::Settings settings = {});

  /// Runs a text that must be in order for the checker; diagnostics are kept.
  std::optional<runtime::Value> run(const std::string& text);
  /// The value of the last expression of a text that must succeed.
  runtime::Value value(const std::string& text);
  /// The value as `print` shows it; for a failure "code: text under the caret".
  std::string shown(const std::string& text);
  /// The diagnostic of a text that must fail.
  lang::Diagnostic failure(const std::string& text);
  /// The graph of the model that the last expression of a text applies to data.
  std::shared_ptr<const runtime::ModelGraph> model(const std::string& text);

  runtime::Interpreter& interpreter() { return interpreter_; }
  std::string printed() const { return out_.str(); }

 private:
  std::ostringstream out_, log_;
  runtime::Interpreter interpreter_;
  lang::Diagnostics diagnostics_;
};

}  // namespace elbo::tests
