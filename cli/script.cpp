// From a path to a checked script, and diagnostics to text.
#include "cli/script.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "lang/parse.hpp"

namespace elbo::cli {
namespace {

namespace fs = std::filesystem;

void add(lang::Diagnostics& diagnostics, std::string code, std::string message, std::string hint = {}) {
  lang::Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.message = std::move(message);
  diagnostic.hint = std::move(hint);
  diagnostics.push_back(std::move(diagnostic));
}

/// The script of the same folder whose name is nearest to that of `path`.
std::string nearest_script(const fs::path& path) {
  std::vector<std::string> candidates;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".elbo") candidates.push_back(entry.path().filename().string());
  }
  std::sort(candidates.begin(), candidates.end());
  return lang::did_you_mean(path.filename().string(), candidates);
}

std::vector<std::string> names_of(const Definitions& definitions) {
  std::vector<std::string> result;
  for (const auto& [name, value] : definitions) result.push_back(name);
  return result;
}

bool defines(const lang::Script& script, const std::string& name) {
  return std::any_of(script.statements.begin(), script.statements.end(),
                     [&](const lang::StatementPtr& statement) {
                       const auto* let = std::get_if<lang::LetStatement>(&statement->node);
                       return let != nullptr && let->target.name.name == name;
                     });
}

/// Whether a script means anything by a name that --set defines: it has a `let` for it, or it is wrong
/// without it.
bool reads(const lang::Script& script, const std::string& name, std::vector<std::string> known,
           const lang::NameTable& table) {
  if (defines(script, name)) return true;
  known.erase(std::remove(known.begin(), known.end(), name), known.end());
  lang::Diagnostics ignored;
  return !lang::check(script, table, known, false, ignored);
}

}  // namespace

lang::SourcePtr read_script(const std::string& path, lang::Diagnostics& diagnostics) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    add(diagnostics, "script-not-found", "there is no file `" + path + "`", nearest_script(path));
    return nullptr;
  }
  if (status.type() == fs::file_type::directory) {
    add(diagnostics, "script-not-readable", "`" + path + "` is a folder, not a script");
    return nullptr;
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file.is_open() || file.bad()) {
    add(diagnostics, "script-not-readable", "`" + path + "` cannot be read: " + std::strerror(errno));
    return nullptr;
  }
  return std::make_shared<lang::Source>(path, std::move(text).str());
}

std::optional<lang::CheckedScript> load_script(const std::string& path, const Definitions& definitions,
                                               const runtime::Library& library,
                                               lang::Diagnostics& diagnostics) {
  const lang::SourcePtr source = read_script(path, diagnostics);
  if (!source) return {};
  const std::optional<lang::Script> script = lang::parse(source, diagnostics);
  if (!script) return {};
  const lang::NameTable table = runtime::name_table(library);
  const std::vector<std::string> known = names_of(definitions);
  auto checked = lang::check(*script, table, known, false, diagnostics);
  if (!checked) return {};
  for (const std::string& name : known) {
    if (reads(*script, name, known, table)) continue;
    std::vector<std::string> settable;
    for (const lang::StatementPtr& statement : script->statements) {
      if (const auto* let = std::get_if<lang::LetStatement>(&statement->node)) {
        settable.push_back(let->target.name.name);
      }
    }
    add(diagnostics, "unused-setting", "--set gives `" + name + "` a value, but the script has no such name",
        lang::did_you_mean(name, settable));
    return {};
  }
  return checked;
}

std::vector<std::string> search_path(const std::string& script) {
  const fs::path folder = fs::path(script).parent_path();
  std::vector<std::string> result{folder.empty() ? "." : folder.string()};
  const char* data = std::getenv("ELBO_DATA");
  std::istringstream folders(data == nullptr ? "" : data);
  for (std::string one; std::getline(folders, one, ':');) {
    if (!one.empty()) result.push_back(one);
  }
  return result;
}

ExitCode report(const lang::Diagnostics& diagnostics, const Terminal& terminal) {
  ExitCode code = ExitCode::ok;
  bool first = true;
  for (const lang::Diagnostic& diagnostic : diagnostics) {
    if (!first) terminal.err << "\n";
    first = false;
    terminal.err << lang::render(diagnostic, terminal.colour);
    if (diagnostic.tier == lang::Tier::user) {
      code = diagnostic.code == "interrupted" ? ExitCode::interrupted : ExitCode::user_error;
    }
    if (diagnostic.tier == lang::Tier::numbers && code == ExitCode::ok) code = ExitCode::bad_numbers;
  }
  return code;
}

}  // namespace elbo::cli
