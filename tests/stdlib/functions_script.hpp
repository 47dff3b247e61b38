// Runs scripts with the standard library alone, for the tests of its functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/interpreter.hpp"

namespace elbo::test {

struct ScriptRun {
  std::optional<runtime::Value> value;  ///< of the last statement; empty when the script failed
  std::string out, log;
  std::string code, message, hint;  ///< of the first error
  std::string spot;                 ///< source text under its caret
};

ScriptRun run_script(const std::string& text, runtime::Settings settings = {});

/// Elements of the number or tensor that an expression evaluates to; fails the running test when it does not.
std::vector<double> numbers_of(const std::string& expression);

/// "real[2, 3]": type and shape of an expression.
std::string type_of(const std::string& expression);

/// What an expression prints as.
std::string shown(const std::string& expression);

/// Code of the error that an expression raises; empty when it raises none.
std::string error_of(const std::string& expression);

/// Expects elements within `tolerance`, relative to the larger of 1 and their size.
void require_numbers(const std::string& expression, const std::vector<double>& expected,
                     double tolerance = 1e-12);

/// A folder that is removed with everything in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  std::vector<std::string> names() const;  ///< of the files in it, sorted

 private:
  std::string path_;
};

}  // namespace elbo::test
