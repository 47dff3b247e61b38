// Long chains in the tree: how they are followed, and how they are freed.
#include "lang/syntax.hpp"

#include <utility>

namespace elbo::lang {
namespace {

// The expressions that wait to be freed; null while none is being freed.
thread_local std::vector<const Expression*>* waiting = nullptr;

// A chain is a tree as deep as it is long. Freed the usual way, each link would free the next inside its own
// destructor; here only the first does the work, and those inside it are put on its list.
void free_expression(const Expression* expression) {
  if (waiting != nullptr) {
    waiting->push_back(expression);
    return;
  }
  std::vector<const Expression*> list = {expression};
  waiting = &list;
  while (!list.empty()) {
    const Expression* next = list.back();
    list.pop_back();
    delete next;
  }
  waiting = nullptr;
}

struct FirstOperand {
  const Expression* operator()(const BinaryExpression& node) const { return node.left.get(); }
  const Expression* operator()(const CallExpression& node) const { return node.callee.get(); }
  const Expression* operator()(const IndexExpression& node) const { return node.base.get(); }
  const Expression* operator()(const FieldExpression& node) const { return node.base.get(); }
  template <typename Other>
  const Expression* operator()(const Other&) const {
    return nullptr;
  }
};

}  // namespace

ExpressionPtr make_expression(Expression expression) {
  return {new Expression(std::move(expression)), free_expression};
}

const Expression* first_operand(const Expression& expression) {
  return std::visit(FirstOperand{}, expression.node);
}

std::vector<const Expression*> chain_of(const Expression& expression) {
  std::vector<const Expression*> chain;
  for (const Expression* e = &expression; e != nullptr; e = first_operand(*e)) chain.push_back(e);
  return chain;
}

const Expression* else_if(const IfExpression& expression) {
  if (!expression.otherwise || expression.otherwise->statements.size() != 1) return nullptr;
  const auto* only = std::get_if<ExpressionStatement>(&expression.otherwise->statements.front()->node);
  const bool is_if = only != nullptr && std::holds_alternative<IfExpression>(only->value->node);
  return is_if ? only->value.get() : nullptr;
}

}  // namespace elbo::lang
