// The project's own pages: links lead somewhere, and what a page shows of a file is what the file holds. A
// block that shows a file has a comment with the file's path on the line before it: <!-- examples/…/fit.elbo
// -->.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/project/source_files.hpp"

namespace {

using namespace elbo::tests;

std::vector<SourceFile> pages() {
  std::vector<SourceFile> result;
  for (const char* folder : {"lang", "runtime", "stdlib", "inference", "cli", "examples", "tests", "docs"}) {
    for (SourceFile& page : source_files(folder, {".md"})) result.push_back(std::move(page));
  }
  for (const auto& entry : std::filesystem::directory_iterator(ELBO_SOURCE_DIR)) {
    if (entry.path().extension() != ".md") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    result.push_back({entry.path().filename().string(), text.str()});
  }
  return result;
}

bool is_fence(const std::string& line) { return line.rfind("```", 0) == 0; }

/// Targets of the links and images outside of code, without those to other sites and within the page.
std::vector<std::string> relative_links(const std::string& text) {
  static const std::regex code("`[^`]*`"), link(R"(\]\(([^)\s]+)\))"), site("[a-z]+:.*|#.*");
  std::vector<std::string> result;
  std::istringstream in(text);
  bool in_code = false;
  for (std::string line; std::getline(in, line);) {
    if (is_fence(line)) in_code = !in_code;
    if (in_code) continue;
    line = std::regex_replace(line, code, "");
    for (std::sregex_iterator it(line.begin(), line.end(), link), end; it != end; ++it) {
      const std::string target = (*it)[1];
      if (!std::regex_match(target, site)) result.push_back(target.substr(0, target.find('#')));
    }
  }
  return result;
}

struct ShownFile {
  std::string path;
  std::string block;
};

std::vector<ShownFile> shown_files(const std::string& text) {
  static const std::regex comment(R"(<!-- (\S+\.(elbo|out)) -->)");
  std::vector<ShownFile> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, comment)) continue;
    ShownFile shown{match[1], ""};
    const bool has_block = std::getline(in, line) && is_fence(line);  // without one it differs from any file
    while (has_block && std::getline(in, line) && !is_fence(line)) shown.block += line + "\n";
    result.push_back(std::move(shown));
  }
  return result;
}

}  // namespace

TEST_CASE("links are found outside of code, and blocks that show files") {
  CHECK(relative_links(
            "see [a](b/c.md#d), ![i](i.png)\n```\n[x](y)\n```\n`[n](m)` [s](https://a.b) [t](#u)\n") ==
        std::vector<std::string>{"b/c.md", "i.png"});
  const auto shown =
      shown_files("<!-- a.elbo -->\n```\nlet x = 1\n\nprint(x)\n```\ntext\n<!-- b.out -->\n\n");
  REQUIRE(shown.size() == 2);
  CHECK(shown[0].path == "a.elbo");
  CHECK(shown[0].block == "let x = 1\n\nprint(x)\n");
  CHECK(shown[1].block.empty());
}

TEST_CASE("every relative link of every page leads to a file or folder") {
  const std::filesystem::path root(ELBO_SOURCE_DIR);
  const auto all = pages();
  REQUIRE(all.size() > 10);
  for (const SourceFile& page : all) {
    for (const std::string& link : relative_links(page.text)) {
      INFO(page.path << " links to " << link);
      CHECK(std::filesystem::exists((root / page.path).parent_path() / link));
    }
  }
}

TEST_CASE("what a page shows of a script and its output is what the files hold") {
  std::size_t count = 0;
  for (const SourceFile& page : pages()) {
    for (const ShownFile& shown : shown_files(page.text)) {
      INFO(page.path << " shows " << shown.path);
      std::ifstream in(std::filesystem::path(ELBO_SOURCE_DIR) / shown.path, std::ios::binary);
      REQUIRE(in);
      std::ostringstream text;
      text << in.rdbuf();
      CHECK(shown.block == text.str());
      ++count;
    }
  }
  CHECK(count >= 2);  // at least the script and the output of the README
}
