// Expressions on matrices and stacks of them: the last two event dimensions are a matrix, those before them
// number the matrices of a stack, and plates and draws are axes as everywhere.
#pragma once

#include <vector>

#include "runtime/graph.hpp"

namespace elbo::runtime {

/// The leading dimensions of a stack as axes, so that matrices (or vectors) are whole events while they are
/// computed with.
class Stack {
 public:
  Stack(Graph& graph, Shape leading);
  /// [leading…, own…] (or [own…], the same for all) to {leading…}[own…], `own_rank` dimensions being the
  /// item's own.
  Expr inward(Expr x, std::size_t own_rank) const;
  /// Back: {leading…}[own…] to [leading…, own…].
  Expr outward(Expr x) const;
  const std::vector<AxisId>& axes() const { return axes_; }

 private:
  Graph& graph_;
  Shape leading_;
  std::vector<AxisId> axes_;
};

Expr identity_matrix(Graph& graph, std::int64_t size);
/// The last two dimensions exchanged.
Expr transpose(Expr x);
/// Diagonals: [..., n, n] to [..., n].
Expr diagonal(Expr x);
/// Entries below and on the diagonal, 0 above.
Expr lower_triangle(Expr x);
/// Products of the matrices of two stacks, one of which may be a single matrix.
Expr matrix_product(Expr a, Expr b);
/// Lower Cholesky factors; NaN where a matrix is not positive definite.
Expr cholesky(Expr x);
/// X of L X = B, or of L' X = B, for lower triangular L.
Expr solve_lower(Expr factor, Expr b, bool transposed = false);
/// The same for vectors: [..., n, n] and [..., n] to [..., n].
Expr solve_lower_vector(Expr factor, Expr b, bool transposed = false);
/// A x for vectors: [..., m, n] and [..., n] to [..., m].
Expr times_vector(Expr a, Expr x);

}  // namespace elbo::runtime
