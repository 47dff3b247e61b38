// Log densities as tables over the values of discrete variables: what summing these out works on. A table has
// one row per element of the density, and an axis for every discrete element that the row depends on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/model_graph.hpp"

namespace elbo::inference {

/// A discrete variable with finitely many values, the whole numbers from `first` on.
struct EnumeratedVariable {
  const runtime::RandomVariable* variable = nullptr;
  std::int64_t elements = 0;
  std::int64_t first = 0, values = 0;
  runtime::AxisId axis = 0;   ///< of its values
  runtime::AxisId other = 0;  ///< the same for a second element that a row depends on
};

/// Which element of a variable each row depends on, along which axis of the table.
struct Slot {
  std::size_t variable;  ///< index in the list of enumerated variables
  runtime::AxisId axis;
  std::vector<std::int64_t> element;  ///< of each row
};

struct Potential {
  runtime::Expr
      table;  ///< [rows], or [1] where all rows are the same; axes of the slots, and of nothing else
  std::int64_t rows = 0;
  std::vector<Slot> slots;  ///< at most two of one variable
};

/// A log density (with the axes of its plates) as potentials; several where some rows depend on elements that
/// others do not. Nothing, with the reason in `why_not`, where a row depends on more elements than tables are
/// made for.
std::optional<std::vector<Potential>> potentials_of(runtime::Expr log_density,
                                                    std::span<const EnumeratedVariable> variables,
                                                    std::string& why_not);

/// The values of a variable along an axis, as numbers of its domain.
runtime::Expr values_along(const EnumeratedVariable& variable, runtime::AxisId axis);

/// The table with as many entries as there are rows.
runtime::Expr all_rows(const Potential& potential);

/// These rows of a potential (0-based numbers), in this order.
Potential chosen_rows(const Potential& potential, const std::vector<std::int64_t>& rows);

}  // namespace elbo::inference
