// Which loops of a model are one plate of its drawing. Internal to diagram*.cpp.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/diagram.hpp"
#include "runtime/diagram_source.hpp"

namespace elbo::runtime {

/// Loops around a statement, outermost first, each with the body that it stands in.
using Nest = std::vector<std::pair<const SourceBody*, SourceLoop>>;

/// Loops become one plate when the same plate is around them, they have the same index, and their ranges are
/// the same as written, or differ only in where they start and end by a number (`1:T` and `2:T`).
class PlateTable {
 public:
  explicit PlateTable(const ModelGraph& model) : model_(model) {}

  /// The innermost plate of a nest; plates that are missing are added.
  std::optional<std::size_t> add(const Nest& nest);
  /// The same where all of them exist; an empty nest has none either.
  std::optional<std::size_t> find(const Nest& nest) const;
  /// Plates of axes that no loop of the text stands for.
  std::optional<std::size_t> add_axes(const std::vector<AxisId>& axes);

  /// "t = 2, …, 60" where the nest's innermost loop runs over part of its plate; nothing otherwise.
  std::string part(const Nest& nest) const;
  bool is_ragged(const Nest& nest) const;

  std::vector<DiagramPlate> drawn() const;

 private:
  struct Plate {
    std::optional<std::size_t> parent;
    std::string prefix, index, range, base;
    ModelLoop loop;
    std::optional<AxisId> axis;
  };
  Plate describe(const std::pair<const SourceBody*, SourceLoop>& loop,
                 std::optional<std::size_t> parent) const;
  std::optional<std::size_t> find(const Plate& plate) const;

  const ModelGraph& model_;
  std::vector<Plate> plates_;
};

}  // namespace elbo::runtime
