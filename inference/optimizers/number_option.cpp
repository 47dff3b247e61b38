#include "inference/optimizers/number_option.hpp"

#include <cmath>

#include "runtime/format.hpp"

namespace elbo::inference {

using runtime::fail;
using runtime::show_real;

const NumberRange positive_range{.text = "positive", .least = 0, .open_below = true};
const NumberRange nonnegative_range{.text = "0 or more", .least = 0};
const NumberRange fraction_range{
    .text = "at least 0 and below 1", .least = 0, .greatest = 1, .open_above = true};

bool NumberRange::contains(double x) const {
  if (!std::isfinite(x)) return false;
  return (open_below ? x > least : x >= least) && (open_above ? x < greatest : x <= greatest);
}

std::string signature_text(std::string_view name, std::span<const NumberOption> options) {
  std::string result = std::string(name) + "(";
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (i > 0) result += ", ";
    result += options[i].name;
    if (options[i].default_value) result += " = " + show_real(*options[i].default_value);
  }
  return result + ")";
}

std::string call_text(std::string_view name, std::span<const NumberOption> options, std::string_view first,
                      std::span<const double> values) {
  std::string result = std::string(name) + "(" + std::string(first);
  for (std::size_t i = 1; i < options.size(); ++i) {
    if (options[i].default_value == values[i]) continue;
    result += ", " + std::string(options[i].name) + " = " + show_real(values[i]);
  }
  return result + ")";
}

double number_option(const runtime::Arguments& a, std::size_t i, std::string_view name,
                     const NumberOption& option) {
  if (!a.given[i] && option.default_value) return *option.default_value;
  const double value = real_argument(a, i, option.name);
  if (!option.range->contains(value)) {
    fail("bad-option",
         std::string(option.name) + " of " + std::string(name) + " must be " +
             std::string(option.range->text) + (std::isfinite(value) ? "" : " and finite") + ", but is " +
             show_real(value),
         a.spans[i]);
  }
  return value;
}

}  // namespace elbo::inference
