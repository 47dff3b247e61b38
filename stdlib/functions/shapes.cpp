// What shape a value has, and the same elements in another shape or order.
#include <algorithm>
#include <numeric>

#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

constexpr const char* category = "tensors";

std::int64_t code_points(const std::string& text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

Value length(Interpreter&, const Arguments& a) {
  const Value& x = a.values[0];
  if (const auto* list = x.as<ListPtr>()) return static_cast<std::int64_t>((*list)->size());
  if (const auto* record = x.as<RecordPtr>()) return static_cast<std::int64_t>((*record)->size());
  if (const auto* text = x.as<std::string>()) return code_points(*text);
  const Shape shape = shape_of(numeric_argument(a, 0, "x"));
  if (shape.empty()) wrong_type("x", "a tensor, list, record, range or string", x, a.spans[0]);
  return shape[0];
}

Value extent(const Arguments& a, std::size_t axis, const char* name) {
  const Shape shape = shape_of(numeric_argument(a, 0, "x"));
  if (shape.size() <= axis) {
    fail("wrong-type",
         std::string("`") + name + "` needs a tensor of " + std::to_string(axis + 1) +
             " or more axes, but is given " + type_name(a.values[0]),
         a.spans[0]);
  }
  return shape[axis];
}

Value shape(Interpreter&, const Arguments& a) {
  Shape sizes = shape_of(numeric_argument(a, 0, "x"));
  const auto rank = static_cast<std::int64_t>(sizes.size());
  return Tensor({rank}, std::move(sizes));
}

Value rank(Interpreter&, const Arguments& a) {
  return static_cast<std::int64_t>(shape_of(numeric_argument(a, 0, "x")).size());
}

Value reshape(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const Shape from = shape_of(x), to = shape_argument(a, 1, "shape");
  if (runtime::element_count(from) != runtime::element_count(to)) {
    fail("shape-mismatch",
         "shape " + show(from) + " has " + std::to_string(runtime::element_count(from)) +
             " elements, shape " + show(to) + " has " + std::to_string(runtime::element_count(to)),
         a.spans[1]);
  }
  if (const Symbol* s = symbol(x)) return symbolic(*s, runtime::reshape(s->expr, to));
  return from_tensor(to_tensor(x).reshaped(to));
}

Value flatten(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const Shape shape = shape_of(x);
  const std::int64_t first = a.given[1] ? size_argument(a, 1, "first", 1) : 1;
  if (first > std::max<std::int64_t>(1, static_cast<std::int64_t>(shape.size()))) {
    fail("axis-range",
         "axis " + std::to_string(first) + " is not one of the tensor's axes, 1 to " + std::to_string(shape.size()),
         a.spans[1]);
  }
  Shape to(shape.begin(), shape.begin() + (shape.empty() ? 0 : first - 1));
  to.push_back(runtime::element_count(Shape(shape.begin() + static_cast<std::ptrdiff_t>(to.size()), shape.end())));
  if (const Symbol* s = symbol(x)) return symbolic(*s, runtime::reshape(s->expr, to));
  return from_tensor(to_tensor(x).reshaped(to));
}

/// Elements of x with its dimensions in another order: dimension d of the result is dimension order[d] of x.
Tensor permuted(const Tensor& x, const std::vector<std::size_t>& order) {
  Shape strides(x.rank(), 1);
  for (std::size_t d = x.rank(); d-- > 1;) strides[d - 1] = strides[d] * x.shape()[d];
  Shape shape, step;
  for (const std::size_t d : order) {
    shape.push_back(x.shape()[d]);
    step.push_back(strides[d]);
  }
  return runtime::with_elements(x, [&](auto values) {
    std::vector<std::remove_const_t<typename decltype(values)::element_type>> result;
    result.reserve(values.size());
    Shape at(shape.size(), 0);
    std::int64_t offset = 0;
    while (result.size() < values.size()) {
      result.push_back(values[static_cast<std::size_t>(offset)]);
      for (std::size_t d = shape.size(); d-- > 0;) {
        offset += step[d];
        if (++at[d] < shape[d]) break;
        offset -= step[d] * shape[d];
        at[d] = 0;
      }
    }
    return runtime::stored_like(x, shape, std::move(result));
  });
}

std::vector<std::size_t> permutation_argument(const Arguments& a, std::size_t rank) {
  std::vector<std::size_t> order(rank);
  std::iota(order.begin(), order.end(), 0);
  if (!is_given(a, 1)) {
    std::reverse(order.begin(), order.end());
    return order;
  }
  const Shape axes = shape_argument(a, 1, "axes");
  std::vector<bool> seen(rank, false);
  bool valid = axes.size() == rank;
  for (std::size_t d = 0; valid && d < rank; ++d) {
    valid = axes[d] >= 1 && axes[d] <= static_cast<std::int64_t>(rank) &&
            !seen[static_cast<std::size_t>(axes[d] - 1)];
    if (!valid) break;
    order[d] = static_cast<std::size_t>(axes[d] - 1);
    seen[order[d]] = true;
  }
  if (!valid) {
    fail("axis-range",
         "`axes` must name each of the axes 1 to " + std::to_string(rank) + " once, but is " + show(axes),
         a.spans[1]);
  }
  return order;
}

Value transpose(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  const std::vector<std::size_t> order = permutation_argument(a, shape_of(x).size());
  if (const Symbol* s = symbol(x)) {
    return symbolic(*s, runtime::permute(s->expr, {order.begin(), order.end()}));
  }
  const Tensor tensor = to_tensor(x);
  if (tensor.rank() < 2) return x;
  return permuted(tensor, order);
}

// ---- rows
// ------------------------------------------------------------------------------------------------------

Expr rows_at(Expr x, std::vector<std::int64_t> rows, bool as_scalar) {
  const auto count = static_cast<std::int64_t>(rows.size());
  const Tensor index(as_scalar ? Shape{} : Shape{count}, std::move(rows));
  return runtime::gather(x, x.graph().constant(index), 0);
}

Tensor rows_of(const Tensor& x, const std::vector<std::int64_t>& rows) {
  const std::int64_t width = x.shape()[0] == 0 ? 0 : x.size() / x.shape()[0];
  Shape shape = x.shape();
  shape[0] = static_cast<std::int64_t>(rows.size());
  return runtime::with_elements(x, [&](auto values) {
    std::vector<std::remove_const_t<typename decltype(values)::element_type>> result;
    result.reserve(rows.size() * static_cast<std::size_t>(width));
    for (const std::int64_t row : rows) {
      const auto begin = values.begin() + row * width;
      result.insert(result.end(), begin, begin + width);
    }
    return runtime::stored_like(x, shape, std::move(result));
  });
}

Value one_of(const Arguments& a, const char* name, bool from_end) {
  if (const auto* list = a.values[0].as<ListPtr>()) {
    require_elements(static_cast<std::int64_t>((*list)->size()), name, a.spans[0]);
    return from_end ? (*list)->back() : (*list)->front();
  }
  const Value x = numeric_argument(a, 0, "x");
  const Shape shape = shape_of(x);
  if (shape.empty()) wrong_type("x", "a tensor or list", a.values[0], a.spans[0]);
  require_elements(shape[0], name, a.spans[0]);
  const std::int64_t row = from_end ? shape[0] - 1 : 0;
  if (const Symbol* s = symbol(x)) return symbolic(*s, rows_at(s->expr, {row}, true));
  return from_tensor(rows_of(to_tensor(x), {row}).reshaped(Shape(shape.begin() + 1, shape.end())));
}

Value reverse(Interpreter&, const Arguments& a) {
  if (const auto* list = a.values[0].as<ListPtr>())
    return runtime::make_list(List((*list)->rbegin(), (*list)->rend()));
  const Value x = numeric_argument(a, 0, "x");
  const Shape shape = shape_of(x);
  if (shape.empty()) wrong_type("x", "a tensor or list", a.values[0], a.spans[0]);
  std::vector<std::int64_t> rows(static_cast<std::size_t>(shape[0]));
  std::iota(rows.rbegin(), rows.rend(), 0);
  if (const Symbol* s = symbol(x)) return symbolic(*s, rows_at(s->expr, rows, false));
  return rows_of(to_tensor(x), rows);
}

}  // namespace

std::vector<Function> shape_functions() {
  return {
      {"length", "length(x)",
       "Number of rows of a tensor, items of a list, fields of a record or characters of a string — e.g. "
       "length([4, 5, 6]) is 3",
       category, length},
      {"rows", "rows(x)", "Size of the first axis — e.g. rows([[1, 2], [3, 4], [5, 6]]) is 3", category,
       [](Interpreter&, const Arguments& a) { return extent(a, 0, "rows"); }},
      {"columns", "columns(x)", "Size of the second axis — e.g. columns([[1, 2], [3, 4], [5, 6]]) is 2",
       category, [](Interpreter&, const Arguments& a) { return extent(a, 1, "columns"); }},
      {"shape", "shape(x)", "Sizes of all axes — e.g. shape(zeros([3, 4])) is [3, 4]", category, shape},
      {"rank", "rank(x)", "Number of axes, 0 for a single number — e.g. rank(zeros([3, 4])) is 2", category,
       rank},
      {"reshape", "reshape(x, shape)",
       "The same elements, row by row, in another shape — e.g. reshape(1:6, [2, 3]) is [[1, 2, 3], [4, 5, "
       "6]]",
       category, reshape},
      {"flatten", "flatten(x, first = 1)",
       "The same elements, row by row, in one axis, which takes the place of axis `first` and all after it — e.g. "
       "flatten([[1, 2], [3, 4]]) is [1, 2, 3, 4]",
       category, flatten},
      {"transpose", "transpose(x, axes = none)",
       "The axes in reverse order, or in the order given — e.g. transpose([[1, 2], [3, 4]]) is [[1, 3], [2, "
       "4]]",
       category, transpose},
      {"first", "first(x)", "First row of a tensor or item of a list — e.g. first([4, 5, 6]) is 4", category,
       [](Interpreter&, const Arguments& a) { return one_of(a, "first", false); }},
      {"last", "last(x)", "Last row of a tensor or item of a list — e.g. last([4, 5, 6]) is 6", category,
       [](Interpreter&, const Arguments& a) { return one_of(a, "last", true); }},
      {"reverse", "reverse(x)",
       "The rows of a tensor or items of a list, last first — e.g. reverse([1, 2]) is [2, 1]", category,
       reverse},
  };
}

}  // namespace elbo::stdlib
