// What the records say about one name.
#include "cli/explain.hpp"

#include <algorithm>
#include <ostream>

#include "cli/distribution_facts.hpp"
#include "inference/studies.hpp"
#include "runtime/operation.hpp"
#include "runtime/support.hpp"

namespace elbo::cli {
namespace {

void field(std::ostream& out, const std::string& name, const std::string& text) {
  constexpr std::size_t width = 18;
  out << "  " << name << std::string(name.size() < width ? width - name.size() : 1, ' ') << text << "\n";
}

std::string with_range(std::string_view support, std::string_view help) {
  return std::string(support) + (help.empty() ? "" : ", " + std::string(help));
}

void explain(const runtime::Distribution& distribution, std::ostream& out) {
  out << lang::show(runtime::signature(distribution)) << "\n  " << distribution.summary << "\n\n";
  for (const runtime::DistributionParameter& parameter : distribution.parameters) {
    std::string text = with_range(parameter.support->name, parameter.help);
    if (!parameter.default_value.empty()) text += " (default " + std::string(parameter.default_value) + ")";
    field(out, std::string(parameter.name), text);
  }
  for (const runtime::Parameterisation& other : distribution.alternatives) {
    std::vector<runtime::AlternativeName> names{{other.name, other.replaces, other.support, other.help}};
    names.insert(names.end(), other.partners.begin(), other.partners.end());
    for (const runtime::AlternativeName& each : names) {
      std::string text = with_range(each.support->name, each.help) + ", in place of " + each.replaces;
      for (const runtime::AlternativeName& partner : names)
        if (partner.name != each.name) text += ", with " + partner.name;
      field(out, each.name, text);
    }
  }
  field(out, "size", "shape of further independent copies");
  out << "\n";
  const Fact support = support_fact(distribution);
  field(out, "outcomes", support.name + (support.text.empty() ? "" : ", " + support.text));
  field(out, is_discrete(distribution) ? "probability" : "density", distribution.formula);
  for (const Fact& fact : moment_formulas(distribution)) field(out, fact.name, fact.text);
}

void write_options(const std::vector<runtime::Option>& options, std::ostream& out) {
  if (!options.empty()) out << "\n";
  for (const runtime::Option& option : options) {
    field(out, option.name,
          option.help + " (" + option.range + "; default " + runtime::show(option.default_value) + ")");
  }
}

/// The sentence, then each example (after a dash) on a line of its own.
void explain(const runtime::Function& function, std::ostream& out) {
  static const std::string dash = " — ";
  std::string rest = function.help;
  out << function.signature << "\n";
  for (std::size_t at = rest.find(dash); !rest.empty(); at = rest.find(dash)) {
    out << "  " << rest.substr(0, at) << "\n";
    rest = at == std::string::npos ? "" : rest.substr(at + dash.size());
  }
  if (runtime::parse_signature(function.signature).open_keywords)
    write_options(inference::options_of(function.name), out);
}

void explain(const runtime::MethodInfo& method, std::ostream& out) {
  out << method.name << ", an inference method\n  " << method.summary << "\n";
  if (!method.requirements.empty()) out << "  Needs: " << method.requirements << "\n";
  write_options(method.options, out);
}

void explain(const runtime::Operation& operation, std::ostream& out) {
  out << (operation.signature.empty() ? operation.name : operation.signature) << "\n  " << operation.help
      << "\n";
}

void explain(const runtime::SupportKind& support, std::ostream& out) {
  out << support.name;
  if (support.bounds == 1) out << "(bound)";
  if (support.bounds == 2) out << "(lower, upper)";
  out << ", a constraint or the type of an argument\n  " << support.help << "\n";
}

}  // namespace

bool explain(const std::string& name, const runtime::Library& library, std::ostream& out) {
  int found = 0;
  const auto next = [&] {
    if (found++ > 0) out << "\n";
  };
  if (const auto* entry = library.distribution(name)) next(), explain(*entry, out);
  const auto method = std::find_if(library.methods.begin(), library.methods.end(),
                                   [&](const runtime::MethodInfo& one) { return one.name == name; });
  if (method != library.methods.end()) {
    next(), explain(*method, out);
  } else if (const auto* entry = library.function(name)) {
    next(), explain(*entry, out);
  } else if (const auto* operation = runtime::find_operation(name)) {
    next(), explain(*operation, out);
  }
  if (const auto* support = runtime::find_support(name)) next(), explain(*support, out);
  for (const auto& [constant, value] : library.constants) {
    if (constant == name) next(), out << name << " = " << runtime::show(value) << "\n";
  }
  return found > 0;
}

std::vector<std::string> explained_names(const runtime::Library& library) {
  std::vector<std::string> names;
  for (const auto& entry : library.functions) names.push_back(entry.name);
  for (const auto* entry : library.distributions) names.emplace_back(entry->name);
  for (const auto& entry : library.methods) names.push_back(entry.name);
  for (const auto& entry : library.constants) names.push_back(entry.first);
  for (const auto* entry : runtime::operation_list()) names.emplace_back(entry->name);
  for (const auto* entry : runtime::support_list()) names.emplace_back(entry->name);
  return names;
}

}  // namespace elbo::cli
