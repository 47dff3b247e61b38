// A program that believes it talks to a person.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/golden/terminal/screen.hpp"

namespace elbo::golden {

class PseudoTerminal {
 public:
  /// Starts a program on a terminal of 80 columns and 24 lines, in a folder, with exactly this environment.
  PseudoTerminal(const std::string& program, const std::filesystem::path& folder,
                 const std::vector<std::pair<std::string, std::string>>& environment, Screen& screen);
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  ~PseudoTerminal();

  void type(const std::string& keys);
  /// Reads what the program writes until the condition holds; throws std::runtime_error, saying what was
  /// waited for, when it does not within the limit.
  void wait_until(const std::function<bool()>& condition, const std::string& what);
  /// Whether the program writes nothing for a moment.
  bool is_quiet() { return !read_some(std::chrono::milliseconds(15)); }
  /// Reads until the program has ended; its exit code, or 128 + the signal that killed it.
  int wait_for_end();

 private:
  bool read_some(std::chrono::milliseconds limit);

  Screen& screen_;
  int terminal_ = -1;
  pid_t process_ = -1;
  bool closed_ = false;
};

}  // namespace elbo::golden
