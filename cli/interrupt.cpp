// A signal handler can reach nothing but a global, so the flag is one; it is a lock-free atomic, which a
// handler may touch (C++20 [support.signal]).
#include "cli/interrupt.hpp"

#include <unistd.h>

#include <csignal>

#include "cli/terminal.hpp"

namespace elbo::cli {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void ask(int) { interrupted.store(true); }

void ask_or_end(int) {
  if (interrupted.exchange(true)) _exit(static_cast<int>(ExitCode::interrupted));
}

}  // namespace

std::atomic<bool>* catch_interrupts(SecondInterrupt second) {
  struct sigaction action = {};
  action.sa_handler = second == SecondInterrupt::ends ? ask_or_end : ask;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  return &interrupted;
}

}  // namespace elbo::cli
