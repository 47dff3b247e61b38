// Index sets of arrays that are defined element by element.
#include "runtime/defined_array.hpp"

#include <algorithm>

#include "runtime/expression.hpp"
#include "runtime/indexing.hpp"
#include "runtime/library.hpp"
#include "runtime/plates.hpp"
#include "runtime/program.hpp"

namespace elbo::runtime {

namespace {

std::int64_t greatest(Expr positions) {
  const auto known = known_value(positions);
  std::int64_t result = -1;
  for (std::int64_t i = 0; i < known->size(); ++i) result = std::max(result, known->integer(i));
  return result;
}

/// "z[2, 3]" for an entry number.
std::string entry_name(const DefinedArray& array, const Shape& extents, std::int64_t number) {
  std::string text;
  for (std::size_t d = extents.size(); d-- > 0;) {
    text = std::to_string(number % extents[d] + 1) + (text.empty() ? "" : ", ") + text;
    number /= extents[d];
  }
  return array.name() + "[" + text + "]";
}

/// Which piece defines an entry, and at which turn of the outermost loop around it.
struct Definition {
  std::int64_t piece = -1;
  std::int64_t turn = 0;
};

std::vector<Definition> definitions(const DefinedArray& array, const Shape& extents) {
  std::vector<Definition> result(static_cast<std::size_t>(element_count(extents)));
  for (std::size_t p = 0; p < array.pieces.size(); ++p) {
    const auto& piece = array.pieces[p];
    const Tensor numbers = entry_numbers(piece.at, piece.plates, extents);
    const std::int64_t per_turn =
        piece.plates.empty() || numbers.size() == 0 ? 1 : numbers.size() / numbers.shape()[0];
    for (std::int64_t i = 0; i < numbers.size(); ++i) {
      Definition& d = result[static_cast<std::size_t>(numbers.integer(i))];
      if (d.piece >= 0) {
        lang::Diagnostic diagnostic{
            .code = "overlap",
            .message = "`" + entry_name(array, extents, numbers.integer(i)) + "` is defined more than once",
            .span = piece.span,
            .related = {},
            .hint = d.piece == static_cast<std::int64_t>(p)
                        ? "every turn of the loops around it must define another entry"
                        : "the index sets of one variable must not overlap"};
        if (d.piece != static_cast<std::int64_t>(p)) {
          diagnostic.related.push_back(
              {array.pieces[static_cast<std::size_t>(d.piece)].span, "first defined here"});
        }
        throw lang::Failure(std::move(diagnostic));
      }
      d = {static_cast<std::int64_t>(p), i / per_turn};
    }
  }
  return result;
}

}  // namespace

Shape DefinedArray::element() const {
  const Shape& event = pieces.front().value.type().event;
  return Shape(event.begin() + static_cast<std::ptrdiff_t>(pieces.front().vector_dims), event.end());
}

Tensor entry_numbers(const Positions& at, const std::vector<AxisId>& plates, const Shape& extents) {
  Expr number;
  for (std::size_t d = 0; d < at.size(); ++d) {
    number = number ? number * static_cast<double>(extents[d]) + at[d] : at[d];
  }
  return evaluate(with_leading(number, plates)).stored_as(Storage::integer);
}

Shape extents_of(const DefinedArray& array) {
  Shape extents(array.rank(), 0);
  for (const auto& piece : array.pieces) {
    for (std::size_t d = 0; d < extents.size(); ++d)
      extents[d] = std::max(extents[d], greatest(piece.at[d]) + 1);
  }
  return extents;
}

void check_cover(const DefinedArray& array, const Shape& extents, bool may_have_holes) {
  const std::vector<Definition> all = definitions(array, extents);
  if (may_have_holes) return;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].piece >= 0) continue;
    const std::string last = entry_name(array, extents, static_cast<std::int64_t>(all.size()) - 1);
    // `param w[3] = 0`, as other languages declare a vector
    const bool is_declaration =
        array.pieces.size() == 1 && array.pieces[0].plates.empty() && extents.size() == 1;
    const std::string length = std::to_string(all.size());
    fail("hole",
         "`" + entry_name(array, extents, static_cast<std::int64_t>(i)) + "` is not defined, but `" + last +
             "` is",
         array.pieces.back().span,
         is_declaration
             ? "`" + last + "` is one entry; a whole vector is `param " + array.name() + " = zeros(" +
                   length + ")` or `" + array.name() + " ~ Normal(0, 1, size = " + length + ")`"
             : "the indexed statements of `" + array.name() + "` must define every entry");
  }
}

void check_reads(const DefinedArray& array, const Shape& extents) {
  if (array.reads.empty()) return;
  const std::vector<Definition> all = definitions(array, extents);
  for (const auto& read : array.reads) {
    for (std::size_t d = 0; d < extents.size(); ++d) {
      const Expr one = read.placeholder.graph().constant(Tensor(Shape{}, std::vector<std::int64_t>{1}));
      check_positions(*known_value(read.at[d] + one), extents[d], d + 1, extents.size(), array.name(),
                      read.span);
    }
    const Tensor numbers = entry_numbers(read.at, read.plates, extents);
    const std::int64_t per_turn =
        read.plates.empty() || numbers.size() == 0 ? 1 : numbers.size() / numbers.shape()[0];
    for (std::int64_t i = 0; i < numbers.size(); ++i) {
      const Definition& d = all[static_cast<std::size_t>(numbers.integer(i))];
      if (d.piece < 0) {
        fail("hole", "`" + entry_name(array, extents, numbers.integer(i)) + "` is read, but not defined",
             read.span);
      }
      const auto& piece = array.pieces[static_cast<std::size_t>(d.piece)];
      const bool is_new = static_cast<std::size_t>(d.piece) >= read.pieces;
      const bool same_loop =
          !read.plates.empty() && !piece.plates.empty() && read.plates[0] == piece.plates[0];
      const bool later =
          same_loop ? d.turn > i / per_turn || (d.turn == i / per_turn && is_new && piece.plates.size() == 1)
                    : is_new;
      if (!later) continue;
      lang::Diagnostic diagnostic{
          .code = "read-before-definition",
          .message = "`" + entry_name(array, extents, numbers.integer(i)) + "` is read before it is defined",
          .span = read.span,
          .related = {},
          .hint = "a variable may depend on entries that earlier turns of the loop define, such as `" +
                  array.name() + "[t - 1]`"};
      diagnostic.related.push_back({piece.span, "defined here"});
      throw lang::Failure(std::move(diagnostic));
    }
  }
}

Expr entries(Expr whole, const Positions& at) {
  for (std::size_t d = at.size(); d-- > 0;) whole = take(whole, at[d], static_cast<std::int64_t>(d));
  return whole;
}

Expr listed(const DefinedArray& array, std::size_t count) {
  std::vector<Expr> lists;
  const Shape element = array.element();
  for (std::size_t p = 0; p < count; ++p) {
    const auto& piece = array.pieces[p];
    const Expr list = with_leading(piece.value, piece.plates);
    const Shape& event = list.type().event;
    Shape flat{element_count(event) / std::max<std::int64_t>(1, element_count(element))};
    flat.insert(flat.end(), element.begin(), element.end());
    lists.push_back(reshape(list, flat));
  }
  return lists.size() == 1 ? lists[0] : concatenate(lists, 0);
}

}  // namespace elbo::runtime
