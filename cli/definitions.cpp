// `--set name=value`: the value is an expression of the language, computed on its own before the script runs.
#include <algorithm>
#include <sstream>

#include "cli/script.hpp"
#include "lang/parse.hpp"

namespace elbo::cli {
namespace {

void add_hint(lang::Diagnostics& diagnostics, const std::string& name, const std::string& text) {
  const bool is_word = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c >= 0x80 || c == '_' || c == '/' || c == '.' || c == '-';
  });
  if (!is_word || diagnostics.empty()) return;
  diagnostics.back().hint = "a string is written with quotes: --set '" + name + "=\"" + text + "\"'";
}

bool is_name(const std::string& text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front()))) return false;
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) || c >= 0x80 || c == '_'; });
}

std::optional<runtime::Value> evaluate(const std::string& name, const std::string& text,
                                       const runtime::Library& library, lang::Diagnostics& diagnostics) {
  const auto source = std::make_shared<lang::Source>("--set " + name, text);
  auto script = lang::parse(source, diagnostics);
  if (script && (script->statements.size() != 1 ||
                 !std::holds_alternative<lang::ExpressionStatement>(script->statements.front()->node))) {
    lang::Diagnostic diagnostic;
    diagnostic.code = "bad-setting";
    diagnostic.message = "--set takes one expression, such as 3, [1, 2] or \"text\"";
    diagnostic.span = {source, 0, static_cast<std::uint32_t>(text.size())};
    diagnostics.push_back(std::move(diagnostic));
    return {};
  }
  if (script) {
    auto checked = lang::check(std::move(*script), runtime::name_table(library), {}, false, diagnostics);
    if (checked) {
      std::ostringstream ignored;
      return runtime::Interpreter(library, {}, ignored, ignored).run(*checked, diagnostics);
    }
  }
  add_hint(diagnostics, name, text);
  return {};
}

}  // namespace

std::optional<std::vector<std::pair<std::string, runtime::Value>>> evaluate_definitions(
    const Definitions& definitions, const runtime::Library& library, lang::Diagnostics& diagnostics) {
  std::vector<std::pair<std::string, runtime::Value>> result;
  bool ok = true;
  for (const auto& [name, text] : definitions) {
    if (!is_name(name)) {
      lang::Diagnostic diagnostic;
      diagnostic.code = "bad-setting";
      diagnostic.message = "--set cannot define `" + name + "`: it is not a name";
      diagnostics.push_back(std::move(diagnostic));
      ok = false;
      continue;
    }
    auto value = evaluate(name, text, library, diagnostics);
    ok = ok && value.has_value();
    if (value) result.emplace_back(name, std::move(*value));
  }
  if (!ok) return {};
  return result;
}

}  // namespace elbo::cli
