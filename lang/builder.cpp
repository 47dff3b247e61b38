// The stack of finished pieces, and the limits on depth.
#include "lang/builder.hpp"

#include <algorithm>
#include <iterator>

namespace elbo::lang {

SyntaxFailure too_deep(const Span& span) {
  SyntaxFailure failure;
  failure.diagnostic.code = "too-deep";
  failure.diagnostic.message = "this expression is nested too deeply to be read";
  failure.diagnostic.span = span;
  failure.diagnostic.hint = "give parts of it names with `let`, or write a long sum as `sum([…])`";
  failure.offset = span.end;
  return failure;
}

std::uint32_t Children::deepest() const {
  std::uint32_t depth = 0;
  for (const Piece& piece : pieces_) depth = std::max(depth, piece.depth);
  return depth;
}

void Builder::reduce(std::size_t mark, std::uint32_t begin, std::uint32_t end, Make make) {
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(mark);
  std::vector<Piece> pieces(std::make_move_iterator(first), std::make_move_iterator(stack_.end()));
  stack_.erase(first, stack_.end());
  Children children(std::move(pieces), Span{place.source, begin, end});
  Piece made = make(children);
  if (!made.span) made.span = children.span();
  if (made.depth == 0) made.depth = children.deepest() + 1;
  if (made.depth > maximum_tree_depth) throw too_deep({place.source, begin, end});
  stack_.push_back(std::move(made));
}

Piece Builder::pop() {
  Piece piece = std::move(stack_.back());
  stack_.pop_back();
  return piece;
}

Deeper::Deeper(Builder& builder, std::uint32_t offset) : builder_(builder) {
  if (builder.nesting >= maximum_nesting) throw too_deep({builder.place.source, offset, offset + 1});
  ++builder.nesting;
}

Bracketed::Bracketed(Builder& builder, char bracket, std::uint32_t offset, bool newlines_are_space)
    : deeper_(builder, offset), builder_(builder), outer_(builder.place.newlines_are_space) {
  builder.place.open.push_back({bracket, offset});
  builder.place.newlines_are_space = newlines_are_space;
}

Bracketed::~Bracketed() {
  builder_.place.open.pop_back();
  builder_.place.newlines_are_space = outer_;
}

}  // namespace elbo::lang
