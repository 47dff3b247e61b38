// Names, arity, keywords and duplicates, checked before anything runs. A later stage takes a CheckedScript,
// so unchecked syntax cannot reach it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lang/diagnostic.hpp"
#include "lang/syntax.hpp"

namespace elbo::lang {

/// What may be passed to a callable, as the checker, `help` and error messages need it.
struct SignatureParameter {
  std::string name;
  bool required = true;
  std::string default_text = {};  ///< shown in the signature ("30"); empty when required
  bool keyword_only = false;      ///< may only be given by name
};

struct Signature {
  std::string name;
  std::vector<SignatureParameter> parameters;
  bool variadic = false;       ///< further positional arguments are collected
  bool open_keywords = false;  ///< any named argument is accepted (checked when it runs)
  /// Sets of names that exclude one another and stand for one parameter: {"sd", "variance", "precision"}.
  /// The first of each is the one listed in `parameters`.
  std::vector<std::vector<std::string>> alternatives = {};
};

/// `Normal(mean, sd | variance | precision)`.
std::string show(const Signature& signature);

enum class NameKind { function, distribution, method, constraint, constant };

/// The names that a script may use without defining them.
struct NameTable {
  struct Entry {
    NameKind kind;
    std::vector<Signature>
        signatures;  ///< more than one when a name is overloaded (`hist`, …); empty: not checked
  };
  std::map<std::string, Entry> names;
};

/// A script whose names, arguments and keywords are in order.
class CheckedScript {
 public:
  const Script& script() const { return script_; }

 private:
  explicit CheckedScript(Script script) : script_(std::move(script)) {}
  friend std::optional<CheckedScript> check(Script, const NameTable&, const std::vector<std::string>&, bool,
                                            Diagnostics&);
  Script script_;
};

/// Checks a script. `known` are names defined earlier (in a prompt, or by --set); `redefine` lets a top-level
/// `let` take a name again (prompt). All errors are appended to `diagnostics`; empty result when there was
/// any.
std::optional<CheckedScript> check(Script script, const NameTable& table,
                                   const std::vector<std::string>& known, bool redefine,
                                   Diagnostics& diagnostics);

}  // namespace elbo::lang
