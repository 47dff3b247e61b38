// The instruction-set variants of the vector kernels, and the kernels that all variants share. Private to
// this folder and its tests; everybody else asks kernels().
#pragma once

#include <span>

#include "runtime/kernels/kernels.hpp"

namespace elbo::runtime {

/// One compilation of variants/vector_kernels.cpp.
struct KernelVariant {
  const char* name;
  bool (*supported)();  ///< can this processor run it?
  void (*fill)(KernelTable& real64,
               KernelTable& real32);  ///< sets the members that depend on the instruction set
  void (*fill_products)(KernelTable& real64, KernelTable& real32);
};

/// All variants of this build, the preferred one first. The last, "base", runs everywhere.
std::span<const KernelVariant> kernel_variants();

/// The complete tables of one variant.
void fill_kernel_tables(const KernelVariant& variant, KernelTable& real64, KernelTable& real32);

// Members compiled once, for any processor: each function sets its own.
void fill_libm_kernels(KernelTable& real64, KernelTable& real32);
void fill_special_kernels(KernelTable& real64, KernelTable& real32);
void fill_incomplete_gamma_kernels(KernelTable& real64, KernelTable& real32);
void fill_incomplete_beta_kernels(KernelTable& real64, KernelTable& real32);
void fill_discrete_random_kernels(KernelTable& real64, KernelTable& real32);
void fill_row_kernels(KernelTable& real64, KernelTable& real32);

}  // namespace elbo::runtime
