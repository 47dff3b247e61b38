// The plate diagram of a model as textbooks draw it (Bishop 2006, chapter 8; Koller and Friedman 2009,
// chapter 6): what is drawn, before anything is said about how.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/model_graph.hpp"

namespace elbo::runtime {

/// A box: what is in it is there once per turn of a loop. Loops over the same range with the same index are
/// one plate.
struct DiagramPlate {
  std::string label;                  ///< "j = 1, …, 85"
  std::optional<std::size_t> parent;  ///< index of the plate around it
};

enum class NodeKind : std::uint8_t { latent, observed, quantity, parameter, data, factor };

struct DiagramNode {
  NodeKind kind = NodeKind::latent;
  std::string name;                        ///< as the statement writes it: "theta[j]"; unique in a diagram
  std::string variable;                    ///< "theta"
  std::vector<std::string> distributions;  ///< more than one when an `if` on data chooses; none unless random
  std::string note;                        ///< shape or extent where the plates do not say it: "real[8]"
  std::optional<std::size_t> plate;        ///< the innermost
};

struct DiagramEdge {
  std::size_t from = 0;
  std::size_t to = 0;
  std::string label;  ///< index of the source where it is not that of the plate: "t - 1"
};

struct Diagram {
  std::string name;
  bool is_guide = false;
  std::vector<DiagramPlate> plates;  ///< a plate comes after the one around it
  std::vector<DiagramNode> nodes;
  std::vector<DiagramEdge> edges;

  const DiagramNode* find(const std::string& name) const;
};

/// The diagram of a model or guide. Nodes stand in the plates of the loops around their statements and have
/// the index that is written there; which values a node depends on is read from the graph, and by which names
/// from the statement.
Diagram diagram_of(const ModelGraph& model);

/// The diagram as Graphviz DOT.
std::string to_dot(const Diagram& diagram);

}  // namespace elbo::runtime
