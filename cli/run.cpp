// elbo run FILE: runs a script.
#include <filesystem>
#include <ostream>

#include "cli/interrupt.hpp"
#include "cli/script.hpp"

namespace elbo::cli {
namespace {

/// Makes the folder of --out.
bool make_folder(const std::string& folder, lang::Diagnostics& diagnostics) {
  if (folder.empty()) return true;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && std::filesystem::is_directory(folder, error)) return true;
  lang::Diagnostic diagnostic;
  diagnostic.code = "cannot-write";
  diagnostic.message = "the folder `" + folder + "` of --out cannot be made" +
                       (error ? ": " + error.message() : std::string(": a file has this name"));
  diagnostics.push_back(std::move(diagnostic));
  return false;
}

runtime::Settings settings_of(const RunOptions& options, const Terminal& terminal) {
  runtime::Settings settings;
  settings.search_path = search_path(options.file);
  settings.output_folder = options.output_folder;
  settings.script_name = std::filesystem::path(options.file).stem().string();
  settings.seed = options.seed;
  settings.threads = options.threads;
  settings.quiet = options.quiet;
  settings.resume = options.resume;
  settings.interactive = terminal.interactive;
  settings.interrupted = catch_interrupts();
  return settings;
}

}  // namespace

ExitCode run(const RunOptions& options, const Context& context) {
  lang::Diagnostics diagnostics;
  auto definitions = evaluate_definitions(options.definitions, context.library, diagnostics);
  const auto script = load_script(options.file, options.definitions, context.library, diagnostics);
  if (!definitions || !script || !make_folder(options.output_folder, diagnostics)) {
    return report(diagnostics, context.terminal);
  }
  report(diagnostics, context.terminal);  // warnings of the checker
  diagnostics.clear();

  runtime::Settings settings = settings_of(options, context.terminal);
  settings.definitions = std::move(*definitions);
  runtime::Interpreter interpreter(context.library, std::move(settings), context.terminal.out,
                                   context.terminal.err);
  const bool finished = interpreter.run(*script, diagnostics).has_value();
  context.terminal.out.flush();
  if (finished && options.resume && !interpreter.has_checkpoints()) {
    lang::Diagnostic nothing;
    nothing.code = "nothing-to-resume";
    nothing.message = "--resume has nothing to go on from: no run of this script keeps a checkpoint";
    nothing.hint = "infer(…, checkpoint = \"run.npz\") keeps one";
    interpreter.warn(std::move(nothing));
  }
  const ExitCode code = report(diagnostics, context.terminal);
  // A fit that met a bad number is a warning and the script goes on; the shell must hear of it all the same.
  return code == ExitCode::ok && interpreter.has_bad_numbers() ? ExitCode::bad_numbers : code;
}

}  // namespace elbo::cli
