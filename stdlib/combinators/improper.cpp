// Flat() and ImproperUniform(support): densities that are 1 everywhere and have no integral, for priors.
// Delta(value): a point that has all the mass.
#include <limits>

#include "stdlib/combinators/base.hpp"
#include "stdlib/combinators/list.hpp"

namespace elbo::stdlib {
namespace {

using runtime::SupportKind;

Expr nothing(Expr x, int event_rank) {
  Expr zero = spread_over(number(x, 0), x);
  for (int i = 0; i < event_rank; ++i) zero = sum_dim(zero, -1);
  return zero;
}

Value flat(Interpreter&, const Arguments& a) {
  Combination combination("Flat", a);
  Distribution& record = combination.record();
  record.support = [](Parameters) { return runtime::Support{&runtime::real_support, {}}; };
  record.log_density = [](Expr x, Parameters) { return nothing(x, 0); };
  return combination.finish(0);
}

/// Kinds of continuous supports, for the message.
std::string names_of_supports() {
  std::string names;
  for (const SupportKind* kind : runtime::support_list()) {
    if (!kind->discrete) names += (names.empty() ? "\"" : ", \"") + std::string(kind->name) + "\"";
  }
  return names;
}

const SupportKind& support_argument(const Arguments& a) {
  const std::string name = runtime::string_argument(a, 0, "support");
  const SupportKind* kind = runtime::find_support(name);
  if (kind == nullptr || kind->discrete) {
    std::vector<std::string> known;
    for (const SupportKind* each : runtime::support_list()) known.emplace_back(each->name);
    const std::string near = lang::did_you_mean(name, known);
    fail("bad-argument", "ImproperUniform has no support \"" + name + "\"", a.spans[0],
         near.empty() ? "there are " + names_of_supports() : near);
  }
  return *kind;
}

// ImproperUniform(support, lower, upper, length, size)
Value improper_uniform(Interpreter&, const Arguments& a) {
  const SupportKind& kind = support_argument(a);
  Combination combination("ImproperUniform", a);
  // Bounds in the order in which the kind has them.
  const int bounds_given = (is_given(a, 1) ? 1 : 0) + (is_given(a, 2) ? 1 : 0);
  const bool fits = bounds_given == kind.bounds && is_given(a, 1) == (kind.hull.least_bound >= 0) &&
                    is_given(a, 2) == (kind.hull.greatest_bound >= 0);
  if (!fits) {
    const std::string wanted = kind.bounds == 0             ? "no bound"
                               : kind.bounds == 2           ? "`lower` and `upper`"
                               : kind.hull.least_bound >= 0 ? "`lower`"
                                                            : "`upper`";
    const std::string usage = std::string(kind.hull.least_bound >= 0 ? ", lower = 0" : "") +
                              (kind.hull.greatest_bound >= 0 ? ", upper = 1" : "");
    fail("bad-argument", "the support \"" + std::string(kind.name) + "\" of ImproperUniform takes " + wanted,
         a.span, "ImproperUniform(\"" + std::string(kind.name) + "\"" + usage + ")");
  }
  if (is_given(a, 1))
    combination.add("lower", numeric_argument(a, 1, "lower"), runtime::real_support, "least value");
  if (is_given(a, 2))
    combination.add("upper", numeric_argument(a, 2, "upper"), runtime::real_support, "greatest value");
  Distribution& record = combination.record();
  record.event_rank = kind.event_rank;
  if (kind.event_rank > 0) {
    if (!is_given(a, 3))
      fail("missing-argument", "ImproperUniform(\"" + std::string(kind.name) + "\") needs `length`", a.span,
           "ImproperUniform(\"" + std::string(kind.name) + "\", length = 3)");
    const std::int64_t length = size_argument(a, 3, "length", 1);
    const Shape shape(static_cast<std::size_t>(kind.event_rank), length);
    record.outcome_shape = [shape](Parameters) { return shape; };
  } else if (is_given(a, 3)) {
    fail("bad-argument", "`length` is for supports of vectors and matrices", a.spans[3],
         "give `size` for several numbers");
  }
  record.support = [&kind](Parameters p) { return runtime::Support{&kind, {p.begin(), p.end()}}; };
  record.log_density = [rank = kind.event_rank](Expr x, Parameters) { return nothing(x, rank); };
  return combination.finish(4);
}

Value delta(Interpreter&, const Arguments& a) {
  Combination combination("Delta", a);
  combination.add("value", numeric_argument(a, 0, "value"), runtime::real_support, "the point");
  Distribution& record = combination.record();
  record.support = [](Parameters) { return runtime::Support{&runtime::real_support, {}}; };
  record.log_density = [](Expr x, Parameters p) {
    return select(equal(x, p[0]), number(x, 0), number(x, -std::numeric_limits<double>::infinity()));
  };
  record.sample = [](Parameters p, const DrawShape& shape) {
    return runtime::broadcast(p[0], shape.axes, shape.event);
  };
  record.pathwise = runtime::Pathwise::location_scale;
  record.is_atom = [](Expr x, Parameters p) { return equal(x, p[0]); };
  record.mean = [](Parameters p) { return p[0]; };
  record.variance = [](Parameters p) { return 0.0 * p[0]; };
  const auto by_side = [](double below, double above) {
    return [=](Expr x, Parameters p) { return select(less(x, p[0]), number(x, below), number(x, above)); };
  };
  constexpr double nowhere = -std::numeric_limits<double>::infinity();
  record.cdf = by_side(0, 1);
  record.survival = by_side(1, 0);
  record.log_cdf = by_side(nowhere, 0);
  record.log_survival = by_side(0, nowhere);
  record.quantile = [](Expr probability, Parameters p) { return spread_over(p[0], probability); };
  return combination.finish(1);
}

}  // namespace

std::vector<Function> improper_functions() {
  return {
      {"Flat", "Flat(*, size = none)",
       "A prior of density 1 on all numbers. It has no integral, so nothing can be drawn from it. — e.g. "
       "log_density(Flat(), 7) is 0",
       "combinators", flat},
      {"ImproperUniform",
       "ImproperUniform(support, lower = none, upper = none, *, length = none, size = none)",
       "A prior of density 1 on a support, such as \"positive\", \"lower\" with its bound, or \"simplex\" of "
       "a length. It may "
       "have no integral, so nothing can be drawn from it. — e.g. log_density(ImproperUniform(\"positive\"), "
       "[2, -1]) is "
       "[0, -inf]",
       "combinators", improper_uniform},
      {"Delta", "Delta(value, *, size = none)",
       "One value that has all the probability. A quantity of a model that is no choice is a `let`; this is "
       "for components of "
       "mixtures and for guides that give a variable one value. — e.g. log_density(Delta(2), [2, 3]) is [0, "
       "-inf]",
       "combinators", delta},
  };
}

}  // namespace elbo::stdlib
