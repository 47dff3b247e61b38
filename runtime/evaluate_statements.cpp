// Statements: definitions, assignments, loops, returns; those of models are handed to the elaboration.
#include <algorithm>
#include <filesystem>

#include "lang/print.hpp"
#include "runtime/evaluation.hpp"
#include "runtime/expression.hpp"
#include "runtime/own_distribution.hpp"

namespace elbo::runtime {

namespace {

/// Makes a scope the present one for as long as it lives.
class Entered {
 public:
  Entered(std::shared_ptr<Scope>& present, std::shared_ptr<Scope> inner)
      : present_(present), outer_(present) {
    present_ = std::move(inner);
  }
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;
  ~Entered() { present_ = std::move(outer_); }

 private:
  std::shared_ptr<Scope>& present_;
  std::shared_ptr<Scope> outer_;
};

/// Counts one more for as long as it lives.
class Counted {
 public:
  explicit Counted(int& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  int& count_;
};

}  // namespace

/// One overload per kind of statement.
struct StatementRunner {
  Evaluation& self;
  const lang::Statement& statement;

  Completion operator()(const lang::LetStatement& node) const {
    if (!node.target.indices.empty()) {
      refuse_in_branch("`let` of an entry");
      if (self.model_ == nullptr) {
        fail("let-entry", "outside a model, an entry is set by assignment to an array that exists",
             node.target.span,
             "first `let " + node.target.name.name + " = zeros(N)`, then leave out `let` here");
      }
      self.model_->define_entry(self, node, statement.span);
      return {};
    }
    Value value = self.let_value(node);
    if (self.model_ != nullptr) self.model_->defined(node.target.name.name, value, statement.span);
    self.scope_->define(node.target.name.name, std::move(value));
    return {};
  }

  Completion operator()(const lang::AssignStatement& node) const {
    refuse_in_branch("an assignment");
    const std::string& name = node.target.name.name;
    Value fresh = self.evaluate(*node.value);
    Value* place = self.scope_->find(name);
    if (place == nullptr)
      fail("assign-undefined", "there is no `" + name + "` to assign to", node.target.name.span);
    if (node.target.indices.empty()) {
      *place = std::move(fresh);
      return {};
    }
    const std::vector<Subscript> subscripts = self.subscripts(node.target.indices);
    place = self.scope_->find(name);  // evaluating the indices may have moved it
    *place = with_entries(*place, subscripts, fresh, name);
    return {};
  }

  Completion operator()(const lang::FunctionStatement& node) const {
    return define(CallableKind::function, node.name, node.callable);
  }
  Completion operator()(const lang::ModelStatement& node) const {
    return define(CallableKind::model, node.name, node.callable);
  }
  Completion operator()(const lang::GuideStatement& node) const {
    return define(CallableKind::guide, node.name, node.callable);
  }
  Completion operator()(const lang::NetStatement& node) const {
    return define(CallableKind::net, node.name, node.callable);
  }

  Completion operator()(const lang::DistStatement& node) const {
    self.scope_->define(node.name.name, define_distribution(self, node));
    return {};
  }
  Completion operator()(const lang::ImportStatement& node) const {
    self.scope_->define(std::filesystem::path(node.path).stem().string(),
                        self.interpreter_.import_script(node.path, node.path_span));
    return {};
  }

  Completion operator()(const lang::ExpressionStatement& node) const {
    if (std::holds_alternative<lang::IfExpression>(node.value->node)) return choose(*node.value);
    return {.value = self.evaluate(*node.value), .returned = false};
  }

  Completion operator()(const lang::ForStatement& node) const {
    refuse_in_branch("a loop");
    if (self.model_ != nullptr) {
      self.model_->loop(self, node, statement.span);
      return {};
    }
    Completion result;
    const Value sequence = self.evaluate(*node.range);
    auto scope = std::make_shared<Scope>(self.scope_);
    for_each_entry(self.interpreter_, sequence, node.range->span, [&](Value entry) {
      // A closure made in the last turn keeps that turn's names; otherwise the table is used again.
      if (scope.use_count() > 1) scope = std::make_shared<Scope>(self.scope_);
      scope->clear();
      scope->define(node.variable.name, std::move(entry));
      const Entered entered(self.scope_, scope);
      result = self.run_statements(node.body->statements);
      if (!result.returned) self.discard(result.value);
      return !result.returned;
    });
    if (!result.returned) result.value = None{};
    return result;
  }

  Completion operator()(const lang::ReturnStatement& node) const {
    refuse_in_branch("`return`");
    return {.value = node.value ? self.evaluate(*node.value) : Value(), .returned = true};
  }

  Completion operator()(const lang::SampleStatement& node) const {
    refuse_in_branch("`~`");
    model("`~`").sample(self, node, statement.span);
    return {};
  }
  Completion operator()(const lang::ParamStatement& node) const {
    refuse_in_branch("`param`");
    if (self.net_ != nullptr) {
      self.net_->param(self, node, statement.span);
    } else {
      model("`param`").param(self, node, statement.span);
    }
    return {};
  }
  Completion operator()(const lang::FactorStatement& node) const {
    refuse_in_branch("`factor`");
    model("`factor`").factor(self, node, statement.span);
    return {};
  }

 private:
  Completion define(CallableKind kind, const lang::Identifier& name,
                    const lang::CallablePtr& callable) const {
    self.scope_->define(name.name, self.make_closure(kind, name.name, callable, statement.span));
    return {};
  }

  /// An `if` as a statement: its blocks may return.
  Completion choose(const lang::Expression& whole) const {
    for (const lang::Expression* e = &whole;;) {
      const auto& node = std::get<lang::IfExpression>(e->node);
      const Value condition = self.evaluate(*node.condition);
      if (const auto* symbol = condition.as<Symbol>()) {
        if (self.model_ != nullptr) return self.model_->choose_statements(self, *symbol, node, e->span);
        return {.value = self.choose(condition, node), .returned = false};
      }
      if (self.is_true(*node.condition, condition)) return self.run(*node.then);
      const lang::Expression* next = lang::else_if(node);
      if (next == nullptr) return node.otherwise ? self.run(*node.otherwise) : Completion{};
      e = next;
    }
  }

  ModelStatements& model(const std::string& what) const {
    if (self.model_ == nullptr)
      fail("sample-outside-model", what + " stands inside a model or guide", statement.span);
    return *self.model_;
  }

  /// Both sides of an `if` on a random value are computed, so nothing in them may have an effect.
  void refuse_in_branch(const std::string& what) const {
    if (self.random_branches_ == 0) return;
    fail("random-branch",
         what + " cannot stand in an `if` on a random value, of which both sides are computed",
         statement.span, "let the `if` choose between two values: `let m = if c { a } else { b }`");
  }
};

Completion Evaluation::run(const lang::Statement& statement) {
  try {
    return std::visit(StatementRunner{*this, statement}, statement.node);
  } catch (lang::Failure& failure) {
    if (!failure.diagnostic().span) failure.diagnostic().span = statement.span;
    throw;
  }
}

Completion Evaluation::run_statements(const std::vector<lang::StatementPtr>& statements) {
  Completion last;
  for (const auto& statement : statements) {
    last = run(*statement);
    if (last.returned) break;
    if (statement != statements.back()) discard(last.value);
  }
  return last;
}

Completion Evaluation::run_in(const std::shared_ptr<Scope>& inner,
                              const std::vector<lang::StatementPtr>& body) {
  const Entered entered(scope_, inner);
  return run_statements(body);
}

void Evaluation::discard(const Value& value) {
  if (const auto* object = value.as<ObjectPtr>()) (*object)->present(interpreter_);
}

// Deeper than the parser lets blocks be nested: only a chain of `else if`, in a model and on values that are
// computed for all entries or are random, goes from block to block here.
Completion Evaluation::run(const lang::Block& block) {
  constexpr int deepest = 300;
  if (blocks_ >= deepest) {
    fail("too-deep", "more than 300 `else if`s on values of a model", block.span,
         "pick one of many values with an index: `values[z]`");
  }
  const Counted counted(blocks_);
  const Entered entered(scope_, std::make_shared<Scope>(scope_));
  return run_statements(block.statements);
}

Value Evaluation::let_value(const lang::LetStatement& node) {
  if (scope_ == interpreter_.globals_) {
    if (const Value* value = interpreter_.definition(node.target.name.name)) return *value;
  }
  return evaluate(*node.value);
}

void for_each_entry(Interpreter& interpreter, const Value& sequence, const lang::Span& span,
                    const std::function<bool(Value)>& visit) {
  std::int64_t size = 0;
  std::function<Value(std::int64_t)> entry;  // by 1-based number
  const auto by_index = [&](std::int64_t i) {
    return index(sequence, {{.value = Value(i), .span = span}}, "the sequence");
  };
  if (const auto* range = sequence.as<Range>()) {
    size = range->size();
    entry = [first = range->first](std::int64_t i) { return Value(first + i - 1); };
  } else if (const auto* list = sequence.as<std::shared_ptr<const List>>()) {
    size = static_cast<std::int64_t>((*list)->size());
    entry = [list](std::int64_t i) { return (**list)[static_cast<std::size_t>(i - 1)]; };
  } else if (const auto* tensor = sequence.as<Tensor>(); tensor != nullptr && tensor->rank() > 0) {
    size = tensor->shape()[0];
    entry = by_index;
  } else if (const auto* symbol = sequence.as<Symbol>();
             symbol != nullptr && !symbol->expr.type().event.empty()) {
    size = symbol->expr.type().event[0];
    entry = by_index;
  } else {
    fail("not-iterable", "a loop runs over a range, a vector or a list, but this is " + type_name(sequence),
         span, sequence.is<std::int64_t>() ? "write 1:" + show(sequence) + " for the numbers up to it" : "");
  }
  for (std::int64_t i = 1; i <= size; ++i) {
    check_interrupted(interpreter, span);
    if (!visit(entry(i))) return;
  }
}

}  // namespace elbo::runtime
