// Rewrites of expressions, applied bottom-up until nothing changes. Each law holds up to rounding for all
// real values, zeros, NaN and infinities included, as long as no intermediate value leaves the range of the
// number type (log(exp(1000)) becomes 1000); laws about positive numbers may turn -inf, where they make no
// sense, into NaN. tests/runtime/simplify_laws.cpp checks every one.
#include "runtime/simplify.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/program.hpp"
#include "runtime/scan.hpp"
#include "runtime/simplify_parts.hpp"
#include "runtime/simplify_products.hpp"
#include "runtime/simplify_sums.hpp"
#include "runtime/training.hpp"

namespace elbo::runtime {

namespace {

// ---- constants
// -------------------------------------------------------------------------------------------------------

// Folding must not turn a small expression into a large table.
constexpr std::int64_t largest_grown_constant = 1024;

Expr fold(Expr e) {
  const Node& node = e.node();
  if (node.inputs.empty() || is_random(node) || is(e, scan_operation)) return {};
  // a result of a recurrence is computed from the inputs of that
  const Expr whole = is(e, scan_output_operation) ? in(e, 0) : e;
  std::int64_t size = 0;
  for (std::size_t i = 0; i < whole.node().inputs.size(); ++i) {
    if (!is(in(whole, i), constant_operation)) return {};
    size = std::max(size, e.graph().element_count(in(whole, i).type()));
  }
  const std::int64_t result = e.graph().element_count(e.type());
  if (result > size && result > largest_grown_constant) return {};
  if (is(e, broadcast_operation)) return {};  // costs nothing as it is, and shows what is uniform
  const Tensor value = evaluate(e);
  const bool is_whole = value.storage() != Storage::real;
  if (!is_whole && e.type().domain != Domain::real) return {};  // NaN, which constants of ints cannot hold
  return e.graph().constant(value, e.type().axes);
}

// ---- arithmetic identities
// -------------------------------------------------------------------------------------------

Expr add_zero(Expr e) {
  if (!is(e, add_operation)) return {};
  if (is_number(in(e, 1), 0)) return shaped(in(e, 0), e);
  if (is_number(in(e, 0), 0)) return shaped(in(e, 1), e);
  return {};
}

Expr subtract_zero(Expr e) {
  if (!is(e, subtract_operation)) return {};
  if (is_number(in(e, 1), 0)) return shaped(in(e, 0), e);
  if (is_number(in(e, 0), 0)) return shaped(-in(e, 1), e);
  return {};
}

Expr multiply_one(Expr e) {
  if (!is(e, multiply_operation)) return {};
  for (const std::size_t i : {0, 1}) {
    if (is_number(in(e, i), 1)) return shaped(in(e, 1 - i), e);
    if (is_number(in(e, i), -1)) return shaped(-in(e, 1 - i), e);
  }
  return {};
}

Expr divide_number(Expr e) {
  if (!is(e, divide_operation)) return {};
  const auto n = number(in(e, 1));
  // A division by a power of two is the same as a product, to the last bit; by any other number up to
  // rounding.
  if (n && *n != 0 && std::isfinite(1 / *n)) return shaped(in(e, 0) * (1 / *n), e);
  if (is_number(in(e, 0), 1)) return shaped(in(e, 1).graph().add(reciprocal_operation, {in(e, 1)}), e);
  return {};
}

Expr multiply_numbers(Expr e) {
  if (!is(e, multiply_operation)) return {};
  for (const std::size_t i : {0, 1}) {
    const auto outer = number(in(e, i));
    const Expr product = in(e, 1 - i);
    if (!outer || !is(product, multiply_operation)) continue;
    for (const std::size_t j : {0, 1}) {
      const auto inner = number(in(product, j));
      const double joined = inner ? *outer * *inner : 0;
      if (inner && std::isnormal(joined)) return shaped(in(product, 1 - j) * joined, e);
    }
  }
  return {};
}

// The factor of x * c, where c is a number.
struct Scaled {
  Expr x;
  double factor;
};
std::optional<Scaled> scaled(Expr e) {
  if (!is(e, multiply_operation)) return std::nullopt;
  for (const std::size_t i : {0, 1}) {
    if (const auto n = number(in(e, i))) return Scaled{in(e, 1 - i), *n};
  }
  return std::nullopt;
}

// Not of constants: what becomes of them is computed before the program runs.
Expr common_factor(Expr e) {
  const bool adds = is(e, add_operation);
  if (!adds && !is(e, subtract_operation)) return {};
  const auto a = scaled(in(e, 0)), b = scaled(in(e, 1));
  if (!a || !b || !std::isnormal(a->factor) || std::abs(a->factor) != std::abs(b->factor)) return {};
  if (is(a->x, constant_operation) || is(b->x, constant_operation)) return {};
  const bool same_sign = adds == (a->factor == b->factor);
  return shaped((same_sign ? a->x + b->x : a->x - b->x) * a->factor, e);
}

Expr double_negation(Expr e) {
  if (is(e, negate_operation)) {
    const Expr x = in(e, 0);
    if (is(x, negate_operation)) return shaped(in(x, 0), e);
    if (is(x, subtract_operation)) return in(x, 1) - in(x, 0);
    if (is(x, multiply_operation)) {
      for (const std::size_t i : {0, 1}) {
        if (const auto n = number(in(x, i))) return shaped(in(x, 1 - i) * -*n, e);
      }
    }
  }
  return {};
}

Expr move_negation(Expr e) {
  const auto negated = [&](std::size_t i) { return is(in(e, i), negate_operation); };
  if (is(e, add_operation)) {
    if (negated(1)) return in(e, 0) - in(in(e, 1), 0);
    if (negated(0)) return in(e, 1) - in(in(e, 0), 0);
  }
  if (is(e, subtract_operation) && negated(1)) return in(e, 0) + in(in(e, 1), 0);
  if (is(e, multiply_operation)) {
    if (negated(0) && negated(1)) return in(in(e, 0), 0) * in(in(e, 1), 0);
    for (const std::size_t i : {0, 1}) {
      if (!negated(i)) continue;
      if (const auto n = number(in(e, 1 - i))) return shaped(in(in(e, i), 0) * -*n, e);
      return -(in(in(e, i), 0) * in(e, 1 - i));
    }
  }
  if (is(e, square_operation) && negated(0)) return square(in(in(e, 0), 0));
  return {};
}

Expr power_number(Expr e) {
  if (!is(e, power_operation)) return {};
  const auto n = number(in(e, 1));
  if (!n || in(e, 0).type().domain != Domain::real) return {};
  const Expr x = in(e, 0);
  if (*n == 1) return shaped(x, e);
  if (*n == 2) return shaped(square(x), e);
  if (*n == -1) return shaped(x.graph().add(reciprocal_operation, {x}), e);
  return {};
}

Expr multiply_itself(Expr e) {
  return is(e, multiply_operation) && in(e, 0) == in(e, 1) ? square(in(e, 0)) : Expr();
}

Expr log_inside(Expr e) {
  if (!is(e, log_operation)) return {};
  const Expr x = in(e, 0);
  if (is(x, exp_operation)) return shaped(in(x, 0), e);
  if (is(x, reciprocal_operation)) return -log(in(x, 0));
  if (is(x, sqrt_operation)) return 0.5 * log(in(x, 0));
  return {};
}

Expr reciprocal_inside(Expr e) {
  if (!is(e, reciprocal_operation)) return {};
  const Expr x = in(e, 0);
  if (is(x, reciprocal_operation)) return shaped(in(x, 0), e);
  if (is(x, exp_operation)) return exp(-in(x, 0));
  return {};
}

Expr choose(Expr e) {
  if (!is(e, select_operation)) return {};
  if (const auto n = number(in(e, 0))) return shaped(in(e, *n != 0 ? 1 : 2), e);
  if (is(in(e, 0), training_operation)) return shaped(in(e, 2), e);  // a fit's steps have true in its place
  // a condition that is known for every element, as when data lies inside a support
  if (!is(in(e, 0), constant_operation)) return {};
  const Tensor& condition = *in(e, 0).node().attributes.tensor;
  for (std::int64_t i = 1; i < condition.size(); ++i) {
    if ((condition.real(i) != 0) != (condition.real(0) != 0)) return {};
  }
  return condition.size() == 0 ? Expr() : shaped(in(e, condition.real(0) != 0 ? 1 : 2), e);
}

Expr logic_number(Expr e) {
  if (is(e, and_operation)) {
    for (const std::size_t i : {0, 1}) {
      if (is_number(in(e, i), 1)) return shaped(in(e, 1 - i), e);
    }
  }
  return {};
}

// ---- broadcasts
// ------------------------------------------------------------------------------------------------------

Expr merge_broadcasts(Expr e) {
  if (!is(e, broadcast_operation)) return {};
  const Expr x = in(e, 0);
  if (x.type() == e.type()) return x;
  if (is(x, broadcast_operation)) return broadcast(in(x, 0), e.type().axes, e.type().event);
  return {};
}

// An elementwise operation on broadcast values is the broadcast of the operation: what does not vary is
// computed once.
Expr hoist_broadcast(Expr e) {
  const Node& node = e.node();
  if (!node.operation->elementwise) return {};
  std::vector<Expr> inputs;
  bool any = false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const bool is_broadcast = is(in(e, i), broadcast_operation);
    any = any || is_broadcast;
    inputs.push_back(is_broadcast ? in(in(e, i), 0) : in(e, i));
  }
  if (!any) return {};
  return shaped(e.graph().add(*node.operation, inputs, node.attributes), e);
}

Expr reshape_again(Expr e) {
  if (!is(e, reshape_operation)) return {};
  const Expr x = in(e, 0);
  if (x.type().event == e.type().event) return x;
  return is(x, reshape_operation) ? reshape(in(x, 0), e.type().event) : Expr();
}

Expr drop_stop(Expr e) {
  // By the time a program is planned all gradients have been taken.
  if (is(e, with_gradient_of_operation)) return shaped(in(e, 0), e);
  return is(e, stop_gradient_operation) || is(e, followed_operation) ? in(e, 0) : Expr();
}

const std::array rewrites{
    Rewrite{"fold", "an operation on constants is a constant", fold},
    Rewrite{"drop_stop", "stop_gradient(x) = x, with_gradient_of(x, y) = x, followed(x, p) = x", drop_stop},
    Rewrite{"merge_broadcasts", "broadcast(broadcast(x)) = broadcast(x)", merge_broadcasts},
    Rewrite{"add_zero", "x + 0 = x", add_zero},
    Rewrite{"subtract_zero", "x - 0 = x, 0 - x = -x", subtract_zero},
    Rewrite{"multiply_one", "x * 1 = x, x * -1 = -x", multiply_one},
    Rewrite{"divide_number", "x / c = x * (1 / c), 1 / x = reciprocal(x)", divide_number},
    Rewrite{"multiply_numbers", "(x * a) * b = x * (a b)", multiply_numbers},
    Rewrite{"common_factor", "x c + y c = (x + y) c, x c - y c = (x - y) c", common_factor},
    Rewrite{"double_negation", "-(-x) = x, -(x - y) = y - x, -(x * c) = x * -c", double_negation},
    Rewrite{"move_negation", "x + -y = x - y, x - -y = x + y, -x * y = -(x * y), (-x)^2 = x^2",
            move_negation},
    Rewrite{"power_number", "x^1 = x, x^2 = square(x), x^-1 = reciprocal(x)", power_number},
    Rewrite{"multiply_itself", "x * x = square(x)", multiply_itself},
    Rewrite{"log_inside", "log(exp(x)) = x, log(1 / x) = -log(x), log(sqrt(x)) = log(x) / 2", log_inside},
    Rewrite{"reciprocal_inside", "1 / (1 / x) = x, 1 / exp(x) = exp(-x)", reciprocal_inside},
    Rewrite{"choose", "select(true, x, y) = x, select(training, x, y) = y", choose},
    Rewrite{"logic_number", "x and true = x", logic_number},
    Rewrite{"hoist_broadcast", "f(broadcast(x)) = broadcast(f(x))", hoist_broadcast},
    Rewrite{"sum_of_sum", "sum(sum(x)) = sum(x)", sum_of_sum},
    Rewrite{"sum_of_constant", "sum over n of c = n c", sum_of_constant},
    Rewrite{"sum_of_broadcast", "sum over s of x = S x, where x lacks s", sum_of_broadcast},
    Rewrite{"sum_factor",
            "sum(c x) = c sum(x), sum((c x)^2) = c^2 sum(x^2), sum(x / c) = sum(x) / c; c finite, not 0",
            sum_factor},
    Rewrite{"sum_split", "sum(x + c) = sum(x) + n c", sum_split},
    Rewrite{"sum_of_squares", "sum (x - m)^2 = sum (x - mean)^2 + n (mean - m)^2", sum_of_squares},
    Rewrite{"hoist_axes", "f(broadcast(x)) = broadcast(f(x)) for added axes, f an operation on whole events",
            hoist_axes},
    Rewrite{"sum_in_reshape", "sum over s of reshape(x) = reshape(sum over s of x)", sum_in_reshape},
    Rewrite{"sum_in_product", "sum over s of A @ B = A @ (sum over s of B), where A lacks s and is finite",
            sum_in_product},
    Rewrite{"sum_of_outer_products", "sum over n of column @ row is a product with inner dimension n",
            sum_of_outer_products},
    Rewrite{"sum_of_one", "sum over s of x = x, where s has one entry", sum_of_one},
    Rewrite{"reshape_again", "reshape(reshape(x)) = reshape(x)", reshape_again},
};

class Simplifier {
 public:
  Expr run(Expr e) {
    std::vector<Expr> stack{e};
    while (!stack.empty()) {
      const Expr top = stack.back();
      if (done_.count(top.id())) {
        stack.pop_back();
        continue;
      }
      const std::size_t before = stack.size();
      for (const NodeId input : top.node().inputs) {
        if (!done_.count(input)) stack.push_back(top.graph().at(input));
      }
      if (stack.size() != before) continue;
      stack.pop_back();
      settle(top, stack);
    }
    return done_.at(e.id());
  }

  const FoldedViews& folded() const { return folded_; }

 private:
  // All inputs of e are settled: rebuild it on them, then rewrite. What a rewrite makes is new and is settled
  // in turn.
  void settle(Expr e, std::vector<Expr>& stack) {
    if (const auto it = replacement_.find(e.id()); it != replacement_.end()) {
      if (const auto settled = done_.find(it->second.id()); settled != done_.end()) {
        done_[e.id()] = settled->second;
        return;
      }
    }
    std::vector<Expr> inputs;
    bool changed = false;
    for (const NodeId input : e.node().inputs) {
      inputs.push_back(done_.at(input));
      changed = changed || inputs.back().id() != input;
    }
    Expr better = changed ? rebuild(e.graph(), e.node(), inputs) : e;
    if (is(better, scan_operation)) better = simple_inside(better);
    if (const auto it = done_.find(better.id()); it != done_.end()) {
      done_[e.id()] = it->second;
      return;
    }
    for (const Rewrite& rewrite : rewrites) {
      const Expr next = rewrite.apply(better);
      if (!next || next == better) continue;
      note_view(better, next);
      const auto it = done_.find(next.id());
      if (it != done_.end()) {
        done_[e.id()] = done_[better.id()] = it->second;
        return;
      }
      // come back to e when the replacement is settled
      replacement_[e.id()] = next;
      if (waiting_[e.id()]++ > limit) break;
      stack.push_back(Expr(e));
      stack.push_back(next);
      return;
    }
    done_[better.id()] = better;
    done_[e.id()] = better;
  }

  // A large constant that is new, and is another one seen differently.
  void note_view(Expr view, Expr constant) {
    const Node& node = view.node();
    const bool is_seen = node.operation->is_view || is(view, reshape_operation);
    if (!is_seen || node.inputs.size() != 1 || !is(in(view, 0), constant_operation)) return;
    if (!is(constant, constant_operation) || constant.id() < view.id()) return;
    if (view.graph().element_count(view.type()) > largest_grown_constant) folded_.emplace(constant.id(), view);
  }

  // A recurrence with its body simplified.
  static Expr simple_inside(Expr e) {
    std::vector<Expr> inputs;
    for (std::size_t i = 0; i < e.node().inputs.size(); ++i) inputs.push_back(in(e, i));
    ScanParts parts = scan_parts(e.graph(), e.node(), inputs);
    std::vector<Expr> roots = parts.next;
    roots.insert(roots.end(), parts.draws.begin(), parts.draws.end());
    const std::vector<Expr> better = simplify(roots);
    if (better == roots) return e;
    const auto middle = better.begin() + static_cast<std::ptrdiff_t>(parts.next.size());
    parts.next.assign(better.begin(), middle);
    parts.draws.assign(middle, better.end());
    return make_scan(e.graph(), parts);
  }

  static constexpr int limit = 64;  // a rewrite that undoes another would turn in circles
  std::unordered_map<NodeId, Expr> done_;
  std::unordered_map<NodeId, Expr> replacement_;
  std::unordered_map<NodeId, int> waiting_;
  FoldedViews folded_;
};

}  // namespace

std::span<const Rewrite> rewrite_list() { return rewrites; }

std::vector<Expr> simplify(std::span<const Expr> roots) {
  Simplifier simplifier;
  std::vector<Expr> result;
  for (const Expr& root : roots) result.push_back(simplifier.run(root));
  result = products_of_views(result, simplifier.folded());
  for (std::size_t i = 0; i < roots.size(); ++i) {
    const Expr root = roots[i], better = result[i];
    const bool same = better.type().axes == root.type().axes && better.type().event == root.type().event;
    if (!same) result[i] = broadcast(better, root.type().axes, root.type().event);
  }
  return result;
}

}  // namespace elbo::runtime
