// elbo graph FILE: the plate diagrams of a script's models, as DOT and as the SVG that Graphviz makes of it.
#include "cli/graph.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <set>
#include <sstream>

#include "cli/script.hpp"
#include "runtime/interpreter.hpp"

namespace elbo::cli {

namespace {

using runtime::CallableKind;
using runtime::ModelGraph;

// ---- models -----------------------------------------------------------------------------------------------

bool is_same(const lang::Span& a, const lang::Span& b) {
  return a.source == b.source && a.begin == b.begin && a.end == b.end;
}

/// The call of a model that a value stands for; null for any other value, and for a model that waits for its
/// arguments or is there already.
std::shared_ptr<const runtime::ModelCall> new_call(runtime::Interpreter& interpreter,
                                                   const runtime::Value& value) {
  if (const auto* closure = value.as<std::shared_ptr<const runtime::Closure>>()) {
    const auto& parameters = (*closure)->callable->parameters;
    const bool is_complete = std::all_of(parameters.begin(), parameters.end(),
                                         [](const auto& p) { return p.default_value != nullptr; });
    if ((*closure)->kind != CallableKind::model || !is_complete) return nullptr;
    for (const auto& known : interpreter.elaborated()) {
      if (is_same(known->definition, (*closure)->span)) return nullptr;
    }
  }
  const auto call = runtime::as_model_call(interpreter, value, CallableKind::model, {});
  if (call == nullptr) return nullptr;
  for (const auto& known : interpreter.elaborated()) {
    if (call->span && is_same(known->span, call->span)) return nullptr;
  }
  return call;
}

void add_applied(runtime::Interpreter& interpreter, const std::optional<runtime::Value>& last,
                 lang::Diagnostics& diagnostics) {
  std::vector<runtime::Value> values;
  for (const std::string& name : interpreter.global_names()) {
    if (const runtime::Value* value = interpreter.global(name)) values.push_back(*value);
  }
  if (last) values.push_back(*last);
  for (const runtime::Value& value : values) {
    try {
      if (const auto call = new_call(interpreter, value)) runtime::elaborate(interpreter, *call);
    } catch (const lang::Failure& failure) {
      diagnostics.push_back(failure.diagnostic());
    }
  }
}

// ---- files ------------------------------------------------------------------------------------------------

void refuse(lang::Diagnostics& diagnostics, const std::string& code, const std::string& message,
            const std::string& hint = {}) {
  diagnostics.push_back({.code = code, .message = message, .span = {}, .related = {}, .hint = hint});
}

/// Whether there is a program of this name on the PATH.
bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(std::filesystem::path(folder) / program, ignored)) return true;
  }
  return false;
}

/// A word of a shell command.
std::string shell_word(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

constexpr const char* install_hint = "install the package graphviz, whose program `dot` draws it";

/// Drawings that go to files of a folder.
class Folder {
 public:
  Folder(const GraphOptions& options, const Terminal& terminal, lang::Diagnostics& diagnostics)
      : options_(options), terminal_(terminal), diagnostics_(diagnostics), has_dot_(is_installed("dot")) {}

  /// Makes the folder.
  bool open() {
    std::error_code error;
    std::filesystem::create_directories(options_.output_folder, error);
    if (!error && std::filesystem::is_directory(options_.output_folder, error)) return true;
    refuse(diagnostics_, "cannot-write",
           "the folder `" + options_.output_folder + "` of --out cannot be made" +
               (error ? ": " + error.message() : std::string(": a file has this name")));
    return false;
  }

  void write(const std::string& model, const std::string& dot) {
    const std::string stem = std::filesystem::path(options_.file).stem().string() + "-" + unique(model);
    const auto base = std::filesystem::path(options_.output_folder) / stem;
    const std::string source = base.string() + ".dot", drawing = base.string() + ".svg";
    std::ofstream file(source, std::ios::binary);
    file << dot;
    file.close();
    if (!file) return refuse(diagnostics_, "cannot-write", "the file `" + source + "` cannot be written");
    if (options_.format != "dot" && has_dot_ && draw(source, drawing))
      terminal_.out << "wrote " << drawing << "\n";
    if (options_.format == "svg") {
      std::error_code ignored;
      std::filesystem::remove(source, ignored);
    } else {
      terminal_.out << "wrote " << source << "\n";
    }
  }

  void finish() const {
    if (has_dot_ || !options_.format.empty()) return;
    terminal_.err << "elbo: only DOT is written, for Graphviz is not installed\n  hint: " << install_hint
                  << "\n";
  }

 private:
  bool draw(const std::string& source, const std::string& drawing) {
    const std::string command = "dot -Tsvg -o " + shell_word(drawing) + " " + shell_word(source);
    if (std::system(command.c_str()) == 0) return true;
    refuse(diagnostics_, "cannot-write", "Graphviz could not write `" + drawing + "`");
    return false;
  }

  /// The letters of a model's name ("mean_field" of "mean_field()"); two models of one name get two files.
  std::string unique(std::string model) {
    std::erase_if(model, [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c < 128; });
    const int count = ++counts_[model];
    return count == 1 ? model : model + "-" + std::to_string(count);
  }

  const GraphOptions& options_;
  const Terminal& terminal_;
  lang::Diagnostics& diagnostics_;
  bool has_dot_;
  std::map<std::string, int> counts_;
};

/// SVG to the output: Graphviz reads the DOT from a file of its own.
void show_svg(const std::string& dot, const Terminal& terminal, lang::Diagnostics& diagnostics) {
  std::string name = (std::filesystem::temp_directory_path() / "elbo-graph-XXXXXX").string();
  const std::string folder = mkdtemp(name.data()) == nullptr ? "" : name;
  const std::string source = folder + "/model.dot", drawing = folder + "/model.svg";
  bool done = false;
  if (!folder.empty()) {
    std::ofstream(source, std::ios::binary) << dot;
    const std::string command = "dot -Tsvg -o " + shell_word(drawing) + " " + shell_word(source);
    done = std::system(command.c_str()) == 0;
    if (done) terminal.out << std::ifstream(drawing, std::ios::binary).rdbuf();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  if (!done) refuse(diagnostics, "cannot-write", "Graphviz could not draw the model");
}

}  // namespace

void visit_models(const QuietRun& options, const runtime::Library& library, lang::Diagnostics& diagnostics,
                  const std::function<void(const ModelGraph&)>& visit) {
  auto definitions = evaluate_definitions(options.definitions, library, diagnostics);
  const auto script = load_script(options.file, options.definitions, library, diagnostics);
  if (!definitions || !script) return;
  runtime::Settings settings;
  settings.search_path = search_path(options.file);
  settings.seed = options.seed;
  settings.quiet = true;
  settings.definitions = std::move(*definitions);
  std::ostringstream dropped;
  runtime::Interpreter interpreter(library, std::move(settings), dropped, dropped);
  const auto last = interpreter.run(*script, diagnostics);
  if (last) add_applied(interpreter, last, diagnostics);
  for (const auto& model : interpreter.elaborated()) visit(*model);
}

const std::vector<Choice>& graph_formats() {
  static const std::vector<Choice> formats{{"dot", "text for Graphviz"},
                                           {"svg", "a drawing, made by Graphviz"}};
  return formats;
}

ExitCode graph(const GraphOptions& options, const Context& context) {
  lang::Diagnostics diagnostics;
  const Terminal& terminal = context.terminal;
  Folder folder(options, terminal, diagnostics);
  const bool to_files = !options.output_folder.empty();
  if (options.format == "svg" && !is_installed("dot")) {
    refuse(diagnostics, "no-graphviz", "SVG cannot be written: Graphviz is not installed", install_hint);
    return report(diagnostics, terminal);
  }
  if (to_files && !folder.open()) return report(diagnostics, terminal);
  std::set<std::string> shown;  // a model that is fitted twice is drawn once
  const auto draw = [&](const ModelGraph& model) {
    const std::string dot = runtime::to_dot(model);
    if (!shown.insert(dot).second) return;
    if (to_files) {
      folder.write(model.name, dot);
    } else if (options.format == "svg") {
      show_svg(dot, terminal, diagnostics);
    } else {
      terminal.out << (shown.size() > 1 ? "\n" : "") << dot;
    }
  };
  visit_models({options.file, options.definitions, options.seed}, context.library, diagnostics, draw);
  if (shown.empty() && diagnostics.empty())
    terminal.err << "elbo: the script applies no model to data, so there is nothing to draw\n";
  if (to_files && !shown.empty()) folder.finish();
  return report(diagnostics, terminal);
}

}  // namespace elbo::cli
