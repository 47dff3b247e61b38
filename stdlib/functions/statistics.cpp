// Statistics of several variables, and of categories: covariance, correlation, frequencies.
#include <cmath>

#include "stdlib/functions/common.hpp"
#include "stdlib/functions/families.hpp"

namespace elbo::stdlib {

namespace {

constexpr const char* category = "statistics";

/// Columns of a matrix of observations (one per row), or the two vectors.
std::vector<std::vector<double>> variables(const Arguments& a, const char* name) {
  const Tensor x = data_argument(a, 0, "x", name);
  if (!is_given(a, 1)) {
    if (x.rank() != 2)
      wrong_type("x", "a matrix with one observation per row", a.values[0], a.spans[0],
                 std::string("for two vectors, write ") + name + "(x, y)");
    std::vector<std::vector<double>> columns;
    for_each_lane<double>(
        x.stored_as(Storage::real), 0,
        [&](const std::vector<double>& lane, std::int64_t, std::int64_t) { columns.push_back(lane); });
    return columns;
  }
  const Tensor y = data_argument(a, 1, "y", name);
  if (x.rank() != 1 || y.shape() != x.shape()) {
    fail("shape-mismatch",
         std::string("`") + name + "` takes two vectors of one length, but is given shapes " +
             show(x.shape()) + " and " + show(y.shape()),
         a.span);
  }
  return {x.reals(), y.reals()};
}

double covariance_of(const std::vector<double>& x, const std::vector<double>& y) {
  const double n = static_cast<double>(x.size());
  const double mean_x = pairwise_sum(x) / n, mean_y = pairwise_sum(y) / n;
  std::vector<double> products(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) products[i] = (x[i] - mean_x) * (y[i] - mean_y);
  return pairwise_sum(products) / (n - 1);
}

/// `entry` of every pair of variables, or of the only pair when two vectors were given.
template <class Entry>
Value pairs(const Arguments& a, const char* name, Entry entry) {
  const auto columns = variables(a, name);
  const auto n = static_cast<std::int64_t>(columns.size());
  if (n > 0 && columns[0].size() < 2) {
    fail("too-few-values",
         std::string("`") + name + "` needs at least two observations, because it divides by N - 1",
         a.spans[0]);
  }
  if (is_given(a, 1)) return entry(columns[0], columns[1]);
  std::vector<double> values;
  for (const auto& x : columns) {
    for (const auto& y : columns) values.push_back(entry(x, y));
  }
  return Tensor({n, n}, std::move(values));
}

Value covariance(Interpreter&, const Arguments& a) { return pairs(a, "covariance", covariance_of); }

Value correlation(Interpreter&, const Arguments& a) {
  return pairs(a, "correlation", [](const std::vector<double>& x, const std::vector<double>& y) {
    if (&x == &y) return 1.0;
    return covariance_of(x, y) / std::sqrt(covariance_of(x, x) * covariance_of(y, y));
  });
}

/// How many of x are 1, 2, …, K (the largest found, when K is not given).
std::vector<std::int64_t> counted(const Arguments& a, const char* name) {
  const Tensor x = data_argument(a, 0, "x", name);
  if (!is_integral(x) || x.storage() == Storage::boolean) {
    wrong_type("x", "ints", a.values[0], a.spans[0],
               x.storage() == Storage::boolean ? "for true and false, use count(x) or mean(x)" : "");
  }
  std::int64_t k = 0;
  for (std::int64_t i = 0; i < x.size(); ++i) k = std::max(k, x.integer(i));
  if (is_given(a, 1)) k = size_argument(a, 1, "K", 1);
  constexpr std::int64_t most = 10'000'000;  // categories; more are a mistaken column rather than categories
  if (k > most) fail("category-range", "there would be " + std::to_string(k) + " categories", a.spans[0]);
  std::vector<std::int64_t> counts(static_cast<std::size_t>(k), 0);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const std::int64_t value = x.integer(i);
    if (value < 1 || value > k) {
      fail("category-range", "category " + std::to_string(value) + " is not one of 1 to " + std::to_string(k),
           a.spans[0], value == 0 ? "categories are numbered from 1: add 1" : "");
    }
    ++counts[static_cast<std::size_t>(value - 1)];
  }
  return counts;
}

Value counts(Interpreter&, const Arguments& a) {
  std::vector<std::int64_t> result = counted(a, "counts");
  const auto size = static_cast<std::int64_t>(result.size());
  return Tensor({size}, std::move(result));
}

Value frequencies(Interpreter&, const Arguments& a) {
  const std::vector<std::int64_t> number = counted(a, "frequencies");
  double total = 0;
  for (const std::int64_t n : number) total += static_cast<double>(n);
  require_elements(static_cast<std::int64_t>(total), "frequencies", a.spans[0]);
  std::vector<double> shares;
  for (const std::int64_t n : number) shares.push_back(static_cast<double>(n) / total);
  const auto size = static_cast<std::int64_t>(shares.size());
  return Tensor({size}, std::move(shares));
}

}  // namespace

std::vector<Function> statistics_functions() {
  return {
      {"covariance", "covariance(x, y = none)",
       "Covariance of two vectors, or matrix of covariances of the columns of x, dividing by N - 1 — e.g. "
       "covariance([1, 2, 3], [2, 4, 6]) is 2",
       category, covariance},
      {"correlation", "correlation(x, y = none)",
       "Correlation of two vectors, or matrix of correlations of the columns of x — e.g. "
       "correlation([1, 2, 3], [2, 4, 6]) is 1",
       category, correlation},
      {"counts", "counts(x, K = none)",
       "How often each of the categories 1 to K occurs — e.g. counts([1, 3, 3], 4) is [1, 0, 2, 0]", category,
       counts},
      {"frequencies", "frequencies(x, K = none)",
       "Share of each of the categories 1 to K — e.g. frequencies([1, 3, 3, 3], 3) is [0.25, 0, 0.75]",
       category, frequencies},
  };
}

}  // namespace elbo::stdlib
