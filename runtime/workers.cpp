// A few threads that work through numbered pieces of one loop.
#include "runtime/workers.hpp"

namespace elbo::runtime {

namespace {

// The next loop of a program mostly follows within microseconds, and waking a sleeping thread takes tens of them:
// whoever waits looks this often before it goes to sleep, and lets others have the processor in between.
constexpr int looks = 4000, looks_between_yields = 50;

template <class Condition>
bool comes_soon(Condition condition) {
  for (int look = 1; look <= looks; ++look) {
    if (condition()) return true;
    if (look % looks_between_yields == 0) {
      std::this_thread::yield();
    } else {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  }
  return condition();
}

}  // namespace

Workers::Workers(int count) {
  for (int worker = 1; worker < count; ++worker) threads_.emplace_back([this, worker] { work(worker); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ++round_;
  }
  start_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(std::int64_t pieces, const std::function<void(std::int64_t, int)>& task) {
  if (threads_.empty() || pieces <= 1) {
    for (std::int64_t piece = 0; piece < pieces; ++piece) task(piece, 0);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    task_ = &task;
    pieces_ = pieces;
    next_ = 0;
    busy_ = threads_.size();
    ++round_;
  }
  start_.notify_all();
  take_pieces(0);
  const auto is_done = [this] { return busy_ == 0; };
  if (comes_soon(is_done)) return;
  std::unique_lock lock(mutex_);
  finished_.wait(lock, is_done);
}

void Workers::work(int worker) {
  std::uint64_t seen = 0;
  while (true) {
    const auto has_work = [&] { return round_ != seen; };
    if (!comes_soon(has_work)) {
      std::unique_lock lock(mutex_);
      start_.wait(lock, has_work);
    }
    seen = round_;
    if (stopping_) return;
    take_pieces(worker);
    if (--busy_ > 0) continue;
    const std::lock_guard lock(mutex_);
    finished_.notify_one();
  }
}

void Workers::take_pieces(int worker) {
  for (std::int64_t piece = next_++; piece < pieces_; piece = next_++) (*task_)(piece, worker);
}

}  // namespace elbo::runtime
