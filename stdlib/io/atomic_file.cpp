// Writing by temporary file and rename, which POSIX makes atomic within one folder.
#include "stdlib/io/atomic_file.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace elbo::stdlib {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void cannot_write(const std::string& path, const std::string& reason, const lang::Span& span) {
  runtime::fail("file-not-writable", "cannot write " + path + (reason.empty() ? "" : ": " + reason), span);
}

}  // namespace

std::string output_path(const runtime::Interpreter& interpreter, const std::string& name) {
  return (fs::path(interpreter.settings().output_folder) / name).lexically_normal().string();
}

std::string unfinished_path(const std::string& path, const lang::Span& span) {
  const fs::path target(path);
  std::error_code error;
  if (target.has_parent_path()) {
    fs::create_directories(target.parent_path(), error);
    if (error) cannot_write(path, error.message(), span);
  }
  if (target.filename().empty() || fs::is_directory(target)) cannot_write(path, "it is a folder", span);
  // The process id keeps two runs into one folder apart.
  return (target.parent_path() / ("." + target.filename().string() + "." + std::to_string(::getpid())))
      .string();
}

void finish_file(const std::string& unfinished, const std::string& path, const lang::Span& span) {
  std::error_code error;
  fs::rename(unfinished, path, error);
  if (!error) return;
  std::error_code ignored;
  fs::remove(unfinished, ignored);
  cannot_write(path, error.message(), span);
}

void write_file(const std::string& path, std::string_view text, const lang::Span& span) {
  const std::string unfinished = unfinished_path(path, span);
  {
    std::ofstream stream(unfinished, std::ios::binary);
    stream << text;
    stream.flush();
    if (!stream) {
      std::error_code ignored;
      fs::remove(unfinished, ignored);
      cannot_write(path, "", span);
    }
  }
  finish_file(unfinished, path, span);
}

}  // namespace elbo::stdlib
