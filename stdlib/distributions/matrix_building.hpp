// Small parts that distributions on vectors and matrices share, beside those of building.hpp. Matrices are
// the last two dimensions and vectors the last one; those before them number the members of a stack.
#pragma once

#include <string>

#include "runtime/matrices.hpp"
#include "stdlib/distributions/building.hpp"

namespace elbo::stdlib {

/// Length of the vectors, or size of the square matrices.
std::int64_t size_of(Expr x);
double real_size(Expr x);

/// A number per matrix, to go with the matrix's entries.
Expr over_matrix(Expr x);
/// A number per row, to go with the row's entries: [..., n] to [..., n, 1].
inline Expr over_rows(Expr x) { return as_column(x); }
/// A number per column: [..., n] to [..., 1, n].
Expr over_columns(Expr x);

/// Constants [n, n]: whether an entry is below, or on, the diagonal.
Expr below_diagonal(runtime::Graph& graph, std::int64_t n);
Expr on_diagonal(runtime::Graph& graph, std::int64_t n);
/// [..., n, n] with these entries on the diagonal, and `below` (of a whole matrix) below it.
Expr lower_matrix(Expr diagonal, Expr below);

Expr trace(Expr x);
/// Sum of the squares of a matrix's entries.
Expr sum_of_squares(Expr x);
/// log det L of a lower triangular factor.
Expr log_det_factor(Expr factor);
/// L L'.
Expr product_with_transpose(Expr factor);
/// Inverse of L L'.
Expr inverse_of_product(Expr factor);
/// Inverse of a positive definite matrix.
Expr inverse(Expr definite);

/// log of the multivariate gamma function of n dimensions, and its derivative.
Expr multivariate_lgamma(Expr a, std::int64_t n);
Expr multivariate_digamma(Expr a, std::int64_t n);

/// The value where the condition holds, and NaN elsewhere.
Expr where(Expr condition, Expr value);

/// A length that is given as a number and must be known when the graph is built.
std::int64_t known_length(Expr length, const char* name);
/// What is wrong with it: empty, or a sentence for the record's `problem`.
std::string length_problem(Expr length, const char* name);

/// "`a` has 3 entries and `b` is for 2", where sizes differ; empty where they agree.
std::string size_problem(const char* a, std::int64_t size_a, const char* b, std::int64_t size_b);
/// What is wrong with a matrix that must be square.
std::string square_problem(const char* name, Expr matrix);

}  // namespace elbo::stdlib
