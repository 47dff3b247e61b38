// Exact arithmetic of ints.
#include "runtime/integers.hpp"

#include <string>

#include "runtime/library.hpp"

namespace elbo::runtime {

namespace {

[[noreturn]] void overflow(const char* sign, std::int64_t a, std::int64_t b) {
  fail("integer-overflow",
       std::to_string(a) + " " + sign + " " + std::to_string(b) + " does not fit into a 64-bit int", {},
       "use reals: write one of the numbers with a decimal point");
}

}  // namespace

std::int64_t add_integers(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) overflow("+", a, b);
  return result;
}

std::int64_t subtract_integers(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_sub_overflow(a, b, &result)) overflow("-", a, b);
  return result;
}

std::int64_t multiply_integers(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) overflow("*", a, b);
  return result;
}

std::int64_t floor_divide_integers(std::int64_t a, std::int64_t b) {
  if (b == 0) fail("division-by-zero", std::to_string(a) + " // 0 has no value");
  if (b == -1) return subtract_integers(0, a);
  return a / b - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0);
}

std::int64_t modulo_integers(std::int64_t a, std::int64_t b) {
  if (b == 0) fail("division-by-zero", std::to_string(a) + " % 0 has no value");
  if (b == -1) return 0;
  const std::int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

std::int64_t power_integers(std::int64_t a, std::int64_t b) {
  const std::int64_t base = a, exponent = b;
  std::int64_t result = 1;
  while (b > 0) {
    if ((b & 1) != 0 && __builtin_mul_overflow(result, a, &result)) overflow("^", base, exponent);
    b >>= 1;
    if (b > 0 && __builtin_mul_overflow(a, a, &a)) overflow("^", base, exponent);
  }
  return result;
}

}  // namespace elbo::runtime
