// Files that appear whole or not at all: written beside their place, brought to the disk, and renamed.
#pragma once

#include <string>
#include <string_view>

#include "runtime/interpreter.hpp"

namespace elbo::runtime {

/// Where a file named by a script goes: absolute names as they are, others in --out, or the current folder.
std::string output_path(const Interpreter& interpreter, const std::string& name);

/// A file that is being written. Until `finish` nothing is to be seen at its path, and a file that was there
/// stays; without it, what was written goes away with the object. Failures are "file-not-writable".
class AtomicFile {
 public:
  /// Makes the folder of the path if there is none.
  AtomicFile(std::string path, lang::Span span);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::string_view bytes);
  /// Waits until the bytes are on the disk, so that a crash of the machine cannot leave half a file either.
  void finish();

 private:
  [[noreturn]] void refuse(const std::string& reason) const;

  std::string path_;
  lang::Span span_;
  std::string unfinished_;  // beside the path; empty once it is in place
  int file_ = -1;
};

void write_file(const std::string& path, std::string_view text, const lang::Span& span);

}  // namespace elbo::runtime
