// Where a command writes, and how: what a script prints goes to `out`, everything else (errors, warnings,
// progress) to `err`.
#pragma once

#include <iosfwd>

namespace elbo::cli {

/// What a command ends with; also listed in cli/README.md and by `elbo --help`.
enum class ExitCode : int {
  ok = 0,
  user_error = 1,       ///< the script, its data or a file
  usage = 2,            ///< the command line itself
  bad_numbers = 3,      ///< NaN or infinity where a number was needed
  internal_error = 70,  ///< our bug (EX_SOFTWARE)
  interrupted = 130     ///< by Ctrl-C: 128 + SIGINT, as shells report it
};

struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool colour = false;       ///< whether `err` takes ANSI colours
  bool interactive = false;  ///< whether both are terminals: text plots and progress bars
};

/// Standard output and error of this process. Colours only on a terminal, and never with NO_COLOR set
/// (https://no-color.org) or TERM=dumb.
Terminal standard_terminal();

}  // namespace elbo::cli
