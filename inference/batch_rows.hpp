// Expressions at some of the rows of the data: what an expression over all rows becomes when a batch stands
// for them. The choice of rows is carried down to the data and the parameters, so that nothing is computed
// for rows that were not chosen.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "runtime/graph.hpp"

namespace elbo::inference {

class BatchRows {
 public:
  /// Rows `index` (0-based, [batch]) become the axis `batch`; the axes of loops over all rows are `loops`.
  /// What a value is at the chosen rows may be given: `known`, [rows, …] -> [batch, …].
  BatchRows(runtime::Expr index, runtime::AxisId batch, std::vector<runtime::AxisId> loops,
            std::unordered_map<runtime::NodeId, runtime::Expr> known)
      : index_(index), batch_(batch), loops_(std::move(loops)), known_(std::move(known)) {}

  /// An expression with one of the axes of `loops`: with the batch in its place. Any other as it is.
  runtime::Expr in_loop(runtime::Expr e);
  /// Of event dimension `dim`, one entry per row, the entries that were chosen: [batch] in its place.
  runtime::Expr along(runtime::Expr e, std::int64_t dim);

 private:
  bool is_loop(std::int64_t axis) const;
  bool has_loop(const runtime::Type& type) const;
  runtime::Expr rebuilt_in_loop(runtime::Expr e);
  runtime::Expr rebuilt_along(runtime::Expr e, std::int64_t dim);
  runtime::Expr drawn_in_batch(runtime::Expr uniform);
  /// All rows first, then the chosen ones: right for any expression.
  runtime::Expr chosen_late(runtime::Expr e);

  runtime::Expr index_;
  runtime::AxisId batch_;
  std::vector<runtime::AxisId> loops_;
  std::unordered_map<runtime::NodeId, runtime::Expr> known_, in_loop_;
  std::vector<std::unordered_map<runtime::NodeId, runtime::Expr>> along_;  // by dimension
};

}  // namespace elbo::inference
