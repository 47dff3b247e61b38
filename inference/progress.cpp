#include "inference/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <ostream>
#include <vector>

namespace elbo::inference {
namespace {

constexpr double quiet_seconds = 1.0;   // shorter runs show nothing
constexpr double redraw_seconds = 0.1;  // at most ten lines per second
constexpr double look_seconds = 0.02;   // how often the clock is read, so that redraws are not late
constexpr std::int64_t bar_cells = 20;
constexpr std::size_t widest_line = 79;  // of a terminal of 80 columns, whose last one may wrap

constexpr const char* erase_line = "\r\x1b[K";  // ECMA-48: erase to the end of the line

double steady_seconds() {
  using std::chrono::duration;
  return duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Progress::Progress(std::ostream& log, bool shown, const RunLength& length, std::string objective)
    : Progress(log, shown, length, std::move(objective), steady_seconds) {}

Progress::Progress(std::ostream& log, bool shown, const RunLength& length, std::string objective, Clock clock)
    : log_(log), length_(length), objective_(std::move(objective)), clock_(std::move(clock)) {
  if (!shown) {
    next_look_ = std::numeric_limits<std::int64_t>::max();
    return;
  }
  started_ = looked_ = drawn_ = clock_();
}

void Progress::look(std::int64_t done, double value) {
  const double now = clock_();
  // The stride follows the speed of the run, but at most doubles: the first steps may be unusually fast.
  const double since = now - looked_;
  if (looks_ > 0) {
    const double ideal =
        since > 0 ? static_cast<double>(stride_) * look_seconds / since : 2 * static_cast<double>(stride_);
    stride_ = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(std::min(ideal, 2.0 * static_cast<double>(stride_))));
  }
  ++looks_;
  looked_ = now;
  next_look_ = done + stride_;
  const double elapsed = now - started_;
  if (elapsed < quiet_seconds || now - drawn_ < redraw_seconds) return;
  drawn_ = now;
  visible_ = true;
  log_ << erase_line << progress_line(done, length_, elapsed, objective_, value) << std::flush;
}

void Progress::clear() {
  if (!visible_) return;
  log_ << erase_line << std::flush;
  visible_ = false;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(std::max(seconds, 0.0)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

namespace {

std::string count_text(std::int64_t done, std::int64_t all, std::int64_t pass) {
  if (pass == 0) return fmt::format("{}/{}", done, all);
  const std::int64_t passes = std::max<std::int64_t>(all / pass, 1);
  return fmt::format("pass {}/{}", std::min(done / pass + 1, passes), passes);
}

std::string speed_text(double speed, const char* unit) {
  return speed >= 10 ? fmt::format("{:.0f} {}/s", speed, unit) : fmt::format("{:.2g} {}/s", speed, unit);
}

}  // namespace

std::string progress_line(std::int64_t done, const RunLength& length, double seconds,
                          const std::string& objective, double value) {
  const std::int64_t all = std::max<std::int64_t>(length.steps, 1);
  const std::int64_t now = std::clamp<std::int64_t>(done, 0, all);
  const double fraction = static_cast<double>(now) / static_cast<double>(all);
  // Rounded down: 100% stands for the end alone.
  const auto full = static_cast<std::int64_t>(fraction * static_cast<double>(bar_cells));
  std::string line = fmt::format(
      "{:3}% [{}{}] {}", static_cast<int>(fraction * 100), std::string(static_cast<std::size_t>(full), '#'),
      std::string(static_cast<std::size_t>(bar_cells - full), '-'), count_text(now, all, length.pass));
  std::vector<std::string> parts;
  const double rate = seconds > 0 ? static_cast<double>(now - length.done) / seconds : 0;
  if (rate > 0) {
    const double rows =
        length.pass > 0 ? static_cast<double>(length.rows) / static_cast<double>(length.pass) : 0;
    parts.push_back(rows > 0 ? speed_text(rate * rows, "rows") : speed_text(rate, "steps"));
  }
  if (std::isfinite(value)) parts.push_back(fmt::format("{} {:.6g}", objective, value));
  if (rate > 0) parts.push_back(duration_text(static_cast<double>(all - now) / rate) + " left");
  for (const std::string& part : parts) {
    if (line.size() + 2 + part.size() <= widest_line) line += "  " + part;
  }
  return line;
}

}  // namespace elbo::inference
