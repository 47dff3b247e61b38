// The reference page of a distribution: title, picture, call, parameters, density, moments, what it can do,
// example.
#include "cli/distribution_page.hpp"

#include <array>
#include <sstream>

#include "cli/distribution_facts.hpp"
#include "cli/distribution_picture.hpp"
#include "lang/parse.hpp"
#include "runtime/format.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::cli {
namespace {

using runtime::Distribution;

const char* const generated = "<!-- Written by ./bootstrap docs from the record of the distribution. -->\n";

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

/// A cell of a table, whose columns a bar would part.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.insert(at, "\\");
  return text;
}

void row(std::ostream& out, const std::vector<std::string>& cells) {
  out << "|";
  for (const std::string& text : cells) out << " " << cell(text) << (text.empty() ? "|" : " |");
  out << "\n";
}

void header(std::ostream& out, const std::vector<std::string>& cells) {
  row(out, cells);
  out << "|";
  for (std::size_t i = 0; i < cells.size(); ++i) out << "---|";
  out << "\n";
}

std::string support_cell(const std::string& name, const std::string& help) {
  return code(name) + (help.empty() ? "" : ": " + help);
}

std::string support_cell(const runtime::SupportKind& kind) {
  return support_cell(std::string(kind.name), std::string(kind.help));
}

std::string support_cell(const Distribution& distribution) {
  const Fact fact = support_fact(distribution);
  return support_cell(fact.name, fact.text);
}

void write_parameters(const Distribution& distribution, std::ostream& out) {
  header(out, {"parameter", "in", "default", "meaning"});
  for (const auto& p : distribution.parameters)
    row(out, {code(p.name), support_cell(*p.support), code(p.default_value), p.help});
  for (const auto& other : distribution.alternatives) {
    // each name with the others that must be given with it
    std::vector<runtime::AlternativeName> names{{other.name, other.replaces, other.support, other.help}};
    names.insert(names.end(), other.partners.begin(), other.partners.end());
    for (const auto& each : names) {
      std::string text = "in place of " + code(each.replaces);
      for (const auto& partner : names)
        if (partner.name != each.name) text += ", with " + code(partner.name);
      row(out, {code(each.name), support_cell(*each.support), "",
                text + (each.help.empty() ? "" : ": " + each.help)});
    }
  }
  row(out, {code("size"), "counts", "", "shape of further independent copies"});
}

std::string number_cell(const std::optional<double>& value) {
  return value ? runtime::show_real(*value) : "";
}

/// Numbers to check another implementation by.
void write_numbers(const Distribution& distribution, std::ostream& out) {
  if (!distribution.mean && !distribution.variance && !distribution.entropy) return;
  const std::vector<TestPoint> points = test_points(distribution);
  bool any = false;
  std::ostringstream table;
  header(table, {"at", "mean", "sd", "entropy"});
  for (const TestPoint& point : points) {
    const Moments m = moments(distribution, point);
    any = any || m.mean || m.sd || m.entropy;
    row(table, {code(point.arguments), number_cell(m.mean), number_cell(m.sd), number_cell(m.entropy)});
  }
  if (any) out << "\n" << table.str();
}

void write_moments(const Distribution& distribution, std::ostream& out) {
  const std::vector<Fact> formulas = moment_formulas(distribution);
  if (!formulas.empty()) {
    out << "\n";
    header(out, {"moment", "in the notation of the language, numbers to six digits"});
    for (const Fact& fact : formulas) row(out, {fact.name, code(fact.text)});
  }
  write_numbers(distribution, out);
}

void write_capabilities(const Distribution& distribution, std::ostream& out) {
  const std::vector<Fact> facts = capabilities(distribution);
  if (facts.empty()) return;
  out << "\n## What it offers\n\nBesides its density, gradients and draws:\n\n";
  for (const Fact& fact : facts) out << "- " << fact.name << ": " << fact.text << "\n";
}

void write_example(const Distribution& distribution, const runtime::Library& library, std::ostream& out) {
  if (distribution.example.empty()) return;
  const std::string output = output_of(distribution.example, distribution.name, library);
  if (output.empty())
    runtime::fail("example-failed", "the example of " + distribution.name + " prints nothing");
  const bool ends = distribution.example.ends_with('\n');
  out << "\n## Example\n\n```\n"
      << distribution.example << (ends ? "" : "\n") << "```\n\nIt prints\n\n```\n"
      << output << "```\n";
}

}  // namespace

std::string page_name(const Distribution& distribution) { return distribution.name + ".md"; }

std::string output_of(const std::string& script, const std::string& name, const runtime::Library& library,
                      const std::string& output_folder) {
  std::ostringstream out, log;
  runtime::Settings settings;
  settings.output_folder = output_folder;
  settings.script_name = name;
  runtime::Interpreter interpreter(library, settings, out, log);
  lang::Diagnostics diagnostics;
  const auto parsed = lang::parse(std::make_shared<lang::Source>(name + ".elbo", script), diagnostics);
  const auto checked =
      parsed ? lang::check(*parsed, runtime::name_table(library), {}, false, diagnostics) : std::nullopt;
  if (checked) interpreter.run(*checked, diagnostics);
  std::string messages = log.str();
  for (const lang::Diagnostic& diagnostic : diagnostics) messages += lang::render(diagnostic);
  if (!messages.empty())
    runtime::fail("example-failed", "the script for " + name + " does not run:\n" + messages);
  return out.str();
}

std::string distribution_page(const Distribution& distribution, const runtime::Library& library) {
  std::ostringstream out;
  out << generated << "\n# " << distribution.name << "\n\n"
      << distribution.summary << ".\n\n```\n"
      << lang::show(runtime::signature(distribution)) << "\n```\n\n";
  if (has_picture(distribution))
    out << "![densities of " << distribution.name << " at some parameters](" << picture_name(distribution)
        << ")\n\n";
  write_parameters(distribution, out);
  constexpr std::array kinds{"", "a vector, ", "a matrix, "};
  out << "\nOutcomes: " << kinds.at(static_cast<std::size_t>(distribution.event_rank))
      << support_cell(distribution) << "\n\n```\n"
      << (is_discrete(distribution) ? "probability" : "density") << " = " << distribution.formula
      << "\n```\n";
  write_moments(distribution, out);
  write_capabilities(distribution, out);
  write_example(distribution, library, out);
  return out.str();
}

std::string distribution_index(const runtime::Library& library) {
  std::ostringstream out;
  out << generated
      << "\n# Distributions\n\nA page each, written from the records that the program itself reads; `elbo "
         "help NAME` "
         "shows the same in a terminal.\n\n";
  header(out, {"distribution", "outcomes", "what it is"});
  for (const Distribution* distribution : library.distributions) {
    row(out, {"[" + distribution->name + "](" + page_name(*distribution) + ")", support_cell(*distribution),
              distribution->summary});
  }
  return out.str();
}

}  // namespace elbo::cli
