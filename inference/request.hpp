// The arguments of `infer` and its kin: a model, perhaps a guide, methods and options, told apart by their
// types and so in any order.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "inference/guides.hpp"
#include "inference/methods.hpp"
#include "inference/problem.hpp"

namespace elbo::inference {

struct Request {
  struct GivenMethod {
    std::shared_ptr<const MethodValue> method;
    lang::Span span;
  };
  std::string function;  ///< that is called, for messages
  std::shared_ptr<const runtime::ModelCall> model, guide;
  std::shared_ptr<const GuideValue> ready_made;
  std::vector<GivenMethod> methods;         ///< at least one
  lang::Span model_span, guide_span, span;  ///< the last is that of the call
  std::vector<GivenOption> options;
};

/// Failures "repeated-argument", "conflicting-options", "missing-argument", "missing-method", "wrong-type".
Request sort_arguments(const runtime::Arguments& a, const std::string& function);

/// The model applied to its data, with its guide: the one that the request names, or the method's own kind.
/// Discrete variables are summed out where the method does that. Failures where the model has not what the
/// method requires.
Problem pose(runtime::Interpreter& interpreter, const Request& request, const MethodValue& method);

/// A model or guide with its arguments; one that needs none may be named without a call. Null for any other
/// value.
std::shared_ptr<const runtime::ModelCall> as_model_call(const runtime::Value& value, const lang::Span& span);

}  // namespace elbo::inference
