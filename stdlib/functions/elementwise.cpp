// Elementwise functions that are put together from operations, and conversions between kinds of numbers.
#include <cmath>

#include "runtime/missing.hpp"
#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

constexpr const char* category = "elementwise";

bool is_boolean(const Value& x) {
  if (const Symbol* s = symbol(x)) return s->expr.type().domain == runtime::Domain::boolean;
  return to_tensor(x).storage() == Storage::boolean;
}

Value where(Interpreter&, const Arguments& a) {
  const Value condition = numeric_argument(a, 0, "condition");
  if (!is_boolean(condition)) {
    wrong_type("condition", "true and false values", a.values[0], a.spans[0],
               "compare first, as in where(x > 0, x, 0)");
  }
  return operate("select", {condition, numeric_argument(a, 1, "yes"), numeric_argument(a, 2, "no")});
}

Value to_int(Interpreter&, const Arguments& a) {
  const Tensor x = data_argument(a, 0, "x", "to_int");
  if (is_integral(x)) return from_tensor(x.stored_as(Storage::integer));
  constexpr double limit = 9223372036854775808.0;  // 2^63
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const double v = x.real(i);
    if (!(v >= -limit && v < limit) || v != std::floor(v)) {
      fail("bad-argument", "`to_int` takes whole numbers, but finds " + show(Value(v)), a.spans[0],
           "use round, floor or ceil first");
    }
  }
  return from_tensor(x.stored_as(Storage::integer));
}

Value to_real(Interpreter&, const Arguments& a) {
  const Value x = numeric_argument(a, 0, "x");
  if (const Symbol* s = symbol(x)) return symbolic(*s, s->expr * 1.0);
  return from_tensor(to_tensor(x).stored_as(Storage::real));
}

Value missing_in_list(const List& list) {
  std::vector<std::uint8_t> flags;
  for (const Value& item : list) flags.push_back(item.is<runtime::Missing>() ? 1 : 0);
  const auto size = static_cast<std::int64_t>(flags.size());
  return Tensor::boolean({size}, std::move(flags));
}

Value is_missing(Interpreter&, const Arguments& a) {
  const Value& x = a.values[0];
  if (x.is<runtime::Missing>()) return true;
  if (const auto* list = x.as<ListPtr>()) return missing_in_list(**list);
  if (!is_numeric(x) || symbol(x) != nullptr) return false;
  const Tensor tensor = to_tensor(x);
  std::vector<std::uint8_t> flags;
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    flags.push_back(!is_integral(tensor) && runtime::is_missing(tensor.real(i)) ? 1 : 0);
  }
  return from_tensor(Tensor::boolean(tensor.shape(), std::move(flags)));
}

}  // namespace

std::vector<Function> elementwise_functions() {
  return {
      {"where", "where(condition, yes, no)",
       "Elements of `yes` where the condition is true, of `no` elsewhere — e.g. where([1, -2] > 0, 1, 0) is "
       "[1, 0]",
       category, where},
      {"to_int", "to_int(x)", "Whole numbers as ints — e.g. to_int(round(2.6)) is 3", category, to_int},
      {"to_real", "to_real(x)", "Bools and ints as reals — e.g. to_real(true) is 1.0", category, to_real},
      {"is_missing", "is_missing(x)",
       "Whether elements are missing — e.g. count(is_missing(read_csv(\"data.csv\").y))", category,
       is_missing},
  };
}

}  // namespace elbo::stdlib
