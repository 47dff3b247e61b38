// Expressions to values.
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

  Value operator()(const lang::BinaryExpression& node) const {
    const Value left = self.evaluate(*node.left);
    if (const auto* decided = left.as<bool>()) {
      const bool is_and = node.operation == "and";
      if ((is_and && !*decided) || (node.operation == "or" && *decided)) return *decided;
    }
    return apply_operator(node.operation, left, self.evaluate(*node.right));
  }

  Value operator()(const lang::CallExpression& node) const {
    const Value callee = self.evaluate(*node.callee);
    std::vector<CallArgument> arguments;
    arguments.reserve(node.arguments.size());
    for (const auto& argument : node.arguments) {
      arguments.push_back({argument.name ? argument.name->name : std::string(),
                           self.evaluate(*argument.value), argument.value->span});
    }
    return call_value(self.interpreter_, callee, std::move(arguments), expression.span);
  }

  Value operator()(const lang::IndexExpression& node) const {
    if (NameReader* reader = self.interpreter_.name_reader()) {
      if (const auto* name = std::get_if<lang::NameExpression>(&node.base->node)) {
        const Value array = self.lookup(name->name);
        if (array.is<ObjectPtr>()) {
          if (auto entry = reader->read_entry(array, self.subscripts(node.indices), expression.span))
            return std::move(*entry);
        }
      }
    }
    const Value base = self.evaluate(*node.base);
    return index(base, self.subscripts(node.indices), lang::show(*node.base));
  }

  Value operator()(const lang::FieldExpression& node) const {
    if (NameReader* reader = self.interpreter_.name_reader()) {
      if (const auto* name = std::get_if<lang::NameExpression>(&node.base->node)) {
        const Value whole = self.lookup(name->name);
        if (whole.is<ObjectPtr>()) {
          if (auto field = reader->read_field(whole, node.field)) return std::move(*field);
        }
      }
    }
    return field_of(self.evaluate(*node.base), node.field);
  }

  Value operator()(const lang::IfExpression& node) const {
    const Value condition = self.evaluate(*node.condition);
    if (const auto* symbol = condition.as<Symbol>()) {
      return self.model_ != nullptr ? self.model_->choose_value(self, *symbol, node)
                                    : self.choose(condition, node);
    }
    const lang::BlockPtr& block = self.is_true(*node.condition, condition) ? node.then : node.otherwise;
    if (!block) return None{};
    Completion completion = self.run(*block);
    if (completion.returned) {
      fail("return-in-expression", "`return` cannot leave an `if` that is used as a value", block->span,
           "let the last expression of the block be its value");
    }
    return std::move(completion.value);
  }

  Value operator()(const lang::LambdaExpression& node) const {
    return self.make_closure(CallableKind::function, "", node.callable, expression.span);
  }

 private:
  std::int64_t bound(const lang::Expression& end) const {
    const Value value = self.evaluate(end);
    if (const auto* i = value.as<std::int64_t>()) return *i;
    fail("wrong-type",
         "the end of a range must be an int, but is " + std::string(value.is<Symbol>() ? "a random " : "") +
             type_name(value),
         end.span);
  }
};

Value Evaluation::evaluate(const lang::Expression& expression) {
  try {
    return std::visit(ExpressionEvaluator{*this, expression}, expression.node);
  } catch (lang::Failure& failure) {
    // The innermost expression whose evaluation failed is what the caret underlines.
    if (!failure.diagnostic().span) failure.diagnostic().span = expression.span;
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
  const std::string near = lang::did_you_mean(field.name, names);
  fail("unknown-field", "this " + owner + " has no field `" + field.name + "`", field.span,
       !near.empty()  ? near
       : list.empty() ? ""
                      : "it has " + list);
}

Value field_of_distribution(const DistributionValue& value, const lang::Identifier& field) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < value.parameters.size(); ++i) {
    const std::string_view canonical = value.distribution->parameters[i].name;
    const bool replaced = value.alternative != nullptr && value.alternative->replaces == canonical;
    names.emplace_back(replaced ? value.alternative->name : canonical);
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
