// Records of a zip file as rows of little-endian numbers: what reader and writer share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace elbo::runtime::zip {

inline constexpr std::uint32_t member_signature = 0x04034b50, entry_signature = 0x02014b50,
                               end_signature = 0x06054b50, end64_signature = 0x06064b50,
                               locator64_signature = 0x07064b50;
/// Sizes of the records without names and extra fields.
inline constexpr std::size_t member_size = 30, entry_size = 46, end_size = 22, end64_size = 56,
                             locator64_size = 20;

/// What stands in place of a number that does not fit; it is then in the extra field of 64-bit numbers.
inline constexpr std::uint32_t see_extra = 0xffffffff;
inline constexpr std::uint16_t see_extra16 = 0xffff, extra64 = 0x0001;

inline constexpr std::uint16_t stored = 0, deflated = 8;
inline constexpr std::uint16_t is_encrypted = 0x0001, has_utf8_name = 0x0800;

/// The number of `size` bytes at a place of a record.
inline std::uint64_t number(std::string_view record, std::size_t at, std::size_t size) {
  std::uint64_t result = 0;
  for (std::size_t i = size; i-- > 0;) result = result << 8 | static_cast<unsigned char>(record[at + i]);
  return result;
}
inline std::uint16_t number16(std::string_view record, std::size_t at) {
  return static_cast<std::uint16_t>(number(record, at, 2));
}
inline std::uint32_t number32(std::string_view record, std::size_t at) {
  return static_cast<std::uint32_t>(number(record, at, 4));
}
inline std::uint64_t number64(std::string_view record, std::size_t at) { return number(record, at, 8); }

/// Bytes of a record being written.
class Bytes {
 public:
  Bytes& add16(std::uint64_t value) { return add(value, 2); }
  Bytes& add32(std::uint64_t value) { return add(value, 4); }
  Bytes& add64(std::uint64_t value) { return add(value, 8); }
  Bytes& add(std::string_view text) {
    bytes_ += text;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  Bytes& add(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_ += static_cast<char>(value >> (8 * i) & 0xff);
    return *this;
  }
  std::string bytes_;
};

}  // namespace elbo::runtime::zip
