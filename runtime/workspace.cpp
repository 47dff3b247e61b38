// Scopes of an interactive session: opening, taking back.
#include "runtime/workspace.hpp"

#include <algorithm>
#include <filesystem>

#include "runtime/builtins.hpp"
#include "runtime/evaluation.hpp"

namespace elbo::runtime {

namespace {

/// One overload per kind of statement that defines a name.
struct DefinedName {
  std::string operator()(const lang::LetStatement& s) const { return s.target.name.name; }
  std::string operator()(const lang::FunctionStatement& s) const { return s.name.name; }
  std::string operator()(const lang::ModelStatement& s) const { return s.name.name; }
  std::string operator()(const lang::GuideStatement& s) const { return s.name.name; }
  std::string operator()(const lang::NetStatement& s) const { return s.name.name; }
  std::string operator()(const lang::DistStatement& s) const { return s.name.name; }
  std::string operator()(const lang::ImportStatement& s) const {
    return std::filesystem::path(s.path).stem().string();
  }
  template <class Other>
  std::string operator()(const Other&) const {
    return {};
  }
};

}  // namespace

std::vector<std::string> defined_names(const lang::Script& script) {
  std::vector<std::string> names;
  for (const lang::StatementPtr& statement : script.statements) {
    std::string name = std::visit(DefinedName{}, statement->node);
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

Workspace::Workspace(Interpreter& interpreter)
    : interpreter_(interpreter), scope_(std::make_shared<Scope>()) {}

std::optional<Value> Workspace::run(const lang::CheckedScript& input, lang::Diagnostics& diagnostics) {
  const Snapshot before = snapshot();
  interpreter_.forget_imports();
  make_room_for(defined_names(input.script()));
  const long users = scope_.use_count();
  try {
    Value value = Evaluation(interpreter_, scope_).run_statements(input.script().statements).value;
    // What still holds the scope is a closure, or the scope of a call that a closure holds.
    captured_ = captured_ || scope_.use_count() > users;
    return value;
  } catch (const lang::Failure& failure) {
    diagnostics.push_back(failure.diagnostic());
    for (lang::Diagnostic& further : interpreter_.take_pending()) diagnostics.push_back(std::move(further));
  } catch (...) {
    restore(before);
    throw;
  }
  restore(before);
  return std::nullopt;
}

void Workspace::make_room_for(const std::vector<std::string>& names) {
  const bool redefines = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return scope_->find(name) != nullptr || interpreter_.builtins().find(name) != nullptr;
  });
  if (!captured_ || !redefines) return;
  scope_ = std::make_shared<Scope>(scope_);
  captured_ = false;
}

void Workspace::define(const std::string& name, Value value) {
  make_room_for({name});
  scope_->define(name, std::move(value));
}

const Value* Workspace::find(const std::string& name) const { return scope_->find(name); }

std::vector<std::string> Workspace::names() const {
  std::vector<const Scope*> chain;
  for (const Scope* scope = scope_.get(); scope != nullptr; scope = scope->parent().get()) {
    chain.push_back(scope);
  }
  std::vector<std::string> names;
  for (auto scope = chain.rbegin(); scope != chain.rend(); ++scope) {
    for (const auto& entry : (*scope)->entries()) {
      if (std::find(names.begin(), names.end(), entry.first) == names.end()) names.push_back(entry.first);
    }
  }
  return names;
}

Workspace::Snapshot Workspace::snapshot() const {
  Snapshot result{.tables = {}, .captured = captured_, .random_calls = interpreter_.random_calls()};
  for (std::shared_ptr<Scope> scope = scope_; scope != nullptr; scope = scope->parent()) {
    result.tables.push_back({scope, scope->entries()});
  }
  return result;
}

void Workspace::restore(const Snapshot& snapshot) {
  for (const Snapshot::Table& table : snapshot.tables) {
    table.scope->clear();
    for (const auto& [name, value] : table.entries) table.scope->define(name, value);
  }
  scope_ = snapshot.tables.front().scope;
  captured_ = snapshot.captured;
  interpreter_.set_random_calls(snapshot.random_calls);
}

}  // namespace elbo::runtime
