// Arguments of built-in functions as C++ values, with messages in the user's terms.
#include "stdlib/functions/common.hpp"

#include <numeric>

#include "runtime/operation.hpp"

namespace elbo::stdlib {

void wrong_type(const std::string& name, const std::string& expected, const Value& found,
                const lang::Span& span, std::string hint) {
  fail("wrong-type", "`" + name + "` must be " + expected + ", but is " + type_name(found), span,
       std::move(hint));
}

Value numeric_value(const Value& value, const lang::Span& span, std::string_view name) {
  if (value.is<runtime::Range>() || value.is<runtime::Missing>()) return to_tensor(value);
  if (!is_numeric(value)) wrong_type(std::string(name), "a number or tensor", value, span);
  return value;
}

Value numeric_argument(const Arguments& a, std::size_t i, std::string_view name) {
  return numeric_value(a.values[i], a.spans[i], name);
}

Tensor data_argument(const Arguments& a, std::size_t i, std::string_view name, std::string_view function) {
  const Value value = numeric_argument(a, i, name);
  if (symbol(value) != nullptr) {
    fail("not-differentiable",
         "`" + std::string(function) +
             "` works on data only: it has no derivative and takes no random variable",
         a.spans[i]);
  }
  return to_tensor(value);
}

Shape shape_of(const Value& value) {
  if (const Symbol* s = symbol(value)) return s->expr.type().event;
  if (const auto* tensor = value.as<Tensor>()) return tensor->shape();
  if (const auto* range = value.as<runtime::Range>()) return {range->size()};
  return {};
}

std::optional<std::size_t> axis_argument(const Arguments& a, std::size_t i, std::size_t rank) {
  if (!is_given(a, i)) return std::nullopt;
  const std::int64_t axis = integer_argument(a, i, "axis");
  if (axis < 1 || axis > static_cast<std::int64_t>(rank)) {
    fail("axis-range",
         rank == 0 ? "a single number has no axes"
                   : "axis " + std::to_string(axis) + " is not one of the tensor's axes, 1 to " +
                         std::to_string(rank),
         a.spans[i], rank == 0 ? "leave out `axis`" : "");
  }
  return static_cast<std::size_t>(axis - 1);
}

std::int64_t size_argument(const Arguments& a, std::size_t i, std::string_view name, std::int64_t least) {
  const std::int64_t value = integer_argument(a, i, name);
  if (value < least) {
    fail("bad-argument",
         "`" + std::string(name) + "` must be at least " + std::to_string(least) + ", but is " +
             std::to_string(value),
         a.spans[i]);
  }
  return value;
}

Shape shape_argument(const Arguments& a, std::size_t i, std::string_view name) {
  const Value& value = a.values[i];
  const bool numeric = value.is<std::int64_t>() || value.is<Tensor>();
  if (!numeric || !is_integral(to_tensor(value)) || to_tensor(value).rank() > 1) {
    wrong_type(std::string(name), "an int or a vector of ints", value, a.spans[i], "write a shape as [3, 4]");
  }
  const Tensor sizes = to_tensor(value);
  Shape shape;
  double count = 1;
  for (std::int64_t k = 0; k < sizes.size(); ++k) {
    shape.push_back(sizes.integer(k));
    count *= static_cast<double>(shape.back());
    if (shape.back() < 0) {
      fail("bad-argument", "a shape cannot hold " + std::to_string(shape.back()), a.spans[i]);
    }
  }
  constexpr double most = 1e11;  // elements; 800 GB of reals
  if (count > most) fail("bad-argument", "a tensor of shape " + show(shape) + " is too large", a.spans[i]);
  return shape;
}

void require_elements(std::int64_t count, std::string_view function, const lang::Span& span) {
  if (count == 0)
    fail("empty-tensor", "`" + std::string(function) + "` of an empty tensor has no value", span);
}

Value symbolic(const Symbol& like, Expr expr) { return Symbol{like.graph, expr}; }

Value operate(std::string_view name, const std::vector<Value>& operands, runtime::Attributes attributes) {
  const runtime::Operation* operation = runtime::find_operation(name);
  if (operation == nullptr) throw lang::InternalError("there is no operation " + std::string(name));
  return apply_operation(*operation, operands, std::move(attributes));
}

Lanes lanes_of(const Shape& shape, std::optional<std::size_t> axis) {
  Lanes lanes;
  if (!axis) {
    lanes.size = runtime::element_count(shape);
    return lanes;
  }
  for (std::size_t d = 0; d < shape.size(); ++d) {
    (d < *axis ? lanes.outer : d == *axis ? lanes.size : lanes.inner) *= shape[d];
  }
  return lanes;
}

Shape reduced_shape(const Shape& shape, std::optional<std::size_t> axis) {
  if (!axis) return {};
  Shape reduced = shape;
  reduced.erase(reduced.begin() + static_cast<std::ptrdiff_t>(*axis));
  return reduced;
}

}  // namespace elbo::stdlib
