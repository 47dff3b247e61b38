// Ctrl-C: the first asks the run to stop where it can, the second ends the program at once (unless there is a
// prompt to go back to).
#pragma once

#include <atomic>

namespace elbo::cli {

/// What Ctrl-C does while an earlier one has not been heeded yet.
enum class SecondInterrupt { ends, asks_again };

/// Installs the handler and returns the flag that Ctrl-C sets. The flag lives as long as the program.
std::atomic<bool>* catch_interrupts(SecondInterrupt second = SecondInterrupt::ends);

}  // namespace elbo::cli
