// The tensor expression graph: pure functions of named inputs, hash-consed (equal expressions are one node) and
// verified as they are added. Densities, their gradients and whole gradient estimators are graphs of this kind.
//
// A value has a set of named axes (one per enclosing plate, one for Monte Carlo samples) and an event shape, what
// the user sees. Operations take the union of their inputs' axes and apply NumPy's rules to event shapes alone.
#pragma once

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/tensor.hpp"

namespace elbo::runtime {

enum class AxisKind : std::uint8_t { plate, sample, chain };
using AxisId = std::uint32_t;

struct Axis {
  std::string name;
  std::int64_t size;
  AxisKind kind;
};

/// What the numbers of a value are; programs compute all of them in their number type.
enum class Domain : std::uint8_t { boolean, integer, real };

struct Type {
  std::vector<AxisId> axes;  ///< sorted
  Shape event;
  Domain domain = Domain::real;
  bool operator==(const Type&) const = default;
};

struct ScanBody;

/// What a node holds besides its inputs; each operation says which it reads.
struct Attributes {
  std::vector<std::int64_t> integers;
  std::string text;
  std::shared_ptr<const Tensor> tensor;
  std::shared_ptr<const ScanBody> scan = nullptr;  ///< of a recurrence and its results (runtime/scan.hpp)
  bool operator==(const Attributes& other) const;
};

struct Operation;
using NodeId = std::uint32_t;

struct Node {
  const Operation* operation;
  std::vector<NodeId> inputs;
  Attributes attributes;
  Type type;
};

class Graph;

/// A node of a graph, with arithmetic (runtime/expression.hpp), so that densities read as in a book. Empty when
/// default-constructed.
class Expr {
 public:
  Expr() = default;
  Expr(Graph& graph, NodeId id) : graph_(&graph), id_(id) {}
  explicit operator bool() const { return graph_ != nullptr; }
  Graph& graph() const { return *graph_; }
  NodeId id() const { return id_; }
  const Node& node() const;
  const Type& type() const;
  bool operator==(const Expr& other) const = default;

 private:
  Graph* graph_ = nullptr;
  NodeId id_ = 0;
};

class Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  AxisId add_axis(std::string name, std::int64_t size, AxisKind kind);
  const Axis& axis(AxisId id) const { return axes_[id]; }
  std::size_t axis_count() const { return axes_.size(); }

  /// The node of an operation on inputs: a new one, or the equal one that exists. Shapes that do not fit raise
  /// lang::Failure (code "shape-mismatch", no span); a wrong use by ourselves raises InternalError.
  Expr add(const Operation& operation, std::span<const Expr> inputs, Attributes attributes = {});
  Expr add(const Operation& operation, std::initializer_list<Expr> inputs, Attributes attributes = {});

  /// A named input of the program (a latent value, a parameter). Every call makes a new one.
  Expr input(std::string name, Type type);

  /// A placeholder in the body of a recurrence: equal names and types give the same node, so that equal bodies are
  /// equal.
  Expr slot(std::string name, Type type);

  Expr constant(double value);
  Expr constant(const Tensor& tensor);
  /// With axes: the tensor's leading dimensions are theirs.
  Expr constant(const Tensor& tensor, const std::vector<AxisId>& axes);

  const Node& node(NodeId id) const { return nodes_[id]; }
  std::size_t size() const { return nodes_.size(); }
  Expr at(NodeId id) { return Expr(*this, id); }

  /// Number of elements of a value of this type, over axes and event.
  std::int64_t element_count(const Type& type) const;

  /// "{sample: 30} real[100]".
  std::string show(const Type& type) const;

  /// Stream numbers for random operations, so that no two share one.
  std::uint32_t new_stream() { return next_stream_++; }
  /// Numbers streams from `first` on: expressions written afterwards draw the same numbers whatever was written
  /// before.
  void restart_streams(std::uint32_t first) { next_stream_ = first; }

 private:
  std::deque<Node> nodes_;  // references stay valid while nodes are added
  std::vector<Axis> axes_;
  std::unordered_multimap<std::size_t, NodeId> index_;
  std::uint32_t next_stream_ = 0;
};

inline const Node& Expr::node() const { return graph_->node(id_); }
inline const Type& Expr::type() const { return graph_->node(id_).type; }

/// The node once more on other inputs; operations that keep types in their attributes adapt them.
Expr rebuild(Graph& graph, const Node& node, std::span<const Expr> inputs);

/// Rebuilds `roots` with some nodes replaced (value placeholders by draws, say). Types are inferred anew, so axes
/// of the replacements spread by themselves: this is how a graph for one draw becomes one for many.
std::vector<Expr> substitute(std::span<const Expr> roots, const std::unordered_map<NodeId, Expr>& replacements);
/// The same of a single root.
Expr substitute(Expr root, const std::unordered_map<NodeId, Expr>& replacements);

/// All nodes that `roots` need, in an order in which inputs come first.
std::vector<NodeId> topological_order(const Graph& graph, std::span<const Expr> roots);

/// The graph that `roots` need, one node per line, for `elbo dump`.
std::string show(const Graph& graph, std::span<const Expr> roots);

}  // namespace elbo::runtime
