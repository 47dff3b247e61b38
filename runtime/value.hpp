// Values of the language. A Value is cheap to copy: large things are shared and immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lang/syntax.hpp"
#include "runtime/distribution.hpp"
#include "runtime/graph.hpp"
#include "runtime/tensor.hpp"

namespace elbo::runtime {

class Value;
class Scope;  // names in force where a closure was made (runtime/scope.hpp)
struct Function;
class Interpreter;
struct CallArgument;  // runtime/evaluation.hpp

struct None {};
struct Missing {};

/// first:last, inclusive; empty when last < first.
struct Range {
  std::int64_t first;
  std::int64_t last;
  std::int64_t size() const { return last < first ? 0 : last - first + 1; }
};

using List = std::vector<Value>;
using Record = std::vector<std::pair<std::string, Value>>;  // in the order written

/// A number (or tensor) that is a node of a graph under construction: what a model's variables are while its
/// body is read, and the argument of a function that is being differentiated.
struct Symbol {
  std::shared_ptr<Graph> graph;
  Expr expr;
};

enum class CallableKind : std::uint8_t { function, model, guide, net };

/// A function, model, guide or net of the script, with the scope it closes over.
struct Closure {
  CallableKind kind;
  std::string name;  // empty for a lambda
  lang::CallablePtr callable;
  std::shared_ptr<Scope> scope;
  lang::Span span;
};

/// A model or guide with its arguments: what `normal_gamma(x)` evaluates to.
struct ModelCall;

/// A distribution with its parameters as values.
struct DistributionValue;

/// A curve with a name, and what an object offers to `plot`.
struct Curve {
  std::string label;
  std::vector<double> x, y;  ///< of equal length
};
struct Curves {
  std::vector<Curve> curves;
  std::string x_label, y_label;
  bool log_x = false;
};

/// Anything with named fields that only its maker knows: fits, methods with options, optimizers, plots.
class Object {
 public:
  virtual ~Object() = default;
  virtual std::string type_name() const = 0;  ///< "fit", "method", "optimizer"
  virtual std::string show() const = 0;       ///< as `print` shows it
  virtual std::vector<std::string> field_names() const { return {}; }
  virtual std::optional<Value> field(const std::string& name) const;
  /// What `plot` draws of it; nothing: it cannot be drawn.
  virtual std::optional<Curves> curves() const { return std::nullopt; }
  /// Called by the evaluator when the object is the value of an expression statement that nothing uses: a
  /// plot draws itself. Whether that showed all there is, so that a prompt need not show it again.
  virtual bool present(Interpreter&) const { return false; }
  /// What calling it gives; nothing: it cannot be called.
  virtual std::optional<Value> call(Interpreter&, std::vector<CallArgument>, const lang::Span&) const;
};
using ObjectPtr = std::shared_ptr<const Object>;

class Value {
 public:
  using Variant =
      std::variant<None, Missing, bool, std::int64_t, double, std::string, Tensor,
                   std::shared_ptr<const List>, std::shared_ptr<const Record>, Range, Symbol,
                   std::shared_ptr<const Closure>, const Function*, std::shared_ptr<const ModelCall>,
                   std::shared_ptr<const DistributionValue>, ObjectPtr>;
  Value() : data_(None{}) {}
  template <class T, class = std::enable_if_t<std::is_constructible_v<Variant, T&&> &&
                                              !std::is_same_v<std::decay_t<T>, Value>>>
  Value(T&& data) : data_(std::forward<T>(data)) {}  // NOLINT: values convert
  Value(int data) : data_(static_cast<std::int64_t>(data)) {}
  Value(const char* data) : data_(std::string(data)) {}

  template <class T>
  const T* as() const {
    return std::get_if<T>(&data_);
  }
  template <class T>
  bool is() const {
    return std::holds_alternative<T>(data_);
  }
  const Variant& variant() const { return data_; }

 private:
  Variant data_;
};

struct ModelCall {
  std::shared_ptr<const Closure> closure;
  std::vector<Value> arguments;  // one per parameter of the closure
  lang::Span span;
};

struct DistributionValue {
  const Distribution* distribution = nullptr;
  const Parameterisation* alternative = nullptr;
  std::vector<Value>
      parameters;  // numbers, tensors or symbols; in the record's order, the alternative in place
  Shape size;
  lang::Span span;
  std::shared_ptr<const Distribution> owner = nullptr;  ///< of a record that the script made
};

Value make_list(List items);
Value make_record(Record fields);
/// What `[a, b, c]` evaluates to: a tensor when all items are numbers (or bools, or tensors of one shape;
/// `missing` among numbers is kept as a missing entry, runtime/missing.hpp), a symbol when some of them are
/// symbols, a list otherwise. No items: an empty real tensor.
Value make_array(List items);
const Value* find_field(const Record& record, const std::string& name);

/// "real", "int", "real[3]", "list", "model", "distribution", …: what messages call it.
std::string type_name(const Value& value);
/// The same in a sentence: "an int", "a real[3]", "missing".
std::string with_article(const Value& value);

/// As `print` shows it: numbers with up to 6 significant digits, long tensors abbreviated.
std::string show(const Value& value);

/// Whether it is a bool, int, real, tensor or symbol.
bool is_numeric(const Value& value);
/// A tensor of a bool, int, real, range or tensor; throws InternalError for anything else.
Tensor to_tensor(const Value& value);
/// A scalar Value for a rank-0 tensor (bool, int or real by storage), the tensor itself otherwise.
Value from_tensor(Tensor tensor);
/// The expression of a numeric value in a graph (a constant when it is not a symbol already).
Expr to_expr(const Value& value, const std::shared_ptr<Graph>& graph);
/// Whether the two are the same: numbers by value, tensors, lists and records entry by entry; values of
/// different kinds are not.
bool same_value(const Value& a, const Value& b);
/// The graph of the first symbol among values, if any.
std::shared_ptr<Graph> graph_of(const std::vector<Value>& values);

/// The distribution's parameters as expressions of a graph; constants are checked against the parameters'
/// supports (Failure "bad-parameter": "sd of Normal must be positive, but is -1").
DistributionCall to_call(const DistributionValue& value, const std::shared_ptr<Graph>& graph);

}  // namespace elbo::runtime
