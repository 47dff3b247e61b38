// The node-by-node rules of convolutions and pools (their definitions, entry by entry of every window) and of
// other layers.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "graph_rules.hpp"
#include "runtime/windows.hpp"

namespace elbo::tests {

using runtime::Windows;

namespace {

Windows windows_of(const RuleBase& rule) { return runtime::to_windows(rule.node.attributes.integers); }
std::int64_t groups_of(const RuleBase& rule) { return rule.integer(runtime::windows_length); }

// Coordinate in the image of entry `i` of window `u`, along dimension `d`; none beside the image.
std::optional<std::int64_t> pixel(const Windows& w, std::size_t d, std::int64_t u, std::int64_t i) {
  const std::int64_t y = u * w.stride[d] - w.before[d] + i * w.dilation[d];
  if (y < 0 || y >= w.image[d]) return std::nullopt;
  return y;
}

// `event` with other last coordinates.
Shape with_last(Shape event, std::initializer_list<std::int64_t> last) {
  std::copy(last.begin(), last.end(), event.end() - static_cast<std::ptrdiff_t>(last.size()));
  return event;
}

std::int64_t last_of(const Shape& event, std::size_t from_end) { return event[event.size() - from_end]; }

// Calls visit(i, j, y, x) for the entries of window (u, v) that the image has.
template <class Visit>
void for_entries(const Windows& w, std::int64_t u, std::int64_t v, Visit visit) {
  for (std::int64_t i = 0; i < w.size[0]; ++i) {
    for (std::int64_t j = 0; j < w.size[1]; ++j) {
      const auto y = pixel(w, 0, u, i), x = pixel(w, 1, v, j);
      if (y && x) visit(i, j, *y, *x);
    }
  }
}

// Position of a point in row-major order of `type`.
std::size_t flat(const RuleBase& rule, const Type& type, const RuleBase::Place& place) {
  std::int64_t position = 0;
  for (const AxisId a : type.axes) position = position * rule.graph().axis(a).size + place.axes[a];
  for (std::size_t d = 0; d < type.event.size(); ++d) position = position * type.event[d] + place.event[d];
  return static_cast<std::size_t>(position);
}

// Adds a(point) to the result for every point of a space with the axes of both operands.
template <class Add>
void accumulate(RuleBase& rule, Shape event, Add add) {
  Type space{runtime::union_axes(std::array{rule.type(0), rule.type(1)}), std::move(event)};
  std::vector<long double> totals(rule.out.size(), 0);
  rule.visit(space, [&](const RuleBase::Place& place, std::int64_t) {
    add(place, [&](const Shape& to, long double value) {
      totals[flat(rule, rule.node.type, {place.axes, to})] += value;
    });
  });
  for (std::size_t i = 0; i < totals.size(); ++i) rule.out[i] = static_cast<double>(totals[i]);
}

}  // namespace

void apply_convolve(RuleBase& rule) {
  const Windows w = windows_of(rule);
  const Shape weight = rule.type(1).event;
  const std::int64_t outputs = weight[0] / groups_of(rule);
  rule.fill([&](const RuleBase::Place& place, std::int64_t) {
    const std::int64_t o = last_of(place.event, 3);
    long double total = 0;
    for (std::int64_t c = 0; c < weight[1]; ++c) {
      const std::int64_t channel = o / outputs * weight[1] + c;
      for_entries(w, last_of(place.event, 2), last_of(place.event, 1), [&](auto i, auto j, auto y, auto x) {
        total += static_cast<long double>(rule.in(0, {place.axes, with_last(place.event, {channel, y, x})})) *
                 rule.in(1, {place.axes, {o, c, i, j}});
      });
    }
    return static_cast<double>(total);
  });
}

void apply_convolve_transpose(RuleBase& rule) {
  const Windows w = windows_of(rule);
  const Shape weight = rule.type(1).event;
  const std::int64_t outputs = weight[0] / groups_of(rule);
  accumulate(rule, rule.type(0).event, [&](const RuleBase::Place& place, auto add) {
    const std::int64_t o = last_of(place.event, 3);
    for (std::int64_t c = 0; c < weight[1]; ++c) {
      const std::int64_t channel = o / outputs * weight[1] + c;
      for_entries(w, last_of(place.event, 2), last_of(place.event, 1), [&](auto i, auto j, auto y, auto x) {
        add(with_last(place.event, {channel, y, x}),
            static_cast<long double>(rule.in(0, place)) * rule.in(1, {place.axes, {o, c, i, j}}));
      });
    }
  });
}

void apply_convolve_weight(RuleBase& rule) {
  const Windows w = windows_of(rule);
  const Shape weight = rule.node.type.event;
  const std::int64_t outputs = weight[0] / groups_of(rule);
  accumulate(rule, rule.type(1).event, [&](const RuleBase::Place& place, auto add) {
    const std::int64_t o = last_of(place.event, 3);
    for (std::int64_t c = 0; c < weight[1]; ++c) {
      const std::int64_t channel = o / outputs * weight[1] + c;
      for_entries(w, last_of(place.event, 2), last_of(place.event, 1), [&](auto i, auto j, auto y, auto x) {
        add({o, c, i, j}, static_cast<long double>(rule.in(1, place)) *
                              rule.in(0, {place.axes, with_last(place.event, {channel, y, x})}));
      });
    }
  });
}

void apply_pool_sum(RuleBase& rule) {
  const Windows w = windows_of(rule);
  rule.fill([&](const RuleBase::Place& place, std::int64_t) {
    long double total = 0;
    for_entries(w, last_of(place.event, 2), last_of(place.event, 1), [&](auto, auto, auto y, auto x) {
      total += rule.in(0, {place.axes, with_last(place.event, {y, x})});
    });
    return static_cast<double>(total);
  });
}

void apply_pool_spread(RuleBase& rule) {
  const Windows w = windows_of(rule);
  std::vector<long double> totals(rule.out.size(), 0);
  rule.visit(rule.type(0), [&](const RuleBase::Place& place, std::int64_t) {
    for_entries(w, last_of(place.event, 2), last_of(place.event, 1), [&](auto, auto, auto y, auto x) {
      totals[flat(rule, rule.node.type, {place.axes, with_last(place.event, {y, x})})] += rule.in(0, place);
    });
  });
  for (std::size_t i = 0; i < totals.size(); ++i) rule.out[i] = static_cast<double>(totals[i]);
}

namespace {

// The image's point that is largest in the window at `place`; none where the window has no pixel.
std::optional<Shape> largest(const RuleBase& rule, const Windows& w, const RuleBase::Place& place) {
  std::optional<Shape> best;
  double value = -std::numeric_limits<double>::infinity();
  for_entries(w, last_of(place.event, 2), last_of(place.event, 1), [&](auto, auto, auto y, auto x) {
    const Shape point = with_last(place.event, {y, x});
    const double candidate = rule.in(0, {place.axes, point});
    if (best && (std::isnan(value) || (!std::isnan(candidate) && !(candidate > value)))) return;
    best = point;
    value = candidate;
  });
  return best;
}

}  // namespace

void apply_pool_max(RuleBase& rule) {
  const Windows w = windows_of(rule);
  rule.fill([&](const RuleBase::Place& place, std::int64_t) {
    const auto best = largest(rule, w, place);
    return best ? rule.in(1, {place.axes, *best}) : -std::numeric_limits<double>::infinity();
  });
}

void apply_pool_max_spread(RuleBase& rule) {
  const Windows w = windows_of(rule);
  accumulate(rule, rule.type(1).event, [&](const RuleBase::Place& place, auto add) {
    if (const auto best = largest(rule, w, place)) add(*best, rule.in(1, place));
  });
}

void apply_plate_mean(RuleBase& rule) {
  const std::vector<std::int64_t> dims(rule.node.attributes.integers.begin() + 1 + rule.integer(0),
                                       rule.node.attributes.integers.end());
  const auto is_kept = [&](AxisId a) { return rule.graph().axis(a).kind != runtime::AxisKind::plate; };
  // the group of entries that a point is averaged with, by what its members share
  const auto group = [&](const RuleBase::Place& place) {
    std::vector<std::int64_t> key;
    for (const AxisId a : rule.node.type.axes) key.push_back(is_kept(a) ? place.axes[a] : -1);
    for (std::size_t d = 0; d < place.event.size(); ++d) {
      const bool is_averaged =
          std::find(dims.begin(), dims.end(), static_cast<std::int64_t>(d)) != dims.end();
      key.push_back(is_averaged ? -1 : place.event[d]);
    }
    return key;
  };
  std::map<std::vector<std::int64_t>, std::pair<long double, long double>> sums;
  rule.visit(rule.type(0), [&](const RuleBase::Place& place, std::int64_t) {
    auto& [total, count] = sums[group(place)];
    total += rule.in(0, place);
    count += 1;
  });
  rule.fill([&](const RuleBase::Place& place, std::int64_t) {
    const auto& [total, count] = sums.at(group(place));
    return static_cast<double>(total / count);
  });
}

}  // namespace elbo::tests
