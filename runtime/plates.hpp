// The loops around the statement that is being read: which axes its values have, and how a loop over part of
// a plate (a ragged inner range, a side of an `if` on data) sees values of the whole plate.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "runtime/graph.hpp"

namespace elbo::runtime {

/// Whether an expression is a function of data alone: of no input and no random number.
bool is_fixed(Expr expression);

/// The value of an expression that needs neither inputs nor random numbers (axes lead, in the order of their
/// numbers); nothing for any other.
std::optional<Tensor> known_value(Expr expression);

/// The same expression as a constant when it is known and its numbers are ints or bools: what indices and
/// conditions are made of.
Expr folded(Expr expression);

/// The plates as leading event dimensions, in this order; axes that the value lacks are spread.
Expr with_leading(Expr value, const std::vector<AxisId>& plates);

/// Entries of event dimension `dim` at these 0-based positions (ints with any axes and event shape). Where
/// they are 0, 1, …, N - 1 along one new axis this only renames the dimension.
Expr take(Expr value, Expr positions, std::int64_t dim);

class Plates {
 public:
  /// Which entry (0-based) of an outer axis each entry of a new one stands for.
  struct Restriction {
    AxisId axis;
    std::vector<std::int64_t> positions;
  };

  explicit Plates(std::shared_ptr<Graph> graph) : graph_(std::move(graph)) {}

  /// Enters a loop over `axis`. The restricted axes are not seen inside: the new one stands for them.
  void enter(AxisId axis, std::vector<Restriction> restrictions = {});
  void leave();

  std::size_t depth() const { return frames_.size(); }
  /// Axes of a statement at this place, outermost loop first.
  std::vector<AxisId> active() const;
  /// A value as it is seen at this place.
  Expr seen(Expr value);

 private:
  struct Frame {
    AxisId axis;
    std::vector<Restriction> restrictions;
    std::unordered_map<NodeId, Expr> seen;
  };
  Expr restricted(Expr value, const Frame& frame) const;

  std::shared_ptr<Graph> graph_;
  std::vector<Frame> frames_;
};

}  // namespace elbo::runtime
