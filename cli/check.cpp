// elbo check FILE: every mistake that shows without running the script.
#include <ostream>

#include "cli/script.hpp"

namespace elbo::cli {

ExitCode check(const CheckOptions& options, const Context& context) {
  lang::Diagnostics diagnostics;
  const bool settings_ok =
      evaluate_definitions(options.definitions, context.library, diagnostics).has_value();
  const bool script_ok =
      load_script(options.file, options.definitions, context.library, diagnostics).has_value();
  const ExitCode code = report(diagnostics, context.terminal);
  if (settings_ok && script_ok) context.terminal.out << options.file << ": no errors\n";
  return code;
}

}  // namespace elbo::cli
