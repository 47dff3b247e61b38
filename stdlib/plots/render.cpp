// Running gnuplot: its input, output and messages are files without names, so that no pipe can fill up and
// block.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string_view>

#include "runtime/files/atomic_file.hpp"
#include "stdlib/plots/gnuplot.hpp"

extern char** environ;

namespace elbo::stdlib {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

File temporary_file(const lang::Span& span) {
  File file(std::tmpfile());
  if (!file) runtime::fail("plot-failed", "no temporary file can be made for a plot", span);
  return file;
}

std::string content(std::FILE* file) {
  std::string text;
  char buffer[1 << 16];
  std::rewind(file);
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, n);
  return text;
}

struct Outcome {
  int status = -1;
  std::string output, messages;
};

int spawn_and_wait(std::FILE* input, std::FILE* output, std::FILE* messages) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(input), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(output), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(messages), STDERR_FILENO);
  char program[] = "gnuplot", defaults[] = "--default-settings";  // no start-up file of the user's
  char* arguments[] = {program, defaults, nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, "gnuplot", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return -1;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Outcome run_gnuplot(const std::string& script, const lang::Span& span) {
  const File input = temporary_file(span), output = temporary_file(span), messages = temporary_file(span);
  std::fwrite(script.data(), 1, script.size(), input.get());
  std::rewind(input.get());
  Outcome outcome;
  outcome.status = spawn_and_wait(input.get(), output.get(), messages.get());
  outcome.output = content(output.get());
  outcome.messages = content(messages.get());
  return outcome;
}

/// The first line of gnuplot's messages that says something: it frames an error with the command and a caret.
std::string gist(const std::string& messages) {
  std::string last;
  std::size_t begin = 0;
  while (begin < messages.size()) {
    const std::size_t end = std::min(messages.find('\n', begin), messages.size());
    const std::string line = messages.substr(begin, end - begin);
    if (line.find("line ") != std::string::npos) return line.substr(line.find("line "));
    if (line.find_first_not_of(" \t^") != std::string::npos) last = line;
    begin = end + 1;
  }
  return last;
}

/// What gnuplot wrote, or Failure "plot-failed".
std::string drawn(const Plot& plot, Terminal terminal) {
  const Outcome outcome = run_gnuplot(gnuplot_script(plot, terminal), plot.span());
  if (outcome.status != 0 || outcome.output.empty()) {
    const std::string reason = gist(outcome.messages);
    runtime::fail("plot-failed", "gnuplot could not draw the plot" + (reason.empty() ? "" : ": " + reason),
                  plot.span());
  }
  return outcome.output;
}

bool require_gnuplot(runtime::Interpreter& interpreter, const lang::Span& span) {
  if (has_gnuplot()) return true;
  lang::Diagnostic warning;
  warning.code = "gnuplot-missing";
  warning.message = "plots need gnuplot, which is not installed; the script goes on without them";
  warning.hint = "apt-get install gnuplot-nox";
  warning.span = span;
  warning.tier = lang::Tier::warning;
  interpreter.warn_once(std::move(warning));
  return false;
}

}  // namespace

bool has_gnuplot() {
  const char* path = std::getenv("PATH");
  std::string_view folders = path == nullptr ? "" : path;
  while (!folders.empty()) {
    const std::size_t colon = std::min(folders.find(':'), folders.size());
    const std::filesystem::path program = std::filesystem::path(folders.substr(0, colon)) / "gnuplot";
    if (::access(program.c_str(), X_OK) == 0) return true;
    folders.remove_prefix(std::min(colon + 1, folders.size()));
  }
  return false;
}

void draw_to_file(runtime::Interpreter& interpreter, const Plot& plot, const std::string& path) {
  const Terminal terminal = terminal_of(path, plot.span());
  if (!require_gnuplot(interpreter, plot.span())) return;
  runtime::write_file(path, drawn(plot, terminal), plot.span());
}

void draw_as_text(runtime::Interpreter& interpreter, const Plot& plot) {
  if (!require_gnuplot(interpreter, plot.span())) return;
  interpreter.out() << drawn(plot, Terminal::text);
}

}  // namespace elbo::stdlib
