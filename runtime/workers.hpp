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

  /// Calls task(piece, worker) for every piece in 0..pieces-1; returns when all are done.
  void run(std::int64_t pieces, const std::function<void(std::int64_t, int)>& task);

 private:
  void work(int worker);
  void take_pieces(int worker);

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable start_, finished_;
  const std::function<void(std::int64_t, int)>* task_ = nullptr;
  std::int64_t pieces_ = 0;
  std::atomic<std::int64_t> next_{0};
  std::atomic<std::uint64_t> round_{0};  // raised when task_ and pieces_ are set
  std::atomic<std::size_t> busy_{0};
  std::atomic<bool> stopping_{false};
};

}  // namespace elbo::runtime
