// Golden sessions: types what NAME.keys says into the program on a pseudo-terminal, and compares what the
// screen shows with NAME.screen; and pipes NAME.in into it, and compares with NAME.out and NAME.err ("exit N"
// and the messages).
//
//   elbo_golden_terminal --elbo PATH [--update] FOLDER
//
// Every session has a home and a current folder of its own; the current one holds copies of FOLDER/data. A
// line of NAME.keys is typed, with Enter, once the program shows a prompt; in it <TAB>, <UP>, <DOWN>, <LEFT>,
// <CTRL-C>, <CTRL-D>, <CTRL-R> are keys, and <STAY> at the end leaves Enter out. Lines that begin with `@`
// are:
//
//   @wait TEXT        wait until the program has shown it since the last keys
//   @interrupt        Ctrl-C while something is running
//   @copy FROM TO     another content for a file of the current folder
//   @restart          wait until the program has ended, and start it again
//   @ TEXT            a comment
//
// Times and numbers of steps, which differ from run to run, are cut out. --update writes the stored files
// anew.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "tests/golden/runner/difference.hpp"
#include "tests/golden/runner/process.hpp"
#include "tests/golden/terminal/pseudo_terminal.hpp"

namespace {

namespace fs = std::filesystem;
using namespace elbo::golden;

struct Options {
  std::string program;
  bool update = false;
  fs::path folder;
};

/// A home and a current folder, gone afterwards.
struct Bench {
  explicit Bench(const fs::path& data) {
    std::string pattern = (fs::temp_directory_path() / "elbo-terminal-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    root = pattern;
    fs::create_directory(root / "home");
    fs::create_directory(root / "work");
    if (fs::exists(data)) fs::copy(data, root / "work", fs::copy_options::recursive);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() { fs::remove_all(root); }

  fs::path root;
};

std::string normalised(std::string text, const Bench& bench) {
  static const std::vector<std::pair<std::regex, std::string>> rules{
      {std::regex("took [0-9.]+ (µ|m)?s"), "took (time)"},
      {std::regex(" in [0-9.e-]+ s\\b"), " in (time)"},
      // Where the line is broken depends on the number.
      {std::regex("after [0-9]+ of [0-9]+ steps; [a-z \n]*kept"),
       "after (some) steps; the fit so far is kept"},
      {std::regex("interrupted after [0-9]+ steps"), "interrupted after (some) steps"},
  };
  const std::string folder = bench.root.string();
  for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder, at)) {
    text.replace(at, folder.size(), "(folder)");
  }
  for (const auto& [pattern, replacement] : rules) text = std::regex_replace(text, pattern, replacement);
  return text;
}

// ---- typed sessions
// ----------------------------------------------------------------------------------------------------

/// One program after another on the same screen.
class Typist {
 public:
  Typist(const Options& options, const Bench& bench) : options_(options), bench_(bench) { start(); }

  void line(const std::string& text) {
    if (!text.empty() && text[0] == '@') return directive(text);
    wait_for_prompt();
    std::string plain;  // typed since the last special key
    bool enter = true;
    static const std::regex special("<([A-Z-]+)>");
    std::size_t done = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), special), end; at != end; ++at) {
      plain = text.substr(done, static_cast<std::size_t>(at->position()) - done);
      type(plain);
      done = static_cast<std::size_t>(at->position() + at->length());
      enter = enter && key((*at)[1], plain);
    }
    type(text.substr(done) + (enter ? "\r" : ""));
  }

  std::string finish() {
    const int code = terminal_->wait_for_end();
    return screen_.text() + "[exit " + std::to_string(code) + "]\n";
  }
  std::string screen() const { return screen_.text(); }

 private:
  void start() {
    terminal_ = std::make_unique<PseudoTerminal>(
        options_.program, bench_.root / "work",
        std::vector<std::pair<std::string, std::string>>{{"HOME", (bench_.root / "home").string()},
                                                         {"TERM", "vt100"},
                                                         {"NO_COLOR", "1"},
                                                         {"PATH", std::getenv("PATH")}},
        screen_);
    row_ = screen_.cursor_row();
    first_ = true;
  }

  void type(const std::string& keys) { terminal_->type(keys); }

  /// The cursor stands behind a bare prompt, on a line below the one where the last line was typed.
  void wait_for_prompt() {
    const auto shown = [&] {
      const std::string line = screen_.line(screen_.cursor_row());
      return (first_ || screen_.cursor_row() > row_) && screen_.cursor_column() == 6 &&
             (line == "elbo>" || line == "  ...");
    };
    // A line that is drawn anew after a TAB begins with a bare prompt, too, but not for long.
    do terminal_->wait_until(shown, "prompt");
    while (!terminal_->is_quiet() || !shown());
    first_ = false;
    row_ = screen_.cursor_row();
  }

  /// Whether Enter still follows the line.
  bool key(const std::string& name, const std::string& before) {
    static const std::map<std::string, std::string> keys{
        {"TAB", "\t"},      {"UP", "\x1b[A"},   {"DOWN", "\x1b[B"}, {"LEFT", "\x1b[D"},
        {"CTRL-C", "\x03"}, {"CTRL-D", "\x04"}, {"CTRL-R", "\x12"}, {"STAY", ""}};
    const auto found = keys.find(name);
    if (found == keys.end()) throw std::runtime_error("there is no key <" + name + ">");
    // The terminal forgets keys that the program has not read yet when it sees Ctrl-C.
    if (name == "CTRL-C") {
      terminal_->wait_until(
          [&] { return screen_.line(screen_.cursor_row()).find(before) != std::string::npos; },
          "echo of " + before);
    }
    type(found->second);
    return name != "CTRL-C" && name != "CTRL-D" && name != "STAY";
  }

  void directive(const std::string& text) {
    std::istringstream in(text);
    std::string word, from, to;
    in >> word;
    if (word == "@wait") {
      const std::string what = text.substr(6);
      terminal_->wait_until([&] { return below().find(what) != std::string::npos; }, "`" + what + "`");
    } else if (word == "@interrupt") {
      type("\x03");
    } else if (word == "@copy") {
      in >> from >> to;
      wait_for_prompt();  // what has been typed must have been answered
      first_ = true;
      fs::copy_file(bench_.root / "work" / from, bench_.root / "work" / to,
                    fs::copy_options::overwrite_existing);
    } else if (word == "@restart") {
      const int code = terminal_->wait_for_end();
      screen_.feed("[exit " + std::to_string(code) + "]\r\n");
      start();
    } else if (word != "@") {
      throw std::runtime_error("there is no directive " + word);
    }
  }

  /// What is shown below the line that was typed last.
  std::string below() const {
    std::string text;
    for (std::size_t i = row_ + 1; i <= screen_.cursor_row(); ++i) text += screen_.line(i) + "\n";
    return text;
  }

  const Options& options_;
  const Bench& bench_;
  Screen screen_{80};
  std::unique_ptr<PseudoTerminal> terminal_;
  std::size_t row_ = 0;  // of the prompt where the last line was typed
  bool first_ = true;    // the next prompt may be where the cursor is now
};

std::string type_all(const Options& options, const Bench& bench, const fs::path& path) {
  Typist typist(options, bench);
  std::istringstream in(read_file(path));
  std::size_t number = 0;
  try {
    for (std::string line; std::getline(in, line);) {
      ++number;
      typist.line(line);
    }
    return typist.finish();
  } catch (const std::exception& error) {
    return typist.screen() + "[line " + std::to_string(number) + ": " + error.what() + "]\n";
  }
}

// ---- comparing
// ---------------------------------------------------------------------------------------------------------

/// Compares a text with a stored one; what differs, or stores it.
std::string check(const Options& options, const fs::path& path, const std::string& text) {
  if (options.update) {
    if (text.empty()) {
      fs::remove(path);
    } else {
      write_file(path, text);
    }
    return {};
  }
  const std::string changes = difference(read_file(path), text);
  return changes.empty() ? "" : path.filename().string() + ":\n" + changes;
}

std::string test_piped(const Options& options, const Bench& bench, fs::path path) {
  const ProcessResult result =
      run_process({options.program}, bench.root / "work",
                  {{"HOME", (bench.root / "home").string()}, {"NO_COLOR", "1"}, {"ELBO_DATA", ""}},
                  std::chrono::seconds(60), path);
  std::string err = normalised(result.err, bench);
  if (result.exit_code != 0 || !err.empty()) err = "exit " + std::to_string(result.exit_code) + "\n" + err;
  return check(options, path.replace_extension(".out"), normalised(result.out, bench)) +
         check(options, path.replace_extension(".err"), err);
}

std::string test(const Options& options, fs::path path) {
  const Bench bench(options.folder / "data");
  if (path.extension() == ".in") return test_piped(options, bench, path);
  const std::string screen = normalised(type_all(options, bench, path), bench);
  return check(options, path.replace_extension(".screen"), screen);
}

Options parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--elbo" && i + 1 < arguments.size()) {
      options.program = fs::absolute(arguments[++i]).string();
    } else if (arguments[i] == "--update") {
      options.update = true;
    } else {
      options.folder = fs::absolute(arguments[i]).lexically_normal();
    }
  }
  if (options.program.empty() || options.folder.empty()) {
    throw std::runtime_error("usage: elbo_golden_terminal --elbo PATH [--update] FOLDER");
  }
  return options;
}

}  // namespace

int main(int count, char** words) try {
  const Options options = parse(std::vector<std::string>(words + 1, words + count));
  int passed = 0, failed = 0;
  for (const auto& entry : fs::directory_iterator(options.folder)) {
    if (entry.path().extension() != ".keys" && entry.path().extension() != ".in") continue;
    const std::string changes = test(options, entry.path());
    if (!changes.empty()) std::cout << "FAILED " << entry.path().string() << "\n" << changes;
    ++(changes.empty() ? passed : failed);
  }
  std::cout << passed << " passed, " << failed << " failed\n";
  return failed == 0 && passed > 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "elbo_golden_terminal: " << error.what() << "\n";
  return 2;
}
