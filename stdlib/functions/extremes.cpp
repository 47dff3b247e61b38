// Largest and smallest elements and where they are; questions about true and false.
#include <algorithm>
#include <cmath>

#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

constexpr const char* category = "statistics";

/// One of the two ends of the order.
struct End {
  const char* name;
  const char* operation;    ///< reduction
  const char* elementwise;  ///< of two
  bool largest;
};
constexpr End smallest{"min", "min", "minimum", false};
constexpr End largest{"max", "max", "maximum", true};

/// Position of the extreme element of a lane, the first of equals; NaN is more extreme than any number, so
/// that it is not lost.
template <class T>
std::size_t extreme_position(std::span<const T> lane, bool is_largest) {
  std::size_t best = 0;
  for (std::size_t k = 0; k < lane.size(); ++k) {
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(lane[k])) return k;
    }
    if (is_largest ? lane[k] > lane[best] : lane[k] < lane[best]) best = k;
  }
  return best;
}

Value extreme_of_one(const End& end, const Value& x, const Arguments& a, std::size_t axis_index) {
  const auto axis = axis_argument(a, axis_index, shape_of(x).size());
  require_elements(lanes_of(shape_of(x), axis).size, end.name, a.spans[0]);
  if (symbol(x) != nullptr) {
    runtime::Attributes attributes;
    attributes.integers = {0};  // no named axes
    for (std::size_t d = 0; d < shape_of(x).size(); ++d) {
      if (!axis || *axis == d) attributes.integers.push_back(static_cast<std::int64_t>(d));
    }
    return operate(end.operation, {x}, attributes);
  }
  const Tensor tensor = to_tensor(x);
  if (!is_integral(tensor)) {
    return reduce_stored<double>(tensor, axis,
                                 [&](auto lane) { return lane[extreme_position(lane, end.largest)]; });
  }
  return reduce_stored<std::int64_t>(tensor, axis,
                                     [&](auto lane) { return lane[extreme_position(lane, end.largest)]; });
}

Value extreme(const End& end, const Arguments& a) {
  Value x = numeric_argument(a, 0, "x");
  if (a.rest.empty()) return extreme_of_one(end, x, a, 1);
  if (a.given[1]) {
    fail("bad-argument",
         std::string("`") + end.name + "` of several arguments works element by element and has no axis",
         a.spans[1],
         std::string("for the ") + end.name + " of one tensor along an axis, write " + end.name +
             "(x, axis = 1)");
  }
  for (std::size_t i = 0; i < a.rest.size(); ++i) {
    x = operate(end.elementwise, {x, numeric_value(a.rest[i], a.rest_spans[i], "x")});
  }
  return x;
}

Value position(const End& end, const char* name, const Arguments& a) {
  const Tensor x = data_argument(a, 0, "x", name);
  const auto axis = axis_argument(a, 1, x.rank());
  require_elements(lanes_of(x.shape(), axis).size, name, a.spans[0]);
  if (!axis && x.rank() > 1) {
    fail("bad-argument",
         std::string("`") + name + "` of a tensor of shape " + show(x.shape()) + " needs an axis", a.spans[0],
         std::string("write ") + name + "(x, axis = 1)");
  }
  return reduce_stored<std::int64_t>(
      x, axis, [&](auto lane) { return static_cast<std::int64_t>(extreme_position(lane, end.largest)) + 1; });
}

// ---- true and false
// --------------------------------------------------------------------------------------------

/// A reduction of bools: `f` makes the result of how many there are and how many are true.
template <class Result, class F>
Value count_true(const char* name, const Arguments& a, F f) {
  const Tensor x = data_argument(a, 0, "x", name);
  if (x.storage() != Storage::boolean) {
    wrong_type("x", "true and false values", a.values[0], a.spans[0],
               std::string("compare first: ") + name + "(x > 0)");
  }
  const auto axis = axis_argument(a, 1, x.rank());
  return reduce_stored<Result>(x, axis, [&](auto lane) {
    return static_cast<Result>(
        f(std::count(lane.begin(), lane.end(), 1), static_cast<std::int64_t>(lane.size())));
  });
}

Value as_boolean(const Value& value) {
  const Tensor tensor = to_tensor(value);
  return from_tensor(tensor.stored_as(Storage::boolean));
}

}  // namespace

std::vector<Function> extreme_functions() {
  return {
      {"min", "min(x, ..., *, axis = none)",
       "Smallest element, of all or along one axis; of several arguments, element by element — e.g. min([3, "
       "1, 2]) is 1",
       category, [](Interpreter&, const Arguments& a) { return extreme(smallest, a); }},
      {"max", "max(x, ..., *, axis = none)",
       "Largest element, of all or along one axis; of several arguments, element by element — e.g. "
       "max([3, 1], [2, 2]) is [3, 2]",
       category, [](Interpreter&, const Arguments& a) { return extreme(largest, a); }},
      {"argmin", "argmin(x, *, axis = none)",
       "Index (from 1) of the smallest element, the first of equals — e.g. argmin([3, 1, 2]) is 2", category,
       [](Interpreter&, const Arguments& a) { return position(smallest, "argmin", a); }},
      {"argmax", "argmax(x, *, axis = none)",
       "Index (from 1) of the largest element, the first of equals — e.g. argmax([[0, 1], [5, 4]], axis = 2) "
       "is [2, 1]",
       category, [](Interpreter&, const Arguments& a) { return position(largest, "argmax", a); }},
      {"any", "any(x, *, axis = none)", "Whether some element is true — e.g. any([1, 5] > 3) is true",
       category,
       [](Interpreter&, const Arguments& a) {
         return as_boolean(count_true<std::uint8_t>("any", a, [](auto yes, auto) { return yes > 0; }));
       }},
      {"all", "all(x, *, axis = none)", "Whether every element is true — e.g. all([1, 5] > 3) is false",
       category,
       [](Interpreter&, const Arguments& a) {
         return as_boolean(count_true<std::uint8_t>("all", a, [](auto yes, auto n) { return yes == n; }));
       }},
      {"count", "count(x, *, axis = none)", "How many elements are true — e.g. count([1, 5, 7] > 3) is 2",
       category,
       [](Interpreter&, const Arguments& a) {
         return count_true<std::int64_t>("count", a, [](auto yes, auto) { return yes; });
       }},
  };
}

}  // namespace elbo::stdlib
