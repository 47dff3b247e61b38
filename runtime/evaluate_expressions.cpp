// Expressions to values.
#include "lang/habits.hpp"
#include "lang/print.hpp"
#include "runtime/builtins.hpp"
#include "runtime/evaluation.hpp"
#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"

namespace elbo::runtime {

/// One overload per kind of expression.
struct ExpressionEvaluator {
  Evaluation& self;
  const lang::Expression& expression;

  Value operator()(const lang::RealLiteral& node) const { return node.value; }
  Value operator()(const lang::IntegerLiteral& node) const { return node.value; }
  Value operator()(const lang::StringLiteral& node) const { return node.value; }
  Value operator()(const lang::BooleanLiteral& node) const { return node.value; }
  Value operator()(const lang::MissingLiteral&) const { return Missing{}; }
  Value operator()(const lang::NameExpression& node) const { return self.read(node.name); }

  Value operator()(const lang::ListLiteral& node) const {
    List items;
    items.reserve(node.items.size());
    for (const auto& item : node.items) items.push_back(self.evaluate(*item));
    return make_array(std::move(items));
  }

  Value operator()(const lang::Comprehension& node) const {
    List items;
    const Value sequence = self.evaluate(*node.range);
    for_each_entry(self.interpreter_, sequence, node.range->span, [&](Value entry) {
      const auto scope = std::make_shared<Scope>(self.scope_);
      scope->define(node.variable.name, std::move(entry));
      items.push_back(Evaluation(self.interpreter_, scope).evaluate(*node.item));
      return true;
    });
    return make_array(std::move(items));
  }

  Value operator()(const lang::RecordLiteral& node) const {
    Record fields;
    for (const auto& field : node.fields) fields.emplace_back(field.name.name, self.evaluate(*field.value));
    return make_record(std::move(fields));
  }

  Value operator()(const lang::RangeExpression& node) const {
    if (!node.first || !node.last) {
      fail("open-range", "a range without both ends has a meaning only as an index");
    }
    return Range{bound(*node.first), bound(*node.last)};
  }

  Value operator()(const lang::UnaryExpression& node) const {
    return apply_operator(node.operation, {self.evaluate(*node.operand)});
  }

  Value operator()(const lang::IndexExpression& node) const {
    // Only of a name that a reader knows; others are links of a chain.
    const Value array = self.lookup(std::get<lang::NameExpression>(node.base->node).name);
    if (array.is<ObjectPtr>()) {
      if (auto entry = self.interpreter_.name_reader()->read_entry(array, self.subscripts(node.indices),
                                                                   expression.span))
        return std::move(*entry);
    }
    return self.evaluate_link(expression, self.evaluate(*node.base));
  }

  Value operator()(const lang::FieldExpression& node) const {
    const Value whole = self.lookup(std::get<lang::NameExpression>(node.base->node).name);
    if (whole.is<ObjectPtr>()) {
      if (auto field = self.interpreter_.name_reader()->read_field(whole, node.field))
        return std::move(*field);
    }
    return self.evaluate_link(expression, self.evaluate(*node.base));
  }

  Value operator()(const lang::IfExpression& node) const {
    for (const lang::IfExpression* choice = &node;;) {
      const Value condition = self.evaluate(*choice->condition);
      if (const auto* symbol = condition.as<Symbol>()) {
        return self.model_ != nullptr ? self.model_->choose_value(self, *symbol, *choice)
                                      : self.choose(condition, *choice);
      }
      if (self.is_true(*choice->condition, condition)) return value_of(*choice->then);
      const lang::Expression* next = lang::else_if(*choice);
      if (next == nullptr) return choice->otherwise ? value_of(*choice->otherwise) : Value(None{});
      choice = &std::get<lang::IfExpression>(next->node);
    }
  }

  Value operator()(const lang::LambdaExpression& node) const {
    return self.make_closure(CallableKind::function, "", node.callable, expression.span);
  }

  template <class Link>
  Value operator()(const Link&) const {
    throw lang::InternalError("a link of a chain is evaluated by itself");
  }

 private:
  Value value_of(const lang::Block& block) const {
    Completion completion = self.run(block);
    if (completion.returned) {
      fail("return-in-expression", "`return` cannot leave an `if` that is used as a value", block.span,
           "let the last expression of the block be its value");
    }
    return std::move(completion.value);
  }

  std::int64_t bound(const lang::Expression& end) const {
    const Value value = self.evaluate(end);
    if (const auto* i = value.as<std::int64_t>()) return *i;
    fail("wrong-type",
         "the end of a range must be an int, but is " + std::string(value.is<Symbol>() ? "a random " : "") +
             type_name(value),
         end.span);
  }
};

/// One overload per kind of expression that has a first operand, whose value is `first`.
struct LinkEvaluator {
  Evaluation& self;
  const lang::Expression& expression;
  Value first;

  Value operator()(const lang::BinaryExpression& node) const {
    if (const auto* decided = first.as<bool>()) {
      const bool is_and = node.operation == "and";
      if ((is_and && !*decided) || (node.operation == "or" && *decided)) return *decided;
    }
    return apply_operator(node.operation, first, self.evaluate(*node.right));
  }

  Value operator()(const lang::CallExpression& node) const {
    std::vector<CallArgument> arguments;
    arguments.reserve(node.arguments.size());
    for (const auto& argument : node.arguments) {
      arguments.push_back({argument.name ? argument.name->name : std::string(),
                           self.evaluate(*argument.value), argument.value->span});
    }
    return call_value(self.interpreter_, first, std::move(arguments), expression.span);
  }

  Value operator()(const lang::IndexExpression& node) const {
    return index(first, self.subscripts(node.indices), lang::show(*node.base));
  }

  Value operator()(const lang::FieldExpression& node) const { return field_of(first, node.field); }

  template <class Other>
  Value operator()(const Other&) const {
    throw lang::InternalError("an expression without a first operand is no link of a chain");
  }
};

Value Evaluation::evaluate_link(const lang::Expression& link, Value first) {
  return std::visit(LinkEvaluator{*this, link, std::move(first)}, link.node);
}

bool Evaluation::ends_chain(const lang::Expression& expression) const {
  const lang::Expression* first = lang::first_operand(expression);
  if (first == nullptr) return true;
  // A name is not always read before its index or field is (see NameReader).
  return interpreter_.name_reader() != nullptr && std::holds_alternative<lang::NameExpression>(first->node) &&
         (std::holds_alternative<lang::IndexExpression>(expression.node) ||
          std::holds_alternative<lang::FieldExpression>(expression.node));
}

// A chain such as `a + b + c` is evaluated from the inside out by a loop, however long it is. Its links wait
// on `chain_`, above those of the expressions around it.
Value Evaluation::evaluate(const lang::Expression& expression) {
  const std::size_t mark = chain_.size();
  const lang::Expression* current = &expression;
  while (!ends_chain(*current)) {
    chain_.push_back(current);
    current = lang::first_operand(*current);
  }
  try {
    Value value = std::visit(ExpressionEvaluator{*this, *current}, current->node);
    while (chain_.size() > mark) {
      current = chain_.back();
      value = evaluate_link(*current, std::move(value));
      chain_.pop_back();
    }
    return value;
  } catch (lang::Failure& failure) {
    chain_.resize(mark);
    // The innermost expression whose evaluation failed is what the caret underlines.
    if (!failure.diagnostic().span) failure.diagnostic().span = current->span;
    throw;
  }
}

const Value& Evaluation::lookup(const std::string& name) const {
  if (const Value* value = scope_->find(name)) return *value;
  if (const Value* value = interpreter_.builtins_->find(name)) return *value;
  std::vector<std::string> names = interpreter_.builtins_->names();
  for (const Scope* scope = scope_.get(); scope != nullptr; scope = scope->parent().get()) {
    for (const auto& entry : scope->entries()) names.push_back(entry.first);
  }
  if (const NameReader* reader = interpreter_.name_reader();
      reader != nullptr && reader->defines_later(name)) {
    fail("unknown-name", "`" + name + "` has no value here yet: the statement that defines it comes later",
         {}, "move that statement up");
  }
  fail("unknown-name", "there is no `" + name + "` here", {}, lang::did_you_mean(name, names));
}

Value Evaluation::read(const std::string& name) const {
  const Value& value = lookup(name);
  const bool may_change = value.is<Symbol>() || value.is<ObjectPtr>();
  return interpreter_.name_reader() != nullptr && may_change ? interpreter_.name_reader()->read(value)
                                                             : value;
}

Value Evaluation::make_closure(CallableKind kind, std::string name, lang::CallablePtr callable,
                               const lang::Span& span) {
  interpreter_.note_captured(scope_);
  return std::make_shared<const Closure>(Closure{kind, std::move(name), std::move(callable), scope_, span});
}

std::vector<Subscript> Evaluation::subscripts(const std::vector<lang::ExpressionPtr>& indices) {
  std::vector<Subscript> result;
  for (const auto& index : indices) {
    Subscript subscript;
    subscript.span = index->span;
    const auto* range = std::get_if<lang::RangeExpression>(&index->node);
    if (range == nullptr) {
      subscript.value = evaluate(*index);
    } else {
      subscript.slice = true;
      const auto end = [&](const lang::ExpressionPtr& e) -> std::optional<std::int64_t> {
        if (!e) return std::nullopt;
        const Value value = evaluate(*e);
        if (const auto* i = value.as<std::int64_t>()) return *i;
        if (value.is<Symbol>()) {
          fail("ragged-slice",
               "the ends of a range used as an index must be the same for all turns of a loop, and known",
               e->span,
               "write a loop over the entries, or carry a value from turn to turn: `total = total + x[t]`");
        }
        fail("index-type", "the end of a range must be an int, but is " + type_name(value), e->span);
      };
      subscript.first = end(range->first);
      subscript.last = end(range->last);
    }
    result.push_back(std::move(subscript));
  }
  return result;
}

// ---- conditions -------------------------------------------------------------------------------------------

bool Evaluation::is_true(const lang::Expression& condition, const Value& value) {
  if (const auto* b = value.as<bool>()) return *b;
  std::string hint;
  if (value.is<std::int64_t>() || value.is<double>()) hint = "compare it with something, as in `x != 0`";
  if (value.is<Tensor>())
    hint = "choose elementwise with `where(condition, a, b)`, or ask `any` or `all` of it";
  fail("condition-type", "the condition of an `if` must be true or false, but is " + type_name(value),
       condition.span, hint);
}

Value Evaluation::choose(const Value& condition, const lang::IfExpression& node) {
  const lang::Span& span = node.condition->span;
  if (condition.as<Symbol>()->expr.type().domain != Domain::boolean) {
    fail("condition-type", "the condition of an `if` must be true or false, but is " + type_name(condition),
         span, "compare it with something, as in `z == 1`");
  }
  if (!node.otherwise) {
    fail("random-branch", "an `if` on a random value chooses between two values, and needs an `else`", span,
         "write `if c { a } else { b }`");
  }
  return apply_operation(select_operation, {condition, branch(node.then), branch(node.otherwise)});
}

Value Evaluation::branch(const lang::BlockPtr& block) {
  ++random_branches_;
  Completion completion = run(*block);
  --random_branches_;
  if (completion.returned || !is_numeric(completion.value)) {
    fail("random-branch", "each side of an `if` on a random value must have a number as its value",
         block->span, "end the block with an expression");
  }
  return std::move(completion.value);
}

// ---- fields -----------------------------------------------------------------------------------------------

namespace {

[[noreturn]] void unknown_field(const std::string& owner, const lang::Identifier& field,
                                const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  std::string near = owner == "distribution" ? lang::method_hint(field.name) : "";
  if (near.empty()) near = lang::did_you_mean(field.name, names);
  fail("unknown-field", "this " + owner + " has no field `" + field.name + "`", field.span,
       !near.empty()  ? near
       : list.empty() ? ""
                      : "it has " + list);
}

Value field_of_distribution(const DistributionValue& value, const lang::Identifier& field) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < value.parameters.size(); ++i) {
    names.push_back(role(*value.distribution, value.alternative, i).name);
    if (names.back() == field.name) return value.parameters[i];
  }
  unknown_field("distribution", field, names);
}

}  // namespace

Value field_of(const Value& base, const lang::Identifier& field) {
  if (const auto* record = base.as<std::shared_ptr<const Record>>()) {
    if (const Value* value = find_field(**record, field.name)) return *value;
    std::vector<std::string> names;
    for (const auto& each : **record) names.push_back(each.first);
    unknown_field("record", field, names);
  }
  if (const auto* object = base.as<ObjectPtr>()) {
    if (auto value = (*object)->field(field.name)) return std::move(*value);
    unknown_field(type_name(base), field, (*object)->field_names());
  }
  if (const auto* distribution = base.as<std::shared_ptr<const DistributionValue>>()) {
    return field_of_distribution(**distribution, field);
  }
  fail("unknown-field", with_article(base) + " has no fields", field.span);
}

}  // namespace elbo::runtime
