// The names in force at a place of a running script: a chain of small tables, innermost first. Closures share
// the chain they were made in, so a table lives as long as anything that can see it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/value.hpp"

namespace elbo::runtime {

class Scope {
 public:
  explicit Scope(std::shared_ptr<Scope> parent = nullptr) : parent_(std::move(parent)) {}

  /// The value of a name here or in an enclosing scope; null when there is none.
  Value* find(const std::string& name) {
    for (Scope* scope = this; scope != nullptr; scope = scope->parent_.get()) {
      if (Value* value = scope->find_here(name)) return value;
    }
    return nullptr;
  }

  Value* find_here(const std::string& name) {
    if (!index_.empty()) {
      const auto it = index_.find(name);
      return it == index_.end() ? nullptr : &entries_[it->second].second;
    }
    for (auto& entry : entries_) {
      if (entry.first == name) return &entry.second;
    }
    return nullptr;
  }

  /// Gives a name of this scope a value, whether or not it had one.
  void define(const std::string& name, Value value) {
    if (Value* present = find_here(name)) {
      *present = std::move(value);
      return;
    }
    entries_.emplace_back(name, std::move(value));
    if (!index_.empty()) {
      index_.emplace(name, entries_.size() - 1);
    } else if (entries_.size() > largest_unindexed) {
      for (std::size_t i = 0; i < entries_.size(); ++i) index_.emplace(entries_[i].first, i);
    }
  }

  const std::vector<std::pair<std::string, Value>>& entries() const { return entries_; }
  const std::shared_ptr<Scope>& parent() const { return parent_; }

  /// Forgets all names: a closure stored in the scope that it closes over would otherwise keep both alive for
  /// ever.
  void clear() {
    index_.clear();
    auto entries = std::move(entries_);
    entries_.clear();
  }

 private:
  // A handful of names is found faster by comparing them all than by hashing; most scopes hold one or two.
  static constexpr std::size_t largest_unindexed = 12;

  std::shared_ptr<Scope> parent_;
  std::vector<std::pair<std::string, Value>> entries_;
  std::unordered_map<std::string, std::size_t> index_;  // empty while there are few entries
};

}  // namespace elbo::runtime
