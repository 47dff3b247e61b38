// Whether the arguments of a call fit a signature. Private to the checker.
#pragma once

#include "lang/check.hpp"

namespace elbo::lang {

/// The signature of what a script defines.
Signature signature_of(const std::string& name, const std::vector<Parameter>& parameters);

/// Mistakes that are none of any signature: a name given twice, a positional argument after a named one.
Diagnostics check_order(const CallExpression& call);

/// All mistakes of a call by one signature. A distribution takes `size` besides its own arguments; one record
/// may stand for all arguments of a model (`record`).
struct CallRules {
  bool size = false;
  bool record = false;
};
Diagnostics check_call(const Expression& at, const CallExpression& call, const Signature& signature,
                       CallRules rules);

}  // namespace elbo::lang
