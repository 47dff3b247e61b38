// How fast the kernels are and how accurate, with those of every instruction set that this machine has,
// beside the C library, Eigen and Boost.Math. Prints two tables in Markdown.
//
//   elbo_kernels [ROUNDS]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>

#include "runtime/kernels/variants.hpp"
#include "tests/benchmark/kernels/peers.hpp"
#include "tests/runtime/kernel_truths.hpp"

using namespace elbo;
using namespace elbo::benchmark;
using runtime::KernelTable;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int length = 1000;
using Columns = std::vector<std::vector<double>>;

/// One line of the table of speeds: a kernel, and numbers for it.
struct Line {
  std::string name;
  Columns in;
  /// The kernel as a loop; `work` is room for one more row.
  std::function<Loop(const KernelTable&)> own;
};

std::vector<double> uniform(double from, double to) {
  static std::mt19937_64 generator(1);
  std::uniform_real_distribution<double> between(from, to);
  std::vector<double> row(length);
  for (double& x : row) x = between(generator);
  return row;
}

std::vector<double> log_of(std::vector<double> row) {
  for (double& x : row) x = std::log(x);
  return row;
}

Line elementwise(const char* name, runtime::ElementwiseKernel KernelTable::*member, Columns in) {
  return {name, std::move(in), [member](const KernelTable& table) -> Loop {
            return [kernel = table.*member](double* out, const double* const* in, int n) {
              const runtime::Lanes lanes[] = {{in[0], 1}, {in[1], 1}, {in[2], 1}};
              kernel(out, lanes, n);
            };
          }};
}

Line draws(const char* name, runtime::RandomKernel KernelTable::*member, Columns in) {
  return {name, std::move(in), [member](const KernelTable& table) -> Loop {
            return [kernel = table.*member, step = 0U](double* out, const double* const* in, int n) mutable {
              const runtime::Lanes lanes[] = {{in[0], 1}};
              kernel(out, lanes, n, {1, 1, ++step, 0});
            };
          }};
}

Loop own_sum(const KernelTable& table) {
  return [kernel = table.sum](double* out, const double* const* in, int n) {
    *out = 0;
    kernel(out, in[0], n);
  };
}

/// As the executor does it: the greatest of the row, then three kernels and a sum in blocks that stay in the
/// cache.
Loop own_log_sum_exp(const KernelTable& table) {
  return [&table](double* out, const double* const* in, int n) {
    const double greatest = *std::max_element(in[0], in[0] + n);
    const runtime::Lanes shifted[] = {{in[0], 1}, {&greatest, 0}}, row[] = {{out, 1}};
    table.subtract(out, shifted, n);
    table.exp(out, row, n);
    double sum = 0, logarithm = 0;
    table.sum(&sum, out, n);
    const runtime::Lanes total[] = {{&sum, 0}};
    table.log(&logarithm, total, 1);
    *out = greatest + logarithm;
  };
}

std::vector<Line> lines() {
  using Table = KernelTable;
  const auto shapes = uniform(0.1, 20), draws_of_shapes = uniform(0.1, 20);
  return {
      elementwise("exp", &Table::exp, {uniform(-5, 5)}),
      elementwise("log", &Table::log, {uniform(0.01, 100)}),
      elementwise("log1p", &Table::log1p, {uniform(-0.9, 5)}),
      elementwise("expm1", &Table::expm1, {uniform(-5, 5)}),
      elementwise("tanh", &Table::tanh, {uniform(-5, 5)}),
      elementwise("sigmoid", &Table::sigmoid, {uniform(-5, 5)}),
      elementwise("softplus", &Table::softplus, {uniform(-5, 5)}),
      elementwise("erf", &Table::erf, {uniform(-3, 3)}),
      elementwise("erfc", &Table::erfc, {uniform(-3, 3)}),
      elementwise("normal_cdf", &Table::normal_cdf, {uniform(-4, 4)}),
      elementwise("normal_log_cdf", &Table::normal_log_cdf, {uniform(-8, 4)}),
      elementwise("normal_quantile", &Table::normal_quantile, {uniform(0, 1)}),
      elementwise("lgamma", &Table::lgamma, {uniform(0.1, 20)}),
      elementwise("digamma", &Table::digamma, {uniform(0.1, 20)}),
      elementwise("trigamma", &Table::trigamma, {uniform(0.1, 20)}),
      {"sum", {uniform(-1, 1)}, own_sum},
      {"log-sum-exp", {uniform(-5, 5)}, own_log_sum_exp},
      elementwise("gamma_p", &Table::gamma_p, {shapes, draws_of_shapes}),
      elementwise("gamma_shape", &Table::gamma_shape, {shapes, log_of(draws_of_shapes)}),
      elementwise("beta_cdf", &Table::beta_cdf, {uniform(0.1, 20), uniform(0.1, 20), uniform(0, 1)}),
      elementwise("beta_a", &Table::beta_a, {uniform(0.1, 20), uniform(0.1, 20), uniform(0, 1)}),
      draws("normal draws", &Table::random_normal, {uniform(0, 1)}),
      draws("gamma draws", &Table::random_gamma, {uniform(1, 20)}),
      draws("gamma draws, shape below 1", &Table::random_gamma, {uniform(0.1, 1)}),
  };
}

/// Nanoseconds per element, the least of the rounds for each loop, since whatever else the machine does only
/// adds to it. The loops take turns within a round.
std::vector<double> time_all(const std::vector<Loop>& loops, const Columns& columns, int rounds) {
  const double* in[] = {columns[0].data(), columns[columns.size() > 1 ? 1 : 0].data(), columns.back().data()};
  std::vector<double> out(length);
  std::vector<double> least(loops.size(), std::nan(""));
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t k = 0; k < loops.size(); ++k) {
      if (!loops[k]) continue;
      int runs = 0;
      const auto start = Clock::now();
      double seconds = 0;
      do {
        for (int i = 0; i < 4; ++i) loops[k](out.data(), in, length);
        runs += 4;
        seconds = std::chrono::duration<double>(Clock::now() - start).count();
      } while (seconds < 0.001);
      least[k] = std::fmin(least[k], 1e9 * seconds / runs / length);
    }
  }
  return least;
}

void print_cell(double value, const char* format) {
  std::printf(" | ");
  if (std::isnan(value)) return;
  std::printf(format, value);
}

Loop find(const Loops& loops, const std::string& name) {
  const auto found = loops.find(name);
  return found == loops.end() ? Loop() : found->second;
}

void print_speeds(const std::vector<const char*>& names, const std::vector<KernelTable>& tables, int rounds) {
  std::printf("Nanoseconds per element, rows of %d, one thread:\n\n| kernel", length);
  for (const char* name : names) std::printf(" | %s", name);
  std::printf(" | libm | Eigen | Boost |\n|---|");
  for (std::size_t k = 0; k < names.size() + 3; ++k) std::printf("---:|");
  std::printf("\n");
  const Loops libm = libm_loops(), eigen = eigen_loops(), boost = boost_loops();
  for (const Line& line : lines()) {
    std::vector<Loop> loops;
    for (const KernelTable& table : tables) loops.push_back(line.own(table));
    for (const Loops* peer : {&libm, &eigen, &boost}) loops.push_back(find(*peer, line.name));
    std::printf("| %s", line.name.c_str());
    for (const double time : time_all(loops, line.in, rounds)) print_cell(time, time < 100 ? "%.2f" : "%.0f");
    std::printf(" |\n");
    std::fflush(stdout);
  }
}

/// The greatest error of a loop in units in the last place; NaN without a loop.
double greatest_error(const Loop& loop, const test::AccuracyCase& one,
                      const std::vector<test::Wide>& truths) {
  if (!loop) return std::nan("");
  Columns columns(3, std::vector<double>(one.points.size()));
  for (std::size_t i = 0; i < one.points.size(); ++i) {
    for (std::size_t k = 0; k < one.points[i].size(); ++k) columns[k][i] = one.points[i][k];
  }
  const double* in[] = {columns[0].data(), columns[1].data(), columns[2].data()};
  std::vector<double> out(one.points.size());
  loop(out.data(), in, static_cast<int>(out.size()));
  double worst = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double error = test::error_in_units(one, i, out[i], truths[i]);
    worst = error <= worst ? worst : error;
  }
  return worst;
}

void print_errors(const KernelTable& table) {
  std::printf(
      "\nGreatest error in units in the last place, against 50 digits (of gamma_p and beta_cdf over their "
      "condition number):\n\n");
  std::printf(
      "| kernel | where | points | elbo | libm | Eigen | Boost |\n|---|---|---:|---:|---:|---:|---:|\n");
  const Loops libm = libm_loops(), eigen = eigen_loops(), boost = boost_loops();
  for (const test::AccuracyCase& one : test::accuracy_cases()) {
    std::vector<test::Wide> truths;
    for (const auto& point : one.points) truths.push_back(one.truth(point));
    const Loop own = elementwise("", one.member, {}).own(table);
    std::printf("| %s | %s | %zu", one.kernel.c_str(), one.range.c_str(), one.points.size());
    for (const Loop& loop : {own, find(libm, one.kernel), find(eigen, one.kernel), find(boost, one.kernel)}) {
      const double error = greatest_error(loop, one, truths);
      print_cell(error, error < 100 ? "%.1f" : "%.1g");
    }
    std::printf(" |\n");
    std::fflush(stdout);
  }
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 50;
  std::vector<const char*> names;
  std::vector<KernelTable> tables;
  for (const runtime::KernelVariant& variant : runtime::kernel_variants()) {
    if (!variant.supported()) continue;
    KernelTable real64, real32;
    runtime::fill_kernel_tables(variant, real64, real32);
    names.push_back(variant.name), tables.push_back(real64);
  }
  const std::time_t now = std::time(nullptr);
  char day[11];
  std::strftime(day, sizeof day, "%Y-%m-%d", std::gmtime(&now));
  std::printf("%s, %s, compiler %s\n\n", processor().c_str(), day, __VERSION__);
  print_speeds(names, tables, rounds);
  print_errors(tables.front());
}
