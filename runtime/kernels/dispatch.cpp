// Chooses the kernel tables for this processor, once.
#include "runtime/kernels/variants.hpp"

namespace elbo::runtime {

// One namespace per compilation of variants/vector_kernels.cpp.
namespace baseline {
void fill_vector_kernels(KernelTable& real64, KernelTable& real32);
}
#ifdef ELBO_X86_KERNELS
namespace avx2 {
void fill_vector_kernels(KernelTable& real64, KernelTable& real32);
}
namespace avx512 {
void fill_vector_kernels(KernelTable& real64, KernelTable& real32);
}
#endif

namespace {

bool always() { return true; }

#ifdef ELBO_X86_KERNELS
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
}

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
#endif

constexpr KernelVariant variants[] = {
#ifdef ELBO_X86_KERNELS
    {"avx512", has_avx512, avx512::fill_vector_kernels},
    {"avx2", has_avx2, avx2::fill_vector_kernels},
#endif
    {"baseline", always, baseline::fill_vector_kernels},
};

struct Chosen {
  const char* name;
  KernelTable real64, real32;

  Chosen() {
    const KernelVariant* variant = variants;
    while (!variant->supported()) ++variant;
    name = variant->name;
    fill_kernel_tables(*variant, real64, real32);
  }
};

const Chosen& chosen() {
  static const Chosen tables;
  return tables;
}

}  // namespace

std::span<const KernelVariant> kernel_variants() { return variants; }

void fill_kernel_tables(const KernelVariant& variant, KernelTable& real64, KernelTable& real32) {
  real64 = real32 = KernelTable{};
  fill_libm_kernels(real64, real32);
  fill_special_kernels(real64, real32);
  fill_incomplete_gamma_kernels(real64, real32);
  fill_incomplete_beta_kernels(real64, real32);
  fill_discrete_random_kernels(real64, real32);
  variant.fill(real64, real32);
}

const KernelTable& kernels(Precision precision) {
  return precision == Precision::real64 ? chosen().real64 : chosen().real32;
}

const char* kernel_variant() { return chosen().name; }

}  // namespace elbo::runtime
