// Reading of files by position (POSIX), so that a container's members need no second file.
#include "runtime/files/bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "runtime/files/elements.hpp"
#include "runtime/library.hpp"

namespace elbo::runtime {

namespace {

[[noreturn]] void not_readable(const FileContext& file) {
  fail("file-not-readable", "cannot read " + file.path + ": " + std::generic_category().message(errno),
       file.span);
}

}  // namespace

void damaged(const FileContext& file, const std::string& what) {
  fail("file-damaged", file.path + " is damaged: " + what, file.span);
}

void read_exactly(ByteSource& source, std::span<char> to, const FileContext& file) {
  if (source.read(to) < to.size()) damaged(file, "it ends too early");
}

bool at_end(ByteSource& source) {
  char next = 0;
  return source.read({&next, 1}) == 0;
}

InputFile::InputFile(FileContext file) : file_(std::move(file)) {
  descriptor_ = ::open(file_.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) not_readable(file_);
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) {
    ::close(descriptor_);
    not_readable(file_);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() { ::close(descriptor_); }

std::size_t InputFile::read_at(std::uint64_t offset, std::span<char> to) const {
  std::size_t count = 0;
  while (count < to.size()) {
    const ::ssize_t got =
        ::pread(descriptor_, to.data() + count, to.size() - count, static_cast<::off_t>(offset + count));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) not_readable(file_);
    if (got == 0) break;
    count += static_cast<std::size_t>(got);
  }
  return count;
}

std::size_t FileSource::read(std::span<char> to) {
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), end_ - position_));
  const std::size_t count = file_.read_at(position_, to.first(wanted));
  position_ += count;
  return count;
}

std::optional<std::uint64_t> byte_count(const Shape& shape, std::size_t size) {
  std::uint64_t count = size;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  for (const std::int64_t extent : shape) {
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(extent), &count)) return std::nullopt;
  }
  return count;
}

std::string read_whole(const FileContext& file) {
  const InputFile input(file);
  if (input.size() == 0) fail("file-empty", file.path + " is empty", file.span);
  std::string text(static_cast<std::size_t>(input.size()), '\0');
  text.resize(input.read_at(0, text));
  return text;
}

}  // namespace elbo::runtime
