// Scopes and frames: opening, closing and searching them.
#include "lang/scope.hpp"

#include <algorithm>

namespace elbo::lang {

void Scopes::open_frame(FrameKind kind) {
  frames_.push_back({kind, scopes_.size()});
  open();
}

void Scopes::close_frame() {
  close();
  frames_.pop_back();
}

void Scopes::open(bool loop) {
  Scope scope;
  scope.id = next_id_++;
  scope.frame = frames_.size() - 1;
  scope.loop = loop;
  scopes_.push_back(std::move(scope));
}

void Scopes::close() { scopes_.pop_back(); }

bool Scopes::in_loop() const {
  return std::any_of(scopes_.begin() + static_cast<std::ptrdiff_t>(frames_.back().root), scopes_.end(),
                     [](const Scope& scope) { return scope.loop; });
}

std::string Scopes::loop_variable() const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (scope->frame + 1 != frames_.size()) break;
    if (!scope->loop) continue;
    for (const auto& [name, binding] : scope->names) {
      if (binding.kind == BindingKind::loop) return name;
    }
  }
  return {};
}

Found Scopes::find(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto found = scope->names.find(name);
    if (found != scope->names.end()) return {&found->second, scope->frame + 1 != frames_.size()};
  }
  return {};
}

bool Scopes::is_visible_later(const std::string& name) const {
  return std::any_of(scopes_.begin(), scopes_.end(), [&](const Scope& scope) {
    const FrameKind kind = frames_[scope.frame].kind;
    const bool model = kind == FrameKind::model || kind == FrameKind::guide;
    const bool body = scope.frame + 1 != frames_.size() && !model;
    return (body && scope.later.count(name) != 0) || scope.carried.count(name) != 0;
  });
}

Span Scopes::defined_later(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto found = scope->later.find(name);
    if (found != scope->later.end()) return found->second;
  }
  return {};
}

bool Scopes::encloses(std::size_t block) const {
  return std::any_of(scopes_.begin(), scopes_.end(), [&](const Scope& scope) { return scope.id == block; });
}

std::vector<std::string> Scopes::all_names() const {
  std::vector<std::string> names;
  for (const Scope& scope : scopes_) {
    for (const auto& [name, binding] : scope.names) names.push_back(name);
  }
  return names;
}

}  // namespace elbo::lang
