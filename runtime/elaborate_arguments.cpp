// The data of a model against the declared types of its arguments: `int`, `real[N, D]`, `positive[J]`,
// `simplex[K]`.
#include <algorithm>
#include <cmath>

#include "lang/print.hpp"
#include "runtime/elaboration.hpp"
#include "runtime/format.hpp"
#include "runtime/missing.hpp"
#include "runtime/support_check.hpp"
#include "runtime/tensor_elements.hpp"

namespace elbo::runtime {

namespace {

using RecordPtr = std::shared_ptr<const Record>;
using ListPtr = std::shared_ptr<const List>;

std::string quoted(const std::string& name) { return "`" + name + "`"; }

bool is_number_like(const Value& value) { return is_numeric(value) || value.is<Range>(); }

// ---- bad entries ------------------------------------------------------------------------------------------

[[noreturn]] void refuse_entry(const std::string& element, bool missing, const lang::Span& span) {
  if (missing) {
    fail(
        "nan-in-data", element + " is missing, and nothing in the model gives it a distribution", span,
        "missing entries are imputed where `~` stands for them; otherwise keep the complete rows only, as in "
        "`x[not is_missing(x)]`");
  }
  fail("nan-in-data", element + " is NaN", span, "data must be numbers; look where this entry comes from");
}

std::optional<std::int64_t> first_nan(const Tensor& tensor) {
  return with_elements(tensor, [](auto elements) -> std::optional<std::int64_t> {
    if constexpr (!std::is_integral_v<typename decltype(elements)::value_type>) {
      const auto at = std::find_if(elements.begin(), elements.end(), [](auto x) { return x != x; });
      if (at != elements.end()) return at - elements.begin();
    }
    return std::nullopt;
  });
}

/// NaN anywhere in the data would make every density NaN; it is refused where it can still be named.
void check_entries(const std::string& name, const Value& value, const lang::Span& span) {
  if (value.is<Missing>()) refuse_entry(quoted(name), true, span);
  if (const auto* x = value.as<double>(); x != nullptr && std::isnan(*x))
    refuse_entry(quoted(name), is_missing(*x), span);
  if (const auto* tensor = value.as<Tensor>()) {
    if (const auto i = first_nan(*tensor)) {
      refuse_entry(quoted(element_name(name, tensor->shape(), *i)), is_missing(tensor->real(*i)), span);
    }
  }
  if (const auto* list = value.as<ListPtr>()) {
    const Shape shape{static_cast<std::int64_t>((*list)->size())};
    for (std::int64_t i = 0; i < shape[0]; ++i) {
      check_entries(element_name(name, shape, i), (**list)[static_cast<std::size_t>(i)], span);
    }
  }
}

// ---- one argument -----------------------------------------------------------------------------------------

/// Checks arguments one after another; names of sizes are bound as they come.
class ArgumentChecker {
 public:
  ArgumentChecker(Interpreter& interpreter, const Closure& closure, std::shared_ptr<Scope> scope,
                  lang::Span span)
      : evaluation_(interpreter, std::move(scope)), closure_(closure), span_(std::move(span)) {}

  /// The value as the model gets it: reals that are whole numbers become ints where the type says `int`.
  Value check(const lang::Parameter& parameter, Value value) {
    name_ = parameter.name.name;
    type_ = &*parameter.type;
    const std::string& type = type_->name.name;
    for (const auto& [plain, matches] : plain_types()) {
      if (plain == type) {
        if (!matches(value)) wrong(type, "is " + type_name(value));
        return value;
      }
    }
    if (!is_number_like(value)) wrong(expected(), "is " + type_name(value));
    if (const auto* symbol = value.as<Symbol>()) {
      // Its numbers are not known yet.
      check_shape(symbol->expr.type().event);
      return value;
    }
    const Tensor tensor = to_tensor(value);
    check_shape(tensor.shape());
    if (type == "int") return integers(tensor);
    if (type == "bool") return booleans(tensor);
    if (type != "real") check_support(tensor);
    return value.is<Range>() ? Value(tensor) : value;
  }

 private:
  using Matches = bool (*)(const Value&);
  static const std::vector<std::pair<std::string, Matches>>& plain_types() {
    static const std::vector<std::pair<std::string, Matches>> types{
        {"string", [](const Value& v) { return v.is<std::string>(); }},
        {"record", [](const Value& v) { return v.is<RecordPtr>(); }},
        {"list", [](const Value& v) { return v.is<ListPtr>() || v.is<Tensor>(); }},
        {"function",
         [](const Value& v) { return v.is<const Function*>() || v.is<std::shared_ptr<const Closure>>(); }}};
    return types;
  }

  std::string owner() const { return closure_.name.empty() ? "the function" : closure_.name; }

  /// The type as written, for messages.
  std::string expected() const { return std::string(type_->span.text()); }

  [[noreturn]] void refuse(const char* code, const std::string& message, const std::string& hint = {}) const {
    lang::Diagnostic diagnostic{.code = code, .message = message, .span = span_, .related = {}, .hint = hint};
    diagnostic.related.push_back({type_->span, "declared here"});
    throw lang::Failure(std::move(diagnostic));
  }

  [[noreturn]] void wrong(const std::string& wanted, const std::string& found) const {
    refuse("support-argument",
           "argument " + quoted(name_) + " of `" + owner() + "` must be " + wanted + ", but " + found);
  }

  [[noreturn]] void wrong_shape(const Shape& found, const std::string& why = {}) const {
    const std::string what = found.empty() ? "a single number" : "shape " + show(found);
    const std::string hint =
        type_->has_shape ? "" : "write `" + expected() + "[N]` for a vector, with any name for its length";
    refuse("shape-argument",
           "argument " + quoted(name_) + " of `" + owner() + "` must be " + expected() + ", but has " + what +
               why,
           hint);
  }

  void check_shape(const Shape& whole) {
    // The size of a square matrix is given once: `covariance[3]`.
    Shape found = whole;
    const SupportKind* kind = find_support(type_->name.name);
    if (kind && kind->event_rank == 2) {
      if (found.size() < 2 || found[found.size() - 1] != found[found.size() - 2]) wrong_shape(found);
      found.pop_back();
    }
    if (found.size() != type_->shape.size()) wrong_shape(whole);
    for (std::size_t i = 0; i < found.size(); ++i) check_size(*type_->shape[i], found, found[i]);
  }

  /// A name that is no argument of the model stands for the size it meets first.
  void check_size(const lang::Expression& size, const Shape& found, std::int64_t extent) {
    const auto* name = std::get_if<lang::NameExpression>(&size.node);
    const auto& scope = evaluation_.scope();
    if (name != nullptr && scope->find_here(name->name) == nullptr) {
      scope->define(name->name, extent);
      return;
    }
    const Value wanted = evaluation_.evaluate(size);
    const auto* count = wanted.as<std::int64_t>();
    const auto* real = wanted.as<double>();
    const bool whole = real != nullptr && *real == std::floor(*real);
    if (count == nullptr && !whole) {
      refuse("shape-argument",
             "the size `" + lang::show(size) + "` must be an int, but is " + type_name(wanted));
    }
    const std::int64_t number = count != nullptr ? *count : static_cast<std::int64_t>(*real);
    if (number != extent) {
      const bool spelled = std::holds_alternative<lang::IntegerLiteral>(size.node);
      wrong_shape(found, spelled ? "" : ", and `" + lang::show(size) + "` is " + std::to_string(number));
    }
  }

  Value integers(const Tensor& tensor) const {
    if (tensor.storage() == Storage::boolean) wrong(expected(), "is " + type_name(tensor));
    if (holds_integers(tensor)) return from_tensor(tensor);
    for (std::int64_t i = 0; i < tensor.size(); ++i) {
      const double x = tensor.real(i);
      if (x == std::floor(x) && std::abs(x) < 0x1p63) continue;
      wrong(expected(), element_name(name_, tensor.shape(), i) + " is " + show_real(x));
    }
    return from_tensor(tensor.stored_as(Storage::integer));
  }

  Value booleans(const Tensor& tensor) const {
    if (tensor.storage() == Storage::boolean) return from_tensor(tensor);
    for (std::int64_t i = 0; i < tensor.size(); ++i) {
      const double x = tensor.real(i);
      if (x != 0 && x != 1) wrong(expected(), element_name(name_, tensor.shape(), i) + " is " + show_real(x));
    }
    return from_tensor(tensor.stored_as(Storage::boolean));
  }

  void check_support(const Tensor& tensor) {
    const Constraint constraint = evaluate_constraint(evaluation_, [&] {
      lang::TypeExpression without_shape = *type_;  // its sizes are checked already
      without_shape.shape.clear();
      without_shape.has_shape = false;
      return without_shape;
    }());
    std::vector<Tensor> bounds;
    for (const Value& bound : constraint.bounds) bounds.push_back(to_tensor(bound));
    if (const auto outside = first_outside(*constraint.kind, tensor, bounds)) {
      refuse("support-argument", outside_message("argument " + quoted(name_) + " of `" + owner() + "`", name_,
                                                 *constraint.kind, tensor, *outside, bounds));
    }
  }

  Evaluation evaluation_;
  const Closure& closure_;
  lang::Span span_;                             // of the call
  std::string name_;                            // of the argument being checked
  const lang::TypeExpression* type_ = nullptr;  // its type
};

}  // namespace

Constraint evaluate_constraint(Evaluation& evaluation, const lang::TypeExpression& type) {
  const std::string& name = type.name.name;
  Constraint result{.kind = find_support(name), .bounds = {}, .has_shape = type.has_shape, .shape = {}};
  if (result.kind == nullptr) {
    fail("not-yet-supported", "the constraint `" + name + "` has no meaning in this version", type.name.span);
  }
  for (const auto& argument : type.arguments) {
    result.bounds.push_back(evaluation.evaluate(*argument));
    if (!is_number_like(result.bounds.back())) {
      fail("wrong-type", "a bound must be a number, but is " + type_name(result.bounds.back()),
           argument->span);
    }
  }
  const auto wanted = static_cast<std::size_t>(result.kind->bounds);
  if (result.bounds.size() != wanted) {
    fail("bad-constraint",
         "`" + name + "` takes " + (wanted == 0 ? "no" : std::to_string(wanted)) + " bound" +
             (wanted == 1 ? "" : "s") + ", but is given " + std::to_string(result.bounds.size()),
         type.span,
         wanted == 0   ? ""
         : wanted == 1 ? "for example " + name + "(0)"
                       : "for example " + name + "(0, 1)");
  }
  if (!graph_of(result.bounds) && wanted > 0) {
    std::vector<Tensor> bounds;
    for (const Value& bound : result.bounds) bounds.push_back(to_tensor(bound));
    const std::string problem = empty_interval(*result.kind, bounds);
    if (!problem.empty())
      fail("bad-constraint", "the bounds of `" + name + "` must increase, but " + problem, type.span);
  }
  for (const auto& size : type.shape) {
    const Value value = evaluation.evaluate(*size);
    const auto* extent = value.as<std::int64_t>();
    if (extent == nullptr || *extent < 1) {
      fail("bad-shape",
           "a size must be a positive int, but is " + (extent != nullptr ? show(value) : type_name(value)),
           size->span);
    }
    result.shape.push_back(*extent);
  }
  // The size of a square matrix is given once.
  if (result.kind->event_rank == 2 && !result.shape.empty()) result.shape.push_back(result.shape.back());
  return result;
}

void bind_arguments(Interpreter& interpreter, const ModelCall& call, const std::shared_ptr<Scope>& scope) {
  const auto& parameters = call.closure->callable->parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    check_entries(parameters[i].name.name, call.arguments[i], call.span);
    scope->define(parameters[i].name.name, call.arguments[i]);
  }
  check_types(interpreter, *call.closure, call.arguments, scope, call.span);
}

void check_types(Interpreter& interpreter, const Closure& closure, const std::vector<Value>& values,
                 const std::shared_ptr<Scope>& scope, const lang::Span& span) {
  const auto& parameters = closure.callable->parameters;
  // Most functions declare no types, and calls of them must be quick.
  if (std::none_of(parameters.begin(), parameters.end(), [](const auto& p) { return p.type.has_value(); }))
    return;
  ArgumentChecker checker(interpreter, closure, scope, span);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].type) scope->define(parameters[i].name.name, checker.check(parameters[i], values[i]));
  }
}

}  // namespace elbo::runtime
