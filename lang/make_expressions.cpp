// Makers of expressions: what each rule of the grammar makes of its parts.
#include <algorithm>

#include "lang/builder.hpp"
#include "lang/literals.hpp"

namespace elbo::lang {
namespace {

template <typename Node>
Piece expression(Node node, const Span& span) {
  Piece piece;
  piece.value = make_expression(Expression{std::move(node), span});
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

Piece make_number(Children& c) { return piece(make_expression(read_number(c.span())), c.span()); }

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

namespace {

// What stands after `else` when that is another `if`.
BlockPtr block_of_else_if(Piece choice) {
  Block block;
  block.span = choice.span;
  block.statements.push_back(std::make_shared<const Statement>(
      Statement{ExpressionStatement{std::get<ExpressionPtr>(std::move(choice.value))}, choice.span}));
  return std::make_shared<const Block>(std::move(block));
}

}  // namespace

Piece make_if_word(Children& c) { return piece(IfWord{}, c.span()); }

// `if a {…} else if b {…} else {…}` as one list of parts, put together from the end.
Piece make_if(Children& c) {
  struct Branch {
    std::uint32_t begin;
    ExpressionPtr condition;
    BlockPtr then;
  };
  std::vector<Branch> branches;
  while (c.at<IfWord>()) {
    const std::uint32_t begin = c.piece().span.begin;
    auto condition = c.take<ExpressionPtr>();
    branches.push_back({begin, std::move(condition), c.take<BlockPtr>()});
  }
  if (branches.size() > maximum_branches) throw too_deep(c.span());
  BlockPtr otherwise = c.done() ? nullptr : c.take<BlockPtr>();
  while (true) {
    Branch& last = branches.back();
    const Span span{c.span().source, last.begin, c.span().end};
    Piece choice =
        expression(IfExpression{std::move(last.condition), std::move(last.then), std::move(otherwise)}, span);
    branches.pop_back();
    if (branches.empty()) return choice;
    otherwise = block_of_else_if(std::move(choice));
  }
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
    // The base is reached by a loop (see first_operand) and does not count.
    const std::uint32_t depth = std::max(result.depth, suffix.depth + 1);
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
