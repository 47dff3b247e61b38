#include "stdlib/distributions/inversion.hpp"

#include <cmath>
#include <limits>

#include "runtime/library.hpp"

namespace elbo::stdlib {
namespace {

/// Halvings after which an interval is as narrow as rounding.
constexpr int halvings = 60;

std::vector<Expr> constants(Parameters p) {
  std::vector<Expr> result;
  for (const Expr& parameter : p) {
    const bool known = parameter.node().attributes.tensor && parameter.node().inputs.empty();
    result.push_back(known ? parameter : stop_gradient(parameter));
  }
  return result;
}

/// Where `is_below` ends, between low and high.
template <class IsBelow>
Expr bisect(Expr low, Expr high, IsBelow is_below) {
  for (int i = 0; i < halvings; ++i) {
    const Expr middle = 0.5 * (low + high);
    const Expr below = is_below(middle);
    low = select(below, middle, low);
    high = select(below, high, middle);
  }
  return 0.5 * (low + high);
}

}  // namespace

Expr refined(Expr x, Expr q, Parameters p, Curve f) {
  const Expr at = stop_gradient(x);
  const Expr step = (f.cdf(at, p) - q) * exp(-stop_gradient(f.log_density(at, p)));
  // Where the density underflows there is nothing to gain.
  const Expr is_finite = less(abs(step), number(x, std::numeric_limits<double>::infinity()));
  return at - select(is_finite, step, number(x, 0));
}

namespace {

/// The quantile as `back` of a number between low and high.
template <class Back>
Expr inverse_through(Back back, Expr q, Parameters p, Curve f, Expr low, Expr high) {
  const std::vector<Expr> fixed = constants(p);
  const Expr wanted = stop_gradient(q);
  const Expr y = bisect(stop_gradient(low), stop_gradient(high),
                        [&](Expr middle) { return less(f.cdf(back(middle), fixed), wanted); });
  return refined(back(y), q, p, f);
}

}  // namespace

Expr inverse_of(Expr q, Parameters p, Curve f, Expr low, Expr high) {
  return inverse_through([](Expr y) { return y; }, q, p, f, low, high);
}

Expr inverse_on_log_scale(Expr q, Parameters p, Curve f, Expr log_low, Expr log_high) {
  return inverse_through([](Expr y) { return keep_positive(exp(y)); }, q, p, f, log_low, log_high);
}

Expr settled(Expr near, Expr q, Parameters p, OfOutcome cdf, double least) {
  const std::vector<Expr> fixed = constants(p);
  const Expr at = stop_gradient(near), bottom = number(q, least);
  const Expr before = maximum(at - 1.0, bottom);
  const Expr lower = select(less_equal(q, cdf(before, fixed)), before, maximum(at, bottom));
  return stop_gradient(select(less(cdf(lower, fixed), q), lower + 1.0, lower));
}

Expr count_quantile(Expr q, Parameters p, OfOutcome cdf) {
  // The greatest count whose distribution function is below q, bit by bit, and one more; -1 where there is
  // none. Counts beyond 2^53 are not whole numbers of double precision.
  const std::vector<Expr> fixed = constants(p);
  Expr count = number(q, -1);
  for (int bit = 52; bit >= 0; --bit) {
    const Expr next = count + std::ldexp(1.0, bit);
    count = select(less(cdf(next, fixed), q), next, count);
  }
  return stop_gradient(count + 1.0);
}

namespace {

/// Probabilities of 0, …, the greatest n, along a new last dimension; 0 above each n.
struct Row {
  Expr outcomes, probabilities;
};

Row row(Parameters p, Expr n, OfOutcome probability) {
  const auto& known = n.node().attributes.tensor;
  if (!n.node().inputs.empty() || !known) {
    runtime::fail("not-yet-supported",
                  "a distribution function summed over counts needs a known number of them", {},
                  "give the number of trials as a number or as data");
  }
  double greatest = 0;
  for (std::int64_t i = 0; i < known->size(); ++i) greatest = std::fmax(greatest, known->real(i));
  std::vector<double> counts;
  for (double k = 0; k <= greatest; ++k) counts.push_back(k);
  const auto size = static_cast<std::int64_t>(counts.size());
  const Expr outcomes = n.graph().constant(runtime::Tensor({size}, std::move(counts)));
  std::vector<Expr> columns;
  for (const Expr& parameter : p) columns.push_back(as_column(parameter));
  const Expr top = as_column(n);
  const Expr each = probability(minimum(outcomes, top), columns);
  return {outcomes, select(less_equal(outcomes, top), each, number(n, 0))};
}

}  // namespace

Expr sum_to(Expr x, Parameters p, Expr n, OfOutcome probability) {
  const Row r = row(p, n, probability);
  return sum_dim(select(less_equal(r.outcomes, as_column(x)), r.probabilities, number(x, 0)), -1);
}

Expr sum_beyond(Expr x, Parameters p, Expr n, OfOutcome probability) {
  const Row r = row(p, n, probability);
  return sum_dim(select(less_equal(r.outcomes, as_column(x)), number(x, 0), r.probabilities), -1);
}

Expr sums_below(Expr q, Parameters p, Expr n, OfOutcome probability) {
  const Row r = row(p, n, probability);
  const Expr below = less(cumsum_dim(r.probabilities, -1), as_column(q));
  return minimum(sum_dim(select(below, number(q, 1), number(q, 0)), -1), n);
}

}  // namespace elbo::stdlib
