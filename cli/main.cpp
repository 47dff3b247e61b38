// The program: arguments to a command, the command's exit code to the shell. The one place where
// InternalError is caught, but for the prompt, which survives it.
#include <malloc.h>

#include <exception>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/library.hpp"
#include "lang/diagnostic.hpp"
#include "runtime/kernels/choice.hpp"

namespace {

using namespace elbo;

/// glibc gives blocks above 128 KB back to the system at once; until its own threshold has adapted, every
/// large matrix product then maps its work space anew. Keeping up to 1 GB of freed memory costs nothing that
/// a run of this program would miss.
void keep_freed_memory() {
  constexpr int threshold = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, threshold);
  mallopt(M_TRIM_THRESHOLD, threshold);
}

/// One overload per command, found by its options.
struct Dispatch {
  const cli::Context& context;
  cli::ExitCode operator()(const cli::ReplOptions& options) const { return cli::repl(options, context); }
  cli::ExitCode operator()(const cli::RunOptions& options) const { return cli::run(options, context); }
  cli::ExitCode operator()(const cli::CheckOptions& options) const { return cli::check(options, context); }
  cli::ExitCode operator()(const cli::DumpOptions& options) const { return cli::dump(options, context); }
  cli::ExitCode operator()(const cli::GraphOptions& options) const { return cli::graph(options, context); }
  cli::ExitCode operator()(const cli::ListOptions& options) const { return cli::list(options, context); }
  cli::ExitCode operator()(const cli::HelpOptions& options) const { return cli::help(options, context); }
  cli::ExitCode operator()(const cli::DocsOptions& options) const { return cli::docs(options, context); }
};

cli::ExitCode run(const std::vector<std::string>& arguments, const cli::Terminal& terminal) {
  if (const std::string problem = runtime::kernel_variant_problem(); !problem.empty()) {
    terminal.err << "elbo: " << problem << "\n";
    return cli::ExitCode::usage;
  }
  cli::ExitCode code = cli::ExitCode::ok;
  const auto command = cli::parse_command_line(arguments, terminal, code);
  if (command) {
    const runtime::Library library = cli::make_library();
    code = std::visit(Dispatch{cli::Context{library, terminal}}, *command);
  }
  terminal.out.flush();
  if (!terminal.out) {
    terminal.err << "elbo: the output could not be written\n";
    if (code == cli::ExitCode::ok) code = cli::ExitCode::user_error;
  }
  return code;
}

}  // namespace

int main(int count, char** words) {
  keep_freed_memory();
  const cli::Terminal terminal = cli::standard_terminal();
  try {
    return static_cast<int>(run(std::vector<std::string>(words + 1, words + count), terminal));
  } catch (const lang::InternalError& error) {
    terminal.out.flush();
    terminal.err
        << "elbo: internal error: " << error.what() << "\n"
        << "This is a bug in elbo, not in your script. Please report it with the script that shows it.\n";
  } catch (const std::bad_alloc&) {
    terminal.err << "elbo: out of memory\n";
    return static_cast<int>(cli::ExitCode::user_error);
  } catch (const std::exception& error) {
    terminal.out.flush();
    terminal.err
        << "elbo: internal error: " << error.what() << "\n"
        << "This is a bug in elbo, not in your script. Please report it with the script that shows it.\n";
  }
  return static_cast<int>(cli::ExitCode::internal_error);
}
