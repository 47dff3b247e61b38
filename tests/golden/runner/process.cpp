// fork and exec with standard output and error sent to files; nothing here depends on the other threads'
// state.
#include "tests/golden/runner/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace elbo::golden {
namespace {

std::vector<std::string> merged_environment(const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    bool replaced = false;
    for (const auto& [name, value] : changes) replaced = replaced || text.rfind(name + "=", 0) == 0;
    if (!replaced) result.push_back(text);
  }
  for (const auto& [name, value] : changes) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

/// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(char* const* arguments, char* const* environment, const char* folder, const char* in,
                         const char* out, const char* err) {
  const int in_file = open(in, O_RDONLY);
  const int out_file = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int err_file = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (in_file < 0 || out_file < 0 || err_file < 0 || chdir(folder) != 0) _exit(126);
  dup2(in_file, STDIN_FILENO);
  dup2(out_file, STDOUT_FILENO);
  dup2(err_file, STDERR_FILENO);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

/// Waits for a process, which is killed once the limit is over.
int wait_for(pid_t process, std::chrono::seconds limit, bool& timed_out) {
  const auto end = std::chrono::steady_clock::now() + limit;
  auto pause = std::chrono::milliseconds(1);
  int status = 0;
  while (waitpid(process, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) {
      timed_out = true;
      kill(process, SIGKILL);
      waitpid(process, &status, 0);
      break;
    }
    std::this_thread::sleep_for(pause);
    if (pause < std::chrono::milliseconds(20)) pause *= 2;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                          const std::vector<std::pair<std::string, std::string>>& environment,
                          std::chrono::seconds limit, const std::filesystem::path& input) {
  const std::string in = input.string();
  const std::string out = folder.string() + ".stdout";
  const std::string err = folder.string() + ".stderr";
  const std::string where = folder.string();
  const std::vector<std::string> variables = merged_environment(environment);
  const std::vector<char*> words = pointers(arguments);
  const std::vector<char*> settings = pointers(variables);

  const pid_t process = fork();
  if (process < 0) throw std::runtime_error(std::string("cannot start a process: ") + std::strerror(errno));
  if (process == 0)
    become(words.data(), settings.data(), where.c_str(), in.c_str(), out.c_str(), err.c_str());

  ProcessResult result;
  result.exit_code = wait_for(process, limit, result.timed_out);
  result.out = read_file(out);
  result.err = read_file(err);
  return result;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  return std::move(text).str();
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace elbo::golden
