// Arithmetic of the language's ints: 64 bits, exact; a result that does not fit is a Failure
// "integer-overflow", a division by zero "division-by-zero".
#pragma once

#include <cstdint>

namespace elbo::runtime {

std::int64_t add_integers(std::int64_t a, std::int64_t b);
std::int64_t subtract_integers(std::int64_t a, std::int64_t b);
std::int64_t multiply_integers(std::int64_t a, std::int64_t b);
/// Quotient rounded down, as `//`.
std::int64_t floor_divide_integers(std::int64_t a, std::int64_t b);
/// Remainder with the sign of the divisor, as `%`: a == b * (a // b) + a % b.
std::int64_t modulo_integers(std::int64_t a, std::int64_t b);
/// a^b for b >= 0, by squaring.
std::int64_t power_integers(std::int64_t a, std::int64_t b);

}  // namespace elbo::runtime
