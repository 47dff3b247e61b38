// Asks the system what standard output and error are connected to.
#include "cli/terminal.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace elbo::cli {
namespace {

bool takes_colour(int descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  const char* kind = std::getenv("TERM");
  return isatty(descriptor) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

}  // namespace

Terminal standard_terminal() {
  return {std::cout, std::cerr, takes_colour(STDERR_FILENO),
          isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1};
}

}  // namespace elbo::cli
