// The cotangent of a carry after iteration t is that of later iterations plus what reads the carry there; the
// iteration pulls it back to the carries before. So the cotangents are carries of a recurrence that runs the
// other way. Its body is linear in them: the derivatives of each iteration are computed outside, vectorised,
// from the histories of the forward recurrence, and so are the cotangents of the operands once those of the
// carries are known.
#include "runtime/scan_gradient.hpp"

#include <algorithm>

#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/scan.hpp"

namespace elbo::runtime {

namespace {

using Replacements = std::unordered_map<NodeId, Expr>;

Expr sum_of(Expr a, Expr b) { return !a ? b : !b ? a : a + b; }

class Adjoint {
 public:
  Adjoint(Expr scan, std::span<const Projected> cotangents)
      : graph_(scan.graph()), scan_(scan), body_(*scan.node().attributes.scan), count_(body_.carries.size()) {
    for (auto* list : {&of_before_, &of_after_, &of_last_}) list->resize(count_);
    for (const Projected& p : cotangents) {
      const auto& list = p.projection.node().attributes.integers;
      const auto part = static_cast<ScanPart>(list[0]);
      if (part == ScanPart::draw) continue;
      auto& slots = part == ScanPart::before ? of_before_ : part == ScanPart::after ? of_after_ : of_last_;
      Expr& slot = slots[static_cast<std::size_t>(list[1])];
      slot = sum_of(slot, p.cotangent);
    }
  }

  std::vector<Expr> run() {
    replay_iterations();
    find_active();
    std::vector<Expr> result(scan_.node().inputs.size());
    if (active_.empty()) return result;
    pull();
    const ScanResult back = run_back(result);
    // the whole cotangent of every iteration's result, vectorised
    Replacements known = outer_;
    for (std::size_t i = 0; i < active_.size(); ++i) {
      known[seeds_[active_[i]].id()] = sum_of(back.before[i], of_after_[active_[i]]);
    }
    for (std::size_t j = 0; j < operand_leaves_.size(); ++j) {
      const Expr part = of_operands_[j];
      if (part) result[count_ + j] = replay(std::span(&part, 1), known).front();
    }
    return result;
  }

 private:
  // The body over the whole axis, on leaves of its own for carries, operands and draws: a derivative with
  // respect to one must not pass through another.
  void replay_iterations() {
    Replacements leaves;
    const auto leaf = [&](NodeId inner, Expr outer) {
      const Expr made = graph_.input("leaf", outer.type());
      leaves[inner] = made;
      outer_[made.id()] = outer;
      return made;
    };
    for (std::size_t k = 0; k < count_; ++k) {
      carry_leaves_.push_back(leaf(body_.carries[k], scan_output(scan_, ScanPart::before, k)));
    }
    for (std::size_t j = 0; j < body_.operands.size(); ++j) {
      operand_leaves_.push_back(leaf(body_.operands[j], graph_.at(scan_.node().inputs[count_ + j])));
    }
    for (std::size_t m = 0; m < body_.draws.size(); ++m) {
      leaf(body_.draws[m], scan_output(scan_, ScanPart::draw, m));
    }
    std::vector<Expr> next;
    for (const NodeId id : body_.next) next.push_back(graph_.at(id));
    next_ = replay(next, leaves);
    for (std::size_t k = 0; k < count_; ++k) {
      // a next value that depends on nothing has not the axis yet
      const Type& type = carry_leaves_[k].type();
      if (next_[k].type().axes != type.axes) next_[k] = broadcast(next_[k], type.axes, type.event);
      seeds_.push_back(graph_.input("cotangent", type));
    }
  }

  // Carries to which a cotangent flows: from results, or from the carries that they make.
  void find_active() {
    std::vector<bool> is_active(count_);
    for (std::size_t k = 0; k < count_; ++k) is_active[k] = of_before_[k] || of_after_[k] || of_last_[k];
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t k = 0; k < count_; ++k) {
        for (std::size_t from = 0; from < count_ && !is_active[k]; ++from) {
          is_active[k] = is_active[from] && depends_on(next_[from], carry_leaves_[k]);
          changed = changed || is_active[k];
        }
      }
    }
    for (std::size_t k = 0; k < count_; ++k) {
      if (is_active[k] && graph_.node(body_.carries[k]).type.domain == Domain::real) active_.push_back(k);
    }
  }

  // Cotangents of carries and operands in terms of the seeds.
  void pull() {
    std::vector<Expr> roots, seeds, targets = carry_leaves_;
    for (const std::size_t k : active_) {
      roots.push_back(next_[k]);
      seeds.push_back(seeds_[k]);
    }
    targets.insert(targets.end(), operand_leaves_.begin(), operand_leaves_.end());
    const std::vector<Expr> parts = pull_back(roots, seeds, targets);
    const auto middle = parts.begin() + static_cast<std::ptrdiff_t>(count_);
    of_carries_.assign(parts.begin(), middle);
    of_operands_.assign(middle, parts.end());
    if (is_elementwise()) pull_elementwise();
  }

  // Whether every element of the next values depends on the same element of the carries alone.
  bool is_elementwise() const {
    const Shape& event = carry_leaves_[active_[0]].type().event;
    std::vector<bool> depends(graph_.size());
    std::vector<Expr> roots;
    for (const std::size_t k : active_) {
      depends[carry_leaves_[k].id()] = true;
      roots.push_back(next_[k]);
      if (carry_leaves_[k].type().event != event) return false;
    }
    for (const NodeId id : topological_order(graph_, roots)) {
      const Node& node = graph_.node(id);
      if (std::none_of(node.inputs.begin(), node.inputs.end(), [&](NodeId i) { return depends[i]; }))
        continue;
      depends[id] = true;
      if (!node.operation->elementwise || node.type.event != event) return false;
    }
    return true;
  }

  // Then the derivatives are factors, one for each pair of carries: they too are computed outside, and an
  // iteration only multiplies.
  void pull_elementwise() {
    std::vector<Expr> targets;
    for (const std::size_t m : active_) targets.push_back(carry_leaves_[m]);
    of_carries_.assign(count_, Expr());
    const Expr one = graph_.constant(1);
    for (const std::size_t k : active_) {
      const std::vector<Expr> factors = pull_back(std::span(&next_[k], 1), std::span(&one, 1), targets);
      for (std::size_t i = 0; i < active_.size(); ++i) {
        if (factors[i]) of_carries_[active_[i]] = sum_of(of_carries_[active_[i]], seeds_[k] * factors[i]);
      }
    }
  }

  ScanResult run_back(std::vector<Expr>& result) {
    std::vector<Carry> carries;
    Replacements inside = outer_;
    for (const std::size_t k : active_) {
      const Type& type = graph_.node(body_.carries[k]).type;
      Carry carry;
      carry.placeholder = graph_.input("cotangent of carry " + std::to_string(k + 1), type);
      carry.initial = of_last_[k] ? of_last_[k] : graph_.constant(0);
      carry.initial = broadcast(carry.initial, type.axes, type.event);
      inside[seeds_[k].id()] = sum_of(carry.placeholder, of_after_[k]);
      carries.push_back(carry);
    }
    for (std::size_t i = 0; i < active_.size(); ++i) {
      const std::size_t k = active_[i];
      Expr next = of_carries_[k];
      if (next) next = replay(std::span(&next, 1), inside).front();
      next = sum_of(next, of_before_[k]);
      if (!next) next = graph_.constant(0);
      const Type& type = graph_.node(body_.carries[k]).type;
      if (next.type().event != type.event) next = broadcast(next, type.axes, type.event);
      carries[i].next = next;
    }
    const ScanResult back = scan(graph_, body_.axis, carries, {}, !body_.reverse);
    for (std::size_t i = 0; i < active_.size(); ++i) result[active_[i]] = back.last[i];
    return back;
  }

  Graph& graph_;
  Expr scan_;
  const ScanBody& body_;
  std::size_t count_;
  std::vector<Expr> of_before_, of_after_, of_last_;  // given cotangents, by carry
  Replacements outer_;                                // what the leaves stand for
  std::vector<Expr> carry_leaves_, operand_leaves_, next_, seeds_;
  std::vector<Expr> of_carries_, of_operands_;  // pulled back
  std::vector<std::size_t> active_;
};

}  // namespace

std::vector<Expr> scan_gradient(Expr scan, std::span<const Projected> cotangents) {
  return Adjoint(scan, cotangents).run();
}

}  // namespace elbo::runtime
