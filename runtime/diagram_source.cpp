// Statements and names of a model's text, for its drawing.
#include "runtime/diagram_source.hpp"

#include <algorithm>
#include <utility>

#include "lang/print.hpp"

namespace elbo::runtime {

namespace {

// ---- statements -------------------------------------------------------------------------------------------

/// Collects the statements of a body.
class SiteCollector {
 public:
  explicit SiteCollector(SourceBody& body) : body_(body) {}

  void block(const lang::Block& block) {
    for (const lang::StatementPtr& statement : block.statements) {
      span_ = statement->span;
      std::visit(*this, statement->node);
    }
  }

  void operator()(const lang::SampleStatement& s) {
    Site& site = add(&s.target);
    site.is_sample = true;
    site.sample = &s;
    site.uses.push_back(s.distribution.get());
    if (!s.constraint) return;
    for (const auto& bound : s.constraint->arguments) site.uses.push_back(bound.get());
  }
  void operator()(const lang::LetStatement& s) {
    Site& site = add(&s.target);
    site.is_let = true;
    site.uses.push_back(s.value.get());
    inside(*s.value);
  }
  void operator()(const lang::AssignStatement& s) {
    add(&s.target).uses.push_back(s.value.get());
    inside(*s.value);
  }
  void operator()(const lang::ParamStatement& s) { add(&s.target).is_param = true; }
  void operator()(const lang::FactorStatement& s) {
    Site& site = add(nullptr);
    site.is_factor = true;
    site.uses.push_back(s.value.get());
  }
  void operator()(const lang::ForStatement& s) {
    loops_.push_back({&s, span_});
    block(*s.body);
    loops_.pop_back();
  }
  void operator()(const lang::ExpressionStatement& s) {
    if (loops_.empty() && conditions_.empty()) last_ = s.value.get();
    inside(*s.value);
  }
  void operator()(const lang::ReturnStatement& s) {
    if (s.value) body_.results.push_back(s.value.get());
  }
  template <class Other>
  void operator()(const Other&) {}

  void finish() {
    if (body_.results.empty() && last_ != nullptr) body_.results.push_back(last_);
  }

 private:
  Site& add(const lang::Target* target) {
    Site site;
    site.target = target;
    site.span = span_;
    site.loops = loops_;
    site.conditions = conditions_;
    body_.sites.push_back(std::move(site));
    return body_.sites.back();
  }

  /// Statements in the blocks of an `if`.
  void inside(const lang::Expression& expression) {
    const auto* choice = std::get_if<lang::IfExpression>(&expression.node);
    if (choice == nullptr) return;
    conditions_.push_back(choice->condition.get());
    if (choice->then) block(*choice->then);
    if (choice->otherwise) block(*choice->otherwise);
    conditions_.pop_back();
  }

  SourceBody& body_;
  lang::Span span_;  // of the statement being visited
  std::vector<SourceLoop> loops_;
  std::vector<const lang::Expression*> conditions_;
  const lang::Expression* last_ = nullptr;
};

// ---- names ------------------------------------------------------------------------------------------------

/// Collects the names that an expression reads.
class ReadCollector {
 public:
  std::vector<Read> reads;

  void visit(const lang::ExpressionPtr& e) {
    if (e) std::visit(*this, e->node);
  }
  void block(const lang::BlockPtr& block) {
    if (!block) return;
    for (const auto& statement : block->statements) {
      if (const auto* s = std::get_if<lang::ExpressionStatement>(&statement->node)) visit(s->value);
      if (const auto* s = std::get_if<lang::LetStatement>(&statement->node)) visit(s->value);
      if (const auto* s = std::get_if<lang::AssignStatement>(&statement->node)) visit(s->value);
      if (const auto* s = std::get_if<lang::ReturnStatement>(&statement->node)) visit(s->value);
      if (const auto* s = std::get_if<lang::LetStatement>(&statement->node))
        own_.push_back(s->target.name.name);
    }
  }

  void operator()(const lang::NameExpression& e) { add({e.name, "", nullptr, in_index_ > 0}); }
  void operator()(const lang::FieldExpression& e) { field(e, nullptr); }
  void operator()(const lang::IndexExpression& e) {
    if (const auto* name = std::get_if<lang::NameExpression>(&e.base->node)) {
      add({name->name, "", &e, in_index_ > 0});
    } else if (const auto* access = std::get_if<lang::FieldExpression>(&e.base->node)) {
      field(*access, &e);
    } else {
      visit(e.base);
    }
    ++in_index_;
    for (const auto& index : e.indices) visit(index);
    --in_index_;
  }
  void operator()(const lang::CallExpression& e) {
    const auto* callee = std::get_if<lang::NameExpression>(&e.callee->node);
    if (callee != nullptr && (callee->name == "length" || callee->name == "shape")) return;
    visit(e.callee);
    for (const auto& argument : e.arguments) {
      if (!argument.name || argument.name->name != "size") visit(argument.value);
    }
  }
  void operator()(const lang::Comprehension& e) {
    visit(e.range);
    const std::size_t before = own_.size();
    own_.push_back(e.variable.name);
    visit(e.item);
    own_.resize(before);
  }
  void operator()(const lang::LambdaExpression& e) {
    const std::size_t before = own_.size();
    for (const auto& parameter : e.callable->parameters) own_.push_back(parameter.name.name);
    visit(e.callable->expression);
    block(e.callable->block);
    own_.resize(before);
  }
  void operator()(const lang::ListLiteral& e) {
    for (const auto& item : e.items) visit(item);
  }
  void operator()(const lang::RecordLiteral& e) {
    for (const auto& item : e.fields) visit(item.value);
  }
  void operator()(const lang::RangeExpression& e) {
    visit(e.first);
    visit(e.last);
  }
  void operator()(const lang::UnaryExpression& e) { visit(e.operand); }
  void operator()(const lang::BinaryExpression& e) {
    // A sum may have thousands of terms: from the first to the last by a loop.
    std::vector<const lang::BinaryExpression*> chain = {&e};
    while (const auto* inner = std::get_if<lang::BinaryExpression>(&chain.back()->left->node))
      chain.push_back(inner);
    visit(chain.back()->left);
    for (auto link = chain.rbegin(); link != chain.rend(); ++link) visit((*link)->right);
  }
  void operator()(const lang::IfExpression& e) {
    visit(e.condition);
    const std::size_t before = own_.size();
    block(e.then);
    own_.resize(before);
    block(e.otherwise);
    own_.resize(before);
  }
  template <class Literal>
  void operator()(const Literal&) {}

 private:
  void field(const lang::FieldExpression& e, const lang::IndexExpression* index) {
    // `a.b.c` is the field "b.c" of `a`.
    std::string path = e.field.name;
    const lang::Expression* base = e.base.get();
    while (const auto* inner = std::get_if<lang::FieldExpression>(&base->node)) {
      path = inner->field.name + "." + path;
      base = inner->base.get();
    }
    if (const auto* name = std::get_if<lang::NameExpression>(&base->node)) {
      add({name->name, path, index, in_index_ > 0});
    } else {
      std::visit(*this, base->node);
    }
  }

  void add(Read read) {
    if (std::find(own_.begin(), own_.end(), read.name) == own_.end()) reads.push_back(std::move(read));
  }

  std::vector<std::string> own_;  // names that the expression itself defines
  int in_index_ = 0;
};

}  // namespace

std::string index_text(const std::vector<lang::ExpressionPtr>& indices) {
  std::string text;
  for (const auto& index : indices) text += (text.empty() ? "" : ", ") + lang::show(*index);
  return text;
}

std::vector<Read> reads_of(const lang::Expression& expression) {
  ReadCollector collector;
  std::visit(collector, expression.node);
  return std::move(collector.reads);
}

std::vector<std::pair<const SourceBody*, SourceLoop>> SourceBody::loops_around(const Site& site) const {
  std::vector<std::pair<const SourceBody*, SourceLoop>> result;
  if (outer != nullptr) result = outer->loops_around(*embedded_at);
  for (const SourceLoop& loop : site.loops) result.emplace_back(this, loop);
  return result;
}

std::string SourceBody::full_name(const Site& site) const {
  std::string name = outer == nullptr ? "" : outer->full_name(*embedded_at) + ".";
  name += site.target->name.name;
  return site.target->indices.empty() ? name : name + "[" + index_text(site.target->indices) + "]";
}

std::vector<SourceBody> read_bodies(const ModelGraph& model) {
  std::vector<SourceBody> bodies(model.bodies.size());
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    bodies[i].body = &model.bodies[i];
    const lang::Callable& callable = *model.bodies[i].call.closure->callable;
    SiteCollector collector(bodies[i]);
    if (callable.block) collector.block(*callable.block);
    collector.finish();
    if (callable.expression) bodies[i].results.push_back(callable.expression.get());
  }
  for (std::size_t i = 1; i < bodies.size(); ++i) {
    // "a.b." is embedded by the statement that defines `b` in the body "a.".
    const std::string& prefix = bodies[i].body->prefix;
    for (SourceBody& outer : bodies) {
      for (const Site& site : outer.sites) {
        if (site.is_sample && outer.body->prefix + site.target->name.name + "." == prefix) {
          bodies[i].outer = &outer;
          bodies[i].embedded_at = &site;
        }
      }
    }
  }
  return bodies;
}

}  // namespace elbo::runtime
