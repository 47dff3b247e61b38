// What the name of `z ~ other_model(…)` stands for while the body around it is read. Internal to
// elaborate*.cpp.
#pragma once

#include <string>

#include "runtime/value.hpp"

namespace elbo::runtime {

class Embedded : public Object {
 public:
  Embedded(Value value, std::string names) : returned(std::move(value)), prefix(std::move(names)) {}
  std::string type_name() const override { return "embedded model"; }
  std::string show() const override { return prefix.substr(0, prefix.size() - 1); }

  Value returned;      ///< of `return`: `z` itself
  std::string prefix;  ///< "z.": of the names of its variables
};

}  // namespace elbo::runtime
