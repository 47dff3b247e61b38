// Folding `a + b * c`: precedence by a table and two stacks (Dijkstra's shunting yard), so that the grammar
// needs no rule per level and a long chain no recursion.
#include "lang/operators.hpp"

#include <algorithm>
#include <optional>

#include "lang/builder.hpp"

namespace elbo::lang {
namespace {

constexpr OperatorRow rows[] = {
    {"or", false, 1, Side::left}, {"and", false, 2, Side::left}, {"not", true, 3, Side::right},
    {"==", false, 4, Side::none}, {"!=", false, 4, Side::none},  {"<", false, 4, Side::none},
    {"<=", false, 4, Side::none}, {">", false, 4, Side::none},   {">=", false, 4, Side::none},
    {":", false, 5, Side::none},  {"+", false, 6, Side::left},   {"-", false, 6, Side::left},
    {"*", false, 7, Side::left},  {"/", false, 7, Side::left},   {"//", false, 7, Side::left},
    {"%", false, 7, Side::left},  {"@", false, 7, Side::left},   {"-", true, 8, Side::right},
    {"+", true, 8, Side::right},  {"^", false, 9, Side::right},
};

struct Operand {
  ExpressionPtr value;
  std::uint32_t depth;
};

struct Pending {
  OperatorToken token;
  Span span;
  const OperatorRow* row;
};

Diagnostic chained(const Pending& first, const Pending& second) {
  Diagnostic d;
  d.span = second.span;
  if (first.token.text == ":") {
    d.code = "chained-range";
    d.message = "a range has a first and a last value, and nothing more";
    const std::string_view after = std::string_view(second.span.source->text()).substr(second.span.end);
    const std::size_t next = after.find_first_not_of(" \t\r");
    const bool ends_line = next == std::string_view::npos || after[next] == '\n';  // Python's `for i in 1:3:`
    d.hint = ends_line ? "the body stands between `{` and `}`"
                       : "pick every k-th value with a comprehension: `[k * i for i in 1:n]`";
  } else {
    d.code = "chained-comparison";
    d.message = "comparisons cannot be chained";
    d.hint = "write `a < b and b < c`";
  }
  d.related.push_back({first.span, "the first one"});
  return d;
}

class Folder {
 public:
  void operand(ExpressionPtr value, std::uint32_t depth) { operands_.push_back({std::move(value), depth}); }

  void prefix(OperatorToken token, const Span& span) {
    const OperatorRow& row = operator_row(token.text, true);
    pending_.push_back({std::move(token), span, &row});
  }

  void binary(OperatorToken token, const Span& span) {
    const OperatorRow& row = operator_row(token.text, false);
    Pending next{std::move(token), span, &row};
    while (!pending_.empty() && binds_before(pending_.back(), next)) apply();
    pending_.push_back(std::move(next));
  }

  Operand finish() {
    while (!pending_.empty()) apply();
    return std::move(operands_.back());
  }

 private:
  static bool binds_before(const Pending& waiting, const Pending& next) {
    if (waiting.row->strength != next.row->strength) return waiting.row->strength > next.row->strength;
    if (next.row->side == Side::none) throw SyntaxFailure{chained(waiting, next), next.span.end, false};
    return next.row->side == Side::left;
  }

  Operand pop() {
    Operand operand = std::move(operands_.back());
    operands_.pop_back();
    return operand;
  }

  void apply() {
    Pending top = std::move(pending_.back());
    pending_.pop_back();
    Operand right = pop();
    Expression made;
    std::uint32_t depth = right.depth + 1;
    if (top.row->prefix) {
      made.span = join(top.span, right.value->span);
      made.node = UnaryExpression{std::move(top.token.text), std::move(right.value)};
    } else {
      Operand left = pop();
      // The first operand is reached by a loop (see first_operand), except that of a range.
      depth = std::max(depth, left.depth + (top.token.text == ":" ? 1 : 0));
      made.span = join(left.value->span, right.value->span);
      if (top.token.text == ":") {
        made.node = RangeExpression{std::move(left.value), std::move(right.value)};
      } else {
        made.node = BinaryExpression{std::move(top.token.text), top.span, std::move(left.value),
                                     std::move(right.value)};
      }
    }
    if (depth > maximum_tree_depth) throw too_deep(made.span);
    operands_.push_back({make_expression(std::move(made)), depth});
  }

  std::vector<Operand> operands_;
  std::vector<Pending> pending_;
};

}  // namespace

const OperatorRow& operator_row(std::string_view text, bool prefix) {
  for (const OperatorRow& row : rows) {
    if (row.text == text && row.prefix == prefix) return row;
  }
  throw InternalError("no operator `" + std::string(text) + "`");
}

Piece make_operation(Children& children) {
  Folder folder;
  while (!children.done()) {
    Piece& piece = children.piece();
    if (auto* token = std::get_if<OperatorToken>(&piece.value)) {
      if (token->prefix)
        folder.prefix(std::move(*token), piece.span);
      else
        folder.binary(std::move(*token), piece.span);
    } else {
      folder.operand(std::get<ExpressionPtr>(std::move(piece.value)), piece.depth);
    }
  }
  Operand result = folder.finish();
  const Span span = result.value->span;
  return {std::move(result.value), span, result.depth};
}

}  // namespace elbo::lang
