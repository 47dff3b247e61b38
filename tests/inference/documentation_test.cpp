// The pages of docs/ against the records: what they leave out or state otherwise is found here.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "inference/methods.hpp"
#include "inference/optimizers/optimizer.hpp"
#include "inference/score_gradient.hpp"
#include "runtime/format.hpp"

using namespace elbo;
using namespace elbo::inference;

namespace {

std::string page(const std::string& path) {
  std::ifstream in(std::string(ELBO_SOURCE_DIR) + "/docs/" + path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the page of optimizers has the signature of each, with its defaults") {
  const std::string text = page("optimizers.md");
  for (const OptimizerRecord* record : optimizer_list()) {
    const std::string signature = signature_text(record->name, record->options);
    INFO(signature);
    CHECK(has(text, "| `" + signature + "` |"));
  }
  for (const ScheduleRecord* record : schedule_list()) {
    const std::string signature = signature_text(record->name, record->options);
    INFO(signature);
    CHECK(has(text, "| `" + signature + "` |"));
  }
  CHECK(has(text, "`infer` uses `" + default_optimizer()->show() + "`"));
}

TEST_CASE("every method has a page with a row per option and its default") {
  for (const elbo::inference::Method* method : method_list()) {
    const std::string text = page("methods/" + method->info.name + ".md");
    INFO(method->info.name);
    CHECK(has(text, "# " + method->info.name + ":"));
    for (const runtime::Option& option : method->info.options) {
      const std::string* quoted = option.default_value.as<std::string>();
      const std::string value = quoted ? "\"" + *quoted + "\"" : show(option.default_value);
      INFO(option.name << " = " << value);
      const std::size_t row = text.find("| `" + option.name + "` |");
      REQUIRE(row != std::string::npos);
      const std::string line = text.substr(row, text.find('\n', row) - row);
      CHECK((has(line, "| `" + value + "` |") || has(line, "| " + value + " |")));
    }
  }
}

TEST_CASE("the page of bbvi has a row per control variate, with its least number of draws and its bias") {
  const std::string text = page("methods/bbvi.md");
  for (const ControlVariate& c : control_variate_list()) {
    const std::size_t row = text.find("\n| `\"" + std::string(c.name) + "\"` |");
    INFO(c.name);
    REQUIRE(row != std::string::npos);
    const std::string line = text.substr(row, text.find('\n', row + 1) - row);
    CHECK(has(line,
              "| " + std::to_string(c.minimum_samples) + " | " + (c.is_unbiased ? "yes" : "**no**") + " |"));
  }
}
