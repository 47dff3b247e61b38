// forkpty, and a poll with a deadline.
#include "tests/golden/terminal/pseudo_terminal.hpp"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace elbo::golden {
namespace {

constexpr std::chrono::seconds time_limit{60};  // for one answer, under the sanitizers, on a busy machine

}  // namespace

PseudoTerminal::PseudoTerminal(const std::string& program, const std::filesystem::path& folder,
                               const std::vector<std::pair<std::string, std::string>>& environment,
                               Screen& screen)
    : screen_(screen) {
  std::vector<std::string> settings;
  for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
  std::vector<char*> pointers;
  for (std::string& setting : settings) pointers.push_back(setting.data());
  pointers.push_back(nullptr);
  std::string path = program;
  char* words[] = {path.data(), nullptr};
  winsize size{};
  size.ws_row = 24;
  size.ws_col = 80;
  process_ = forkpty(&terminal_, nullptr, nullptr, &size);
  if (process_ < 0) throw std::runtime_error("cannot start a program on a pseudo-terminal");
  if (process_ == 0) {
    if (chdir(folder.c_str()) == 0) execve(words[0], words, pointers.data());
    _exit(127);
  }
}

PseudoTerminal::~PseudoTerminal() {
  close(terminal_);
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

void PseudoTerminal::type(const std::string& keys) {
  for (std::size_t done = 0; done < keys.size();) {
    const ssize_t written = write(terminal_, keys.data() + done, keys.size() - done);
    if (written < 0 && errno != EINTR) throw std::runtime_error("the program does not take keys any more");
    if (written > 0) done += static_cast<std::size_t>(written);
  }
}

bool PseudoTerminal::read_some(std::chrono::milliseconds limit) {
  pollfd waiting{terminal_, POLLIN, 0};
  if (closed_ || poll(&waiting, 1, static_cast<int>(limit.count())) <= 0) return false;
  char buffer[4096];
  const ssize_t count = read(terminal_, buffer, sizeof buffer);
  if (count <= 0) {  // EIO: the program has closed its end
    closed_ = true;
    return false;
  }
  screen_.feed(std::string(buffer, static_cast<std::size_t>(count)));
  return true;
}

void PseudoTerminal::wait_until(const std::function<bool()>& condition, const std::string& what) {
  const auto end = std::chrono::steady_clock::now() + time_limit;
  while (!condition()) {
    read_some(std::chrono::milliseconds(20));
    if (closed_ && !condition()) throw std::runtime_error("the program ended before " + what);
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("there was no " + what);
  }
}

int PseudoTerminal::wait_for_end() {
  wait_until([this] { return closed_; }, "end of the program");
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace elbo::golden
