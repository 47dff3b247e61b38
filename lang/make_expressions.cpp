// Makers of expressions: what each rule of the grammar makes of its parts.
#include <algorithm>

#include "lang/builder.hpp"
#include "lang/literals.hpp"

namespace elbo::lang {
namespace {

template <typename Node>
Piece expression(Node node, const Span& span) {
  Piece piece;
  piece.value = std::make_shared<const Expression>(Expression{std::move(node), span});
  piece.span = span;
  return piece;
}

template <typename Value>
Piece piece(Value value, const Span& span) {
  Piece result;
  result.value = std::move(value);
  result.span = span;
  return result;
}

}  // namespace

Piece make_identifier(Children& c) { return piece(Identifier{std::string(c.text()), c.span()}, c.span()); }

Piece make_name(Children& c) { return expression(NameExpression{std::string(c.text())}, c.span()); }

Piece make_number(Children& c) {
  const Expression number = read_number(c.span());
  return piece(std::make_shared<const Expression>(number), c.span());
}

Piece make_string(Children& c) { return expression(StringLiteral{read_string(c.span())}, c.span()); }

Piece make_literal(Children& c) {
  if (c.text() == "missing") return expression(MissingLiteral{}, c.span());
  return expression(BooleanLiteral{c.text() == "true"}, c.span());
}

Piece make_list(Children& c) {
  auto items = c.take_all<ExpressionPtr>();
  if (c.at<Identifier>()) {
    auto variable = c.take<Identifier>();
    auto range = c.take<ExpressionPtr>();
    return expression(Comprehension{std::move(items.front()), std::move(variable), std::move(range)},
                      c.span());
  }
  return expression(ListLiteral{std::move(items)}, c.span());
}

Piece make_record_field(Children& c) {
  auto name = c.take<Identifier>();
  return piece(RecordField{std::move(name), c.take<ExpressionPtr>()}, c.span());
}

Piece make_record(Children& c) { return expression(RecordLiteral{c.take_all<RecordField>()}, c.span()); }

// The parentheses belong to the span, so that an operation on them is underlined as a whole.
Piece make_parentheses(Children& c) {
  const auto inner = c.take<ExpressionPtr>();
  return expression(inner->node, c.span());
}

Piece make_if(Children& c) {
  auto condition = c.take<ExpressionPtr>();
  auto then = c.take<BlockPtr>();
  auto otherwise = c.done() ? nullptr : c.take<BlockPtr>();
  return expression(IfExpression{std::move(condition), std::move(then), std::move(otherwise)}, c.span());
}

Piece make_else_if(Children& c) {
  Block block;
  block.span = c.span();
  block.statements.push_back(
      std::make_shared<const Statement>(Statement{ExpressionStatement{c.take<ExpressionPtr>()}, c.span()}));
  return piece(std::make_shared<const Block>(std::move(block)), c.span());
}

Piece make_lambda(Children& c) {
  Callable callable;
  callable.parameters = c.take<Parameters>().list;
  if (c.at<BlockPtr>())
    callable.block = c.take<BlockPtr>();
  else
    callable.expression = c.take<ExpressionPtr>();
  return expression(LambdaExpression{std::make_shared<const Callable>(std::move(callable))}, c.span());
}

Piece make_prefix_operator(Children& c) {
  return piece(OperatorToken{std::string(c.text()), true}, c.span());
}
Piece make_binary_operator(Children& c) {
  return piece(OperatorToken{std::string(c.text()), false}, c.span());
}
Piece make_colon(Children& c) { return piece(Colon{}, c.span()); }

Piece make_index(Children& c) {
  ExpressionPtr first = c.at<ExpressionPtr>() ? c.take<ExpressionPtr>() : nullptr;
  if (c.done()) {
    const Span span = first->span;
    return piece(std::move(first), span);
  }
  c.take<Colon>();
  ExpressionPtr last = c.at<ExpressionPtr>() ? c.take<ExpressionPtr>() : nullptr;
  for (const ExpressionPtr& end : {first, last}) {
    if (end && std::holds_alternative<RangeExpression>(end->node) && end->span.text().front() != '(') {
      throw SyntaxFailure{{"chained-range",
                           "a range has a first and a last value, and nothing more",
                           c.span(),
                           {},
                           "pick every k-th value with `x[[k * i for i in 1:n]]`"},
                          c.span().end,
                          false};
    }
  }
  return expression(RangeExpression{std::move(first), std::move(last)}, c.span());
}

Piece make_call_suffix(Children& c) { return piece(CallSuffix{c.take_all<Argument>()}, c.span()); }
Piece make_index_suffix(Children& c) { return piece(IndexSuffix{c.take_all<ExpressionPtr>()}, c.span()); }
Piece make_field_suffix(Children& c) { return piece(FieldSuffix{c.take<Identifier>()}, c.span()); }

Piece make_argument(Children& c) {
  Argument argument;
  if (c.at<Identifier>()) argument.name = c.take<Identifier>();
  argument.value = c.take<ExpressionPtr>();
  return piece(std::move(argument), c.span());
}

Piece make_postfix(Children& c) {
  Piece result = std::move(c.piece());
  while (!c.done()) {
    Piece& suffix = c.piece();
    auto base = std::get<ExpressionPtr>(std::move(result.value));
    const Span span = join(base->span, suffix.span);
    const std::uint32_t depth = std::max(result.depth, suffix.depth) + 1;
    if (depth > maximum_tree_depth) throw too_deep(span);
    if (auto* call = std::get_if<CallSuffix>(&suffix.value)) {
      result = expression(CallExpression{std::move(base), std::move(call->arguments)}, span);
    } else if (auto* index = std::get_if<IndexSuffix>(&suffix.value)) {
      result = expression(IndexExpression{std::move(base), std::move(index->indices)}, span);
    } else {
      auto field = std::get<FieldSuffix>(std::move(suffix.value)).field;
      result = expression(FieldExpression{std::move(base), std::move(field)}, span);
    }
    result.depth = depth;
  }
  return result;
}

}  // namespace elbo::lang
