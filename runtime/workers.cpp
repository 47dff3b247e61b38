// A few threads that work through numbered pieces of one loop.
#include "runtime/workers.hpp"

namespace elbo::runtime {

namespace {

// Bits of a ticket: its loop above, then the number of pieces, then the next one.
constexpr int piece_bits = 20;
constexpr std::uint64_t piece_mask = (std::uint64_t{1} << piece_bits) - 1;

std::uint64_t next_of(std::uint64_t ticket) { return ticket & piece_mask; }
std::uint64_t pieces_of(std::uint64_t ticket) { return ticket >> piece_bits & piece_mask; }
std::uint64_t loop_of(std::uint64_t ticket) { return ticket >> (2 * piece_bits); }
std::uint64_t first_ticket(std::uint64_t loop, std::uint64_t pieces) {
  return loop << (2 * piece_bits) | pieces << piece_bits;
}

// The next loop of a program mostly follows within microseconds, and waking a sleeping thread takes tens of them:
// whoever waits looks this often before it goes to sleep.
constexpr int looks = 2000;

template <class Condition>
bool comes_soon(Condition condition) {
  for (int look = 0; look < looks; ++look) {
    if (condition()) return true;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  return condition();
}

}  // namespace

Workers::Workers(int count) {
  for (int worker = 1; worker < count; ++worker) threads_.emplace_back([this, worker] { work(worker); });
}

Workers::~Workers() {
  stopping_ = true;
  {
    const std::lock_guard lock(mutex_);
    start_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(std::int64_t pieces, const std::function<void(std::int64_t, int)>& task) {
  if (threads_.empty() || pieces <= 1 || pieces > static_cast<std::int64_t>(piece_mask)) {
    for (std::int64_t piece = 0; piece < pieces; ++piece) task(piece, 0);
    return;
  }
  task_ = &task;
  done_ = 0;
  ticket_ = first_ticket(loop_of(ticket_) + 1, static_cast<std::uint64_t>(pieces));
  if (sleeping_ > 0) {
    const std::lock_guard lock(mutex_);
    start_.notify_all();
  }
  take_pieces(0);
  const auto is_done = [&] { return done_ == pieces; };
  if (comes_soon(is_done)) return;
  std::unique_lock lock(mutex_);
  caller_sleeps_ = true;
  finished_.wait(lock, is_done);
  caller_sleeps_ = false;
}

bool Workers::has_pieces() const {
  const std::uint64_t ticket = ticket_;
  return next_of(ticket) < pieces_of(ticket);
}

void Workers::work(int worker) {
  while (!stopping_) {
    const auto is_wanted = [this] { return stopping_ || has_pieces(); };
    if (!comes_soon(is_wanted)) {
      std::unique_lock lock(mutex_);
      ++sleeping_;
      start_.wait(lock, is_wanted);
      --sleeping_;
    }
    take_pieces(worker);
  }
}

void Workers::take_pieces(int worker) {
  std::uint64_t ticket = ticket_;
  while (next_of(ticket) < pieces_of(ticket)) {
    if (!ticket_.compare_exchange_weak(ticket, ticket + 1)) continue;  // `ticket` is now what is there
    // until this piece is done its loop is not, so the task stays
    (*task_)(static_cast<std::int64_t>(next_of(ticket)), worker);
    const auto pieces = static_cast<std::int64_t>(pieces_of(ticket));
    if (++done_ == pieces && caller_sleeps_) {
      const std::lock_guard lock(mutex_);
      finished_.notify_one();
    }
    ticket = ticket_;
  }
}

}  // namespace elbo::runtime
