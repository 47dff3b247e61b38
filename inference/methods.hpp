// Inference methods: their list, and what a call such as `bbvi(samples = 30)` evaluates to.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "inference/fit.hpp"
#include "inference/method.hpp"

namespace elbo::inference {

/// Every inference method.
std::span<const Method* const> method_list();

/// A method with its options: complete, in the order of the record.
class MethodValue : public runtime::Object {
 public:
  MethodValue(const Method& method, runtime::Record options, std::vector<bool> given);
  std::string type_name() const override { return "method"; }
  std::string show() const override;  ///< "bbvi(samples = 30)": what was written
  std::vector<std::string> field_names() const override;
  std::optional<runtime::Value> field(const std::string& name) const override;

  const Method& method() const { return method_; }
  const runtime::Record& options() const { return options_; }

 private:
  const Method& method_;
  runtime::Record options_;
  std::vector<bool> given_;
};

PreparedRun prepare_run(const Problem& problem, const MethodValue& method,
                        const std::vector<GivenOption>& options, const lang::Span& span);

/// Fits a problem by a method, with options of `infer`; `span` is that of the call. Failures as
/// read_run_options, and those of the method.
std::shared_ptr<const Fit> fit_by(runtime::Interpreter& interpreter, const Problem& problem,
                                  const MethodValue& method, const std::vector<GivenOption>& options,
                                  const lang::Span& span);

/// The functions of the language that make methods: bbvi(…).
std::vector<runtime::Function> method_functions();

/// infer, draws, summary.
std::vector<runtime::Function> inference_functions();

/// fisher(d), by generic code that methods use too.
runtime::Function fisher_function();

/// Names of the language whose meaning comes in a later version: calling one is the error
/// "not-yet-supported".
std::vector<runtime::Function> planned_functions();

/// The ready-made guides as functions of the language.
std::vector<runtime::Function> guide_functions();

}  // namespace elbo::inference
