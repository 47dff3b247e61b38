// Lines from a terminal with libedit (editline(3)), which no other file includes.
#include "cli/repl/line_reader.hpp"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <filesystem>
#include <vector>

#include "cli/repl/display.hpp"

namespace elbo::cli {
namespace {

constexpr int longest_history = 2000;  // inputs

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

// A signal handler can reach nothing but a global: the writing end of a pipe that wakes the one who waits for
// a key. (To wait for a read() that fails would lose the signal that comes just before it.)
std::atomic<int> wakes{-1};
static_assert(std::atomic<int>::is_always_lock_free);

void wake(int signal) {
  const int before = errno;
  const auto byte = static_cast<char>(signal);
  [[maybe_unused]] const ssize_t ignored = write(wakes.load(), &byte, 1);
  errno = before;
}

/// As long as it lives, Ctrl-C, and the continuation after Ctrl-Z, do nothing but to write their number into
/// a pipe.
class Signals {
 public:
  Signals() {
    if (pipe2(ends_, O_CLOEXEC | O_NONBLOCK) != 0) return;
    wakes.store(ends_[1]);
    struct sigaction action = {};
    action.sa_handler = wake;
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, &interrupt_);
    sigaction(SIGCONT, &action, &continue_);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() {
    if (ends_[0] < 0) return;
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGCONT, &continue_, nullptr);
    close(ends_[0]);
    close(ends_[1]);
  }

  int descriptor() const { return ends_[0]; }

 private:
  int ends_[2] = {-1, -1};
  struct sigaction interrupt_ = {}, continue_ = {};
};

/// The shell has used the terminal in the meantime.
void take_terminal_back(EditLine* line) {
  el_set(line, EL_PREP_TERM, 0);
  el_set(line, EL_PREP_TERM, 1);
  el_set(line, EL_REFRESH);
}

/// Waits for a byte from the terminal: 1, 0 at its end, -1 with errno (EINTR: Ctrl-C).
int read_byte(EditLine* line, int signals, char& byte) {
  for (;;) {
    pollfd waiting[2] = {{STDIN_FILENO, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(waiting, 2, -1) < 0) {
      if (errno != EINTR) return -1;
      continue;
    }
    char signal = 0;
    if (waiting[1].revents == 0) return static_cast<int>(read(STDIN_FILENO, &byte, 1));
    if (read(signals, &signal, 1) == 1 && signal == SIGCONT) {
      take_terminal_back(line);
      continue;
    }
    errno = EINTR;
    return -1;
  }
}

/// Waits for a character, which may be several bytes (UTF-8); bytes that are none are skipped.
int read_character(EditLine* line, int signals, wchar_t& character) {
  std::mbstate_t state{};
  for (;;) {
    char byte = 0;
    const int count = read_byte(line, signals, byte);
    if (count <= 0) return count;
    const std::size_t length = std::mbrtowc(&character, &byte, 1, &state);
    if (length <= 1) return 1;
    if (length == static_cast<std::size_t>(-1)) state = {};
  }
}

/// An input as libedit's H_LOAD reads it, with blanks and the like as octal numbers (vis(3)). Its own way of
/// adding to a file, H_NSAVE_FP, writes one input too many.
std::string encoded(const std::string& input) {
  std::string result;
  for (const char c : input) {
    const bool plain = c != '\\' && c != 0x7f && (static_cast<unsigned char>(c) > ' ');
    char octal[5];
    std::snprintf(octal, sizeof octal, "\\%03o", static_cast<unsigned char>(c));
    result += plain ? std::string(1, c) : octal;
  }
  return result;
}

/// The candidates in as many columns as fit, without the part that they share up to the last `/`.
void write_candidates(const std::vector<std::string>& candidates) {
  const std::string common = common_beginning(candidates);
  const std::size_t slash = common.rfind('/');
  const std::size_t cut = slash == std::string::npos ? 0 : slash + 1;
  std::size_t widest = 0;
  for (const std::string& one : candidates) widest = std::max(widest, columns(one) - cut);
  const std::size_t per_line = std::max<std::size_t>(1, terminal_columns() / (widest + 2));
  const std::size_t lines = (candidates.size() + per_line - 1) / per_line;
  for (std::size_t i = 0; i < lines; ++i) {
    std::string line;
    for (std::size_t k = i; k < candidates.size(); k += lines) {
      line += candidates[k].substr(cut) + std::string(widest - columns(candidates[k]) + cut + 2, ' ');
    }
    std::fprintf(stdout, "%s\n", line.substr(0, line.find_last_not_of(' ') + 1).c_str());
  }
}

}  // namespace

struct LineReader::Editor {
  Editor(Completer c, std::string file) : completer(std::move(c)), history_path(std::move(file)) {}

  Completer completer;
  std::string history_path;
  std::string prompt;
  int signals = -1;  // what has come while a line was read
  EditLine* line = nullptr;
  History* past = nullptr;

  static Editor& of(EditLine* line) {
    void* data = nullptr;
    el_get(line, EL_CLIENTDATA, &data);
    return *static_cast<Editor*>(data);
  }
  static int get_character(EditLine* line, wchar_t* character) {
    return read_character(line, of(line).signals, *character);
  }
  static char* show_prompt(EditLine* line) { return of(line).prompt.data(); }
  static unsigned char on_tab(EditLine* line, int) { return of(line).complete(); }

  unsigned char complete() {
    const LineInfo* now = el_line(line);
    const std::string text(now->buffer, now->cursor);
    const Completion completion = completer(text);
    const std::vector<std::string>& candidates = completion.candidates;
    if (candidates.empty()) {
      const bool indents = text.find_first_not_of(' ') == std::string::npos;
      return indents && el_insertstr(line, "  ") == 0 ? CC_REFRESH : CC_ERROR;
    }
    const std::string added = common_beginning(candidates).substr(text.size() - completion.begin);
    if (!added.empty()) return el_insertstr(line, added.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    if (candidates.size() == 1) return CC_NORM;
    std::fputc('\n', stdout);
    write_candidates(candidates);
    return CC_REDISPLAY;
  }

  void load_history() {
    HistEvent event;
    past = history_init();
    history(past, &event, H_SETSIZE, longest_history);
    history(past, &event, H_SETUNIQUE, 1);
    if (history_path.empty()) return;
    const int loaded = history(past, &event, H_LOAD, history_path.c_str());
    // Every session adds to the end of the file: what is too old goes when the next one begins.
    if (loaded > longest_history) history(past, &event, H_SAVE, history_path.c_str());
  }

  void remember(const std::string& input) {
    HistEvent event;
    history(past, &event, H_ENTER, input.c_str());
    if (history_path.empty()) return;
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(history_path).parent_path(), ignored);
    std::FILE* file = std::fopen(history_path.c_str(), "a");
    if (file == nullptr) return;
    std::fseek(file, 0, SEEK_END);
    const std::string mark = std::ftell(file) == 0 ? "_HiStOrY_V2_\n" : "";
    std::fputs((mark + encoded(input) + "\n").c_str(), file);
    std::fclose(file);
  }
};

namespace {

struct Binding {
  const char* key;
  const char* action;
};

/// What the keys do beyond libedit's own Emacs keys.
constexpr Binding bindings[] = {
    {"^I", "elbo-complete"},
    {"^R", "em-inc-search-prev"},
    {"^S", "em-inc-search-next"},
    {"\\e[A", "ed-prev-history"},
    {"\\e[B", "ed-next-history"},
    {"\\ep", "ed-search-prev-history"},
    {"\\en", "ed-search-next-history"},
    {"\\e[3~", "ed-delete-next-char"},
    {"\\e[1~", "ed-move-to-beg"},
    {"\\e[4~", "ed-move-to-end"},
    {"\\e[H", "ed-move-to-beg"},
    {"\\e[F", "ed-move-to-end"},
    {"\\eOH", "ed-move-to-beg"},
    {"\\eOF", "ed-move-to-end"},
    {"\\e[1;5C", "em-next-word"},
    {"\\e[1;5D", "ed-prev-word"},
};

}  // namespace

LineReader::LineReader(Completer completer, std::string file)
    : editor_(std::make_unique<Editor>(std::move(completer), std::move(file))) {
  // Sources are UTF-8 whatever the environment says, and so are the keys.
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) std::setlocale(LC_CTYPE, "");
  editor_->load_history();
  EditLine* line = editor_->line = el_init("elbo", stdin, stdout, stderr);
  el_set(line, EL_CLIENTDATA, editor_.get());
  el_set(line, EL_PROMPT, &Editor::show_prompt);
  el_set(line, EL_GETCFN, &Editor::get_character);
  el_set(line, EL_EDITOR, "emacs");
  el_set(line, EL_SIGNAL, 0);
  el_set(line, EL_HIST, history, editor_->past);
  // The narrow el_set() makes copies of the two texts and forgets them.
  el_wset(line, EL_ADDFN, L"elbo-complete", L"Complete a name", &Editor::on_tab);
  for (const Binding& one : bindings) el_set(line, EL_BIND, one.key, one.action, nullptr);
  // The terminal does not write `^C` into what a running input shows.
  el_set(line, EL_SETTY, "-x", "-echoctl", nullptr);
  el_source(line, nullptr);  // ~/.editrc: what the user wants otherwise
}

LineReader::~LineReader() {
  el_end(editor_->line);
  history_end(editor_->past);
}

LineReader::Line LineReader::read(const std::string& prompt) {
  const Signals signals;
  editor_->signals = signals.descriptor();
  editor_->prompt = prompt;
  el_resize(editor_->line);
  int count = 0;
  errno = 0;
  const char* text = el_gets(editor_->line, &count);
  if (text == nullptr || count <= 0) {
    const bool interrupted = count < 0 && errno == EINTR;
    return {interrupted ? Status::interrupted : Status::end, {}};
  }
  std::string line(text, static_cast<std::size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return {Status::line, std::move(line)};
}

void LineReader::remember(const std::string& input) { editor_->remember(input); }

std::size_t LineReader::columns() const { return terminal_columns(); }

std::string history_file() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && state[0] == '/') return std::string(state) + "/elbo/history";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return {};
  return std::string(home) + "/.local/state/elbo/history";
}

}  // namespace elbo::cli
