// An array that indexed statements of a model build element by element: `z[1] ~ …` and `for t in 2:T { z[t] ~
// … }`, or `let s[t] = f(s[t - 1])`. Until it is complete its elements are read through placeholders.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lang/source.hpp"
#include "runtime/model_graph.hpp"
#include "runtime/value.hpp"

namespace elbo::runtime {

/// Which entries a statement defines or an expression reads: one expression of 0-based positions per indexed
/// dimension, known ints.
using Positions = std::vector<Expr>;

class DefinedArray : public Object {
 public:
  enum class Kind : std::uint8_t { variable, quantity };

  /// The elements of one statement.
  struct Piece {
    Positions at;
    std::vector<AxisId> plates;   ///< outermost first
    std::size_t vector_dims = 0;  ///< leading event dimensions that come from an index that is a vector
    Expr value;                   ///< quantity: their value; variable: an input node that stands for it
    lang::Span span;
  };
  struct Read {
    Positions at;
    std::vector<AxisId> plates;  ///< of the place that reads
    Expr placeholder;
    std::size_t pieces;  ///< how many there were at that time
    lang::Span span;
  };

  DefinedArray(Kind kind, std::string name, std::size_t rank)
      : kind_(kind), name_(std::move(name)), rank_(rank) {}

  std::string type_name() const override { return "array"; }
  std::string show() const override { return name_; }

  Kind kind() const { return kind_; }
  const std::string& name() const { return name_; }
  std::size_t rank() const { return rank_; }  ///< number of indexed dimensions
  /// Shape of one element: that of the first piece's.
  Shape element() const;

  std::vector<Piece> pieces;
  std::vector<Read> reads;
  Expr whole;  ///< once it is complete

 private:
  Kind kind_;
  std::string name_;
  std::size_t rank_;
};

/// Entry numbers (row-major over `extents`) of positions: a tensor [plates…, vector dimensions…].
Tensor entry_numbers(const Positions& at, const std::vector<AxisId>& plates, const Shape& extents);

/// The smallest extents that hold all pieces.
Shape extents_of(const DefinedArray& array);

/// Fails with "overlap" or (unless `may_have_holes`) "hole" where the pieces are not each element once.
void check_cover(const DefinedArray& array, const Shape& extents, bool may_have_holes);

/// Fails with "read-before-definition" where a read meets elements that are defined later, and with
/// "index-out-of-range" where they are never.
void check_reads(const DefinedArray& array, const Shape& extents);

/// The entries at these positions of the whole array.
Expr entries(Expr whole, const Positions& at);

/// All elements of pieces [0, count) as one list, in the order of the pieces: [elements, element…].
Expr listed(const DefinedArray& array, std::size_t count);

}  // namespace elbo::runtime
