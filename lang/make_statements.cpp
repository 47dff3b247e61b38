// Makers of statements, types, parameters and blocks.
#include "lang/builder.hpp"

namespace elbo::lang {
namespace {

template <typename Value>
Piece piece(Value value, const Span& span) {
  Piece result;
  result.value = std::move(value);
  result.span = span;
  return result;
}

template <typename Node>
Piece statement(Node node, const Span& span) {
  return piece(std::make_shared<const Statement>(Statement{std::move(node), span}), span);
}

template <typename T>
std::optional<T> take_optional(Children& c) {
  return c.at<T>() ? std::optional<T>(c.take<T>()) : std::nullopt;
}

ExpressionPtr take_expression(Children& c) {
  return c.at<ExpressionPtr>() ? c.take<ExpressionPtr>() : nullptr;
}

CallablePtr take_callable(Children& c) {
  Callable callable;
  if (c.at<Parameters>()) callable.parameters = c.take<Parameters>().list;
  callable.expression = take_expression(c);
  if (!callable.expression) callable.block = c.take<BlockPtr>();
  return std::make_shared<const Callable>(std::move(callable));
}

template <typename Node>
Piece named_callable(Children& c) {
  auto name = c.take<Identifier>();
  return statement(Node{std::move(name), take_callable(c)}, c.span());
}

}  // namespace

Piece make_parameter(Children& c) {
  Parameter parameter;
  parameter.name = c.take<Identifier>();
  parameter.type = take_optional<TypeExpression>(c);
  parameter.default_value = take_expression(c);
  return piece(std::move(parameter), c.span());
}

Piece make_parameters(Children& c) { return piece(Parameters{c.take_all<Parameter>()}, c.span()); }
Piece make_type_arguments(Children& c) { return piece(TypeArguments{c.take_all<ExpressionPtr>()}, c.span()); }
Piece make_type_shape(Children& c) { return piece(TypeShape{c.take_all<ExpressionPtr>()}, c.span()); }

Piece make_type(Children& c) {
  TypeExpression type;
  type.name = c.take<Identifier>();
  if (c.at<TypeArguments>()) type.arguments = c.take<TypeArguments>().list;
  type.has_shape = c.at<TypeShape>();
  if (type.has_shape) type.shape = c.take<TypeShape>().list;
  type.span = c.span();
  return piece(std::move(type), c.span());
}

Piece make_target(Children& c) {
  Target target;
  target.name = c.take<Identifier>();
  target.indices = c.take_all<ExpressionPtr>();
  target.span = c.span();
  return piece(std::move(target), c.span());
}

Piece make_via(Children& c) { return piece(Via{c.take<ExpressionPtr>()}, c.span()); }

Piece make_block(Children& c) {
  Block block;
  block.statements = c.take_all<StatementPtr>();
  block.span = c.span();
  return piece(std::make_shared<const Block>(std::move(block)), c.span());
}

Piece make_member(Children& c) {
  auto name = c.take<Identifier>();
  return piece(DistStatement::Member{std::move(name), take_callable(c)}, c.span());
}

Piece make_let(Children& c) {
  auto target = c.take<Target>();
  return statement(LetStatement{std::move(target), c.take<ExpressionPtr>()}, c.span());
}

Piece make_assign(Children& c) {
  auto target = c.take<Target>();
  return statement(AssignStatement{std::move(target), c.take<ExpressionPtr>()}, c.span());
}

Piece make_function(Children& c) { return named_callable<FunctionStatement>(c); }
Piece make_model(Children& c) { return named_callable<ModelStatement>(c); }
Piece make_guide(Children& c) { return named_callable<GuideStatement>(c); }
Piece make_net(Children& c) { return named_callable<NetStatement>(c); }

Piece make_dist(Children& c) {
  DistStatement dist;
  dist.name = c.take<Identifier>();
  dist.parameters = c.take<Parameters>().list;
  dist.support = take_optional<TypeExpression>(c);
  dist.members = c.take_all<DistStatement::Member>();
  return statement(std::move(dist), c.span());
}

Piece make_import(Children& c) {
  const auto path = c.take<ExpressionPtr>();
  return statement(ImportStatement{std::get<StringLiteral>(path->node).value, path->span}, c.span());
}

Piece make_expression_statement(Children& c) {
  return statement(ExpressionStatement{c.take<ExpressionPtr>()}, c.span());
}

Piece make_for(Children& c) {
  auto variable = c.take<Identifier>();
  auto range = c.take<ExpressionPtr>();
  return statement(ForStatement{std::move(variable), std::move(range), c.take<BlockPtr>()}, c.span());
}

Piece make_return(Children& c) { return statement(ReturnStatement{take_expression(c)}, c.span()); }

Piece make_sample(Children& c) {
  auto target = c.take<Target>();
  auto constraint = take_optional<TypeExpression>(c);
  return statement(SampleStatement{std::move(target), std::move(constraint), c.take<ExpressionPtr>()},
                   c.span());
}

Piece make_factor(Children& c) { return statement(FactorStatement{c.take<ExpressionPtr>()}, c.span()); }

Piece make_param(Children& c) {
  ParamStatement param;
  param.target = c.take<Target>();
  param.constraint = take_optional<TypeExpression>(c);
  if (c.at<Via>()) param.via = c.take<Via>().value;
  param.init = take_expression(c);
  return statement(std::move(param), c.span());
}

}  // namespace elbo::lang
