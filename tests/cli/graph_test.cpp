// elbo graph: which files it writes, and what it says of formats and folders.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/library.hpp"

using namespace elbo;

namespace {

/// A script in a folder of its own, drawn.
struct Drawing {
  explicit Drawing(const std::string& script) {
    std::string name = (std::filesystem::temp_directory_path() / "elbo-graph-test-XXXXXX").string();
    folder = mkdtemp(name.data());
    std::ofstream(folder / "script.elbo") << script;
    options.file = (folder / "script.elbo").string();
  }
  ~Drawing() { std::filesystem::remove_all(folder); }

  cli::ExitCode draw() {
    const runtime::Library library = cli::make_library();
    return cli::graph(options, {library, {out, err, false}});
  }

  std::filesystem::path folder;
  cli::GraphOptions options;
  std::ostringstream out, err;
};

constexpr const char* two_models =
    "model a(y) { mu ~ Normal(0, 1)\n y ~ Normal(mu, 1) }\nlet first = a([1.0, 2])\na([1.0, 2, 3])\n";

}  // namespace

TEST_CASE("models that are only applied are written one after the other") {
  Drawing drawing(two_models);
  CHECK(drawing.draw() == cli::ExitCode::ok);
  CHECK(drawing.out.str().find("real[2]") != std::string::npos);
  CHECK(drawing.out.str().find("real[3]") != std::string::npos);
  CHECK(drawing.err.str().empty());
}

TEST_CASE("two models of one name get two files") {
  Drawing drawing(two_models);
  drawing.options.output_folder = (drawing.folder / "new" / "folder").string();
  drawing.options.format = "dot";
  CHECK(drawing.draw() == cli::ExitCode::ok);
  CHECK(std::filesystem::exists(drawing.folder / "new/folder/script-a.dot"));
  CHECK(std::filesystem::exists(drawing.folder / "new/folder/script-a-2.dot"));
  CHECK_FALSE(std::filesystem::exists(drawing.folder / "new/folder/script-a.svg"));
}

TEST_CASE("without Graphviz DOT is written with a note, and SVG is a mistake") {
  const std::string path = std::getenv("PATH");
  Drawing note(two_models), mistake(two_models);
  note.options.output_folder = (note.folder / "out").string();
  mistake.options.format = "svg";
  setenv("PATH", "/nowhere", 1);
  const cli::ExitCode with_note = note.draw(), with_mistake = mistake.draw();
  setenv("PATH", path.c_str(), 1);
  CHECK(with_note == cli::ExitCode::ok);
  CHECK(note.err.str().find("install the package graphviz") != std::string::npos);
  CHECK(std::filesystem::exists(note.folder / "out/script-a.dot"));
  CHECK(with_mistake == cli::ExitCode::user_error);
  CHECK(mistake.err.str().find("no-graphviz") != std::string::npos);
}

TEST_CASE("mistakes in a model that is only applied are reported") {
  Drawing drawing("model a(n: int) { mu ~ Normal(n, 1) }\nlet first = a(2.5)\n");
  CHECK(drawing.draw() == cli::ExitCode::user_error);
  CHECK(drawing.err.str().find("support-argument") != std::string::npos);
}
