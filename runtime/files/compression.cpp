// Inflating through zlib in blocks: neither the compressed nor the unpacked bytes are ever held as a whole.
#include "runtime/files/compression.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <utility>

#include "runtime/library.hpp"

namespace elbo::runtime {

namespace {

/// zlib's lengths are unsigned ints.
constexpr std::size_t most_at_once = std::size_t{1} << 30;

}  // namespace

struct InflatingSource::State {
  ByteSource& compressed;
  FileContext file;
  Wrapping wrapping;
  z_stream stream{};
  std::array<char, 1 << 16> block{};
  bool at_end = false;

  /// Makes compressed bytes available; false at the end of the file.
  bool refill() {
    if (stream.avail_in > 0) return true;
    const std::size_t count = compressed.read(block);
    stream.next_in = reinterpret_cast<Bytef*>(block.data());
    stream.avail_in = static_cast<uInt>(count);
    return count > 0;
  }

  /// After the end of a stream: the next one, if another follows.
  void go_on() {
    if (!refill()) {
      at_end = true;
      return;
    }
    if (wrapping == Wrapping::none || *stream.next_in != 0x1f)
      damaged(file, "something follows the compressed data");
    if (inflateReset(&stream) != Z_OK) throw lang::InternalError("zlib cannot begin another stream");
  }

  /// Unpacks what fits; returns the number of bytes.
  std::size_t inflate_into(std::span<char> to) {
    stream.next_out = reinterpret_cast<Bytef*>(to.data());
    stream.avail_out = static_cast<uInt>(std::min(to.size(), most_at_once));
    const uInt room = stream.avail_out;
    while (stream.avail_out > 0 && !at_end) {
      if (!refill()) damaged(file, "it ends too early");
      const int status = inflate(&stream, Z_NO_FLUSH);
      if (status == Z_MEM_ERROR) throw std::bad_alloc();
      if (status == Z_STREAM_END) {
        go_on();
      } else if (status != Z_OK) {
        damaged(file, "its compressed data make no sense" +
                          (stream.msg == nullptr ? std::string() : " (" + std::string(stream.msg) + ")"));
      }
    }
    return room - stream.avail_out;
  }
};

InflatingSource::InflatingSource(ByteSource& compressed, Wrapping wrapping, FileContext file)
    : state_(new State{compressed, std::move(file), wrapping}) {
  // Negative: no header; 16 more than the size of the window: gzip's.
  const int window = wrapping == Wrapping::gzip ? 16 + MAX_WBITS : -MAX_WBITS;
  if (inflateInit2(&state_->stream, window) != Z_OK) throw std::bad_alloc();
}

InflatingSource::~InflatingSource() { inflateEnd(&state_->stream); }

std::size_t InflatingSource::read(std::span<char> to) {
  std::size_t count = 0;
  while (count < to.size() && !state_->at_end) count += state_->inflate_into(to.subspan(count));
  return count;
}

bool begins_as_gzip(const InputFile& file) {
  std::array<char, 2> magic{};
  return file.read_at(0, magic) == magic.size() && magic[0] == '\x1f' && magic[1] == '\x8b';
}

std::uint32_t checksum(std::uint32_t so_far, std::span<const char> bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(so_far, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace elbo::runtime
