// Decompression and checksums; the one place that knows zlib.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "runtime/files/bytes.hpp"

namespace elbo::runtime {

/// What stands around a deflated stream (RFC 1951): nothing, as in zip files, or gzip's header and checksum
/// (RFC 1952), of which several may follow one another.
enum class Wrapping : std::uint8_t { none, gzip };

/// What a compressed source holds. Failure "file-damaged" when the stream breaks off, makes no sense, differs
/// from its checksum, or is followed by something else; the last two show when its end is asked for
/// (`at_end`).
class InflatingSource : public ByteSource {
 public:
  /// The source must outlive it.
  InflatingSource(ByteSource& compressed, Wrapping wrapping, FileContext file);
  ~InflatingSource() override;
  std::size_t read(std::span<char> to) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether a file begins like one of gzip.
bool begins_as_gzip(const InputFile& file);

/// No deflated stream grows by more than this factor: what claims to is damaged.
inline constexpr std::uint64_t greatest_inflation = 1032;

/// CRC-32 of zip and gzip, of bytes that follow others whose checksum is `so_far` (of none: 0).
std::uint32_t checksum(std::uint32_t so_far, std::span<const char> bytes);

}  // namespace elbo::runtime
