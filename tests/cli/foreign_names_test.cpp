// What the hints for names of other systems tell to write is what the records have: every distribution called
// in a hint takes the arguments that the hint gives it, in their places.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <sstream>

#include "cli/library.hpp"

using namespace elbo;

namespace {

std::vector<std::string> parts(const std::string& list) {
  std::vector<std::string> result;
  std::istringstream in(list);
  for (std::string part; std::getline(in, part, ',');) {
    part.erase(0, part.find_first_not_of(' '));
    result.push_back(part);
  }
  return result;
}

/// The names under which a distribution takes parameter i.
std::vector<std::string> names_of(const lang::Signature& signature, std::size_t i) {
  std::vector<std::string> result{signature.parameters.at(i).name};
  for (const std::vector<std::string>& group : signature.alternatives) {
    if (std::find(group.begin(), group.end(), result.front()) != group.end()) result = group;
  }
  return result;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TEST_CASE("distributions in hints for foreign names take the arguments that the hints give them") {
  std::ifstream in(std::string(ELBO_SOURCE_DIR) + "/lang/foreign_distributions.cpp");
  std::ostringstream source;
  source << in.rdbuf();
  const std::string text = source.str();
  const runtime::Library library = cli::make_library();
  static const std::regex call("([A-Z][A-Za-z]+)\\(([^()`]*)\\)"), word("[a-z_]{2,}"),
      named("([a-z_]+) = .*");
  int calls = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), call), end; at != end; ++at) {
    const runtime::Distribution* distribution = library.distribution((*at)[1].str());
    if (distribution == nullptr) continue;
    ++calls;
    const lang::Signature signature = runtime::signature(*distribution);
    const std::vector<std::string> arguments = parts((*at)[2]);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      INFO((*at)[0].str() << ", argument " << i + 1);
      REQUIRE(i < signature.parameters.size());
      std::smatch match;
      if (std::regex_match(arguments[i], match, named)) {
        CHECK(has(names_of(signature, i), match[1]));
      } else if (std::regex_match(arguments[i], word)) {
        CHECK(arguments[i] == signature.parameters[i].name);
      }
    }
  }
  CHECK(calls > 30);
}
