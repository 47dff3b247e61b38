// What the grammar's actions work on: a stack of finished pieces of the tree, the brackets that are open, and
// the limits that keep a hostile text from overflowing the stack of the program. Private to the parser.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lang/diagnostic.hpp"
#include "lang/syntax.hpp"

namespace elbo::lang {

// Every stage walks the tree by recursion, so its depth is bounded here, once. At this depth the parser
// itself, the deepest walker, stays below half of the usual stack of 8 MiB even when built with sanitizers.
// Chains (`a + b + …`, `a.b.c`, `else if`) are walked over by loops and do not count, but some light walks
// over models go from `if` to `else if` by recursion.
constexpr std::uint32_t maximum_tree_depth = 500;
constexpr std::uint32_t maximum_nesting = 200;
constexpr std::size_t maximum_branches = 20'000;

// ---- pieces that are not nodes of the tree by themselves
// ------------------------------------------------------

struct OperatorToken {
  std::string text;
  bool prefix = false;
};
struct Colon {};  // of an open range, in an index
struct CallSuffix {
  std::vector<Argument> arguments;
};
struct IndexSuffix {
  std::vector<ExpressionPtr> indices;
};
struct FieldSuffix {
  Identifier field;
};
struct Parameters {
  std::vector<Parameter> list;
};
struct TypeArguments {
  std::vector<ExpressionPtr> list;
};
struct TypeShape {
  std::vector<ExpressionPtr> list;
};
struct IfWord {};  // of an `if` or `else if`
struct Via {
  ExpressionPtr value;
};

struct Piece {
  std::variant<ExpressionPtr, StatementPtr, BlockPtr, Identifier, Target, TypeExpression, Parameter,
               Parameters, Argument, RecordField, DistStatement::Member, OperatorToken, Colon, CallSuffix,
               IndexSuffix, FieldSuffix, TypeArguments, TypeShape, IfWord, Via>
      value;
  Span span;
  std::uint32_t depth = 0;  // of the tree below it, chains not counted
};

/// The pieces that a rule is made of, read from left to right by the function that puts them together.
class Children {
 public:
  Children(std::vector<Piece> pieces, Span span) : pieces_(std::move(pieces)), span_(std::move(span)) {}

  const Span& span() const { return span_; }
  std::string_view text() const { return span_.text(); }
  bool done() const { return next_ == pieces_.size(); }

  template <typename T>
  bool at() const {
    return !done() && std::holds_alternative<T>(pieces_[next_].value);
  }
  Piece& piece() { return pieces_[next_++]; }
  template <typename T>
  T take() {
    return std::get<T>(std::move(piece().value));
  }
  /// All pieces of this type that come next.
  template <typename T>
  std::vector<T> take_all() {
    std::vector<T> result;
    while (at<T>()) result.push_back(take<T>());
    return result;
  }
  std::uint32_t deepest() const;

 private:
  std::vector<Piece> pieces_;
  std::size_t next_ = 0;
  Span span_;
};

/// Puts pieces together into one.
using Make = Piece (*)(Children&);

struct OpenBracket {
  char bracket;
  std::uint32_t offset;
};

/// Where the parser stands, as the error messages need it.
struct Place {
  SourcePtr source;
  std::uint32_t statement = 0;  // where the innermost statement begins
  std::vector<OpenBracket> open;
  bool newlines_are_space = false;
};

/// A syntax error on its way from the grammar to parse().
struct SyntaxFailure {
  Diagnostic diagnostic;
  std::uint32_t offset = 0;  // how far the parser had come
  bool at_end = false;       // the text ended too early: more of it may mend this
};

/// The failure for a tree or a nesting past the limits above. Makers that fold a chain must throw it
/// themselves while they fold: the chain may be longer than its destructors could bear.
SyntaxFailure too_deep(const Span& span);

class Builder {
 public:
  explicit Builder(SourcePtr source) { place.source = std::move(source); }

  Place place;
  std::uint32_t nesting = 0;
  std::vector<SyntaxFailure> failures;  // those after which the parser has gone on

  std::string_view text() const { return place.source->text(); }
  std::size_t mark() const { return stack_.size(); }
  void drop_to(std::size_t mark) {
    stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(mark), stack_.end());
  }
  /// Replaces the pieces above `mark` by what `make` makes of them.
  void reduce(std::size_t mark, std::uint32_t begin, std::uint32_t end, Make make);
  Piece pop();

 private:
  std::vector<Piece> stack_;
};

/// Notes one more level of nesting for as long as it lives; fails with `too-deep` past the limit.
class Deeper {
 public:
  Deeper(Builder& builder, std::uint32_t offset);
  ~Deeper() { --builder_.nesting; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  Builder& builder_;
};

/// Notes an open bracket, and what newlines mean inside it, for as long as it lives.
class Bracketed {
 public:
  Bracketed(Builder& builder, char bracket, std::uint32_t offset, bool newlines_are_space);
  ~Bracketed();
  Bracketed(const Bracketed&) = delete;
  Bracketed& operator=(const Bracketed&) = delete;

 private:
  Deeper deeper_;
  Builder& builder_;
  bool outer_;
};

/// Notes the statement that begins here for as long as it lives.
class StatementBegins {
 public:
  StatementBegins(Builder& builder, std::uint32_t offset)
      : builder_(builder), outer_(std::exchange(builder.place.statement, offset)) {}
  ~StatementBegins() { builder_.place.statement = outer_; }
  StatementBegins(const StatementBegins&) = delete;
  StatementBegins& operator=(const StatementBegins&) = delete;

 private:
  Builder& builder_;
  std::uint32_t outer_;
};

// ---- makers: one per rule of the grammar that leaves a piece
// --------------------------------------------------

Piece make_identifier(Children&);
Piece make_name(Children&);
Piece make_number(Children&);
Piece make_string(Children&);
Piece make_literal(Children&);
Piece make_list(Children&);
Piece make_record_field(Children&);
Piece make_record(Children&);
Piece make_parentheses(Children&);
Piece make_if_word(Children&);
Piece make_if(Children&);
Piece make_lambda(Children&);
Piece make_prefix_operator(Children&);
Piece make_binary_operator(Children&);
Piece make_colon(Children&);
Piece make_index(Children&);
Piece make_call_suffix(Children&);
Piece make_index_suffix(Children&);
Piece make_field_suffix(Children&);
Piece make_argument(Children&);
Piece make_postfix(Children&);
Piece make_operation(Children&);

Piece make_parameter(Children&);
Piece make_parameters(Children&);
Piece make_type_arguments(Children&);
Piece make_type_shape(Children&);
Piece make_type(Children&);
Piece make_target(Children&);
Piece make_via(Children&);
Piece make_block(Children&);
Piece make_member(Children&);
Piece make_let(Children&);
Piece make_assign(Children&);
Piece make_function(Children&);
Piece make_model(Children&);
Piece make_guide(Children&);
Piece make_net(Children&);
Piece make_dist(Children&);
Piece make_import(Children&);
Piece make_expression_statement(Children&);
Piece make_for(Children&);
Piece make_return(Children&);
Piece make_sample(Children&);
Piece make_factor(Children&);
Piece make_param(Children&);

}  // namespace elbo::lang
