// The golden runner: runs every script of a folder and compares what it prints with what is stored beside it.
//
//   elbo_golden --elbo PATH [--update] [--filter TEXT] [--jobs N] FOLDER...
//
// NAME.elbo is run with its folder as the search path and a folder of its own as the current one. NAME.out
// holds its standard output; NAME.err its standard error, after a first line "exit N", and exists only when
// there is any or N is not 0. Every script runs with --threads 1 and 2, and must print the same bytes; a fast
// one a third time. Folder names are cut from the output, so that stored files do not depend on the machine.
// --update writes the stored files anew (read them before you commit). The comments that scripts may hold are
// explained in script.hpp.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/golden/runner/difference.hpp"
#include "tests/golden/runner/process.hpp"
#include "tests/golden/runner/script.hpp"

namespace {

namespace fs = std::filesystem;
using namespace elbo::golden;

constexpr std::chrono::seconds time_limit{
    240};                                // the slowest script, under the sanitizers, on a busy machine
constexpr std::chrono::seconds fast{2};  // a script that takes less is run once more

struct Options {
  std::string program;
  bool update = false;
  std::string filter;
  unsigned jobs = 0;
  std::vector<fs::path> folders;
};

enum class Verdict { passed, failed, skipped };

struct Result {
  Verdict verdict = Verdict::passed;
  std::string report;
};

/// Output with everything that depends on the machine cut out.
std::string normalised(std::string text, const fs::path& script, const fs::path& folder,
                       const std::string& data) {
  const auto replace_all = [&](const std::string& what, const std::string& with) {
    if (what.empty()) return;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
      text.replace(at, what.size(), with);
    }
  };
  replace_all(script.parent_path().string() + "/", "");
  replace_all(script.parent_path().string(), "(folder of the script)");
  replace_all(folder.string() + "/", "");
  replace_all(folder.string(), "(current folder)");
  replace_all(data, "(ELBO_DATA)");
  return text;
}

struct Run {
  std::string out;
  std::string err;  ///< "" or "exit N\n" and the text
  std::string trouble;
  std::chrono::steady_clock::duration time{};
};

Run run_once(const Options& options, const fs::path& path, const Script& script, const std::string& data,
             int threads) {
  std::string pattern = (fs::temp_directory_path() / "elbo-golden-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  const fs::path outer(pattern);
  const fs::path folder = outer / "work";
  fs::create_directory(folder);

  std::vector<std::string> arguments{options.program};
  arguments.insert(arguments.end(), script.command.begin(), script.command.end());
  arguments.push_back(path.string());
  arguments.insert(arguments.end(), script.arguments.begin(), script.arguments.end());
  if (script.command.front() == "run") {
    arguments.insert(arguments.end(), {"--threads", std::to_string(threads)});
  }
  const auto start = std::chrono::steady_clock::now();
  const ProcessResult result = run_process(
      arguments, folder, {{"ELBO_DATA", script.data.empty() ? "" : data}, {"NO_COLOR", "1"}}, time_limit);
  Run run;
  run.time = std::chrono::steady_clock::now() - start;
  fs::remove_all(outer);
  if (result.timed_out)
    run.trouble = "it did not end within " + std::to_string(time_limit.count()) + " seconds\n";
  run.out = normalised(result.out, path, folder, data);
  run.err = normalised(result.err, path, folder, data);
  if (result.exit_code != 0 || !run.err.empty()) {
    run.err = "exit " + std::to_string(result.exit_code) + "\n" + run.err;
  }
  return run;
}

// The program under test is built by the same compiler as this one. Compilers may evaluate the operands of a
// C++ expression in any order, and so number the nodes of a graph differently; values do not depend on it.
#ifdef __clang__
const std::string built_by = "clang";
#else
const std::string built_by = "gcc";
#endif

/// The first file that a script wants and no folder of ELBO_DATA has.
std::optional<std::string> absent_data(const Script& script, const std::string& folders) {
  for (const std::string& name : script.data) {
    std::istringstream in(folders);
    bool found = false;
    for (std::string folder; std::getline(in, folder, ':');)
      found = found || fs::exists(fs::path(folder) / name);
    if (!found) return name;
  }
  return {};
}

void store(const fs::path& path, const std::string& text) {
  if (text.empty()) {
    fs::remove(path);
  } else {
    write_file(path, text);
  }
}

std::string indented(const std::string& text) {
  std::string result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) result += "    " + line + "\n";
  return result;
}

void compare(const std::string& what, const std::string& expected, const std::string& actual,
             std::string& report) {
  const std::string changes = difference(expected, actual);
  if (!changes.empty()) report += "  " + what + ":\n" + indented(changes);
}

/// All of one script: its runs agree with one another, with its expectations, and with what is stored.
Result test_script(const Options& options, const fs::path& path) {
  Result result;
  const Script script = read_directives(read_file(path));
  const char* variable = std::getenv("ELBO_DATA");
  const std::string data = variable == nullptr ? "" : variable;
  if (const auto name = absent_data(script, data)) {
    return {Verdict::skipped, "  " + *name + " is in no folder of ELBO_DATA\n"};
  }
  if (!script.compiler.empty() && script.compiler.front() != built_by) {
    return {Verdict::skipped,
            "  stored for " + script.compiler.front() + ", and this build is by " + built_by + "\n"};
  }
  const Run first = run_once(options, path, script, data, 1);
  const Run second = run_once(options, path, script, data, 2);
  result.report = first.trouble + second.trouble;
  compare("--threads 2 prints something else than --threads 1", first.out, second.out, result.report);
  compare("--threads 2 reports something else than --threads 1", first.err, second.err, result.report);
  if (first.time < fast) {
    const Run third = run_once(options, path, script, data, 1);
    compare("a second run prints something else than the first", first.out, third.out, result.report);
    compare("a second run reports something else than the first", first.err, third.err, result.report);
  }
  std::vector<std::string> failures;
  const std::string masked = mask(script, first.out, failures);
  for (const std::string& failure : failures) result.report += "  " + failure + "\n";

  const fs::path out = fs::path(path).replace_extension(".out");
  const fs::path err = fs::path(path).replace_extension(".err");
  if (options.update) {
    store(out, first.out);
    store(err, first.err);
  } else {
    if (!fs::exists(out) && !fs::exists(err) && !(first.out + first.err).empty()) {
      result.report += "  nothing is stored for this script: run with --update, and read what it stores\n";
    }
    std::vector<std::string> ignored;  // stored numbers lie within the tolerance or not: only new ones count
    compare("output", mask(script, read_file(out), ignored), masked, result.report);
    compare("errors", read_file(err), first.err, result.report);
  }
  if (!result.report.empty()) result.verdict = Verdict::failed;
  return result;
}

std::vector<fs::path> find_scripts(const Options& options) {
  std::vector<fs::path> scripts;
  for (const fs::path& folder : options.folders) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const bool wanted = entry.path().extension() == ".elbo" &&
                          entry.path().string().find(options.filter) != std::string::npos;
      if (wanted && entry.is_regular_file()) scripts.push_back(fs::absolute(entry.path()).lexically_normal());
    }
  }
  std::sort(scripts.begin(), scripts.end());
  return scripts;
}

Result guarded_test(const Options& options, const fs::path& path) {
  try {
    return test_script(options, path);
  } catch (const std::exception& error) {
    return {Verdict::failed, std::string("  ") + error.what() + "\n"};
  }
}

Options parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const auto value = [&]() -> const std::string& {
      if (i + 1 == arguments.size()) throw std::runtime_error(word + " wants a value");
      return arguments[++i];
    };
    if (word == "--elbo")
      options.program = fs::absolute(value()).string();
    else if (word == "--update")
      options.update = true;
    else if (word == "--filter")
      options.filter = value();
    else if (word == "--jobs")
      options.jobs = static_cast<unsigned>(std::stoul(value()));
    else if (word.rfind("--", 0) == 0)
      throw std::runtime_error("there is no option " + word);
    else
      options.folders.emplace_back(fs::absolute(word).lexically_normal());
  }
  if (options.program.empty() || options.folders.empty()) {
    throw std::runtime_error(
        "usage: elbo_golden --elbo PATH [--update] [--filter TEXT] [--jobs N] FOLDER...");
  }
  if (options.jobs == 0) options.jobs = std::max(1u, std::thread::hardware_concurrency());
  return options;
}

/// Runs all scripts on several threads, each of which takes the next one; the results in the scripts' order.
std::vector<Result> test_all(const Options& options, const std::vector<fs::path>& scripts) {
  std::vector<Result> results(scripts.size());
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < options.jobs; ++i) {
    workers.emplace_back([&] {
      for (std::size_t k = next++; k < scripts.size(); k = next++)
        results[k] = guarded_test(options, scripts[k]);
    });
  }
  for (std::thread& worker : workers) worker.join();
  return results;
}

}  // namespace

int main(int count, char** words) try {
  const Options options = parse(std::vector<std::string>(words + 1, words + count));
  const std::vector<fs::path> scripts = find_scripts(options);
  const std::vector<Result> results = test_all(options, scripts);
  std::size_t totals[3] = {0, 0, 0};
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    ++totals[static_cast<std::size_t>(results[i].verdict)];
    if (results[i].verdict == Verdict::failed) std::cout << "FAILED " << scripts[i].string() << "\n";
    if (results[i].verdict == Verdict::skipped) std::cout << "skipped " << scripts[i].string() << "\n";
    std::cout << results[i].report;
  }
  std::cout << totals[0] << " passed, " << totals[1] << " failed, " << totals[2] << " skipped\n";
  // A folder without scripts is a mistake in the build, not a success.
  return totals[1] == 0 && !scripts.empty() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "elbo_golden: " << error.what() << "\n";
  return 2;
}
