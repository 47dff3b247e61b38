#include "random_graphs.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string_view>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::tests {

using runtime::Domain;
using runtime::Operation;
using runtime::Tensor;

namespace {

/// Slow, and not a number at most arguments.
bool is_incomplete(std::string_view name) {
  return name.substr(0, 6) == "gamma_" || name.substr(0, 5) == "beta_";
}

class Builder {
 public:
  Builder(std::uint64_t seed, const GraphOptions& options) : generator_(seed), options_(options) {
    result_.graph = std::make_unique<Graph>();
    for (const char* name : {"s", "n"}) graph().add_axis(name, size(), runtime::AxisKind::plate);
    rows_ = size(), columns_ = size();
    for (const Operation* operation : runtime::operation_list()) {
      if (operation->elementwise && operation != &runtime::polygamma_operation &&
          operation != &runtime::log_binomial_operation && !is_incomplete(operation->name)) {
        elementwise_.push_back(operation);
      }
    }
    for (int i = 0; i < 4; ++i) add_input();
    for (const double value : {0.0, 1.0, -1.0, 2.0, 0.3}) pool_.push_back(graph().constant(value));
    for (int i = 0; i < 2; ++i) pool_.push_back(graph().constant(tensor(shape())));
  }

  RandomGraph build() {
    for (std::size_t i = 0; i < options_.steps; ++i) step();
    // the last values, and whatever else chance picks
    for (int i = 0; i < 3; ++i)
      result_.roots.push_back(pool_[pool_.size() - 1 - below(std::min<std::size_t>(6, pool_.size()))]);
    result_.roots.push_back(any());
    return std::move(result_);
  }

 private:
  Graph& graph() { return *result_.graph; }
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(generator_);
  }
  bool chance(double p) { return std::bernoulli_distribution(p)(generator_); }
  std::int64_t size() { return options_.sizes[below(options_.sizes.size())]; }
  // Recent values more often, so that graphs grow deep.
  Expr any() {
    return chance(0.5) ? pool_[below(pool_.size())] : pool_[pool_.size() - 1 - below((pool_.size() + 2) / 3)];
  }

  Shape shape() {
    const Shape shapes[] = {{}, {columns_}, {rows_, columns_}, {rows_, 1}, {1, columns_}, {1}};
    return shapes[below(6)];
  }
  std::vector<AxisId> axes() {
    std::vector<AxisId> result;
    for (const AxisId a : {0u, 1u}) {
      if (chance(0.4)) result.push_back(a);
    }
    return result;
  }
  Tensor tensor(Shape shape) {
    const auto count = runtime::element_count(shape);
    return Tensor(std::move(shape), uniform(generator_, count, -2, 2));
  }
  void add_input() {
    const Type type{axes(), shape(), Domain::real};
    const Expr input = graph().input("x", type);
    result_.given.emplace_back(input, uniform(generator_, graph().element_count(type), -2, 2));
    pool_.push_back(input);
  }

  static bool fit(Expr a, Expr b) {
    Shape joined;
    return runtime::broadcast(a.type().event, b.type().event, joined);
  }

  // Arguments inside the interval in which an operation is at home, or as they come.
  Expr tame(Expr x, const Operation& operation) {
    if (chance(0.3)) return x;
    return operation.test_lower + (operation.test_upper - operation.test_lower) * sigmoid(x);
  }

  void step() {
    const std::size_t kind = below(options_.draws ? 12 : options_.moves ? 11 : 7);
    const Expr x = any();
    if (kind < 4) return elementwise();
    if (kind == 4) return reduce(x);
    if (kind == 5) return spread(x);
    if (kind == 6) return reshaped(x);
    if (kind == 11) return draw(x);
    move(x, kind - 7);
  }

  void elementwise() {
    const Operation& operation = *elementwise_[below(elementwise_.size())];
    std::vector<Expr> operands;
    for (int i = 0; i < operation.arity; ++i) {
      Expr x = any();
      for (const Expr& other : operands) {
        if (!fit(x, other)) x = graph().constant(0.5);
      }
      operands.push_back(tame(x, operation));
    }
    // three shapes may fit in pairs and not together
    if (operands.size() == 3 && !fit(operands[0] + operands[1], operands[2]))
      operands[2] = graph().constant(1.5);
    pool_.push_back(graph().add(operation, operands));
  }

  void reduce(Expr x) {
    std::vector<AxisId> over;
    std::vector<std::int64_t> dims;
    for (const AxisId a : x.type().axes) {
      if (chance(0.5)) over.push_back(a);
    }
    for (std::size_t d = 0; d < x.type().event.size(); ++d) {
      if (chance(0.5)) dims.push_back(static_cast<std::int64_t>(d));
    }
    if (options_.moves && dims.size() == 1 && over.empty() && chance(0.3)) {
      pool_.push_back(max_dim(x, dims[0]));
    } else {
      pool_.push_back(sum(x, over, dims));
    }
  }

  void spread(Expr x) {
    Shape joined;
    if (!runtime::broadcast(x.type().event, shape(), joined)) return;
    pool_.push_back(broadcast(x, axes(), joined));
  }

  void reshaped(Expr x) {
    if (chance(0.2)) return pool_.push_back(stop_gradient(x));
    if (chance(0.15)) return pool_.push_back(with_gradient_of(x, sin(x)));
    const std::int64_t count = runtime::element_count(x.type().event);
    pool_.push_back(reshape(x, chance(0.5) ? Shape{count} : Shape{1, count}));
  }

  void move(Expr x, std::size_t kind) {
    const Shape& event = x.type().event;
    const std::size_t rank = event.size();
    if (kind == 0) {
      if (rank == 2) return pool_.push_back(permute(x, {1, 0}));
      if (!x.type().axes.empty()) pool_.push_back(to_event(x, x.type().axes[below(x.type().axes.size())], 0));
    } else if (kind == 1 && rank > 0) {
      const std::size_t dim = below(rank);
      for (const AxisId a : {0u, 1u}) {
        const bool has = std::count(x.type().axes.begin(), x.type().axes.end(), a) > 0;
        if (!has && graph().axis(a).size == event[dim])
          return pool_.push_back(to_axis(x, static_cast<std::int64_t>(dim), a));
      }
      pool_.push_back(cumsum_dim(x, static_cast<std::int64_t>(dim), chance(0.5)));
    } else if (kind == 2 && rank > 0) {
      const std::size_t dim = below(rank);
      Numbers places(3);
      for (double& p : places)
        p = event[dim] ? static_cast<double>(below(static_cast<std::size_t>(event[dim]))) : 0;
      pool_.push_back(gather(x, graph().constant(Tensor({3}, places)), static_cast<std::int64_t>(dim)));
    } else if (kind == 3 && rank > 0) {
      const Expr y = any();
      if (rank <= 2 && y.type().event.size() <= 2 && !y.type().event.empty() &&
          event.back() == y.type().event.front()) {
        return pool_.push_back(matmul(x, y));
      }
      pool_.push_back(runtime::concatenate({x, exp(-square(x)), x}, static_cast<std::int64_t>(below(rank))));
    }
  }

  void draw(Expr x) {
    if (chance(0.3)) return pool_.push_back(runtime::random_normal(graph(), axes(), shape()));
    if (chance(0.3)) return pool_.push_back(runtime::random_uniform(graph(), axes(), shape()));
    Shape joined;
    if (!runtime::broadcast(x.type().event, shape(), joined)) return;
    const Expr positive = 0.3 + 3.0 * sigmoid(x);
    pool_.push_back(chance(0.5) ? runtime::random_gamma(positive, axes(), joined)
                                : runtime::random_poisson(positive, axes(), joined));
  }

  std::mt19937_64 generator_;
  const GraphOptions& options_;
  RandomGraph result_;
  std::int64_t rows_ = 1, columns_ = 1;
  std::vector<Expr> pool_;
  std::vector<const Operation*> elementwise_;
};

}  // namespace

RandomGraph random_graph(std::uint64_t seed, const GraphOptions& options) {
  return Builder(seed, options).build();
}

std::size_t check_values(const RandomGraph& g, Expr root, const Numbers& values, bool exact) {
  // Rounding in a graph that amplifies it must not count: the same graph with noise shows how much it does.
  constexpr double noise = 1e-10, allowed = 1e-12;
  const Numbers expected = Reference(*g.graph, g.given)(root);
  std::vector<Numbers> moved;
  for (const std::uint64_t seed : {1, 2, 3, 4})
    moved.push_back(Reference(*g.graph, g.given, noise, seed)(root));
  REQUIRE(values.size() == expected.size());
  std::size_t agreed = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    double tolerance = allowed * std::abs(expected[k]);
    bool is_settled = true;  // noise does not change whether it is a number, and which infinity
    for (const Numbers& m : moved) {
      const bool agrees = std::isfinite(m[k]) == std::isfinite(expected[k]) &&
                          std::isnan(m[k]) == std::isnan(expected[k]) &&
                          (std::isfinite(m[k]) || std::isnan(m[k]) || m[k] == expected[k]);
      is_settled = is_settled && agrees;
      tolerance = std::max(tolerance, std::abs(m[k] - expected[k]) * (10 * allowed / noise));
    }
    if (!is_settled || (!exact && !std::isfinite(expected[k]))) continue;
    const bool is_same = values[k] == expected[k] || (std::isnan(values[k]) && std::isnan(expected[k]));
    const bool is_close = is_same || std::abs(values[k] - expected[k]) <= tolerance + 1e-300;
    if (!is_close) {
      INFO(runtime::show(*g.graph, std::span(&root, 1)));
      INFO("element " << k << ": " << values[k] << ", expected " << expected[k] << " +- " << tolerance);
      CHECK(is_close);
    } else {
      ++agreed;
    }
  }
  return agreed;
}

}  // namespace elbo::tests
