// Random recurrences equal themselves written out iteration by iteration, values and derivatives: the
// unrolled graph knows nothing of bodies, histories or reverse recurrences.
#include <catch2/catch.hpp>

#include "graph_checks.hpp"
#include "runtime/differentiate.hpp"
#include "runtime/expression.hpp"
#include "runtime/scan.hpp"

using namespace elbo::tests;
using namespace elbo::runtime;

namespace {

constexpr std::int64_t length = 3;

class RandomRecurrence {
 public:
  RandomRecurrence(std::uint64_t seed, Graph& graph)
      : graph_(graph), generator_(seed), g_(graph.add_axis("g", 2, AxisKind::plate)) {
    // some axes come before the recurrence's in the order of memory, some after
    t_ = graph.add_axis("t", length, AxisKind::plate);
    s_ = graph.add_axis("s", 2, AxisKind::sample);
    for (int i = 0; i < 4; ++i) operands_.push_back(operand());
    const int carries = 1 + below(3);
    for (int k = 0; k < carries; ++k) {
      const Shape event = below(2) ? Shape{} : Shape{3};
      placeholders_.push_back(graph.input("carry", {{}, event, Domain::real}));
      initial_.push_back(below(2) ? graph.constant(0.3) : input({}, event));
      initial_.back() = broadcast(initial_.back(), {}, event);
    }
    for (const Expr& p : placeholders_) next_.push_back(bounded(shaped(expression(3), p.type().event)));
    output_ = expression(2);
  }

  ScanResult scanned(bool reverse) {
    std::vector<Carry> carries;
    for (std::size_t k = 0; k < next_.size(); ++k)
      carries.push_back({placeholders_[k], initial_[k], next_[k]});
    return scan(graph_, t_, carries, std::array{output_}, reverse);
  }

  // The last values, and the sum over iterations of the output's sum.
  std::pair<std::vector<Expr>, Expr> unrolled(bool reverse) {
    std::vector<Expr> values = initial_;
    Expr total = graph_.constant(0);
    for (std::int64_t i = 0; i < length; ++i) {
      std::unordered_map<NodeId, Expr> now;
      for (std::size_t k = 0; k < values.size(); ++k) now[placeholders_[k].id()] = values[k];
      std::vector<Expr> roots = next_;
      roots.push_back(output_);
      roots = substitute(roots, now);
      for (Expr& e : roots) e = entry(e, reverse ? length - 1 - i : i);
      total = total + sum_all(square(roots.back()));
      roots.pop_back();
      values = roots;
    }
    return {values, total};
  }

  const Given& given() const { return given_; }
  AxisId axis() const { return t_; }

 private:
  int below(int n) { return static_cast<int>(generator_() % static_cast<std::uint64_t>(n)); }

  Expr input(std::vector<AxisId> axes, Shape event) {
    const Expr e = graph_.input("x", {std::move(axes), std::move(event), Domain::real});
    given_.emplace_back(e, uniform(generator_, count(e), -1, 1));
    return e;
  }

  Expr operand() {
    std::vector<AxisId> axes;
    for (const AxisId a : {g_, t_, s_}) {
      if (below(3) == 0 || (a == t_ && below(2))) axes.push_back(a);
    }
    return input(axes, below(2) ? Shape{} : Shape{3});
  }

  // The entry of the axis, for a value that may lack it.
  Expr entry(Expr e, std::int64_t at) {
    if (!std::binary_search(e.type().axes.begin(), e.type().axes.end(), t_)) return e;
    return gather(to_event(e, t_, 0), graph_.constant(Tensor(Shape{}, std::vector<std::int64_t>{at})), 0);
  }

  static Expr bounded(Expr e) { return tanh(e); }

  static Expr shaped(Expr e, const Shape& event) {
    if (e.type().event == event) return e;
    return event.empty() ? sum_event(e) : broadcast(e, {}, event);
  }

  Expr leaf() {
    const int i = below(5);
    if (i < 3) return placeholders_[static_cast<std::size_t>(below(static_cast<int>(placeholders_.size())))];
    if (i == 3) return graph_.constant(0.1 * (1 + below(9)));
    return operands_[static_cast<std::size_t>(below(4))];
  }

  Expr expression(int depth) {
    if (depth == 0) return leaf();
    const Expr a = expression(depth - 1), b = expression(depth - 1);
    switch (below(9)) {
      case 0:
        return a + b;
      case 1:
        return a * b;
      case 2:
        return sin(a) - b;
      case 3:
        return select(less(a, b), a, 0.5 * b);
      case 4:
        return broadcast(a, {t_}, a.type().event) * 0.7;
      case 5:
        return a.type().event.empty() ? sigmoid(a) : cumsum_dim(a, 0) * b;
      case 6:
        return a.type().event.empty() ? a : broadcast(reshape(max_dim(a, 0), {1}), {}, {3}) + b;
      case 7: {
        if (a.type().event.empty()) return exp(-square(a));
        const Expr order = graph_.constant(Tensor({3}, std::vector<std::int64_t>{2, 0, 1}));
        return gather(a, order, 0);
      }
      default: {
        if (a.type().event.empty()) return sum_all_but(a * b);
        return sum_dim(permute(matmul(reshape(a, {3, 1}), reshape(sin(a), {1, 3})), {1, 0}), 0) * 0.3;
      }
    }
  }

  // Groups are summed over; what the recurrence runs along is not.
  Expr sum_all_but(Expr e) {
    return std::binary_search(e.type().axes.begin(), e.type().axes.end(), g_) ? sum_axis(e, g_) : e;
  }

  Graph& graph_;
  std::mt19937_64 generator_;
  AxisId g_, t_ = 0, s_ = 0;
  Given given_;
  std::vector<Expr> operands_, placeholders_, initial_, next_;
  Expr output_;
};

}  // namespace

TEST_CASE("random recurrences equal the unrolled ones, with two derivatives", "[scan]") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    Graph graph;
    RandomRecurrence random(seed, graph);
    const bool reverse = seed % 2;
    const ScanResult r = random.scanned(reverse);
    const auto [last, total] = random.unrolled(reverse);
    Expr ours = sum_all(square(r.outputs[0])), theirs = total;
    for (std::size_t k = 0; k < last.size(); ++k) {
      // the unrolled value may lack axes that a later iteration would bring
      const Type& type = r.last[k].type();
      ours = ours + sum_all(r.last[k] * 0.7);
      theirs = theirs + sum_all(broadcast(last[k], type.axes, type.event) * 0.7);
    }
    // an output that lacks an axis in early iterations counts once less there
    if (r.outputs[0].type().axes.size() > 1)
      ours = sum_all(r.last[0] * 0.7),
      theirs = sum_all(broadcast(last[0], r.last[0].type().axes, r.last[0].type().event) * 0.7);
    std::vector<Expr> inputs, roots{ours, theirs};
    for (const auto& [input, numbers] : random.given()) inputs.push_back(input);
    const auto first_ours = gradient(ours, inputs), first_theirs = gradient(theirs, inputs);
    Expr mixed_ours = graph.constant(0), mixed_theirs = graph.constant(0);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      mixed_ours = mixed_ours + sum_all(sin(first_ours[i]) * inputs[i]);
      mixed_theirs = mixed_theirs + sum_all(sin(first_theirs[i]) * inputs[i]);
    }
    const auto second_ours = gradient(mixed_ours, inputs), second_theirs = gradient(mixed_theirs, inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      roots.insert(roots.end(), {first_ours[i], first_theirs[i], second_ours[i], second_theirs[i]});
    }
    for (const bool simplify : {true, false}) {
      const auto values = run(roots, random.given(), {.plan = {.simplify = simplify}});
      for (std::size_t i = 0; i < values.size(); i += 2) {
        INFO("pair " << i / 2 << ", simplify " << simplify);
        CHECK(distance(values[i], values[i + 1]) < 1e-9);
      }
    }
    Reference reference(graph, random.given());
    CHECK(distance(reference(ours), run(ours, random.given())) < 1e-11);
  }
}
