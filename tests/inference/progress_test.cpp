// The progress bar, under a clock that the test sets.
#include <catch2/catch.hpp>
#include <limits>
#include <sstream>

#include "inference/progress.hpp"

namespace {

using namespace elbo::inference;

/// A run whose steps all take the same time.
struct Run {
  std::ostringstream log;
  double now = 100;
  std::int64_t clock_reads = 0;

  Progress::Clock clock() {
    return [this] { return ++clock_reads, now; };
  }
  std::size_t redraws() const {
    std::size_t count = 0;
    for (std::size_t at = log.str().find("steps/s"); at != std::string::npos;
         at = log.str().find("steps/s", at + 1)) {
      ++count;
    }
    return count;
  }
  void go(Progress& progress, std::int64_t first, std::int64_t last, double seconds_per_step) {
    for (std::int64_t done = first; done <= last; ++done) {
      now += seconds_per_step;
      progress.update(done, -2.5);
    }
  }
};

}  // namespace

TEST_CASE("a bar shows fraction, speed, objective and time left") {
  CHECK(progress_line(4200, {.steps = 10000}, 0.8, "ELBO", -188.3125) ==
        " 42% [########------------] 4200/10000  5250 steps/s  ELBO -188.312  2 s left");
  CHECK(progress_line(3, {.steps = 100}, 6, "loss", 0.25) ==
        "  3% [--------------------] 3/100  0.5 steps/s  loss 0.25  3 min 14 s left");
  CHECK(progress_line(100, {.steps = 100}, 10, "ELBO", -1) ==
        "100% [####################] 100/100  10 steps/s  ELBO -1  0 s left");
  // 99.9 % is not yet 100 %, and a value that is not finite is left out.
  CHECK(progress_line(999, {.steps = 1000}, 1, "ELBO", std::numeric_limits<double>::quiet_NaN()) ==
        " 99% [###################-] 999/1000  999 steps/s  1 s left");
  CHECK(progress_line(0, {.steps = 10}, 1, "ELBO", -1) == "  0% [--------------------] 0/10  ELBO -1");
}

TEST_CASE("a bar of passes counts these, and rows") {
  const RunLength length{.steps = 9380, .pass = 469, .rows = 60000};
  CHECK(progress_line(1000, length, 5, "ELBO", -186.25) ==
        " 10% [##------------------] pass 3/20  25586 rows/s  ELBO -186.25  42 s left");
  CHECK(progress_line(9380, length, 50, "ELBO", -106) ==
        "100% [####################] pass 20/20  24000 rows/s  ELBO -106  0 s left");
  // A run that goes on after 4690 steps has done 469 in its five seconds.
  CHECK(progress_line(5159, {.steps = 9380, .pass = 469, .rows = 60000, .done = 4690}, 5, "ELBO", -120) ==
        " 55% [###########---------] pass 12/20  12000 rows/s  ELBO -120  45 s left");
}

TEST_CASE("a bar fits a terminal of 80 columns") {
  for (const std::int64_t total :
       {std::int64_t{1}, std::int64_t{123456789}, std::int64_t{4'000'000'000'000}}) {
    for (const double seconds : {1e-3, 3.0, 1e6}) {
      CHECK(progress_line(total / 2, {.steps = total}, seconds, "log-likelihood", -1.23456e-100).size() <= 79);
    }
  }
}

TEST_CASE("durations are rounded up and short") {
  CHECK(duration_text(0) == "0 s");
  CHECK(duration_text(0.2) == "1 s");
  CHECK(duration_text(59.5) == "1 min 00 s");
  CHECK(duration_text(125) == "2 min 05 s");
  CHECK(duration_text(3599.5) == "1 h 00 min");
  CHECK(duration_text(100000) == "27 h 46 min");
}

TEST_CASE("a run of less than a second shows nothing") {
  Run run;
  {
    Progress progress(run.log, true, {.steps = 1000}, "ELBO", run.clock());
    run.go(progress, 1, 1000, 0.0009);
  }
  CHECK(run.log.str().empty());
}

TEST_CASE("a bar that is not asked for costs no look at the clock") {
  Run run;
  {
    Progress progress(run.log, false, {.steps = 1000}, "ELBO", run.clock());
    run.go(progress, 1, 1000, 1);
  }
  CHECK(run.log.str().empty());
  CHECK(run.clock_reads == 0);
}

TEST_CASE("a longer run is drawn at most ten times a second, and removed") {
  Run run;
  {
    Progress progress(run.log, true, {.steps = 100000}, "ELBO", run.clock());
    run.go(progress, 1, 100000, 1e-4);  // 10 s in all, 9 of them visible
    CHECK(run.redraws() <= 91);
    CHECK(run.redraws() >= 60);
    // The clock is read about every 20 ms, not at every one of the 100 000 steps.
    CHECK(run.clock_reads < 1000);
  }
  CHECK(run.log.str().substr(run.log.str().rfind('\r')) == "\r\x1b[K");
}

TEST_CASE("slow steps are all shown, and a run that slows down is followed") {
  Run slow;
  Progress progress(slow.log, true, {.steps = 100}, "ELBO", slow.clock());
  slow.go(progress, 1, 20, 0.5);
  CHECK(slow.redraws() == 19);  // all but the first, which ends after half a second

  Run changing;
  Progress other(changing.log, true, {.steps = 100000}, "ELBO", changing.clock());
  changing.go(other, 1, 50000, 1e-5);
  const auto fast = changing.redraws();
  changing.go(other, 50001, 50000 + 2000, 0.05);
  CHECK(fast == 0);  // half a second
  // 100 s at up to ten redraws each, less one stride at the old speed.
  CHECK(changing.redraws() >= 500);
  CHECK(changing.redraws() <= 1000);
}

TEST_CASE("a bar is cleared for other output and drawn again") {
  Run run;
  Progress progress(run.log, true, {.steps = 100}, "ELBO", run.clock());
  progress.clear();
  CHECK(run.log.str().empty());
  run.go(progress, 1, 4, 0.5);
  progress.clear();
  const std::size_t length = run.log.str().size();
  progress.clear();
  CHECK(run.log.str().size() == length);
  run.go(progress, 5, 5, 0.5);
  CHECK(run.log.str().size() > length);
}
