// Tools of the tests of graphs and programs: values computed node by node from the definitions (independent
// of simplifier, planner and executor), random values, and running a graph in one call.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <span>
#include <unordered_map>
#include <vector>

#include "runtime/graph.hpp"
#include "runtime/operation.hpp"
#include "runtime/program.hpp"

namespace elbo::tests {

using runtime::AxisId;
using runtime::Expr;
using runtime::Graph;
using runtime::NodeId;
using runtime::Shape;
using runtime::Type;
using Numbers = std::vector<double>;

/// Input nodes with their values.
using Given = std::vector<std::pair<Expr, Numbers>>;

/// Evaluates a graph node by node with plain index arithmetic. `noise` > 0 multiplies every intermediate
/// value by 1 + noise * u, u uniform in (-1, 1): how far the result then moves shows how well it is
/// determined.
class Reference {
 public:
  Reference(const Graph& graph, const Given& given, double noise = 0, std::uint64_t noise_seed = 1);
  void set_random(std::uint64_t seed, std::uint32_t step) { seed_ = seed, step_ = step; }
  const Numbers& operator()(Expr e);

 private:
  struct Place;
  friend struct RuleBase;
  friend struct Rules;
  Numbers compute(NodeId id);
  double at(NodeId id, const Place& place) const;
  template <class Visit>
  void for_each(const Type& type, Visit visit) const;

  const Graph& graph_;
  std::unordered_map<NodeId, Numbers> values_;
  double noise_;
  std::mt19937_64 generator_;
  std::uint64_t seed_ = 0;
  std::uint32_t step_ = 0;
};

struct RunOptions {
  runtime::PlanOptions plan;
  int threads = 1;
  std::uint64_t seed = 0;
  std::uint32_t step = 0;
};

/// Plans and runs once; the values of every root.
std::vector<Numbers> run(std::span<const Expr> roots, const Given& given, const RunOptions& options = {});
Numbers run(Expr root, const Given& given, const RunOptions& options = {});

Numbers uniform(std::mt19937_64& generator, std::int64_t count, double lower, double upper);

/// Equal bits, but NaN equals NaN and 0 equals -0.
bool same(std::span<const double> a, std::span<const double> b);

/// Largest |a - b| / (1 + |b|); 0 where both are NaN or both the same infinity; infinite where only one is.
double distance(std::span<const double> a, std::span<const double> b);

std::int64_t count(Expr e);

}  // namespace elbo::tests
