// What the tests of the language layer share.
#pragma once

#include <memory>
#include <string>

#include "lang/check.hpp"
#include "lang/parse.hpp"
#include "lang/print.hpp"

namespace elbo::lang::test {

inline SourcePtr source(const std::string& text) { return std::make_shared<const Source>("test.elbo", text); }

/// Outline of a text without errors; the rendered errors otherwise.
inline std::string outline_of(const std::string& text) {
  Diagnostics diagnostics;
  const auto script = parse(source(text), diagnostics);
  if (script) return outline(*script);
  std::string errors;
  for (const Diagnostic& d : diagnostics) errors += render(d);
  return errors;
}

inline Diagnostics syntax_errors(const std::string& text) {
  Diagnostics diagnostics;
  parse(source(text), diagnostics);
  return diagnostics;
}

/// A few names as the standard library would give them.
inline NameTable names() {
  NameTable table;
  const auto add = [&](NameKind kind, Signature signature) {
    auto& entry = table.names[signature.name];
    entry.kind = kind;
    entry.signatures.push_back(std::move(signature));
  };
  add(NameKind::distribution,
      {"Normal", {{"mean"}, {"sd"}}, false, false, {{"sd", "variance", "precision"}}});
  add(NameKind::distribution, {"Gamma", {{"shape"}, {"rate"}}, false, false, {{"rate", "scale"}}});
  add(NameKind::distribution, {"Bernoulli", {{"p"}}, false, false, {{"p", "logits"}}});
  add(NameKind::function, {"sum", {{"x"}}, false, false, {}});
  add(NameKind::function, {"exp", {{"x"}}, false, false, {}});
  add(NameKind::function, {"length", {{"x"}}, false, false, {}});
  add(NameKind::function, {"print", {}, true, false, {}});
  add(NameKind::function,
      {"plot", {{"y"}, {"labels", false, "", true}, {"x", false, "", true}}, true, false, {}});
  add(NameKind::function, {"infer", {{"model"}}, true, true, {}});
  add(NameKind::function, {"draw", {{"d"}, {"n", false, "1"}}, false, false, {}});
  add(NameKind::function, {"draw", {{"d"}, {"n"}, {"seed"}}, false, false, {}});
  add(NameKind::method, {"bbvi", {{"samples", false, "30", true}}, false, false, {}});
  table.names["softmax_simplex"] = {NameKind::constraint, {}};
  table.names["pi"] = {NameKind::constant, {}};
  return table;
}

inline Diagnostics check_errors(const std::string& text, const std::vector<std::string>& known = {},
                                bool redefine = false) {
  Diagnostics diagnostics;
  auto script = parse(source(text), diagnostics);
  if (script) check(std::move(*script), names(), known, redefine, diagnostics);
  return diagnostics;
}

inline std::string rendered(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) text += render(d);
  return text;
}

}  // namespace elbo::lang::test
