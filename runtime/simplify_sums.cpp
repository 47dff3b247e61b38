// Sums in closed form as far as they go: factors and terms that do not vary leave them.
#include "runtime/simplify_sums.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "runtime/program.hpp"
#include "runtime/simplify_parts.hpp"

namespace elbo::runtime {

namespace {

// What a sum runs over, seen from its argument.
struct Summed {
  Expr whole;
  Reduction over;

  explicit Summed(Expr e) : whole(in(e, 0)), over(reduction(e.node().attributes)) {}

  bool all_dims() const { return over.dims.size() == whole.type().event.size(); }

  double count() const {
    double n = 1;
    for (const AxisId axis : over.axes) n *= static_cast<double>(whole.graph().axis(axis).size);
    for (const std::int64_t dim : over.dims)
      n *= static_cast<double>(whole.type().event[static_cast<std::size_t>(dim)]);
    return n;
  }

  // x without the summed dimensions, if it does not vary along them; the rest must still line up. A sum over
  // nothing is 0 whatever the rest, so there is no constant part.
  Expr constant_part(Expr x) const {
    if (count() == 0) return {};
    if (is(x, broadcast_operation)) return constant_part(in(x, 0));
    for (const AxisId axis : over.axes) {
      if (std::binary_search(x.type().axes.begin(), x.type().axes.end(), axis)) return {};
    }
    if (over.dims.empty()) return x;
    return element_count(x.type().event) == 1 ? reshape(x, {}) : Expr();
  }

  // The sum of x, spread to the whole first where x itself is smaller.
  Expr of(Expr x) const {
    return sum(broadcast(x, whole.type().axes, whole.type().event), over.axes, over.dims);
  }
};

}  // namespace

Expr sum_of_constant(Expr e) {
  if (!is(e, sum_operation)) return {};
  const Summed s(e);
  const Expr x = s.constant_part(s.whole);
  return x ? shaped(x * s.count(), e) : Expr();
}

// A sum over an axis (or dimension) along which its argument was broadcast is a product; the others remain
// sums.
Expr sum_of_broadcast(Expr e) {
  if (!is(e, sum_operation)) return {};
  const Summed s(e);
  if (!is(s.whole, broadcast_operation)) return {};
  const Expr x = in(s.whole, 0);
  if (x.type().event != s.whole.type().event) return {};
  std::vector<AxisId> kept;
  double repeats = 1;
  for (const AxisId axis : s.over.axes) {
    if (std::binary_search(x.type().axes.begin(), x.type().axes.end(), axis)) {
      kept.push_back(axis);
    } else {
      repeats *= static_cast<double>(e.graph().axis(axis).size);
    }
  }
  if (kept.size() == s.over.axes.size() || repeats == 0) return {};
  return shaped(sum(x, kept, s.over.dims) * repeats, e);
}

Expr sum_factor(Expr e) {
  if (!is(e, sum_operation)) return {};
  const Summed s(e);
  if (is(s.whole, negate_operation)) return shaped(-s.of(in(s.whole, 0)), e);
  if (is(s.whole, divide_operation)) {
    const Expr divisor = s.constant_part(in(s.whole, 1));
    return divisor ? shaped(s.of(in(s.whole, 0)) / divisor, e) : Expr();
  }
  const bool is_squared = is(s.whole, square_operation);
  const Expr product = is_squared ? in(s.whole, 0) : s.whole;
  if (!is(product, multiply_operation)) return {};
  for (const std::size_t i : {0, 1}) {
    const Expr factor = s.constant_part(in(product, i)), rest = in(product, 1 - i);
    if (!factor) continue;
    return shaped(is_squared ? square(factor) * s.of(square(rest)) : factor * s.of(rest), e);
  }
  return {};
}

Expr sum_split(Expr e) {
  if (!is(e, sum_operation)) return {};
  const Summed s(e);
  const bool adds = is(s.whole, add_operation), subtracts = is(s.whole, subtract_operation);
  if (!adds && !subtracts) return {};
  const Expr a = in(s.whole, 0), b = in(s.whole, 1);
  // Only where something is won: a term that does not vary, or one whose own factor does not.
  const auto wins = [&](Expr x) {
    if (s.constant_part(x)) return true;
    if (!is(x, multiply_operation)) return false;
    return bool(s.constant_part(in(x, 0))) || bool(s.constant_part(in(x, 1)));
  };
  if (!wins(a) && !wins(b)) return {};
  return shaped(adds ? s.of(a) + s.of(b) : s.of(a) - s.of(b), e);
}

// sum (c - m)^2 = sum (c - mean c)^2 + n (mean c - m)^2 for data c and an m that does not vary: both parts
// are positive, so nothing cancels, and the pass over the data happens once, when the program is made.
Expr sum_of_squares(Expr e) {
  if (!is(e, sum_operation)) return {};
  const Summed s(e);
  if (!is(s.whole, square_operation) || !is(in(s.whole, 0), subtract_operation)) return {};
  for (const std::size_t i : {0, 1}) {
    const Expr data = in(in(s.whole, 0), i);
    const Expr m = s.constant_part(in(in(s.whole, 0), 1 - i));
    if (!is(data, constant_operation) || !m || !s.all_dims() || s.count() < 2) continue;
    if (s.over.axes != data.type().axes || data.type().event != s.whole.type().event) continue;
    const Expr mean = sum_all(data) / s.count();
    const Expr spread = sum_all(square(data - mean));
    // folded at once, so that what remains is a number
    const std::array parts{mean, spread};
    const std::vector<Tensor> values = evaluate(parts);
    if (!std::isfinite(values[1].real(0))) return {};
    return shaped(e.graph().constant(values[1]) + s.count() * square(e.graph().constant(values[0]) - m), e);
  }
  return {};
}

Expr sum_of_sum(Expr e) {
  if (!is(e, sum_operation) || !is(in(e, 0), sum_operation)) return {};
  const Reduction outer = reduction(e.node().attributes), inner = reduction(in(e, 0).node().attributes);
  std::vector<AxisId> axes = outer.axes;
  axes.insert(axes.end(), inner.axes.begin(), inner.axes.end());
  // the outer dimensions are numbered without the inner ones
  std::vector<std::int64_t> dims = inner.dims, left;
  const Expr x = in(in(e, 0), 0);
  for (std::int64_t d = 0; d < static_cast<std::int64_t>(x.type().event.size()); ++d) {
    if (std::find(inner.dims.begin(), inner.dims.end(), d) == inner.dims.end()) left.push_back(d);
  }
  for (const std::int64_t d : outer.dims) dims.push_back(left[static_cast<std::size_t>(d)]);
  return sum(x, axes, dims);
}

// The axis of a single draw: nothing is added up.
Expr sum_of_one(Expr e) {
  if (!is(e, sum_operation)) return {};
  const Reduction over = reduction(e.node().attributes);
  if (over.axes.empty() || !over.dims.empty()) return {};
  Expr x = in(e, 0);
  for (const AxisId axis : over.axes) {
    if (e.graph().axis(axis).size != 1) return {};
    x = to_event(x, axis, 0);
  }
  const Expr result = reshape(x, e.type().event);
  return result.type() == e.type() ? result : Expr();  // sums of bools are ints
}

}  // namespace elbo::runtime
