// A planned recurrence runs without allocating memory. Counting replaces the global operator new, so it is
// left out where a sanitizer has its own.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/program.hpp"
#include "runtime/scan.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define ELBO_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ELBO_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef ELBO_COUNTS_ALLOCATIONS
#define ELBO_COUNTS_ALLOCATIONS 1
#endif

#if ELBO_COUNTS_ALLOCATIONS

namespace {
thread_local long allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto step = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(step, (size + step - 1) / step * step)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace elbo::runtime;

TEST_CASE("a planned recurrence runs without allocations", "[scan]") {
  Graph graph;
  const AxisId t = graph.add_axis("t", 20, AxisKind::plate), u = graph.add_axis("u", 3, AxisKind::plate);
  const Type number{{}, {}, Domain::real};
  const Expr x = graph.input("x", {{t, u}, {2}, Domain::real}),
             w = graph.input("w", {{}, {2, 2}, Domain::real});
  const Expr h = graph.input("h", {{}, {2}, Domain::real}), s = graph.input("s", number);
  // an inner loop, a matrix product, a draw, values carried crosswise, a gradient
  const Expr draw = random_gamma(exp(sum_event(h)), {t}, {});
  const Expr inner = graph.input("inner", number);
  const ScanResult in = scan(graph, u, std::array{Carry{inner, s, sin(inner) + sum_event(x * h)}}, {});
  const std::array carries{
      Carry{h, graph.constant(Tensor({2}, std::vector<double>{0.1, 0.2})), tanh(matmul(w, h)) + 0.1 * s},
      Carry{s, graph.constant(0), in.last[0] + 0.01 * draw}};
  const ScanResult r = scan(graph, t, carries, {});
  const Expr root = sum_all(square(r.after[1]));
  const auto gradients = gradient(root, std::array{w, x});
  const std::array roots{root, gradients[0], gradients[1]};
  for (const Precision precision : {Precision::real64, Precision::real32}) {
    Execution execution(plan(roots, std::array{x, w}, {.precision = precision}));
    execution.set_input(0, std::vector<double>(120, 0.3));
    execution.set_input(1, std::array{0.1, 0.2, 0.3, 0.4});
    execution.run();
    const long before = allocations;
    for (std::uint32_t i = 0; i < 3; ++i) {
      execution.set_random(1, i);
      execution.run();
    }
    CHECK(allocations == before);
    CHECK(before > 0);
  }
}

#endif
