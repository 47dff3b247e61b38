// docs/errors.md lists every error code that a user can meet, and no other.
#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>
#include <set>

#include "tests/project/source_files.hpp"

namespace {

using namespace elbo::tests;

std::set<std::string> matches(const std::string& text, const std::regex& pattern) {
  std::set<std::string> result;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    result.insert((*at)[1]);
  return result;
}

/// The first column of the tables of docs/errors.md.
std::set<std::string> listed_codes() {
  for (const SourceFile& file : source_files("docs", {".md"})) {
    if (file.path == "docs/errors.md") return matches(file.text, std::regex("\\n\\| `([a-z0-9-]+)` \\|"));
  }
  return {};
}

std::set<std::string> without(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> result;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(result, result.end()));
  return result;
}

}  // namespace

TEST_CASE("every code in a stored message is listed in docs/errors.md") {
  std::set<std::string> shown;
  for (const SourceFile& file : source_files("tests/golden", {".err"})) {
    shown.merge(matches(file.text, std::regex("(?:error|warning)\\[([a-z0-9-]+)\\]")));
  }
  CHECK(shown.size() > 30);
  CHECK(without(shown, listed_codes()) == std::set<std::string>{});
}

TEST_CASE("every code in docs/errors.md is written somewhere in the sources") {
  std::set<std::string> written;
  for (const char* folder : {"lang", "runtime", "stdlib", "inference", "cli"}) {
    for (const SourceFile& file : source_files(folder, {".cpp", ".hpp"})) {
      written.merge(matches(file.text, std::regex("\"([a-z][a-z0-9-]+)\"")));
    }
  }
  CHECK(without(listed_codes(), written) == std::set<std::string>{});
}

TEST_CASE("every code that the sources pass to fail() is listed in docs/errors.md") {
  std::set<std::string> raised;
  for (const char* folder : {"runtime", "stdlib", "inference"}) {
    for (const SourceFile& file : source_files(folder, {".cpp"})) {
      raised.merge(matches(file.text, std::regex("\\bfail\\(\\s*\"([a-z0-9-]+)\"")));
    }
  }
  CHECK(without(raised, listed_codes()) == std::set<std::string>{});
}
