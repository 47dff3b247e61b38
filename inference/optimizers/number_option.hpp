// Numbers that an optimizer or a schedule takes: their names, defaults and ranges, and how a call gives them.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/library.hpp"

namespace elbo::inference {

/// The finite numbers from `least` to `greatest`.
struct NumberRange {
  std::string_view text;  ///< "positive", "from 0 up to, but not including, 1": completes "must be …"
  double least = -std::numeric_limits<double>::infinity();
  double greatest = std::numeric_limits<double>::infinity();
  bool open_below = false;  ///< `least` itself is outside
  bool open_above = false;  ///< `greatest` itself is outside

  bool contains(double x) const;
};

extern const NumberRange positive_range, nonnegative_range, fraction_range;

struct NumberOption {
  std::string_view name;
  std::optional<double> default_value;  ///< none: required
  const NumberRange* range;
  std::string_view help;
};

/// "sgd(step)", "momentum(step, decay = 0.9)".
std::string signature_text(std::string_view name, std::span<const NumberOption> options);

/// The call that gives these values, with the options that differ from their defaults: "adam(0.05, beta1 =
/// 0.8)". `first` is what stands for the first option.
std::string call_text(std::string_view name, std::span<const NumberOption> options, std::string_view first,
                      std::span<const double> values);

/// Option i of a call of `name`: its number, or its default. Failures: "wrong-type" when it is no number, and
/// "bad-option" when it is out of range ("step of sgd must be positive, but is -0.1").
double number_option(const runtime::Arguments& a, std::size_t i, std::string_view name,
                     const NumberOption& option);

}  // namespace elbo::inference
