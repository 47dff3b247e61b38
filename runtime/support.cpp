// The list of supports, and which lies within which. The records are in runtime/supports/.
#include "runtime/support.hpp"

#include <array>
#include <optional>

namespace elbo::runtime {
namespace {

constexpr std::array<const SupportKind*, 21> supports{&real_support,          &positive_support,
                                                      &nonnegative_support,   &lower_support,
                                                      &upper_support,         &interval_support,
                                                      &unit_interval_support, &simplex_support,
                                                      &ordered_support,       &positive_ordered_support,
                                                      &sum_to_zero_support,   &location_precision_support,
                                                      &unit_vector_support,   &cholesky_covariance_support,
                                                      &covariance_support,    &cholesky_correlation_support,
                                                      &correlation_support,   &boolean_support,
                                                      &natural_support,       &natural_up_to_support,
                                                      &category_support};

/// One end of a support: a number, or a node whose value is not known yet.
struct End {
  std::optional<double> value;
  Expr node;
};

End end_of(const Support& support, double value, int bound) {
  if (bound < 0) return {.value = value, .node = {}};
  const Expr node = support.bounds.at(static_cast<std::size_t>(bound));
  const auto& tensor = node.node().attributes.tensor;
  if (node.node().inputs.empty() && tensor && tensor->size() == 1)
    return {.value = tensor->real(0), .node = node};
  return {.value = {}, .node = node};
}

/// Whether end a is surely at or beyond end b, in the direction `sign` (1: a >= b, -1: a <= b).
bool reaches(const End& a, const End& b, double sign) {
  if (b.value && sign * *b.value == -std::numeric_limits<double>::infinity()) return true;
  if (a.value && b.value) return sign * *a.value >= sign * *b.value;
  return !a.value && !b.value && a.node == b.node;
}

bool same_bounds(const Support& a, const Support& b) {
  for (std::size_t i = 0; i < a.bounds.size(); ++i)
    if (a.bounds[i] != b.bounds[i]) return false;
  return true;
}

}  // namespace

std::span<const SupportKind* const> support_list() { return supports; }

Ends ends_of(const Support& support, Expr like) {
  const Hull& hull = support.kind->hull;
  const auto end = [&](double value, int bound) {
    return bound < 0 ? like.graph().constant(value) : support.bounds.at(static_cast<std::size_t>(bound));
  };
  return {end(hull.least, hull.least_bound), end(hull.greatest, hull.greatest_bound)};
}

Domain domain_of(const Support& support) {
  if (support.kind == &boolean_support) return Domain::boolean;
  return support.kind->discrete ? Domain::integer : Domain::real;
}

const SupportKind* find_support(std::string_view name) {
  for (const SupportKind* kind : supports)
    if (kind->name == name) return kind;
  return nullptr;
}

bool implies(const Support& inner, const Support& outer) {
  if (inner.kind == outer.kind && same_bounds(inner, outer)) return true;
  if (outer.kind->event_rank > 0) return false;
  if (outer.kind->discrete && !inner.kind->discrete) return false;
  const Hull& in = inner.kind->hull;
  const Hull& out = outer.kind->hull;
  const End inner_least = end_of(inner, in.least, in.least_bound);
  const End outer_least = end_of(outer, out.least, out.least_bound);
  if (!reaches(inner_least, outer_least, 1)) return false;
  // A count that may be zero is not positive; a continuous value is zero with probability zero.
  if (inner.kind->discrete && out.open_below && inner_least.value == outer_least.value) return false;
  return reaches(end_of(inner, in.greatest, in.greatest_bound),
                 end_of(outer, out.greatest, out.greatest_bound), -1);
}

}  // namespace elbo::runtime
