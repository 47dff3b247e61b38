// Matching arguments to parameters: by position, by name, and by the alternatives that stand for one
// parameter.
#include "lang/signatures.hpp"

#include <algorithm>
#include <type_traits>

#include "lang/lexicon.hpp"
#include "lang/print.hpp"

namespace elbo::lang {
namespace {

using Alternatives = std::vector<std::string>;

// The set of names that stand for a parameter: itself alone, or a row of `alternatives`.
Alternatives names_of(const Signature& signature, const std::string& parameter) {
  for (const Alternatives& set : signature.alternatives) {
    if (!set.empty() && set.front() == parameter) return set;
  }
  return {parameter};
}

std::string joined(const Alternatives& names, const std::string& between, const std::string& quote) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) text += (i > 0 ? between : "") + quote + names[i] + quote;
  return text;
}

bool may_be_record(const Expression& e) {
  return std::visit(
      [](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        return std::is_same_v<Node, NameExpression> || std::is_same_v<Node, RecordLiteral> ||
               std::is_same_v<Node, CallExpression> || std::is_same_v<Node, IndexExpression> ||
               std::is_same_v<Node, FieldExpression> || std::is_same_v<Node, IfExpression>;
      },
      e.node);
}

std::string show_parameter(const Signature& signature, const SignatureParameter& parameter) {
  std::string text = joined(names_of(signature, parameter.name), " | ", "");
  if (!parameter.required) text += " = " + (parameter.default_text.empty() ? "…" : parameter.default_text);
  return text;
}

class Matcher {
 public:
  Matcher(const Expression& at, const CallExpression& call, const Signature& signature, CallRules rules)
      : at_(at), call_(call), signature_(signature), rules_(rules), given_(signature.parameters.size()) {}

  Diagnostics match() {
    for (const Argument& argument : call_.arguments) {
      if (argument.name)
        named(*argument.name);
      else
        positional(*argument.value);
    }
    missing();
    return std::move(diagnostics_);
  }

 private:
  struct Given {
    std::string name;  // empty: by position
    Span span;
  };

  std::string usage() const { return "the arguments are `" + show(signature_) + "`"; }

  Diagnostic& report(std::string code, std::string message, const Span& span, std::string hint) {
    diagnostics_.push_back({std::move(code), std::move(message), span, {}, std::move(hint)});
    return diagnostics_.back();
  }

  void positional(const Expression& value) {
    ++positional_;
    while (next_ < given_.size() && signature_.parameters[next_].keyword_only) ++next_;
    if (next_ < given_.size()) {
      given_[next_++] = Given{"", value.span};
      return;
    }
    if (signature_.variadic || too_many_) return;
    too_many_ = true;
    const auto count = std::count_if(signature_.parameters.begin(), signature_.parameters.end(),
                                     [](const SignatureParameter& p) { return !p.keyword_only; });
    const std::string most = count == 0   ? "no arguments"
                             : count == 1 ? "one argument"
                                          : "at most " + std::to_string(count) + " arguments";
    const bool named_more = count < static_cast<std::ptrdiff_t>(given_.size());
    report("too-many-arguments",
           "`" + signature_.name + "` takes " + most + (named_more ? " without a name" : ""), value.span,
           usage());
  }

  void named(const Identifier& name) {
    for (std::size_t i = 0; i < given_.size(); ++i) {
      const Alternatives names = names_of(signature_, signature_.parameters[i].name);
      if (std::find(names.begin(), names.end(), name.name) == names.end()) continue;
      if (given_[i])
        twice(*given_[i], name, names);
      else
        given_[i] = Given{name.name, name.span};
      return;
    }
    if (signature_.open_keywords || (rules_.size && name.name == "size")) return;
    std::vector<std::string> candidates;
    for (const SignatureParameter& parameter : signature_.parameters) {
      for (const std::string& each : names_of(signature_, parameter.name)) candidates.push_back(each);
    }
    std::string near;
    for (const std::string_view here :
         rules_.size ? parameter_names(name.name) : std::span<const std::string_view>()) {
      const bool is_known = std::find(candidates.begin(), candidates.end(), here) != candidates.end();
      if (near.empty() && is_known) near = "write `" + std::string(here) + " =`";
    }
    if (near.empty()) near = did_you_mean(name.name, candidates);
    const Foreign* foreign = rules_.size ? foreign_argument(name.name) : nullptr;
    if (near.empty() && foreign != nullptr) near = foreign->hint;
    report("unknown-argument", "`" + signature_.name + "` has no argument `" + name.name + "`", name.span,
           near.empty() ? usage() : near + " (`" + show(signature_) + "`)");
    unknown_ = true;
  }

  // The parameter that `name` stands for has a value already.
  void twice(const Given& before, const Identifier& name, const Alternatives& names) {
    if (before.name == name.name) return;  // check_order has said so
    const std::string first = before.name.empty() ? names.front() : before.name;
    if (first == name.name) {
      Diagnostic& d =
          report("repeated-argument", "the argument `" + name.name + "` is given twice", name.span, usage());
      d.related.push_back({before.span, "first given here"});
      return;
    }
    Diagnostic& d =
        report("conflicting-arguments", "`" + first + "` and `" + name.name + "` exclude one another",
               name.span, "give one of " + joined(names, ", ", "`"));
    d.related.push_back({before.span, before.name.empty() ? "this is `" + first + "`" : "given here"});
  }

  void missing() {
    const bool one_record = rules_.record && call_.arguments.size() == 1 && positional_ == 1 &&
                            may_be_record(*call_.arguments.front().value);
    // A name that nothing has is likely to be the missing one, misspelt.
    if (one_record || unknown_) return;
    for (std::size_t i = 0; i < given_.size(); ++i) {
      const SignatureParameter& parameter = signature_.parameters[i];
      if (!parameter.required || given_[i]) continue;
      const Alternatives names = names_of(signature_, parameter.name);
      report("missing-argument", "`" + signature_.name + "` needs the argument " + joined(names, " or ", "`"),
             at_.span, usage());
    }
  }

  const Expression& at_;
  const CallExpression& call_;
  const Signature& signature_;
  CallRules rules_;
  std::vector<std::optional<Given>> given_;
  std::size_t next_ = 0;
  std::size_t positional_ = 0;
  bool too_many_ = false;
  bool unknown_ = false;
  Diagnostics diagnostics_;
};

}  // namespace

std::string show(const Signature& signature) {
  std::vector<std::string> parts;
  for (const SignatureParameter& parameter : signature.parameters) {
    if (!parameter.keyword_only) parts.push_back(show_parameter(signature, parameter));
  }
  if (signature.variadic) parts.push_back("…");
  for (const SignatureParameter& parameter : signature.parameters) {
    if (parameter.keyword_only) parts.push_back(show_parameter(signature, parameter));
  }
  if (signature.open_keywords) parts.push_back("name = …");
  return signature.name + "(" + joined(parts, ", ", "") + ")";
}

Signature signature_of(const std::string& name, const std::vector<Parameter>& parameters) {
  Signature signature;
  signature.name = name;
  for (const Parameter& parameter : parameters) {
    SignatureParameter shown;
    shown.name = parameter.name.name;
    shown.required = parameter.default_value == nullptr;
    if (parameter.default_value) shown.default_text = show(*parameter.default_value);
    signature.parameters.push_back(std::move(shown));
  }
  return signature;
}

Diagnostics check_order(const CallExpression& call) {
  Diagnostics diagnostics;
  std::vector<const Identifier*> names;
  for (const Argument& argument : call.arguments) {
    if (!argument.name) {
      if (names.empty()) continue;
      diagnostics.push_back({"positional-after-named",
                             "an argument without a name follows one with a name",
                             argument.value->span,
                             {{names.back()->span, "the named one"}},
                             "put it first, or give it its name"});
      continue;
    }
    const auto same = std::find_if(names.begin(), names.end(),
                                   [&](const Identifier* name) { return name->name == argument.name->name; });
    if (same != names.end()) {
      diagnostics.push_back({"repeated-argument",
                             "the argument `" + argument.name->name + "` is given twice",
                             argument.name->span,
                             {{(*same)->span, "first given here"}},
                             ""});
    }
    names.push_back(&*argument.name);
  }
  return diagnostics;
}

Diagnostics check_call(const Expression& at, const CallExpression& call, const Signature& signature,
                       CallRules rules) {
  return Matcher(at, call, signature, rules).match();
}

}  // namespace elbo::lang
