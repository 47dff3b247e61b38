// Rows of data in random order without a table of them: each pass over rows 0, …, n - 1 is a permutation of
// these numbers, computed entry by entry. The permutation is a Feistel network on the bits of n - 1 (Luby and
// Rackoff 1988) with Philox as the round function; entries that fall outside are sent through again until
// they are inside (cycle walking: Black and Rogaway 2002).
#include <algorithm>
#include <cmath>

#include "runtime/kernels/random_draws.hpp"
#include "runtime/kernels/variants.hpp"

namespace elbo::runtime {
namespace {

// Four rounds make a permutation that cannot be told from a random one by few entries, where the halves are
// large. Of halves of one bit or two it takes more until pairs of entries are equally likely (by chi-square
// of 60,000 permutations: 16 for 5 rows, 8 for 40).
constexpr std::uint32_t few_rounds = 8, many_rounds = 24;
constexpr int small_domain = 6;               // bits
constexpr double largest_row_count = 0x1p48;  // what a counter holds

struct Halves {
  int left, right;  // bits
};

Halves halves_of(std::uint64_t rows) {
  int bits = 0;
  while (bits < 48 && (std::uint64_t{1} << bits) < rows) ++bits;
  return {bits / 2, bits - bits / 2};
}

std::uint64_t low_bits(std::uint64_t x, int bits) { return x & ((std::uint64_t{1} << bits) - 1); }

std::uint64_t permuted(std::uint64_t x, Halves halves, const RandomPosition& pass) {
  std::uint64_t left = x >> halves.right, right = low_bits(x, halves.right);
  const std::uint32_t rounds = halves.left + halves.right > small_domain ? few_rounds : many_rounds;
  for (std::uint32_t round = 0; round < rounds; round += 2) {
    left ^= low_bits(philox(right, round, pass).a, halves.left);
    right ^= low_bits(philox(left, round + 1, pass).a, halves.right);
  }
  return left << halves.right | right;
}

double row(double rows, double batch, double first, std::uint64_t element, const RandomPosition& position) {
  if (!(rows >= 1 && rows <= largest_row_count && batch >= 1 && batch <= rows && first >= 0 && first < batch))
    return not_a_number<double>;
  const auto n = static_cast<std::uint64_t>(rows), size = static_cast<std::uint64_t>(batch);
  const std::uint64_t step = std::max<std::uint32_t>(position.step, 1) - 1;
  const std::uint64_t steps_of_pass = (n + size - 1) / size;
  const std::uint64_t entry = step % steps_of_pass * size + static_cast<std::uint64_t>(first) + element;
  if (entry >= n) return not_a_number<double>;
  RandomPosition pass = position;
  pass.step = static_cast<std::uint32_t>(step / steps_of_pass);
  const Halves halves = halves_of(n);
  std::uint64_t x = entry;
  do {
    x = permuted(x, halves, pass);
  } while (x >= n);
  return static_cast<double>(x);
}

template <class T>
void rows_of_step(void* out, const Lanes* in, std::int64_t n, const RandomPosition& position) {
  T* target = static_cast<T*>(out);
  const Input<T> rows(in[0]), batch(in[1]), first(in[2]);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint64_t element = position.first + static_cast<std::uint64_t>(i);
    target[i] = static_cast<T>(row(static_cast<double>(rows[i]), static_cast<double>(batch[i]),
                                   static_cast<double>(first[i]), element, position));
  }
}

template <class T>
void fill(KernelTable& table) {
  table.random_row = rows_of_step<T>;
}

}  // namespace

void fill_row_kernels(KernelTable& real64, KernelTable& real32) {
  fill<double>(real64);
  fill<float>(real32);
}

}  // namespace elbo::runtime
