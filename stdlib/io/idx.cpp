// The reader of IDX: a row per type of element. A packed file is never held unpacked beside its tensor.
#include "stdlib/io/idx.hpp"

#include <array>
#include <cstdint>
#include <optional>

#include "runtime/files/compression.hpp"
#include "runtime/files/elements.hpp"
#include "runtime/library.hpp"

namespace elbo::stdlib {

using namespace runtime;

namespace {

/// What is being read, past its header.
struct Reading {
  ByteSource& source;
  const FileContext& file;
  Shape shape;
  std::size_t count;
};

template <class T, class Convert>
Tensor read_as(Reading& reading) {
  return Tensor(reading.shape,
                read_elements<T>(reading.source, reading.count, is_little_endian, Convert(), reading.file));
}

struct IdxType {
  unsigned char code;
  std::size_t size;
  Tensor (*read)(Reading&);
};

constexpr std::array idx_types{
    IdxType{0x08, 1, read_as<std::uint8_t, AsItIs>},    IdxType{0x09, 1, read_as<std::int8_t, AsInteger>},
    IdxType{0x0B, 2, read_as<std::int16_t, AsInteger>}, IdxType{0x0C, 4, read_as<std::int32_t, AsInteger>},
    IdxType{0x0D, 4, read_as<float, AsItIs>},           IdxType{0x0E, 8, read_as<double, AsItIs>},
};

[[noreturn]] void other_file(const FileContext& file, const std::string& why) {
  fail("file-format", file.path + " is no IDX file: " + why, file.span);
}

const IdxType& type_of(unsigned char code, const FileContext& file) {
  for (const IdxType& type : idx_types) {
    if (type.code == code) return type;
  }
  other_file(file, "its magic number names no type of numbers");
}

/// Reads the header and finds out what follows.
const IdxType& read_header(ByteSource& source, Shape& shape, const FileContext& file) {
  std::array<char, 4> magic{};
  const std::size_t count = source.read(magic);
  if (count == 0) fail("file-empty", file.path + " is empty", file.span);
  if (magic[0] != 0 || (count > 1 && magic[1] != 0))
    other_file(file, "its magic number does not begin with two zeros");
  if (count < magic.size()) damaged(file, "it ends too early");
  const IdxType& type = type_of(static_cast<unsigned char>(magic[2]), file);
  const auto rank = static_cast<std::size_t>(static_cast<unsigned char>(magic[3]));
  for (const std::uint32_t extent :
       read_elements<std::uint32_t>(source, rank, is_little_endian, AsItIs(), file)) {
    shape.push_back(extent);
  }
  return type;
}

/// `available`: how many bytes the source has at most.
Tensor decode_idx(ByteSource& source, std::uint64_t available, const FileContext& file) {
  Shape shape;
  const IdxType& type = read_header(source, shape, file);
  const auto bytes = byte_count(shape, type.size);
  if (!bytes || *bytes > available)
    damaged(file, "its header promises shape " + show(shape) + ", but it ends too early");
  Reading reading{source, file, shape, static_cast<std::size_t>(*bytes / type.size)};
  Tensor tensor = type.read(reading);
  if (!at_end(source)) damaged(file, "more follows after the numbers of shape " + show(shape));
  return tensor;
}

}  // namespace

Tensor read_idx(const FileContext& file) {
  const InputFile input(file);
  FileSource bytes(input);
  if (!begins_as_gzip(input)) return decode_idx(bytes, input.size(), file);
  InflatingSource unpacked(bytes, Wrapping::gzip, file);
  return decode_idx(unpacked, (input.size() + 1) * greatest_inflation, file);
}

}  // namespace elbo::stdlib
