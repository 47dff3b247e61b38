// Where expressions read the elements of an array: what drawing its parts in order needs to know.
#pragma once

#include <vector>

#include "runtime/graph.hpp"

namespace elbo::inference {

/// The numbers of the variable's elements (row-major) that an expression which only moves them holds.
runtime::Tensor element_numbers(runtime::Expr moved, runtime::Expr variable);

/// Where an expression reads a variable: the last nodes that only move its elements.
struct Read {
  runtime::Expr node;
  runtime::Expr variable;
};

/// All reads of these variables by the expressions.
std::vector<Read> reads_of(const std::vector<runtime::Expr>& roots,
                           const std::vector<runtime::Expr>& variables);

}  // namespace elbo::inference
