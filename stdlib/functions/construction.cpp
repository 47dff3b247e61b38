// Tensors made from sizes, from numbers, and from other tensors.
#include <algorithm>
#include <cmath>

#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

constexpr const char* category = "tensors";

Value filled(const Shape& shape, double value) {
  return from_tensor(
      Tensor(shape, std::vector<double>(static_cast<std::size_t>(runtime::element_count(shape)), value)));
}

Value fill(Interpreter&, const Arguments& a) {
  const Shape shape = shape_argument(a, 0, "shape");
  const Value x = numeric_argument(a, 1, "value");
  if (!shape_of(x).empty()) wrong_type("value", "a single number", a.values[1], a.spans[1]);
  if (const Symbol* s = symbol(x)) return symbolic(*s, runtime::broadcast(s->expr, {}, shape));
  const auto count = static_cast<std::size_t>(runtime::element_count(shape));
  const Tensor tensor = to_tensor(x);
  if (!is_integral(tensor)) return filled(shape, tensor.real(0));
  const Tensor integers(shape, std::vector<std::int64_t>(count, tensor.integer(0)));
  return from_tensor(integers.stored_as(tensor.storage()));
}

Value linspace(Interpreter&, const Arguments& a) {
  const double first = real_argument(a, 0, "first"), last = real_argument(a, 1, "last");
  const std::int64_t n = size_argument(a, 2, "n", 2);
  std::vector<double> values;
  for (std::int64_t i = 0; i < n; ++i) {
    // weighted ends rather than steps: the last value is exact and rounding does not add up
    const double t = static_cast<double>(i) / static_cast<double>(n - 1);
    values.push_back((1 - t) * first + t * last);
  }
  return Tensor({n}, std::move(values));
}

Value identity(Interpreter&, const Arguments& a) {
  const std::int64_t n = size_argument(a, 0, "n");
  const Tensor result = to_tensor(filled({n, n}, 0));
  std::vector<double> values = result.reals();
  for (std::int64_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i * n + i)] = 1;
  return Tensor({n, n}, std::move(values));
}

// ---- joining
// ---------------------------------------------------------------------------------------------------

/// The arguments of a joining function: its several ones, or the items of one list or the rows of one tensor.
List items_of(const Arguments& a) {
  if (a.rest.size() == 1) {
    if (const auto* list = a.rest[0].as<ListPtr>()) return **list;
  }
  return a.rest;
}

Value stack(Interpreter&, const Arguments& a) {
  const List items = items_of(a);
  if (items.size() == 1 && a.rest[0].is<Tensor>())
    return items[0];  // [u, v] of equal shapes is stacked already
  for (const Value& item : items) {
    const Value x = numeric_value(item, a.span, "x");
    if (shape_of(x) != shape_of(items[0])) {
      fail("shape-mismatch",
           "`stack` joins tensors of one shape, but is given " + show(shape_of(items[0])) + " and " +
               show(shape_of(x)),
           a.span, "to join along an existing axis, use concat");
    }
  }
  List numbers;
  for (const Value& item : items) numbers.push_back(numeric_value(item, a.span, "x"));
  return runtime::make_array(std::move(numbers));
}

Value concat_lists(const List& items, const Arguments& a) {
  List joined;
  for (const Value& item : items) {
    const auto* list = item.as<ListPtr>();
    if (list == nullptr) wrong_type("x", "a list like the others", item, a.span);
    joined.insert(joined.end(), (*list)->begin(), (*list)->end());
  }
  return runtime::make_list(std::move(joined));
}

/// Numbers become vectors of one element, so that concat(0, x) works.
Value at_least_vector(const Value& x) {
  if (!shape_of(x).empty()) return x;
  if (const Symbol* s = symbol(x)) return symbolic(*s, runtime::reshape(s->expr, {1}));
  return to_tensor(x).reshaped({1});
}

void require_joinable(const List& parts, std::size_t axis, const lang::Span& span) {
  Shape expected = shape_of(parts[0]);
  for (const Value& part : parts) {
    Shape shape = shape_of(part);
    const Shape found = shape;
    if (shape.size() == expected.size()) shape[axis] = expected[axis];
    if (shape != expected) {
      fail("shape-mismatch",
           "shapes " + show(expected) + " and " + show(found) + " cannot be joined along axis " +
               std::to_string(axis + 1),
           span);
    }
  }
}

template <class T, Storage storage>
Tensor join_tensors(const List& parts, std::size_t axis) {
  Shape shape = shape_of(parts[0]);
  shape[axis] = 0;
  std::vector<Tensor> tensors;
  for (const Value& part : parts) {
    tensors.push_back(to_tensor(part).stored_as(storage));
    shape[axis] += tensors.back().shape()[axis];
  }
  std::vector<T> values;
  const std::int64_t outer = lanes_of(shape, axis).outer;
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const Tensor& tensor : tensors) {
      const std::int64_t block = tensor.size() / outer;
      const auto begin = tensor.values<T>().begin() + o * block;
      values.insert(values.end(), begin, begin + block);
    }
  }
  return Tensor(std::move(shape), std::move(values));
}

Value concat(Interpreter&, const Arguments& a) {
  const List items = items_of(a);
  if (items.empty()) fail("bad-argument", "`concat` needs something to join", a.span);
  if (items[0].is<ListPtr>()) return concat_lists(items, a);
  List parts;
  for (const Value& item : items) parts.push_back(at_least_vector(numeric_value(item, a.span, "x")));
  const std::size_t axis = axis_argument(a, 0, shape_of(parts[0]).size()).value_or(0);
  require_joinable(parts, axis, a.span);
  if (const auto graph = runtime::graph_of(parts)) {
    std::vector<Expr> expressions;
    for (const Value& part : parts) expressions.push_back(to_expr(part, graph));
    return Symbol{graph, runtime::concatenate(expressions, static_cast<std::int64_t>(axis))};
  }
  const bool integral =
      std::all_of(parts.begin(), parts.end(), [](const Value& v) { return is_integral(to_tensor(v)); });
  const bool boolean = std::all_of(parts.begin(), parts.end(),
                                   [](const Value& v) { return to_tensor(v).storage() == Storage::boolean; });
  if (!integral) return join_tensors<double, Storage::real>(parts, axis);
  return join_tensors<std::int64_t, Storage::integer>(parts, axis)
      .stored_as(boolean ? Storage::boolean : Storage::integer);
}

// ---- categories
// ------------------------------------------------------------------------------------------------

Value one_hot(Interpreter&, const Arguments& a) {
  const Tensor x = data_argument(a, 0, "x", "one_hot");
  const std::int64_t k = size_argument(a, 1, "K", 1);
  if (!is_integral(x)) wrong_type("x", "ints", a.values[0], a.spans[0]);
  std::vector<double> values(static_cast<std::size_t>(x.size() * k), 0.0);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const std::int64_t category_number = x.integer(i);
    if (category_number < 1 || category_number > k) {
      fail("category-range",
           "category " + std::to_string(category_number) + " is not one of 1 to " + std::to_string(k),
           a.spans[0], category_number == 0 ? "categories are numbered from 1: add 1" : "");
    }
    values[static_cast<std::size_t>(i * k + category_number - 1)] = 1;
  }
  Shape shape = x.shape();
  shape.push_back(k);
  return Tensor(std::move(shape), std::move(values));
}

}  // namespace

std::vector<Function> construction_functions() {
  return {
      {"zeros", "zeros(shape)", "Zeros in this shape — e.g. zeros([2, 3]) or zeros(4)", category,
       [](Interpreter&, const Arguments& a) { return filled(shape_argument(a, 0, "shape"), 0); }},
      {"ones", "ones(shape)", "Ones in this shape — e.g. ones([2, 3]) or ones(4)", category,
       [](Interpreter&, const Arguments& a) { return filled(shape_argument(a, 0, "shape"), 1); }},
      {"fill", "fill(shape, value)", "One number in this shape — e.g. fill(3, 0.5) is [0.5, 0.5, 0.5]",
       category, fill},
      {"linspace", "linspace(first, last, n)",
       "n equally spaced numbers, both ends included — e.g. linspace(0, 1, 5) is [0, 0.25, 0.5, 0.75, 1]",
       category, linspace},
      {"identity", "identity(n)", "Identity matrix — e.g. identity(2) is [[1, 0], [0, 1]]", category,
       identity},
      {"stack", "stack(...)",
       "Tensors of one shape as the rows of a new first axis — e.g. stack([1, 2], [3, 4]) is [[1, 2], [3, "
       "4]]",
       category, stack},
      {"concat", "concat(..., *, axis = none)",
       "Tensors joined along an axis, the first by default; lists one after the other — e.g. concat([1, 2], "
       "3) is "
       "[1, 2, 3]",
       category, concat},
      {"one_hot", "one_hot(x, K)",
       "A vector of K zeros with a one at the place of each category 1 to K — e.g. one_hot([3, 1], 3) is "
       "[[0, 0, 1], [1, 0, 0]]",
       category, one_hot},
  };
}

}  // namespace elbo::stdlib
