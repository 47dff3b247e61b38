// Making, naming, comparing and converting values. How they are shown is in format.cpp, distributions as
// values in distribution_value.cpp.
#include "runtime/value.hpp"

#include <algorithm>
#include <cmath>

#include "lang/diagnostic.hpp"
#include "runtime/evaluation.hpp"
#include "runtime/expression.hpp"
#include "runtime/library.hpp"
#include "runtime/missing.hpp"
#include "runtime/program.hpp"

namespace elbo::runtime {

std::optional<Value> Object::field(const std::string&) const { return std::nullopt; }
std::optional<Value> Object::call(Interpreter&, std::vector<CallArgument>, const lang::Span&) const {
  return std::nullopt;
}

Value make_list(List items) { return std::make_shared<const List>(std::move(items)); }
Value make_record(Record fields) { return std::make_shared<const Record>(std::move(fields)); }

const Value* find_field(const Record& record, const std::string& name) {
  for (const auto& field : record) {
    if (field.first == name) return &field.second;
  }
  return nullptr;
}

// ---- names of types ---------------------------------------------------------------------------------------

namespace {

std::string with_shape(std::string name, const Shape& shape) {
  return shape.empty() ? name : name + show(shape);
}

std::string_view storage_name(Storage storage) {
  static constexpr std::string_view names[] = {"bool", "int", "int", "real", "real"};
  return names[static_cast<std::size_t>(storage)];
}

std::string_view domain_name(Domain domain) {
  static constexpr std::string_view names[] = {"bool", "int", "real"};
  return names[static_cast<std::size_t>(domain)];
}

std::string_view callable_name(CallableKind kind) {
  static constexpr std::string_view names[] = {"function", "model", "guide", "net"};
  return names[static_cast<std::size_t>(kind)];
}

struct TypeNamer {
  std::string operator()(const None&) const { return "none"; }
  std::string operator()(const Missing&) const { return "missing"; }
  std::string operator()(bool) const { return "bool"; }
  std::string operator()(std::int64_t) const { return "int"; }
  std::string operator()(double) const { return "real"; }
  std::string operator()(const std::string&) const { return "string"; }
  std::string operator()(const Tensor& t) const {
    return with_shape(std::string(storage_name(t.storage())), t.shape());
  }
  std::string operator()(const std::shared_ptr<const List>&) const { return "list"; }
  std::string operator()(const std::shared_ptr<const Record>&) const { return "record"; }
  std::string operator()(const Range&) const { return "range"; }
  std::string operator()(const Symbol& s) const {
    return with_shape(std::string(domain_name(s.expr.type().domain)), s.expr.type().event);
  }
  std::string operator()(const std::shared_ptr<const Closure>& c) const {
    return std::string(callable_name(c->kind));
  }
  std::string operator()(const Function*) const { return "function"; }
  std::string operator()(const std::shared_ptr<const ModelCall>& c) const {
    return std::string(callable_name(c->closure->kind));
  }
  std::string operator()(const std::shared_ptr<const DistributionValue>&) const { return "distribution"; }
  std::string operator()(const ObjectPtr& object) const { return object->type_name(); }
};

}  // namespace

std::string type_name(const Value& value) { return std::visit(TypeNamer{}, value.variant()); }

std::string with_article(const Value& value) {
  const std::string name = type_name(value);
  if (value.is<None>() || value.is<Missing>()) return name;
  return (std::string("aeio").find(name[0]) != std::string::npos ? "an " : "a ") + name;
}

// ---- numbers ----------------------------------------------------------------------------------------------

bool is_numeric(const Value& value) {
  return value.is<bool>() || value.is<std::int64_t>() || value.is<double>() || value.is<Tensor>() ||
         value.is<Symbol>();
}

Tensor to_tensor(const Value& value) {
  if (const auto* t = value.as<Tensor>()) return *t;
  if (const auto* b = value.as<bool>()) return Tensor::boolean({}, {static_cast<std::uint8_t>(*b)});
  if (const auto* i = value.as<std::int64_t>()) return Tensor({}, std::vector<std::int64_t>{*i});
  if (const auto* x = value.as<double>()) return Tensor::scalar(*x);
  if (value.is<Missing>()) return Tensor::scalar(missing_real());
  if (const auto* range = value.as<Range>()) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(range->size()));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = range->first + static_cast<std::int64_t>(i);
    const auto size = static_cast<std::int64_t>(values.size());
    return Tensor({size}, std::move(values));
  }
  throw lang::InternalError("a " + type_name(value) + " was used as a tensor");
}

Value from_tensor(Tensor tensor) {
  if (!tensor.shape().empty()) return tensor;
  if (tensor.storage() == Storage::boolean) return tensor.integer(0) != 0;
  if (tensor.storage() == Storage::integer || tensor.storage() == Storage::byte) return tensor.integer(0);
  const double value = tensor.real(0);
  if (is_missing(value)) return Missing{};
  return value;
}

Expr to_expr(const Value& value, const std::shared_ptr<Graph>& graph) {
  if (const auto* symbol = value.as<Symbol>()) {
    if (symbol->graph == graph) return symbol->expr;
    fail("not-yet-supported",
         "this mixes values of two derivatives, or of a derivative and a model; nested ones have no meaning "
         "here");
  }
  return graph->constant(to_tensor(value));
}

std::shared_ptr<Graph> graph_of(const std::vector<Value>& values) {
  for (const Value& value : values) {
    if (const auto* symbol = value.as<Symbol>()) return symbol->graph;
  }
  return nullptr;
}

// ---- arrays -----------------------------------------------------------------------------------------------

namespace {

const Shape& shape_of(const Value& value) {
  static const Shape scalar;
  if (const auto* t = value.as<Tensor>()) return t->shape();
  if (const auto* s = value.as<Symbol>()) return s->expr.type().event;
  return scalar;
}

/// Items of one shape that are all numbers, or missing ones among numbers.
bool is_stackable(const List& items) {
  bool any_number = false;
  for (const Value& item : items) {
    if (item.is<Missing>() ? !shape_of(items.front()).empty() : !is_numeric(item)) return false;
    any_number = any_number || !item.is<Missing>();
    if (shape_of(item) != shape_of(items.front())) return false;
  }
  return any_number;
}

Shape stacked_shape(const List& items) {
  Shape shape = shape_of(items.front());
  shape.insert(shape.begin(), static_cast<std::int64_t>(items.size()));
  return shape;
}

/// Storage of the numbers of an item, in the order boolean < integer < real.
Storage widest_storage(const List& items) {
  Storage widest = Storage::boolean;
  for (const Value& item : items) {
    Storage storage = Storage::real;
    if (item.is<bool>()) storage = Storage::boolean;
    if (item.is<std::int64_t>()) storage = Storage::integer;
    if (const auto* t = item.as<Tensor>()) storage = t->storage();
    if (storage == Storage::byte) storage = Storage::integer;
    if (storage == Storage::single) storage = Storage::real;
    widest = std::max(widest, storage);
  }
  return widest;
}

template <class T, class Read>
std::vector<T> joined(const List& items, std::int64_t size, Read read) {
  std::vector<T> values;
  values.reserve(items.size() * static_cast<std::size_t>(size));
  for (const Value& item : items) {
    const Tensor tensor = to_tensor(item);
    for (std::int64_t i = 0; i < size; ++i) values.push_back(static_cast<T>(read(tensor, i)));
  }
  return values;
}

Value stack_tensors(const List& items) {
  const Shape shape = stacked_shape(items);
  const std::int64_t size = element_count(shape_of(items.front()));
  const auto integer = [](const Tensor& t, std::int64_t i) { return t.integer(i); };
  const auto real = [](const Tensor& t, std::int64_t i) { return t.real(i); };
  const Storage storage = widest_storage(items);
  if (storage == Storage::boolean) return Tensor::boolean(shape, joined<std::uint8_t>(items, size, integer));
  if (storage == Storage::integer) return Tensor(shape, joined<std::int64_t>(items, size, integer));
  return Tensor(shape, joined<double>(items, size, real));
}

Value stack_symbols(const List& items, const std::shared_ptr<Graph>& graph) {
  Shape row = shape_of(items.front());
  row.insert(row.begin(), 1);
  std::vector<Expr> parts;
  for (const Value& item : items) parts.push_back(reshape(to_expr(item, graph), row));
  return Symbol{graph, concatenate(parts, 0)};
}

}  // namespace

Value make_array(List items) {
  if (items.empty()) return Tensor(Shape{0}, std::vector<double>{});
  if (!is_stackable(items)) return make_list(std::move(items));
  if (const auto graph = graph_of(items)) return stack_symbols(items, graph);
  return stack_tensors(items);
}

// ---- equality ---------------------------------------------------------------------------------------------

namespace {

bool equal_tensors(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return false;
  for (std::int64_t i = 0; i < a.size(); ++i) {
    if (a.real(i) != b.real(i)) return false;
  }
  return true;
}

bool equal_lists(const List& a, const List& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_value);
}

// Records are equal whatever the order of their fields.
bool equal_records(const Record& a, const Record& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const auto& field) {
           const Value* other = find_field(b, field.first);
           return other != nullptr && same_value(field.second, *other);
         });
}

bool is_number_or_range(const Value& v) { return (is_numeric(v) && !v.is<Symbol>()) || v.is<Range>(); }

}  // namespace

bool same_value(const Value& a, const Value& b) {
  if (const auto* i = a.as<std::int64_t>()) {
    if (const auto* j = b.as<std::int64_t>()) return *i == *j;
  }
  if (is_number_or_range(a) && is_number_or_range(b)) return equal_tensors(to_tensor(a), to_tensor(b));
  if (a.variant().index() != b.variant().index()) return false;
  if (const auto* s = a.as<std::string>()) return *s == *b.as<std::string>();
  if (const auto* l = a.as<std::shared_ptr<const List>>())
    return equal_lists(**l, **b.as<std::shared_ptr<const List>>());
  if (const auto* r = a.as<std::shared_ptr<const Record>>()) {
    return equal_records(**r, **b.as<std::shared_ptr<const Record>>());
  }
  if (a.is<None>() || a.is<Missing>()) return true;
  if (const auto* f = a.as<const Function*>()) return *f == *b.as<const Function*>();
  if (const auto* c = a.as<std::shared_ptr<const Closure>>())
    return *c == *b.as<std::shared_ptr<const Closure>>();
  if (const auto* o = a.as<ObjectPtr>()) return *o == *b.as<ObjectPtr>();
  return false;
}

}  // namespace elbo::runtime
