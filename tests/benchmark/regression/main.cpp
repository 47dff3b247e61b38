// A step of logistic regression, log density and gradient, with the products inside the loop over the rows
// and by themselves, beside the least that it can cost: one pass over the matrix. Prints a table in Markdown.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/program.hpp"

using namespace elbo::runtime;

namespace {

struct Sizes {
  std::int64_t rows, width, draws;
  Precision precision;
};

std::vector<double> numbers(std::int64_t count, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<double> result(static_cast<std::size_t>(count));
  for (double& x : result) x = normal(generator);
  return result;
}

class Regression {
 public:
  explicit Regression(const Sizes& sizes) : sizes_(sizes) {
    const AxisId n = graph_.add_axis("n", sizes.rows, AxisKind::plate);
    const AxisId s = graph_.add_axis("s", sizes.draws, AxisKind::sample);
    const Expr x = to_axis(
        graph_.constant(Tensor({sizes.rows, sizes.width}, numbers(sizes.rows * sizes.width, 1))), 0, n);
    std::vector<double> outcomes = numbers(sizes.rows, 2);
    for (double& y : outcomes) y = y > 0 ? 1 : 0;
    const Expr y = to_axis(graph_.constant(Tensor({sizes.rows}, std::move(outcomes))), 0, n);
    inputs_ = {graph_.input("w", {{s}, {sizes.width}, Domain::real}),
               graph_.input("b", {{s}, {}, Domain::real})};
    const Expr logit = matmul(x, inputs_[0]) + inputs_[1];
    const Expr total = sum_all(y * logit - softplus(logit));
    roots_ = gradient(total, inputs_);
    roots_.push_back(total);
  }

  Execution execution(bool fused, int threads) const {
    PlanOptions options;
    options.precision = sizes_.precision;
    if (!fused) options.fuse_from = -1;
    Execution result(plan(roots_, inputs_, options), threads);
    result.set_input(0, numbers(sizes_.draws * sizes_.width, 3));
    result.set_input(1, numbers(sizes_.draws, 4));
    return result;
  }

 private:
  Sizes sizes_;
  Graph graph_;
  std::vector<Expr> inputs_, roots_;
};

template <class Work>
void keep_least(double& least, int repeats, Work work) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < repeats; ++i) work();
  const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
  least = std::min(least, passed.count() / repeats);
}

void measure(const Sizes& sizes, int rounds) {
  const Regression regression(sizes);
  Execution fused = regression.execution(true, 1), apart = regression.execution(false, 1),
            shared = regression.execution(true, 2);
  const std::int64_t entries = sizes.rows * sizes.width;
  std::vector<double> matrix(static_cast<std::size_t>(entries),
                             0.5);  // read as the number type, whatever it holds
  double pass = 0;
  std::array<double, 4> least;
  least.fill(std::numeric_limits<double>::infinity());
  const int repeats = static_cast<int>(std::clamp<std::int64_t>(2000000 / (entries * sizes.draws), 1, 1000));
  for (int round = 0; round < rounds; ++round) {
    keep_least(least[0], repeats, [&] { fused.run(); });
    keep_least(least[1], repeats, [&] { apart.run(); });
    keep_least(least[2], repeats, [&] { shared.run(); });
    keep_least(least[3], repeats, [&] { kernels(sizes.precision).sum(&pass, matrix.data(), entries); });
  }
  fmt::print("| {} | {} | {} | {} | {:.4f} | {:.4f} | {:.4f} | {:.4f} |\n", sizes.rows, sizes.width,
             sizes.draws, sizes.precision == Precision::real64 ? "double" : "single", least[3], least[0],
             least[1], least[2]);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 30;
  fmt::print("Milliseconds, the least of {} rounds.\n\n", rounds);
  fmt::print(
      "| N | D | S | precision | one pass over X | inside the loop | by themselves | inside, 2 threads |\n");
  fmt::print("|---:|---:|---:|---|---:|---:|---:|---:|\n");
  for (const Precision precision : {Precision::real64, Precision::real32}) {
    for (const auto& [rows, width] :
         {std::pair{100000, 50}, {100000, 10}, {10000, 20}, {1000, 10}, {100, 50}}) {
      for (const int draws : {1, 10}) measure({rows, width, draws, precision}, rounds);
    }
  }
  return EXIT_SUCCESS;
}
