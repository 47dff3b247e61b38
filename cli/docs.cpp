// elbo docs DIR: the reference pages of all distributions, written from their records.
#include <filesystem>
#include <fstream>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/distribution_page.hpp"
#include "cli/distribution_picture.hpp"
#include "cli/script.hpp"
#include "runtime/library.hpp"

namespace elbo::cli {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) runtime::fail("cannot-write", "the file `" + path.string() + "` cannot be written");
}

}  // namespace

ExitCode docs(const DocsOptions& options, const Context& context) {
  lang::Diagnostics diagnostics;
  try {
    const fs::path folder(options.folder);
    std::error_code error;
    fs::create_directories(folder / "images", error);
    if (error)
      runtime::fail("cannot-write", "the folder `" + options.folder + "` cannot be made: " + error.message());
    for (const runtime::Distribution* distribution : context.library.distributions) {
      write(folder / page_name(*distribution), distribution_page(*distribution, context.library));
      draw_picture(*distribution, options.folder, context.library);
    }
    write(folder / "README.md", distribution_index(context.library));
  } catch (const lang::Failure& failure) {
    diagnostics.push_back(failure.diagnostic());
  }
  return report(diagnostics, context.terminal);
}

}  // namespace elbo::cli
