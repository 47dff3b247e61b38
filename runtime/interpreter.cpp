// The interpreter's own state: global names, seeds, files, warnings; and the running of whole scripts.
#include "runtime/interpreter.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "runtime/builtins.hpp"
#include "runtime/evaluation.hpp"

namespace elbo::runtime {

Interpreter::Interpreter(const Library& library, Settings settings, std::ostream& out, std::ostream& log)
    : library_(library),
      settings_(std::move(settings)),
      out_(out),
      log_(log),
      builtins_(std::make_unique<const Builtins>(library)),
      globals_(std::make_shared<Scope>()) {}

Interpreter::~Interpreter() {
  for (const auto& captured : captured_) {
    if (const auto scope = captured.lock()) scope->clear();
  }
  globals_->clear();
}

std::optional<Value> Interpreter::run(const lang::CheckedScript& script, lang::Diagnostics& diagnostics) {
  Evaluation evaluation(*this, globals_);
  try {
    Value value = evaluation.run_statements(script.script().statements).value;
    evaluation.discard(value);
    return value;
  } catch (const lang::Failure& failure) {
    diagnostics.push_back(failure.diagnostic());
    diagnostics.insert(diagnostics.end(), pending_.begin(), pending_.end());
    pending_.clear();
    return std::nullopt;
  }
}

std::vector<std::string> Interpreter::global_names() const {
  std::vector<std::string> names;
  for (const auto& entry : globals_->entries()) names.push_back(entry.first);
  return names;
}

const Value* Interpreter::global(const std::string& name) const { return globals_->find_here(name); }

const Value* Interpreter::definition(const std::string& name) {
  for (const auto& [defined, value] : settings_.definitions) {
    if (defined != name) continue;
    definitions_used_.push_back(name);
    return &value;
  }
  return nullptr;
}

std::vector<std::string> Interpreter::unused_definitions() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : settings_.definitions) {
    const auto& used = definitions_used_;
    if (std::find(used.begin(), used.end(), name) == used.end()) names.push_back(name);
  }
  return names;
}

Value Interpreter::call(const Value& function, const std::vector<Value>& arguments, const lang::Span& span,
                        const Record& named) {
  std::vector<CallArgument> given;
  given.reserve(arguments.size() + named.size());
  for (const Value& value : arguments) given.push_back({"", value, span});
  for (const auto& [name, value] : named) given.push_back({name, value, span});
  return call_value(*this, function, std::move(given), span);
}

// SplitMix64 (Steele, Lea, Flood 2014): distinct calls get distinct, unrelated seeds.
std::uint64_t Interpreter::next_seed() {
  std::uint64_t z = settings_.seed + ++random_calls_ * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

std::string Interpreter::checkpoint_name(const std::string& file) {
  const int run = ++checkpoints_[file];
  if (run == 1) return file;
  std::filesystem::path path(file);
  path.replace_filename(path.stem().string() + "-" + std::to_string(run) + path.extension().string());
  return path.string();
}

void Interpreter::warn(lang::Diagnostic diagnostic) {
  // Bad numbers end the program with their own exit code, even when the script goes on with what is left.
  if (diagnostic.tier == lang::Tier::numbers) {
    has_bad_numbers_ = true;
  } else {
    diagnostic.tier = lang::Tier::warning;
  }
  if (!settings_.quiet || diagnostic.tier == lang::Tier::numbers) log_ << lang::render(diagnostic);
}

void Interpreter::warn_once(lang::Diagnostic diagnostic) {
  if (warned_.insert(diagnostic.code).second) warn(std::move(diagnostic));
}

std::string Interpreter::find_file(const std::string& name, const lang::Span& span) const {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::path(name).is_absolute()) {
    if (fs::is_regular_file(name, ignored)) return name;
    fail("file-not-found", "there is no file `" + name + "`", span);
  }
  std::string tried;
  for (const std::string& folder : settings_.search_path) {
    const fs::path path = fs::path(folder) / name;
    if (fs::is_regular_file(path, ignored)) return path.string();
    tried += (tried.empty() ? "" : ", ") + path.string();
  }
  fail("file-not-found", "there is no file `" + name + "`", span,
       tried.empty() ? "" : "looked for " + tried + "; more folders can be named in ELBO_DATA");
}

void Interpreter::note_captured(const std::shared_ptr<Scope>& scope) {
  if (scope == globals_) return;
  if (!captured_.empty() && captured_.back().lock() == scope) return;
  captured_.push_back(scope);
  if (captured_.size() < next_pruning_) return;
  captured_.erase(
      std::remove_if(captured_.begin(), captured_.end(), [](const auto& each) { return each.expired(); }),
      captured_.end());
  next_pruning_ = std::max<std::size_t>(1024, 2 * captured_.size());
}

void check_interrupted(const Interpreter& interpreter, const lang::Span& span) {
  const std::atomic<bool>* flag = interpreter.settings().interrupted;
  if (flag != nullptr && flag->load(std::memory_order_relaxed)) {
    fail("interrupted", "the run was interrupted", span);
  }
}

}  // namespace elbo::runtime
