// Runs one program to its end in a folder of its own, with its output caught and its time limited.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace elbo::golden {

struct ProcessResult {
  int exit_code = -1;  ///< 128 + signal when it was killed
  bool timed_out = false;
  std::string out;
  std::string err;
};

/// `arguments[0]` is the program. `environment` entries replace or add variables; standard input is a file,
/// or empty.
ProcessResult run_process(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                          const std::vector<std::pair<std::string, std::string>>& environment,
                          std::chrono::seconds limit, const std::filesystem::path& input = "/dev/null");

/// The bytes of a file; empty when there is none.
std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);

}  // namespace elbo::golden
