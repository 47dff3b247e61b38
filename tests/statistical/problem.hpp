// A model and guide from a script, elaborated: what the statistical tests look at from inside.
#pragma once

#include <cmath>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "cli/library.hpp"
#include "inference/estimator.hpp"
#include "inference/guides.hpp"
#include "lang/parse.hpp"
#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::tests {

/// Runs a script and applies its model (the global `posterior`) and guide (`q`; mean_field() when there is
/// none).
class ScriptProblem {
 public:
  explicit ScriptProblem(const std::string& text)
      : library_(cli::make_library()), interpreter_(library_, settings(), out_, log_) {
    lang::Diagnostics diagnostics;
    auto script = lang::parse(std::make_shared<lang::Source>("test.elbo", text), diagnostics);
    auto checked =
        script ? lang::check(*script, runtime::name_table(library_), {}, false, diagnostics) : std::nullopt;
    if (checked) interpreter_.run(*checked, diagnostics);
    for (const lang::Diagnostic& d : diagnostics) message_ += lang::render(d);
    if (!message_.empty()) return;
    const auto call = *interpreter_.global("posterior")->as<std::shared_ptr<const runtime::ModelCall>>();
    problem.model = runtime::elaborate(interpreter_, *call);
    if (interpreter_.global("q") == nullptr) {
      problem.guide = inference::mean_field(library_, *problem.model);
      return;
    }
    const auto guide = *interpreter_.global("q")->as<std::shared_ptr<const runtime::Closure>>();
    problem.guide = runtime::elaborate_guide(interpreter_, {guide, {}, {}}, *problem.model);
  }

  const std::string& message() const { return message_; }  ///< of what went wrong; empty
  const runtime::Library& library() const { return library_; }
  elbo::inference::Problem problem;

 private:
  static runtime::Settings settings() {
    runtime::Settings s;
    s.search_path = {std::string(ELBO_SOURCE_DIR) + "/examples/normal_gamma"};
    return s;
  }

  std::ostringstream out_, log_;
  runtime::Library library_;
  runtime::Interpreter interpreter_;
  std::string message_;
};

/// Mean and variance of repeated vectors, by Welford's recurrence.
class Statistics {
 public:
  explicit Statistics(std::size_t n) : mean_(n), square_(n) {}
  void add(std::span<const double> x) {
    ++count_;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double d = x[i] - mean_[i];
      mean_[i] += d / count_;
      square_[i] += d * (x[i] - mean_[i]);
    }
  }
  std::size_t size() const { return mean_.size(); }
  double mean(std::size_t i) const { return mean_[i]; }
  double variance(std::size_t i) const { return square_[i] / (count_ - 1); }
  double total_variance() const {
    double total = 0;
    for (std::size_t i = 0; i < mean_.size(); ++i) total += variance(i);
    return total;
  }
  /// Distance of the mean from `expected` in standard errors.
  double z(std::size_t i, double expected) const {
    return (mean(i) - expected) / std::sqrt(variance(i) / count_);
  }

 private:
  double count_ = 0;
  std::vector<double> mean_, square_;
};

}  // namespace elbo::tests
