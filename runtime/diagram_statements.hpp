// Which statements of a model have a node in its drawing. Internal to diagram*.cpp.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/diagram_plates.hpp"

namespace elbo::runtime {

/// A statement that has a node.
struct Drawn {
  const SourceBody* body = nullptr;  ///< null with `site` for what no statement of a script wrote
  const Site* site = nullptr;
  DiagramNode node;
  std::vector<Expr> expressions;            ///< of the graph: what the node's distribution or value is
  const SourceBody* returned_by = nullptr;  ///< embedded model of whose results the node consists
  bool is_missing = false;                  ///< entries of data that are not there
  std::size_t index = 0;                    ///< in the diagram
};

/// The statements of all bodies that are in the graph, then what is in the graph without a statement (a guide
/// that was made, not written). The plates of all of them are added.
std::vector<Drawn> drawn_statements(const ModelGraph& model, const std::vector<SourceBody>& bodies,
                                    PlateTable& plates);

}  // namespace elbo::runtime
