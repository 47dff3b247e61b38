// Checks of known numbers against supports.
#include "runtime/support_check.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

#include "runtime/expression.hpp"
#include "runtime/format.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/program.hpp"
#include "runtime/scan.hpp"
#include "runtime/tensor_elements.hpp"

namespace elbo::runtime {

namespace {

/// Answers for a single number without building a graph: it is asked for every distribution a script makes.
/// Nothing for kinds that need the graph.
std::optional<bool> contains_number(const SupportKind& kind, const Tensor& x) {
  if (x.rank() > 0 || kind.event_rank > 0 || kind.bounds > 0) return std::nullopt;
  const double value = x.real(0);
  if (!std::isfinite(value)) return std::nullopt;
  if (value < kind.hull.least || value > kind.hull.greatest) return false;
  if (kind.hull.open_below && value == kind.hull.least) return false;
  return !kind.discrete || std::floor(value) == value;
}

/// Ends of a support whose bounds are single numbers, as its hull says.
struct Interval {
  double least, greatest;
  bool open_below, whole;
};

std::optional<Interval> interval_of(const SupportKind& kind, const std::vector<Tensor>& bounds) {
  if (kind.event_rank > 0) return std::nullopt;
  for (const Tensor& bound : bounds) {
    if (bound.size() != 1) return std::nullopt;
  }
  const auto end = [&](int bound, double otherwise) {
    return bound < 0 ? otherwise : bounds.at(static_cast<std::size_t>(bound)).real(0);
  };
  return Interval{end(kind.hull.least_bound, kind.hull.least),
                  end(kind.hull.greatest_bound, kind.hull.greatest), kind.hull.open_below, kind.discrete};
}

/// Whether all elements are finite and between the ends, without any doubt. No early exit, so that it runs in
/// vectors.
template <class T>
bool surely_inside(const Interval& interval, std::span<const T> elements) {
  bool inside = true;
  for (const T element : elements) {
    const auto x = static_cast<double>(element);
    inside &= x >= interval.least && x <= interval.greatest &&
              std::abs(x) < std::numeric_limits<double>::infinity();
    inside &= !interval.open_below || x > interval.least;
    if constexpr (std::is_floating_point_v<T>) inside &= !interval.whole || std::floor(x) == x;
  }
  return inside;
}

/// The first block of elements that are not surely inside: flat index and length. Nothing when there is none.
struct Doubtful {
  std::int64_t first, count;
};
std::optional<Doubtful> first_doubtful(const Interval& interval, const Tensor& x, std::int64_t from) {
  constexpr std::int64_t block = 1 << 14;
  return with_elements(x, [&](auto elements) -> std::optional<Doubtful> {
    for (std::int64_t first = from; first < x.size(); first += block) {
      const std::int64_t count = std::min(block, x.size() - first);
      if (!surely_inside(interval,
                         elements.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count))))
        return Doubtful{first, count};
    }
    return std::nullopt;
  });
}

/// Elements of a tensor as a vector, stored as they are.
Tensor part_of(const Tensor& x, const Doubtful& part) {
  const auto first = static_cast<std::size_t>(part.first), count = static_cast<std::size_t>(part.count);
  const Shape shape{part.count};
  if (x.storage() == Storage::boolean) {
    const auto truths = x.values<std::uint8_t>().subspan(first, count);
    return Tensor::boolean(shape, {truths.begin(), truths.end()});
  }
  return with_elements(x, [&](auto elements) {
    const auto some = elements.subspan(first, count);
    return Tensor(shape, std::vector(some.begin(), some.end()));
  });
}

/// By the support's own indicator.
std::optional<std::int64_t> first_outside_by_graph(const SupportKind& kind, const Tensor& x,
                                                   const std::vector<Tensor>& bounds) {
  Graph graph;
  std::vector<Expr> limits;
  for (const Tensor& bound : bounds) limits.push_back(graph.constant(bound));
  const Tensor inside = evaluate(kind.contains(graph.constant(x), limits));
  const std::int64_t row = kind.event_rank == 0 || inside.size() == 0 ? 1 : x.size() / inside.size();
  for (std::int64_t i = 0; i < inside.size(); ++i) {
    if (inside.integer(i) == 0) return i * row;
  }
  return std::nullopt;
}

std::string bound_text(const std::vector<Tensor>& bounds, std::size_t i) {
  return i < bounds.size() ? show(from_tensor(bounds[i])) : "its bound";
}

}  // namespace

std::optional<std::int64_t> first_outside(const SupportKind& kind, const Tensor& x,
                                          const std::vector<Tensor>& bounds) {
  if (const auto inside = contains_number(kind, x)) {
    return *inside ? std::nullopt : std::optional<std::int64_t>(0);
  }
  const auto interval = interval_of(kind, bounds);
  if (!interval) return first_outside_by_graph(kind, x, bounds);
  // Data are many numbers, and mostly inside: only blocks with some doubt go through a graph.
  std::vector<Tensor> numbers;
  for (const Tensor& bound : bounds) numbers.push_back(bound.reshaped({}));
  for (auto part = first_doubtful(*interval, x, 0); part;
       part = first_doubtful(*interval, x, part->first + part->count)) {
    if (const auto outside = first_outside_by_graph(kind, part_of(x, *part), numbers))
      return part->first + *outside;
  }
  return std::nullopt;
}

namespace {

/// The data of which an expression has all elements, in some order and perhaps repeated; null for any other.
const Tensor* rearranged_data(Expr x) {
  static const Operation* const rearranging[] = {&to_axis_operation, &to_event_operation, &reshape_operation,
                                                 &permute_operation, &broadcast_operation};
  const Node* node = &x.node();
  while (std::find(std::begin(rearranging), std::end(rearranging), node->operation) !=
         std::end(rearranging)) {
    node = &x.graph().node(node->inputs[0]);
  }
  return node->operation == &constant_operation ? node->attributes.tensor.get() : nullptr;
}

}  // namespace

bool surely_inside(const SupportKind& kind, Expr x, std::span<const Expr> bounds) {
  if (kind.event_rank > 0) return false;
  const Tensor* data = rearranged_data(x);
  if (data == nullptr) return false;
  const auto known = constant_bounds({&kind, {bounds.begin(), bounds.end()}});
  const bool numbers = known && std::all_of(known->begin(), known->end(),
                                            [](const Tensor& bound) { return bound.size() == 1; });
  return numbers && !first_outside(kind, *data, *known);
}

std::string requirement(const SupportKind& kind, const std::vector<Tensor>& bounds) {
  // How a sentence goes on after "must be"; kinds that are not listed are explained by their help.
  static const std::pair<const SupportKind*, const char*> phrases[] = {
      {&real_support, "finite"},
      {&positive_support, "positive"},
      {&nonnegative_support, "zero or positive"},
      {&unit_interval_support, "between 0 and 1"},
      {&simplex_support, "a vector of nonnegative numbers that sum to 1"},
      {&ordered_support, "a vector in increasing order"},
      {&positive_ordered_support, "a vector of positive numbers in increasing order"},
      {&sum_to_zero_support, "a vector of numbers that sum to 0"},
      {&unit_vector_support, "a vector of length 1"},
      {&cholesky_covariance_support, "a lower triangular matrix with a positive diagonal"},
      {&covariance_support, "a symmetric, positive definite matrix"},
      {&cholesky_correlation_support,
       "a lower triangular matrix with a positive diagonal and rows of length 1"},
      {&correlation_support, "a symmetric, positive definite matrix with ones on its diagonal"},
      {&boolean_support, "0 or 1"},
      {&natural_support, "a whole number, 0 or more"},
  };
  for (const auto& [each, phrase] : phrases) {
    if (each == &kind) return phrase;
  }
  if (&kind == &lower_support) return "at least " + bound_text(bounds, 0);
  if (&kind == &upper_support) return "at most " + bound_text(bounds, 0);
  if (&kind == &interval_support) return "between " + bound_text(bounds, 0) + " and " + bound_text(bounds, 1);
  if (&kind == &natural_up_to_support) return "a whole number from 0 to " + bound_text(bounds, 0);
  if (&kind == &category_support) return "a whole number from 1 to " + bound_text(bounds, 0);
  return std::string(kind.name) + " (" + std::string(kind.help) + ")";
}

std::string element_name(const std::string& name, const Shape& shape, std::int64_t index) {
  if (shape.empty()) return name;
  std::string text;
  for (std::size_t i = shape.size(); i-- > 0;) {
    text = std::to_string(index % shape[i] + 1) + (text.empty() ? "" : ", ") + text;
    index /= shape[i];
  }
  return name + "[" + text + "]";
}

namespace {

/// What is wrong with a matrix, where that is not seen at once.
std::string flaw(const SupportKind& kind, const Tensor& x) {
  if ((&kind != &covariance_support && &kind != &correlation_support) || x.rank() != 2) return {};
  const std::int64_t n = x.shape()[0];
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < i; ++j) {
      if (!(std::abs(x.real(i * n + j) - x.real(j * n + i)) <= 1e-6 * std::abs(x.real(i * n + j)) + 1e-6))
        return ", which is not symmetric";
    }
    if (!(x.real(i * n + i) > 0)) return ", which has a diagonal that is not positive";
    if (&kind == &correlation_support && std::abs(x.real(i * n + i) - 1) > 1e-6)
      return ", which has other numbers on its diagonal";
  }
  return ", which is not positive definite";
}

}  // namespace

std::string outside_message(const std::string& subject, const std::string& name, const SupportKind& kind,
                            const Tensor& x, std::int64_t index, const std::vector<Tensor>& bounds) {
  const std::string must = subject + " must be " + requirement(kind, bounds);
  if (kind.event_rank > 0) {
    const auto own = std::min<std::ptrdiff_t>(kind.event_rank, std::ssize(x.shape()));
    const Shape batch(x.shape().begin(), x.shape().end() - own);
    const Shape item(x.shape().end() - own, x.shape().end());
    const std::int64_t length = element_count(item);
    std::vector<double> values;
    for (std::int64_t i = 0; i < length; ++i) values.push_back(x.real(index + i));
    const Tensor found(item, values);
    return must + ", but " + (batch.empty() ? "is" : element_name(name, batch, index / length) + " is") +
           " " + show(found) + flaw(kind, found);
  }
  const std::string found = show_real(x.real(index));
  if (x.rank() == 0) return must + ", but is " + found;
  return must + ", but " + element_name(name, x.shape(), index) + " is " + found;
}

std::string empty_interval(const SupportKind& kind, const std::vector<Tensor>& bounds) {
  if (kind.hull.least_bound < 0 || kind.hull.greatest_bound < 0) return {};
  const Tensor& least = bounds.at(static_cast<std::size_t>(kind.hull.least_bound));
  const Tensor& greatest = bounds.at(static_cast<std::size_t>(kind.hull.greatest_bound));
  Graph graph;
  const Expr from = graph.constant(least), to = graph.constant(greatest);
  // One count is a support; one number is none, since it has no density.
  const Tensor increasing = evaluate(kind.discrete ? less_equal(from, to) : less(from, to));
  for (std::int64_t i = 0; i < increasing.size(); ++i) {
    if (increasing.integer(i) != 0) continue;
    const auto entry = [&](const Tensor& t) {
      return show_real(t.real(t.size() == increasing.size() ? i : 0));
    };
    if (kind.discrete) return entry(least) + " is above " + entry(greatest);
    return entry(least) + " is not below " + entry(greatest);
  }
  return {};
}

std::optional<std::vector<Tensor>> constant_bounds(const Support& support) {
  std::vector<Tensor> result;
  for (const Expr& bound : support.bounds) {
    for (const NodeId id : topological_order(bound.graph(), {&bound, 1})) {
      const Node& node = bound.graph().node(id);
      if (node.operation == &input_operation || is_random(node)) return std::nullopt;
    }
    result.push_back(evaluate(bound));
  }
  return result;
}

}  // namespace elbo::runtime
