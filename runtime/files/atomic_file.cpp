// Writing by temporary file and rename, which POSIX makes atomic within one folder.
#include "runtime/files/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace elbo::runtime {

namespace fs = std::filesystem;

namespace {

std::string last_error() { return std::generic_category().message(errno); }

/// The rename is in the folder, which has a place on the disk of its own. Not all file systems let it be
/// asked for.
void bring_to_disk(const fs::path& folder) {
  const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

}  // namespace

std::string output_path(const Interpreter& interpreter, const std::string& name) {
  return (fs::path(interpreter.settings().output_folder) / name).lexically_normal().string();
}

AtomicFile::AtomicFile(std::string path, lang::Span span) : path_(std::move(path)), span_(std::move(span)) {
  const fs::path target(path_);
  std::error_code error;
  if (target.has_parent_path()) {
    fs::create_directories(target.parent_path(), error);
    if (error) refuse(error.message());
  }
  if (target.filename().empty() || fs::is_directory(target, error)) refuse("it is a folder");
  // The process id keeps two runs into one folder apart.
  const std::string name = "." + target.filename().string() + "." + std::to_string(::getpid());
  unfinished_ = (target.parent_path() / name).string();
  file_ = ::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ >= 0) return;
  const std::string reason = last_error();
  unfinished_.clear();
  refuse(reason);
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!unfinished_.empty()) ::unlink(unfinished_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ::ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse(last_error());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::finish() {
  // Pipes and the like have no place on a disk, and say so.
  if (::fsync(file_) != 0 && errno != EINVAL && errno != ENOTSUP) refuse(last_error());
  if (::close(std::exchange(file_, -1)) != 0) refuse(last_error());
  std::error_code error;
  fs::rename(unfinished_, path_, error);
  if (error) refuse(error.message());
  unfinished_.clear();
  bring_to_disk(fs::path(path_).parent_path());
}

void AtomicFile::refuse(const std::string& reason) const {
  fail("file-not-writable", "cannot write " + path_ + ": " + reason, span_);
}

void write_file(const std::string& path, std::string_view text, const lang::Span& span) {
  AtomicFile file(path, span);
  file.write(text);
  file.finish();
}

}  // namespace elbo::runtime
