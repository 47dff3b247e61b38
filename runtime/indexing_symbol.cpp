// Indexing inside models and derivatives, where the base or an index is a node of a graph. The graph counts
// from 0.
#include "runtime/expression.hpp"
#include "runtime/indexing.hpp"
#include "runtime/library.hpp"
#include "runtime/plates.hpp"

namespace elbo::runtime {

Expr symbolic_positions(const Symbol& symbol, const std::string& name, const lang::Span& span) {
  const Domain domain = symbol.expr.type().domain;
  if (domain == Domain::boolean) {
    fail("bool-index",
         "`" + name + "` cannot be indexed with a Bernoulli variable or a comparison, since false " +
             "would be index 0",
         span, "categories are numbered from 1: write the index as `+ 1`");
  }
  if (domain == Domain::real) {
    fail("index-type", "an index of `" + name + "` must be an int, but is " + type_name(symbol), span);
  }
  return folded(symbol.expr - symbol.expr.graph().constant(Tensor(Shape{}, std::vector<std::int64_t>{1})));
}

namespace {

/// An index that is known is checked now; a random one gives NaN where it is out of range.
Expr checked_positions(const Symbol& symbol, std::int64_t extent, std::size_t axis, std::size_t rank,
                       const std::string& name, const lang::Span& span) {
  const Expr positions = symbolic_positions(symbol, name, span);
  if (const auto known = known_value(symbol.expr)) check_positions(*known, extent, axis, rank, name, span);
  return positions;
}

Expr constant_positions(const Selection& selection, Graph& graph) {
  return graph.constant(Tensor(selection.shape, selection.positions));
}

bool selects_all(const Subscript& s) { return s.slice && !s.first && !s.last; }

}  // namespace

Value index_symbol(const Value& base, const std::vector<Subscript>& subscripts, const std::string& name,
                   const std::shared_ptr<Graph>& graph) {
  if (!is_numeric(base) && !base.is<Range>()) {
    fail("not-indexable",
         "`" + name + "` is " + type_name(base) + ", which cannot be indexed with a random variable",
         subscripts[0].span);
  }
  Expr result = to_expr(base, graph);
  const Shape shape = result.type().event;
  if (subscripts.size() > shape.size()) {
    fail("too-many-indices",
         "`" + name + "` has " + std::to_string(shape.size()) + " axes, but is given " +
             std::to_string(subscripts.size()) + " indices",
         subscripts.back().span);
  }
  // From the last axis to the first, so that the numbers of the axes still to come stay valid.
  for (std::size_t i = subscripts.size(); i-- > 0;) {
    const Subscript& s = subscripts[i];
    if (selects_all(s)) continue;
    const auto* symbol = s.value.as<Symbol>();
    const Expr positions = symbol != nullptr
                               ? checked_positions(*symbol, shape[i], i + 1, shape.size(), name, s.span)
                               : constant_positions(select(s, shape[i], i + 1, shape.size(), name), *graph);
    result = take(result, positions, static_cast<std::int64_t>(i));
  }
  // Ints picked from data (`county[n]`) are mostly indices themselves, and are wanted as numbers.
  return Symbol{graph, result.type().event.empty() ? folded(result) : result};
}

}  // namespace elbo::runtime
