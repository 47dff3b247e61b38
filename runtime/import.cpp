// `import "other.elbo"`: runs another script once, in names of its own, and gives them as one record.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lang/parse.hpp"
#include "runtime/evaluation.hpp"

namespace elbo::runtime {

namespace {

namespace fs = std::filesystem;

lang::SourcePtr read_source(const std::string& path, const lang::Span& span) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file.is_open() || file.bad()) fail("file-not-readable", "`" + path + "` cannot be read", span);
  return std::make_shared<lang::Source>(path, std::move(text).str());
}

/// The mistakes of another script: the first is raised, the others are noted for the report.
[[noreturn]] void refuse(Interpreter& interpreter, lang::Diagnostics diagnostics, const lang::Span& span) {
  for (lang::Diagnostic& d : diagnostics) d.related.push_back({span, "imported here"});
  for (std::size_t i = 1; i < diagnostics.size(); ++i) interpreter.add_pending(std::move(diagnostics[i]));
  throw lang::Failure(std::move(diagnostics.front()));
}

lang::CheckedScript checked(Interpreter& interpreter, const std::string& path, const lang::Span& span) {
  lang::Diagnostics diagnostics;
  const auto script = lang::parse(read_source(path, span), diagnostics);
  std::optional<lang::CheckedScript> result;
  if (script) result = lang::check(*script, name_table(interpreter.library()), {}, false, diagnostics);
  if (!result) refuse(interpreter, std::move(diagnostics), span);
  return std::move(*result);
}

}  // namespace

Value Interpreter::import_script(const std::string& name, const lang::Span& span) {
  const std::string path = find_file(name, span);
  std::error_code error;
  const std::string identity = fs::weakly_canonical(path, error).string();
  if (const auto done = imported_.find(identity); done != imported_.end()) {
    if (done->second) return *done->second;
    fail("import-cycle", "`" + name + "` imports itself, directly or through others", span,
         "move what both need into a third file");
  }
  const lang::CheckedScript script = checked(*this, path, span);
  imported_.emplace(identity, std::nullopt);
  // Its files are looked for next to it.
  const std::vector<std::string> outer = settings_.search_path;
  const fs::path folder = fs::path(path).parent_path();
  settings_.search_path.insert(settings_.search_path.begin(), folder.empty() ? "." : folder.string());
  const auto scope = std::make_shared<Scope>();
  captured_.push_back(scope);
  try {
    Evaluation evaluation(*this, scope);
    evaluation.discard(evaluation.run_statements(script.script().statements).value);
  } catch (lang::Failure& failure) {
    settings_.search_path = outer;
    imported_.erase(identity);
    failure.diagnostic().related.push_back({span, "imported here"});
    throw;
  }
  settings_.search_path = outer;
  Record names;
  for (const auto& [each, value] : scope->entries()) names.emplace_back(each, value);
  Value record = make_record(std::move(names));
  imported_[identity] = record;
  return record;
}

}  // namespace elbo::runtime
