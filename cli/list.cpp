// elbo list KIND: what the language knows, straight from the lists that the checker and the evaluator read.
#include <algorithm>
#include <map>
#include <ostream>

#include "cli/commands.hpp"
#include "runtime/operation.hpp"

namespace elbo::cli {
namespace {

struct Row {
  std::string name;
  std::string text;
};

/// Two columns; a name that is too long for the first stands on a line of its own.
void write(const std::vector<Row>& rows, std::ostream& out) {
  constexpr std::size_t widest = 44;
  std::size_t width = 0;
  for (const Row& row : rows) {
    if (row.name.size() <= widest) width = std::max(width, row.name.size());
  }
  for (const Row& row : rows) {
    out << "  " << row.name;
    if (row.text.empty()) {
      out << "\n";
      continue;
    }
    if (row.name.size() > width) {
      out << "\n  " << std::string(width, ' ');
    } else {
      out << std::string(width - row.name.size(), ' ');
    }
    out << "  " << row.text << "\n";
  }
}

/// The first sentence of a help text; examples follow it after a dash.
std::string summary(const std::string& help) { return help.substr(0, help.find(" — ")); }

void list_distributions(const runtime::Library& library, std::ostream& out) {
  std::vector<Row> rows;
  for (const runtime::Distribution* distribution : library.distributions) {
    rows.push_back({lang::show(runtime::signature(*distribution)), std::string(distribution->summary)});
  }
  for (const runtime::Function& function : library.functions) {
    if (function.category == "combinators") rows.push_back({function.signature, summary(function.help)});
  }
  write(rows, out);
}

void list_functions(const runtime::Library& library, std::ostream& out) {
  std::vector<std::string> categories;  // in the order of the library
  std::map<std::string, std::vector<Row>> rows;
  for (const runtime::Function& function : library.functions) {
    if (rows.count(function.category) == 0) categories.push_back(function.category);
    rows[function.category].push_back({function.signature, summary(function.help)});
  }
  for (const std::string& category : categories) {
    if (category != categories.front()) out << "\n";
    out << category << "\n";
    write(rows[category], out);
  }
}

void list_methods(const runtime::Library& library, std::ostream& out) {
  std::vector<Row> rows;
  for (const runtime::MethodInfo& method : library.methods) rows.push_back({method.name, method.summary});
  write(rows, out);
}

void list_operations(const runtime::Library&, std::ostream& out) {
  std::vector<Row> rows;
  for (const runtime::Operation* operation : runtime::operation_list()) {
    std::string name(operation->signature.empty() ? operation->name : operation->signature);
    if (!operation->symbol.empty()) name += " (" + std::string(operation->symbol) + ")";
    rows.push_back({std::move(name), std::string(operation->help)});
  }
  write(rows, out);
}

struct Kind {
  Choice choice;
  void (*write)(const runtime::Library&, std::ostream&);
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {{"distributions", "with their parameters"}, list_distributions},
      {{"functions", "built-in functions by family"}, list_functions},
      {{"methods", "inference methods"}, list_methods},
      {{"operations", "the operations of tensor programs"}, list_operations},
  };
  return all;
}

}  // namespace

const std::vector<Choice>& list_kinds() {
  static const std::vector<Choice> choices = [] {
    std::vector<Choice> result;
    for (const Kind& kind : kinds()) result.push_back(kind.choice);
    return result;
  }();
  return choices;
}

ExitCode list(const ListOptions& options, const Context& context) {
  for (const Kind& kind : kinds()) {
    if (kind.choice.name == options.kind) kind.write(context.library, context.terminal.out);
  }
  return ExitCode::ok;
}

}  // namespace elbo::cli
