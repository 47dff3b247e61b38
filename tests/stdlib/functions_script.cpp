// The way of a script from text to value, without the command line.
#include "functions_script.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "lang/parse.hpp"
#include "stdlib/catalog.hpp"

namespace elbo::test {

namespace fs = std::filesystem;

ScriptRun run_script(const std::string& text, runtime::Settings settings) {
  static const runtime::Library library = stdlib::stdlib_library();
  static const lang::NameTable names = runtime::name_table(library);
  ScriptRun run;
  lang::Diagnostics diagnostics;
  const auto source = std::make_shared<const lang::Source>("test.elbo", text);
  std::ostringstream out, log;
  if (auto script = lang::parse(source, diagnostics)) {
    if (const auto checked = lang::check(std::move(*script), names, {}, false, diagnostics)) {
      runtime::Interpreter interpreter(library, std::move(settings), out, log);
      run.value = interpreter.run(*checked, diagnostics);
    }
  }
  run.out = out.str();
  run.log = log.str();
  if (!diagnostics.empty()) {
    run.code = diagnostics[0].code;
    run.message = diagnostics[0].message;
    run.hint = diagnostics[0].hint;
    run.spot = std::string(diagnostics[0].span.text());
  }
  return run;
}

namespace {

runtime::Value value_of(const std::string& expression) {
  const ScriptRun run = run_script(expression);
  INFO(expression << ": " << run.code << ": " << run.message);
  REQUIRE(run.value);
  return *run.value;
}

}  // namespace

std::vector<double> numbers_of(const std::string& expression) {
  const runtime::Value value = value_of(expression);
  INFO(expression << " is a " << type_name(value));
  REQUIRE(is_numeric(value));
  return to_tensor(value).reals();
}

std::string type_of(const std::string& expression) { return type_name(value_of(expression)); }
std::string shown(const std::string& expression) { return show(value_of(expression)); }
std::string error_of(const std::string& expression) { return run_script(expression).code; }

void require_numbers(const std::string& expression, const std::vector<double>& expected, double tolerance) {
  const std::vector<double> found = numbers_of(expression);
  INFO(expression << " is " << shown(expression));
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("element " << i + 1);
    if (std::isfinite(expected[i])) {
      CHECK(std::abs(found[i] - expected[i]) <= tolerance * std::max(1.0, std::abs(expected[i])));
    } else {
      CHECK((found[i] == expected[i] || (std::isnan(found[i]) && std::isnan(expected[i]))));
    }
  }
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (fs::temp_directory_path() / "elbo-test-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}
TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void TemporaryFolder::write(const std::string& name, const std::string& text) const {
  std::ofstream(fs::path(path_) / name, std::ios::binary) << text;
}

std::string TemporaryFolder::read(const std::string& name) const {
  std::ifstream stream(fs::path(path_) / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<std::string> TemporaryFolder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path_)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace elbo::test
