// Elements of NumPy's arrays to tensors: one row per type of element, which says how it is stored here.
#include "runtime/files/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "runtime/files/elements.hpp"
#include "runtime/files/npy_header.hpp"
#include "runtime/library.hpp"

namespace elbo::runtime {

namespace {

// ---- single elements --------------------------------------------------------------------------------------

/// The number of a half (IEEE 754 binary16): a sign, five bits of exponent, ten of fraction.
float half_to_float(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
  const float sign = (bits & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  if (exponent < 0x1f) return sign * std::ldexp(static_cast<float>(0x400 | fraction), exponent - 25);
  return fraction == 0 ? sign * std::numeric_limits<float>::infinity()
                       : std::numeric_limits<float>::quiet_NaN();
}

struct AsTruth {
  std::uint8_t operator()(std::uint8_t value) const { return value != 0 ? 1 : 0; }
};
struct AsFloat {
  float operator()(std::uint16_t bits) const { return half_to_float(bits); }
};

// ---- all elements -----------------------------------------------------------------------------------------

/// What is being read, past its header.
struct Reading {
  ByteSource& source;
  const FileContext& file;
  Shape shape;
  std::size_t count;
  bool swapped;       ///< bytes lie in the other order than in memory
  bool column_major;  ///< the first index runs fastest
};

/// Elements that lie column by column, row by row.
template <class T>
std::vector<T> row_major(const std::vector<T>& columns, const Shape& shape) {
  std::vector<T> result(columns.size());
  const std::size_t rank = shape.size();
  std::vector<std::size_t> strides(rank, 1), at(rank, 0);
  for (std::size_t i = 1; i < rank; ++i) strides[i] = strides[i - 1] * static_cast<std::size_t>(shape[i - 1]);
  std::size_t from = 0;
  for (T& value : result) {
    value = columns[from];
    for (std::size_t i = rank; i-- > 0;) {
      from += strides[i];
      if (++at[i] < static_cast<std::size_t>(shape[i])) break;
      from -= strides[i] * at[i];
      at[i] = 0;
    }
  }
  return result;
}

/// Elements stored as T, each through `convert`.
template <class T, class Convert>
auto elements_of(Reading& reading, Convert convert) {
  auto result = read_elements<T>(reading.source, reading.count, reading.swapped, convert, reading.file);
  return reading.column_major && reading.shape.size() > 1 ? row_major(result, reading.shape) : result;
}

template <class T, class Convert>
Tensor read_as(Reading& reading) {
  return Tensor(reading.shape, elements_of<T>(reading, Convert()));
}

Tensor read_truths(Reading& reading) {
  return Tensor::boolean(reading.shape, elements_of<std::uint8_t>(reading, AsTruth()));
}

/// 64 bits without a sign: half of them have no int.
Tensor read_unsigned(Reading& reading) {
  std::vector<std::int64_t> values = elements_of<std::uint64_t>(reading, AsInteger());
  const auto beyond =
      std::find_if(values.begin(), values.end(), [](std::int64_t value) { return value < 0; });
  if (beyond == values.end()) return Tensor(reading.shape, std::move(values));
  fail("integer-overflow",
       reading.file.path + " holds " + std::to_string(static_cast<std::uint64_t>(*beyond)) +
           ", which does not fit into an int",
       reading.file.span, "save the array as doubles: x.astype(numpy.float64)");
}

struct NpyType {
  std::string_view code;  ///< kind and size in bytes, as NumPy writes them after the byte order
  std::size_t size;
  Tensor (*read)(Reading&);
};

constexpr std::array npy_types{
    NpyType{"b1", 1, read_truths},
    NpyType{"u1", 1, read_as<std::uint8_t, AsItIs>},
    NpyType{"u2", 2, read_as<std::uint16_t, AsInteger>},
    NpyType{"u4", 4, read_as<std::uint32_t, AsInteger>},
    NpyType{"u8", 8, read_unsigned},
    NpyType{"i1", 1, read_as<std::int8_t, AsInteger>},
    NpyType{"i2", 2, read_as<std::int16_t, AsInteger>},
    NpyType{"i4", 4, read_as<std::int32_t, AsInteger>},
    NpyType{"i8", 8, read_as<std::int64_t, AsItIs>},
    NpyType{"f2", 2, read_as<std::uint16_t, AsFloat>},
    NpyType{"f4", 4, read_as<float, AsItIs>},
    NpyType{"f8", 8, read_as<double, AsItIs>},
};

/// What elements are that are no numbers, or none that fit, by the letter of their kind.
constexpr std::array<std::pair<char, std::string_view>, 8> other_kinds{{{'U', "texts"},
                                                                        {'S', "texts"},
                                                                        {'a', "texts"},
                                                                        {'O', "Python objects"},
                                                                        {'c', "complex numbers"},
                                                                        {'f', "long doubles"},
                                                                        {'M', "dates and times"},
                                                                        {'m', "dates and times"}}};

std::string other_kind(std::string_view code) {
  for (const auto& [letter, kind] : other_kinds) {
    if (code.substr(0, 1) == std::string_view(&letter, 1)) return std::string(kind);
  }
  return "records";
}

constexpr char native_order = is_little_endian ? '<' : '>';

const NpyType& type_of(const NpyHeader& header, const FileContext& file) {
  std::string_view code = header.type;
  if (!code.empty() && std::string_view("<>|=").find(code[0]) != std::string_view::npos)
    code.remove_prefix(1);
  for (const NpyType& type : npy_types) {
    if (type.code == code) return type;
  }
  fail("npy-type", file.path + " holds " + other_kind(code) + " (" + header.type + "), not numbers",
       file.span, "numbers are bool, int8 to int64, uint8 to uint64, float16, float32 and float64");
}

// ---- writing ----------------------------------------------------------------------------------------------

/// NumPy's code and the size of an element, by storage.
struct StoredType {
  std::string_view code;
  std::size_t size;
};
constexpr std::array<StoredType, 5> stored_types{{{"b1", 1}, {"u1", 1}, {"i8", 8}, {"f4", 4}, {"f8", 8}}};

const StoredType& stored_type(const Tensor& tensor) {
  return stored_types[static_cast<std::size_t>(tensor.storage())];
}

}  // namespace

Tensor decode_npy(ByteSource& source, std::uint64_t available, const FileContext& file) {
  const NpyHeader header = read_npy_header(source, file);
  const NpyType& type = type_of(header, file);
  const auto bytes = byte_count(header.shape, type.size);
  if (!bytes || *bytes > available) damaged(file, "it ends too early");
  const bool swapped = header.type[0] != native_order && (header.type[0] == '<' || header.type[0] == '>');
  Reading reading{
      source, file, header.shape, static_cast<std::size_t>(*bytes / type.size), swapped, header.column_major};
  return type.read(reading);
}

Tensor read_npy(const FileContext& file) {
  const InputFile input(file);
  if (input.size() == 0) fail("file-empty", file.path + " is empty", file.span);
  FileSource source(input);
  Tensor tensor = decode_npy(source, input.size(), file);
  if (!at_end(source)) damaged(file, "something follows the last number");
  return tensor;
}

std::string npy_header_of(const Tensor& tensor) {
  const StoredType& type = stored_type(tensor);
  const char order = type.size == 1 ? '|' : native_order;
  return npy_header_bytes({order + std::string(type.code), false, tensor.shape()});
}

std::string_view element_bytes(const Tensor& tensor) {
  return {static_cast<const char*>(tensor.address()),
          static_cast<std::size_t>(tensor.size()) * stored_type(tensor).size};
}

void write_npy(const std::string& path, const Tensor& tensor, const lang::Span& span) {
  AtomicFile file(path, span);
  file.write(npy_header_of(tensor));
  file.write(element_bytes(tensor));
  file.finish();
}

}  // namespace elbo::runtime
