// Which kernels run: the widest instruction set that both the build and the processor have, or the one that
// the environment variable ELBO_KERNELS names. No result depends on it.
#pragma once

#include <string>

namespace elbo::runtime {

/// The variant in use: "v4" (x86-64-v4, AVX-512), "v3" (x86-64-v3, AVX2) or "base" (every processor).
const char* kernel_variant();

/// What is wrong with ELBO_KERNELS, as a sentence; empty when it is not set or names a variant that runs
/// here.
std::string kernel_variant_problem();

}  // namespace elbo::runtime
