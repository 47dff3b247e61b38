// Zip files as NumPy writes and reads them (APPNOTE.TXT 6.3.10): members that are stored or deflated, with
// 64-bit sizes where they are needed; no encryption, no parts on several disks.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/files/atomic_file.hpp"
#include "runtime/files/bytes.hpp"

namespace elbo::runtime {

/// An entry of the directory at the end of a zip file.
struct ZipMember {
  std::string name;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;  ///< 0: stored, 8: deflated
  std::uint32_t checksum = 0;
  std::uint64_t packed_size = 0, size = 0;
  std::uint64_t offset = 0;  ///< of the member's own header
};

/// All entries, in their order. Failures "file-format" when it is no zip file, "file-damaged".
std::vector<ZipMember> zip_directory(const InputFile& file);

/// The unpacked bytes of a member: calls `read` with their source, then compares size and checksum. Failures
/// "file-damaged"; "file-format" for a member that is encrypted or packed by another method.
void read_zip_member(const InputFile& file, const ZipMember& member,
                     const std::function<void(ByteSource&)>& read);

/// Writes members one after another, stored, without times, so that the same members give the same bytes.
class ZipWriter {
 public:
  explicit ZipWriter(AtomicFile& file) : file_(file) {}
  /// A member with the bytes of all pieces.
  void add(const std::string& name, std::initializer_list<std::string_view> pieces);
  /// The directory; nothing can be added afterwards.
  void finish();

 private:
  AtomicFile& file_;
  std::uint64_t position_ = 0;
  std::vector<ZipMember> members_;
};

}  // namespace elbo::runtime
