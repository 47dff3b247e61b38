// elbo help NAME: what the records say about one name.
#include <ostream>

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/explain.hpp"
#include "lang/diagnostic.hpp"

namespace elbo::cli {

ExitCode help(const HelpOptions& options, const Context& context) {
  if (explain(options.name, context.library, context.terminal.out)) return ExitCode::ok;
  context.terminal.err << "elbo: there is no help for '" << options.name << "'\n";
  std::vector<std::string> names = explained_names(context.library);
  for (std::string& name : command_names()) names.push_back(std::move(name));
  const std::string guess = lang::did_you_mean(options.name, names);
  context.terminal.err
      << "  hint: "
      << (guess.empty() ? "elbo list functions, distributions, methods and operations name all there is"
                        : guess)
      << "\n";
  return ExitCode::user_error;
}

}  // namespace elbo::cli
