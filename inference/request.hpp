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
  /// One of the two.
  struct GivenGuide {
    std::shared_ptr<const runtime::ModelCall> written;
    std::shared_ptr<const GuideValue> ready_made;
    lang::Span span;
  };
  std::string function;  ///< that is called, for messages
  std::shared_ptr<const runtime::ModelCall> model;
  std::vector<GivenGuide> guides;    ///< empty: that which the method takes by itself
  std::vector<GivenMethod> methods;  ///< at least one
  lang::Span model_span, span;       ///< the last is that of the call
  std::vector<GivenOption> options;

  /// The one guide of a call that takes one; null: none is given.
  const GivenGuide* guide() const { return guides.empty() ? nullptr : &guides.front(); }
};

/// How many of its arguments a function can take.
struct Several {
  bool methods = false;
  bool guides = false;
};

/// Arguments one by one, or in lists. Failures "repeated-argument", "conflicting-options",
/// "missing-argument", "missing-method", "wrong-type".
Request sort_arguments(const runtime::Arguments& a, const std::string& function, const Several& several = {});

/// The guides of a list, or the one guide that a value is. Failure "wrong-type".
std::vector<Request::GivenGuide> as_guides(const runtime::Value& value, const lang::Span& span);

/// The model applied to its data, with a guide; null: the method's own kind. Discrete variables are summed
/// out where the method does that. Failures where the model has not what the method requires.
Problem pose(runtime::Interpreter& interpreter, const Request& request, const MethodValue& method,
             const Request::GivenGuide* guide);

/// A guide of the script, or a ready-made one; neither: there is none.
struct GuideChoice {
  std::shared_ptr<const runtime::ModelCall> written;
  std::shared_ptr<const GuideValue> ready_made;
};

/// The problem of a run that was, on other data or in another script: which discrete variables were summed
/// out is known. Failure "cannot-enumerate" where they cannot be, and those of `pose`.
Problem pose_again(runtime::Interpreter& interpreter, const runtime::ModelCall& model,
                   const GuideChoice& guide, const std::vector<std::string>& summed_out,
                   const lang::Span& span);

/// A model or guide with its arguments; one that needs none may be named without a call. Null for any other
/// value.
std::shared_ptr<const runtime::ModelCall> as_model_call(const runtime::Value& value, const lang::Span& span);

}  // namespace elbo::inference
