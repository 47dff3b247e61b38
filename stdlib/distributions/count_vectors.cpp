#include "stdlib/distributions/count_vectors.hpp"

#include <limits>

namespace elbo::stdlib {
namespace {

using runtime::Shape;
using runtime::Tensor;

Expr contains(Expr x, std::span<const Expr> bounds) {
  const Expr good = runtime::natural_support.contains(x, {});
  const Expr bad = sum_dim(select(good, number(x, 0), number(x, 1)), -1);
  return logical_and(equal(bad, number(x, 0)), equal(sum_dim(x, -1), bounds[0]));
}

/// All of them in the first category.
Expr interior(Expr like, std::span<const Expr> bounds) {
  std::vector<double> first(static_cast<std::size_t>(like.type().event.back()), 0.0);
  first[0] = 1;
  const auto size = static_cast<std::int64_t>(first.size());
  return as_column(bounds[0]) * like.graph().constant(Tensor({size}, std::move(first)));
}

Expr entry(Expr vectors, std::int64_t k) {
  return gather(vectors, vectors.graph().constant(Tensor({1}, std::vector<std::int64_t>{k})), -1);
}

}  // namespace

const runtime::SupportKind count_vector_support{
    .name = "counts",
    .help = "whole numbers >= 0 that sum to the number of trials",
    .bounds = 1,
    .discrete = true,
    .event_rank = 1,
    .contains = contains,
    .interior = interior,
    .hull = {.least = 0, .greatest_bound = 0},
};

Expr log_multinomial(Expr n, Expr x) { return lgamma(n + 1.0) - sum_dim(lgamma(x + 1.0), -1); }

Expr multinomial_draw(Expr n, Expr log_probabilities, const DrawShape& shape) {
  const std::int64_t categories = log_probabilities.type().event.back();
  Shape one = shape.event;
  one.back() = 1;
  Expr left = broadcast(as_column(n), shape.axes, one);
  std::vector<Expr> parts;
  for (std::int64_t k = 0; k + 1 < categories; ++k) {
    std::vector<std::int64_t> later;
    for (std::int64_t j = k; j < categories; ++j) later.push_back(j);
    const Expr those = log_probabilities.graph().constant(Tensor({categories - k}, std::move(later)));
    const Expr rest = as_column(logsumexp_dim(gather(log_probabilities, those, -1), -1));
    // where nothing is left to share, the share does not matter
    const Expr nothing = equal(rest, number(rest, -std::numeric_limits<double>::infinity()));
    const Expr share = exp(entry(log_probabilities, k) - select(nothing, number(rest, 0), rest));
    parts.push_back(random_binomial(left, minimum(share, number(share, 1)), shape.axes, one));
    left = left - parts.back();
  }
  parts.push_back(left);
  return categories == 1 ? broadcast(parts[0], shape.axes, shape.event) : concatenate(parts, -1);
}

}  // namespace elbo::stdlib
