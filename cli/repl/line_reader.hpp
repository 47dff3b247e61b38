// Lines from a terminal, with editing, completion, and a history that outlives the program.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "cli/repl/complete.hpp"

namespace elbo::cli {

class LineReader {
 public:
  /// What TAB offers for a line up to the cursor.
  using Completer = std::function<Completion(const std::string& line)>;

  /// Reads from standard input and writes to standard output. The history is kept in a file, whose folder is
  /// made when it does not exist; one that cannot be read or written is no error, the history then ends with
  /// the session.
  LineReader(Completer completer, std::string history_file);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  enum class Status { line, interrupted, end };
  struct Line {
    Status status;     ///< interrupted: Ctrl-C; end: Ctrl-D, or the terminal is gone
    std::string text;  ///< without its newline; several lines when one was fetched from the history
  };
  Line read(const std::string& prompt);

  /// Adds an input, which may have several lines, to the history.
  void remember(const std::string& input);

  /// Columns of the terminal, for what is shown between the lines.
  std::size_t columns() const;

 private:
  struct Editor;
  std::unique_ptr<Editor> editor_;
};

/// $XDG_STATE_HOME/elbo/history, or ~/.local/state/elbo/history (the XDG Base Directory Specification); empty
/// when neither folder is known.
std::string history_file();

}  // namespace elbo::cli
