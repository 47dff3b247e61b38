// Ctrl-C: the first asks the run to stop where it can, the second ends the program at once.
#pragma once

#include <atomic>

namespace elbo::cli {

/// Installs the handler and returns the flag that the first Ctrl-C sets. The flag lives as long as the
/// program.
std::atomic<bool>* catch_interrupts();

}  // namespace elbo::cli
