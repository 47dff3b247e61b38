// Who may include what: the folders depend on one another in one direction, and every third-party library
// stops at the files listed here. A new row is a decision about the architecture, not a way to make this test
// pass.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <sstream>

#include "tests/project/source_files.hpp"

namespace {

using namespace elbo::tests;

/// Folders of the project that the files of a folder may include.
const std::map<std::string, std::vector<std::string>> allowed_folders{
    {"lang", {"lang"}},
    {"runtime", {"runtime", "lang"}},
    {"stdlib", {"stdlib", "runtime", "lang"}},
    {"inference", {"inference", "runtime", "lang"}},
    {"cli", {"cli", "inference", "stdlib", "runtime", "lang"}},
};

/// Headers that begin like this may be included by files whose path matches.
struct ThirdParty {
  const char* prefix;
  const char* files;
};
const std::vector<ThirdParty> third_parties{
    {"tao/pegtl", "lang/parse.*\\.cpp"},
    {"Eigen/", "(runtime|stdlib|inference)/.*\\.cpp"},
    {"boost/",
     "stdlib/.*\\.cpp|runtime/kernels/"
     "((special|random|discrete_random|incomplete_gamma|incomplete_beta)_kernels\\.cpp|quiet\\.hpp)"},
    {"fmt/", "(runtime|stdlib|inference|cli)/.*\\.cpp"},
    {"CLI/", "cli/command_line\\.cpp"},
    {"nlohmann/", "stdlib/io/json\\.cpp|inference/fit_file\\.cpp"},
    {"zlib.h", "runtime/files/compression\\.cpp"},
    {"png.h", "stdlib/pictures/png\\.cpp"},
    {"histedit.h", "cli/repl/line_reader\\.cpp"},
};

/// System headers beyond the standard library: they have an extension.
const std::regex system_header("(unistd|malloc|spawn|fcntl|signal|errno|sys/[a-z]+)\\.h|immintrin\\.h");

struct Include {
  bool quoted;
  std::string header;
};

std::vector<Include> includes(const std::string& text) {
  static const std::regex line_pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (std::regex_search(line, match, line_pattern)) result.push_back({match[1] == "\"", match[2]});
  }
  return result;
}

/// What is wrong with a file's includes, one sentence each.
std::vector<std::string> violations(const std::string& path, const std::string& text) {
  const std::string folder = path.substr(0, path.find('/'));
  const std::vector<std::string>& allowed = allowed_folders.at(folder);
  std::vector<std::string> result;
  for (const Include& include : includes(text)) {
    const std::string other = include.header.substr(0, include.header.find('/'));
    if (include.quoted) {
      if (std::find(allowed.begin(), allowed.end(), other) == allowed.end()) {
        result.push_back(path + " includes " + include.header);
      }
      continue;
    }
    const auto third_party =
        std::find_if(third_parties.begin(), third_parties.end(),
                     [&](const ThirdParty& one) { return include.header.rfind(one.prefix, 0) == 0; });
    if (third_party != third_parties.end()) {
      if (!std::regex_match(path, std::regex(third_party->files))) {
        result.push_back(path + " includes <" + include.header + ">");
      }
    } else if (include.header.find_first_of("./") != std::string::npos &&
               !std::regex_match(include.header, system_header)) {
      result.push_back(path + " includes <" + include.header + ">, which no rule knows");
    }
  }
  return result;
}

}  // namespace

TEST_CASE("every include follows the architecture") {
  std::vector<std::string> found;
  for (const auto& [folder, allowed] : allowed_folders) {
    const std::vector<SourceFile> files = source_files(folder, {".hpp", ".cpp"});
    CHECK_FALSE(files.empty());
    for (const SourceFile& file : files) {
      for (const std::string& violation : violations(file.path, file.text)) found.push_back(violation);
    }
  }
  CHECK(found == std::vector<std::string>{});
}

TEST_CASE("the rules see a wrong include") {
  CHECK(violations("lang/a.cpp", "#include <vector>\n#include \"lang/parse.hpp\"\n").empty());
  CHECK(violations("lang/a.cpp", "#include \"runtime/value.hpp\"\n").size() == 1);
  CHECK(violations("lang/a.hpp", "#include <tao/pegtl.hpp>\n").size() == 1);
  CHECK(violations("runtime/a.hpp", "#include <Eigen/Dense>\n").size() == 1);
  CHECK(violations("inference/a.cpp", "  #  include \"stdlib/catalog.hpp\"\n").size() == 1);
  CHECK(violations("cli/run.cpp", "#include <CLI/CLI.hpp>\n").size() == 1);
  CHECK(violations("runtime/a.cpp", "#include <somebody/else.hpp>\n").size() == 1);
}
