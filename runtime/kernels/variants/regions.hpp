// Kernels whose formula depends on the region that the arguments lie in, and whose number of steps depends on
// the arguments. The elements of a block are sorted by region and by steps, so that each loop runs over
// elements that all take it, nearly all of them to its end. What an element gives does not depend on its
// neighbours: it takes its own number of steps, whoever stands beside it.
#pragma once

#include "runtime/kernels/variants/elementary.hpp"
#include "runtime/kernels/variants/loops.hpp"

namespace elbo::runtime {
namespace {

constexpr int region_block = 256;  ///< elements that are sorted together
constexpr int batch_size = 64;     ///< elements whose intermediate results stay in the nearest cache
constexpr int most_steps = 63;     ///< of one element; one step may be several terms

/// Elements of one region, by falling number of steps.
template <int inputs>
struct Batch {
  int size;
  alignas(64) double in[inputs][batch_size];
  alignas(64) double steps[batch_size];
  alignas(64) double out[batch_size];
};

/// Where an element belongs; whole numbers.
struct Place {
  double region, steps;
};

/// As one number, by which elements are sorted.
[[gnu::always_inline]] inline double sort_key(const Place& place) {
  return place.region * (most_steps + 1) + (most_steps - place.steps);
}

/// Whole vectors of the widest instruction set, unless there is next to nothing to do.
inline int padded(int count) { return count <= 2 ? count : (count + 7) & ~7; }

/// order = the places 0 to count - 1 by rising key, equal ones as they come.
inline void sort_by_key(const double* keys, int count, int* order) {
  int lowest = static_cast<int>(keys[0]), highest = lowest;
  for (int i = 1; i < count; ++i) {
    const int key = static_cast<int>(keys[i]);
    lowest = key < lowest ? key : lowest;
    highest = key > highest ? key : highest;
  }
  constexpr int most_regions = 8;
  int next[most_regions * (most_steps + 1) + 1];
  for (int k = 0; k <= highest - lowest + 1; ++k) next[k] = 0;
  for (int i = 0; i < count; ++i) ++next[static_cast<int>(keys[i]) - lowest + 1];
  for (int k = 1; k <= highest - lowest; ++k) next[k] += next[k - 1];
  for (int i = 0; i < count; ++i) order[next[static_cast<int>(keys[i]) - lowest]++] = i;
}

/// Runs step(k, active) for k from the greatest number of steps in the batch down to 1: the first `active`
/// elements, whole vectors of them, are those that take step k, and maybe some that do not yet.
template <class Batch, class Step>
inline void run_steps(const Batch& batch, const Step& step) {
  int taking = 0;
  for (double k = batch.steps[0]; k > 0; --k) {
    while (taking < batch.size && batch.steps[taking] >= k) ++taking;
    const int active = padded(taking);
    step(k, active < batch.size ? active : batch.size);
  }
}

/// out[i] = the function of the inputs at i. `Function` has the number of inputs, the place of an element,
/// and what calculates a batch of elements of a region.
template <class T, class Function>
void by_region(void* out, const Lanes* in, std::int64_t n) {
  constexpr int inputs = Function::inputs;
  T* target = static_cast<T*>(out);
  bool is_single = n > 1;
  for (int k = 0; k < inputs; ++k) is_single = is_single && in[k].stride == 0;
  if (is_single) {
    T value;
    by_region<T, Function>(&value, in, 1);
    for (std::int64_t i = 0; i < n; ++i) target[i] = value;
    return;
  }
  double x[inputs][region_block], key[region_block];
  int order[region_block];
  Batch<inputs> batch;
  for (std::int64_t first = 0; first < n; first += region_block) {
    const int count = n - first < region_block ? static_cast<int>(n - first) : region_block;
    for (int k = 0; k < inputs; ++k) {
      const T* source = static_cast<const T*>(in[k].data) + first * in[k].stride;
      for (int i = 0; i < count; ++i) x[k][i] = static_cast<double>(source[i * in[k].stride]);
    }
    Function::find_keys(x, key, count);
    sort_by_key(key, count, order);
    for (int start = 0; start < count;) {
      const int region = static_cast<int>(key[order[start]]) / (most_steps + 1);
      const int region_end = (region + 1) * (most_steps + 1);
      int size = 0;
      while (size < batch_size && start + size < count && key[order[start + size]] < region_end) ++size;
      batch.size = padded(size);
      for (int i = 0; i < batch.size; ++i) {
        const int from = order[start + (i < size ? i : size - 1)];
        for (int k = 0; k < inputs; ++k) batch.in[k][i] = x[k][from];
        batch.steps[i] = region_end - 1 - key[from];
      }
      Function::evaluate(region, batch);
      for (int i = 0; i < size; ++i) target[first + order[start + i]] = static_cast<T>(batch.out[i]);
      start += size;
    }
  }
}

}  // namespace
}  // namespace elbo::runtime
