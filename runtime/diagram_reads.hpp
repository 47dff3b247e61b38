// What the names that a statement reads stand for in the drawing of its model. Internal to diagram*.cpp.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/diagram_plates.hpp"

namespace elbo::runtime {

/// Where an expression stands: what its names and indices mean.
struct Place {
  const SourceBody* body = nullptr;
  const Site* site = nullptr;  ///< null: in what a body returns
  Nest nest() const;
};

/// A node that an expression reads, or data that are no node yet.
struct Source {
  std::string variable;          ///< a variable, parameter or quantity of the graph; empty for data
  std::string data;              ///< name of data
  const Value* value = nullptr;  ///< of the data, where they are one value
  const lang::IndexExpression* index = nullptr;
  Place place;
};

/// Follows names through values that have no node, functions and embedded models.
class NameFollower {
 public:
  /// `has_node`: whether a name of the whole model is one of its nodes.
  NameFollower(const std::vector<SourceBody>& bodies, std::function<bool(const std::string&)> has_node)
      : bodies_(bodies), has_node_(std::move(has_node)) {}

  std::vector<Source> sources(const lang::Expression& expression, const Place& place, bool only_selects);

 private:
  void follow(const lang::Expression& expression, const Place& place, std::vector<Source>& to);
  void follow(const Read& read, const Place& place, std::vector<Source>& to);
  bool follow_loop(const Read& read, const Place& place, std::vector<Source>& to);
  bool follow_embedded(const Read& read, const Place& place, std::vector<Source>& to);
  bool follow_definitions(const Read& read, const Place& place, std::vector<Source>& to);
  bool follow_argument(const Read& read, const Place& place, std::vector<Source>& to);
  void add_data(const Read& read, const Place& place, const Value& value, std::vector<Source>& to) const;

  const std::vector<SourceBody>& bodies_;
  std::function<bool(const std::string&)> has_node_;
  std::set<std::pair<const SourceBody*, std::string>> open_;  // names being followed
};

}  // namespace elbo::runtime
