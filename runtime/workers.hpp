// A few threads that work through numbered pieces of one loop. Which thread takes which piece does not
// matter: pieces and the order in which their results are combined are fixed by the caller.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace elbo::runtime {

class Workers {
 public:
  /// `count` threads in all, the caller's included; 1 starts none.
  explicit Workers(int count);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int count() const { return static_cast<int>(threads_.size()) + 1; }

  /// Calls task(piece, worker) for every piece in 0..pieces-1; returns when all are done. Threads that do not come
  /// in time, on a busy machine, are not waited for: the caller does their pieces.
  void run(std::int64_t pieces, const std::function<void(std::int64_t, int)>& task);

 private:
  void work(int worker);
  bool has_pieces() const;
  /// Takes pieces as long as there are any.
  void take_pieces(int worker);

  std::vector<std::thread> threads_;
  // The number of the loop, how many pieces it has, and which is the next, in one word: whoever takes a piece
  // takes it of the loop that it has seen.
  std::atomic<std::uint64_t> ticket_{0};
  std::atomic<std::int64_t> done_{0};  // pieces of the present loop
  const std::function<void(std::int64_t, int)>* task_ = nullptr;

  // Of those that have waited long.
  std::mutex mutex_;
  std::condition_variable start_, finished_;
  std::atomic<int> sleeping_{0};
  std::atomic<bool> caller_sleeps_{false};
  std::atomic<bool> stopping_{false};
};

}  // namespace elbo::runtime
