// Indexing as users know it from R, Julia and Stan: from 1, ranges inclusive, several indices at once taken
// as the outer product, fewer indices than axes selecting leading ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lang/source.hpp"
#include "runtime/value.hpp"

namespace elbo::runtime {

/// One entry between the brackets of `x[i, 2:5, :]`.
struct Subscript {
  bool slice = false;                      ///< written with a colon
  std::optional<std::int64_t> first = {};  ///< of a slice; empty: from the beginning
  std::optional<std::int64_t> last = {};   ///< of a slice; empty: to the end
  Value value;  ///< otherwise: an int, a range, a tensor of ints, a mask, a symbol, a string
  lang::Span span = {};
};

/// What one subscript selects along one axis: 0-based positions, and the shape that takes the axis's place
/// (none for a single index).
struct Selection {
  std::vector<std::int64_t> positions;
  Shape shape;
};

/// base[subscripts]. `name` is what messages call the base ("x"). Failures: index-out-of-range, index-zero,
/// bool-index, mask-length, index-type, too-many-indices, not-indexable.
Value index(const Value& base, const std::vector<Subscript>& subscripts, const std::string& name);

/// The base with the selected entries replaced (a new value; the old one is unchanged). A scalar fills the
/// selection, otherwise shapes must agree.
Value with_entries(const Value& base, const std::vector<Subscript>& subscripts, const Value& entries,
                   const std::string& name);

/// Positions along an axis of this extent; `axis` is its number from 1 and `rank` the base's, for messages.
Selection select(const Subscript& subscript, std::int64_t extent, std::size_t axis, std::size_t rank,
                 const std::string& name);

/// Checks 1-based indices along an axis of this extent; failures as of `select`, which name the entry by
/// `name`.
void check_positions(const Tensor& indices, std::int64_t extent, std::size_t axis, std::size_t rank,
                     const std::string& name, const lang::Span& span);

/// The 0-based positions of a symbol used as an index: an int, known or random. Failures: bool-index,
/// index-type.
Expr symbolic_positions(const Symbol& symbol, const std::string& name, const lang::Span& span);

/// base[subscripts] where the base or a subscript is a symbol: gather nodes. Known indices are checked.
Value index_symbol(const Value& base, const std::vector<Subscript>& subscripts, const std::string& name,
                   const std::shared_ptr<Graph>& graph);

}  // namespace elbo::runtime
