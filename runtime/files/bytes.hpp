// Bytes of a file one after another, whatever lies between: nothing, or a compression.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "lang/source.hpp"

namespace elbo::runtime {

/// Where a text or a tensor came from, for messages, and where the script asked for it.
struct FileContext {
  std::string path;
  lang::Span span;
};

/// Failure "file-damaged": "PATH is damaged: WHAT".
[[noreturn]] void damaged(const FileContext& file, const std::string& what);

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills `to` from its first byte on. Returns how many bytes there were: fewer than asked for only at the
  /// end.
  virtual std::size_t read(std::span<char> to) = 0;
};

/// Fills `to` wholly; Failure "file-damaged" when the source ends before.
void read_exactly(ByteSource& source, std::span<char> to, const FileContext& file);

/// Whether nothing more comes; takes a byte if there is one. (A checksum that follows the last byte is
/// compared by asking.)
bool at_end(ByteSource& source);

/// A file, of which any part can be read. Failures are "file-not-readable".
class InputFile {
 public:
  explicit InputFile(FileContext file);
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

  const FileContext& context() const { return file_; }
  std::uint64_t size() const { return size_; }
  /// How many bytes there are from `offset` on, at most those that `to` has place for.
  std::size_t read_at(std::uint64_t offset, std::span<char> to) const;

 private:
  FileContext file_;
  std::uint64_t size_ = 0;
  int descriptor_ = -1;
};

/// Bytes [begin, end) of a file, which must outlive it.
class FileSource : public ByteSource {
 public:
  FileSource(const InputFile& file, std::uint64_t begin, std::uint64_t end)
      : file_(file), position_(begin), end_(end) {}
  explicit FileSource(const InputFile& file) : FileSource(file, 0, file.size()) {}
  std::size_t read(std::span<char> to) override;

 private:
  const InputFile& file_;
  std::uint64_t position_, end_;
};

/// All bytes of a file. Failures "file-not-readable", and "file-empty" when there are none.
std::string read_whole(const FileContext& file);

}  // namespace elbo::runtime
