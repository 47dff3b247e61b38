// Chooses the kernel tables for this processor, once.
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/kernels/choice.hpp"
#include "runtime/kernels/variants.hpp"

namespace elbo::runtime {

// One namespace per compilation of variants/vector_kernels.cpp and variants/product_kernels.cpp.
namespace base {
void fill_vector_kernels(KernelTable& real64, KernelTable& real32);
void fill_product_kernels(KernelTable& real64, KernelTable& real32);
}
#ifdef ELBO_X86_KERNELS
namespace v3 {
void fill_vector_kernels(KernelTable& real64, KernelTable& real32);
void fill_product_kernels(KernelTable& real64, KernelTable& real32);
}
namespace v4 {
void fill_vector_kernels(KernelTable& real64, KernelTable& real32);
void fill_product_kernels(KernelTable& real64, KernelTable& real32);
}
#endif

namespace {

bool always() { return true; }

#ifdef ELBO_X86_KERNELS
bool has_v3() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
}

bool has_v4() {
  return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
#endif

constexpr KernelVariant variants[] = {
#ifdef ELBO_X86_KERNELS
    {"v4", has_v4, v4::fill_vector_kernels, v4::fill_product_kernels},
    {"v3", has_v3, v3::fill_vector_kernels, v3::fill_product_kernels},
#endif
    {"base", always, base::fill_vector_kernels, base::fill_product_kernels},
};

/// What ELBO_KERNELS says; empty when it says nothing.
std::string_view wanted() {
  const char* value = std::getenv("ELBO_KERNELS");
  return value == nullptr ? "" : value;
}

struct Chosen {
  const char* name;
  KernelTable real64, real32;

  Chosen() {
    const bool is_free = wanted().empty() || !kernel_variant_problem().empty();
    const KernelVariant* variant = variants;
    while (!variant->supported() || (!is_free && variant->name != wanted())) ++variant;
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
  fill_row_kernels(real64, real32);
  variant.fill(real64, real32);
  variant.fill_products(real64, real32);
}

const KernelTable& kernels(Precision precision) {
  return precision == Precision::real64 ? chosen().real64 : chosen().real32;
}

const char* kernel_variant() { return chosen().name; }

std::string kernel_variant_problem() {
  if (wanted().empty()) return {};
  const std::string start = "ELBO_KERNELS is '" + std::string(wanted()) + "', ";
  std::string all, here;
  bool is_known = false;
  for (const KernelVariant& variant : variants) {
    const std::string_view name = variant.name;
    if (name == wanted() && variant.supported()) return {};
    is_known = is_known || name == wanted();
    all.append(all.empty() ? "" : ", ").append(name);
    if (variant.supported()) here.append(here.empty() ? "" : ", ").append(name);
  }
  return start +
         (is_known ? "which this processor does not have; it runs: " + here : "which is not one of: " + all);
}

}  // namespace elbo::runtime
