// A progress bar of one line, for runs that last: fraction done, steps or rows per second, objective, time
// left. It is rewritten in place on a terminal and leaves nothing behind.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

namespace elbo::inference {

/// What a run has before it.
struct RunLength {
  std::int64_t steps = 0;
  std::int64_t pass = 0;  ///< steps of a pass over the rows of the data; 0: steps are what is counted
  std::int64_t rows = 0;  ///< of a pass
  std::int64_t done = 0;  ///< steps that an earlier run has done
};

class Progress {
 public:
  using Clock = std::function<double()>;  ///< seconds since some fixed moment

  /// Nothing is ever written unless `shown` (enabled, and `log` is a terminal). `objective` is the name of
  /// the number given with each step.
  Progress(std::ostream& log, bool shown, const RunLength& length, std::string objective = "ELBO");
  /// The same with another clock.
  Progress(std::ostream& log, bool shown, const RunLength& length, std::string objective, Clock clock);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// After each step: `done` of them are. A comparison, but for every so many steps the look at the clock;
  /// writes at most ten times a second, and not in the first second. A value that is not finite is not shown.
  void update(std::int64_t done, double value) {
    if (done >= next_look_) look(done, value);
  }

  /// Removes the bar (before a warning, say); the next update draws it again.
  void clear();

 private:
  void look(std::int64_t done, double value);

  std::ostream& log_;
  RunLength length_;
  std::string objective_;
  Clock clock_;
  double started_ = 0;
  double looked_ = 0;           // when the clock was last read
  double drawn_ = 0;            // when the bar was last written
  std::int64_t next_look_ = 0;  // number of steps at which the clock is read next
  std::int64_t stride_ = 1;     // steps between looks
  std::int64_t looks_ = 0;
  bool visible_ = false;
};

/// The bar's text, at most 79 columns wide (what does not fit is left out); `seconds` are those of this run:
///   " 42% [########------------] 4200/10000  5230 steps/s  ELBO -188.312  2 s left"
///   " 12% [##------------------] pass 3/20  27310 rows/s  ELBO -186.3  42 s left"
std::string progress_line(std::int64_t done, const RunLength& length, double seconds,
                          const std::string& objective, double value);

/// "3 s", "2 min 05 s", "1 h 03 min".
std::string duration_text(double seconds);

}  // namespace elbo::inference
