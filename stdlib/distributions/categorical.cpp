// Categorical distribution over 1, …, K: a vector of probabilities, or of logits (log probabilities up to a
// constant).
#include "stdlib/distributions/building.hpp"
#include "stdlib/distributions/inversion.hpp"
#include "stdlib/distributions/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::real_support;
using runtime::Shape;
using runtime::simplex_support;
using runtime::Tensor;

constexpr double least_probability = 1e-300;

std::int64_t categories(Expr vector) { return vector.type().event.back(); }

/// 1, …, K.
Expr category_numbers(Expr like, std::int64_t count) {
  std::vector<std::int64_t> values;
  for (std::int64_t k = 1; k <= count; ++k) values.push_back(k);
  return like.graph().constant(Tensor({count}, std::move(values)));
}

/// Entry x of vectors [..., K]. With one vector for all outcomes it is looked up; otherwise chosen among all
/// K, since a lookup would pair every outcome with every vector.
Expr entry(Expr vectors, Expr x) {
  if (vectors.type().event.size() == 1) return gather(vectors, x - whole_number(x, 1), 0);
  const Expr chosen = equal(as_column(x), category_numbers(x, categories(vectors)));
  return sum_dim(select(chosen, vectors, number(x, 0)), -1);
}

Expr log_softmax(Expr logits) { return logits - as_column(logsumexp_dim(logits, -1)); }

Expr log_density(Expr x, Parameters p) { return entry(log_from_zero(p[0]), x); }

Expr log_density_by_logits(Expr x, Parameters p) { return entry(log_softmax(p[0]), x); }

/// Inverse distribution function: 1 + how many of the first K - 1 cumulative probabilities are at most u.
/// Scaling u by the total keeps a last category of probability 0 from being drawn when the others sum to just
/// below 1.
Expr sample(Parameters p, const DrawShape& shape) {
  const std::int64_t count = categories(p[0]);
  const Expr u = uniform(p, shape);
  if (count == 1) return broadcast(whole_number(u, 1), shape.axes, shape.event);
  std::vector<std::int64_t> but_last;
  for (std::int64_t k = 0; k + 1 < count; ++k) but_last.push_back(k);
  const Expr first = p[0].graph().constant(Tensor({count - 1}, std::move(but_last)));
  const Expr cumulative = gather(cumsum_dim(p[0], -1), first, -1);
  const Expr scaled = as_column(u * sum_dim(p[0], -1));
  const Expr passed = select(less_equal(cumulative, scaled), whole_number(u, 1), whole_number(u, 0));
  return sum_dim(passed, -1) + whole_number(u, 1);
}

runtime::Support support(Parameters p) {
  return {&runtime::category_support, {whole_number(p[0], categories(p[0]))}};
}

Expr mean(Parameters p) { return sum_dim(p[0] * category_numbers(p[0], categories(p[0])), -1); }

Expr variance(Parameters p) {
  const Expr numbers = category_numbers(p[0], categories(p[0]));
  return sum_dim(p[0] * square(numbers - as_column(mean(p))), -1);
}

Expr entropy(Parameters p) { return -sum_dim(xlogy(p[0], p[0]), -1); }

Expr kl(Parameters p, Parameters q) { return sum_dim(xlogy(p[0], p[0] / q[0]), -1); }

// eta = log probabilities (a vector; adding a constant to it changes nothing), T = indicator of the category.
const runtime::ExponentialFamily exponential_family{
    .natural_parameters = [](Parameters p) -> std::vector<Expr> { return {log(p[0])}; },
    .sufficient_statistics = [](Expr x, Parameters p) -> std::vector<Expr> {
      const Expr chosen = equal(as_column(x), category_numbers(x, categories(p[0])));
      return {select(chosen, number(x, 1), number(x, 0))};
    },
    .log_partition = [](Parameters eta, Parameters) { return logsumexp_dim(eta[0], -1); },
    .log_base_measure = [](Expr x, Parameters) { return number(x, 0); },
    // above 0, where the logarithm of a probability that is to move on still is a number
    .parameters = [](Parameters eta, Parameters) -> std::vector<Expr> {
      return {maximum(exp(log_softmax(eta[0])), number(eta[0], least_probability))};
    },
};

/// Sum of the entries up to x.
Expr sum_up_to(Expr vectors, Expr x) {
  const Expr counted = less_equal(category_numbers(x, categories(vectors)), as_column(x));
  return sum_dim(select(counted, vectors, number(x, 0)), -1);
}

Expr cdf(Expr x, Parameters p) { return sum_up_to(p[0], x); }

Expr survival(Expr x, Parameters p) {
  const Expr counted = less_equal(category_numbers(x, categories(p[0])), as_column(x));
  return sum_dim(select(counted, number(x, 0), p[0]), -1);
}

/// 1 + how many of the cumulative probabilities are below q.
Expr quantile(Expr q, Parameters p) {
  const Expr passed = select(less(cumsum_dim(p[0], -1), as_column(q)), number(q, 1), number(q, 0));
  const Expr last = number(q, static_cast<double>(categories(p[0])));
  return settled(minimum(sum_dim(passed, -1) + 1.0, last), q, p, cdf, 1);
}

}  // namespace

const runtime::Distribution categorical{
    .name = "Categorical",
    .summary = "category 1, ..., K with a vector of probabilities or logits",
    .formula = "probabilities[x]",
    .parameters = {{"probabilities", &simplex_support, "", "probability of each category; they sum to 1"}},
    .alternatives = {{.name = "logits",
                      .replaces = "probabilities",
                      .support = &real_support,
                      .help = "log probabilities up to a constant",
                      .canonical = [](Expr logits) { return exp(log_softmax(logits)); },
                      .from_canonical = [](Expr probabilities) { return log(probabilities); },
                      .log_density = log_density_by_logits}},
    .parameter_ranks = {1},
    .support = support,
    .log_density = log_density,
    .sample = sample,
    .mean = mean,
    .variance = variance,
    .entropy = entropy,
    .exponential_family = &exponential_family,
    .kl = kl,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .test_points = {{0.2, 0.3, 0.5}, {1}, {0.05, 0.9, 0.02, 0.03}},
    .example = R"(let words = [1, 2, 2, 3, 2, 1, 2, 2]
model language(words) {
  p     ~ Dirichlet([1, 1, 1])
  words ~ Categorical(p)
}
let fit = infer(language(words), natural(), seed = 1)   # the exact posterior, Dirichlet([3, 6, 2])
print("{:.3f}", fit.mean.p)
)",
};

}  // namespace elbo::stdlib
