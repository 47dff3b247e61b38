// Reading and writing of NumPy's header, a dictionary in Python's syntax: three keys in any order, whose
// values are a string (or a list, of a structured type), True or False, and a tuple of ints.
#include "runtime/files/npy_header.hpp"

#include <array>
#include <charconv>
#include <cstdint>

#include "runtime/library.hpp"

namespace elbo::runtime {

namespace {

constexpr std::string_view magic = "\x93NUMPY";

class DictionaryParser {
 public:
  explicit DictionaryParser(std::string_view text) : text_(text) {}

  std::optional<NpyHeader> parse() {
    NpyHeader header;
    bool has_type = false, has_order = false, has_shape = false;
    if (!accept('{')) return std::nullopt;
    while (!accept('}')) {
      const auto key = string();
      if (!key || !accept(':')) return std::nullopt;
      bool known = false;
      if (*key == "descr") known = has_type = type(header.type);
      if (*key == "fortran_order") known = has_order = boolean(header.column_major);
      if (*key == "shape") known = has_shape = tuple(header.shape);
      if (!known) return std::nullopt;
      if (!accept(',') && !next_is('}')) return std::nullopt;
    }
    skip_space();
    if (!text_.empty() || !has_type || !has_order || !has_shape) return std::nullopt;
    return header;
  }

 private:
  void skip_space() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n' || text_[0] == '\t'))
      text_.remove_prefix(1);
  }

  bool next_is(char c) {
    skip_space();
    return !text_.empty() && text_[0] == c;
  }

  bool accept(char c) {
    if (!next_is(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool accept(std::string_view word) {
    skip_space();
    if (text_.substr(0, word.size()) != word) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  std::optional<std::string> string() {
    if (!next_is('\'') && !next_is('"')) return std::nullopt;
    const std::size_t end = text_.find(text_[0], 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string result(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return result;
  }

  bool type(std::string& result) {
    if (const auto plain = string()) {
      result = *plain;
      return true;
    }
    return next_is('[') && list(result);
  }

  /// The text of a list, with what is nested in it.
  bool list(std::string& result) {
    int depth = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] == '[' || text_[i] == '(') ++depth;
      if (text_[i] == ']' || text_[i] == ')') --depth;
      if (depth > 0) continue;
      result = text_.substr(0, i + 1);
      text_.remove_prefix(i + 1);
      return true;
    }
    return false;
  }

  bool boolean(bool& result) {
    result = accept("True");
    return result || accept("False");
  }

  bool tuple(Shape& result) {
    if (!accept('(')) return false;
    while (!accept(')')) {
      skip_space();
      std::int64_t extent = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), extent);
      if (error != std::errc() || extent < 0) return false;
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      accept('L');  // a long of Python 2
      result.push_back(extent);
      if (!accept(',') && !next_is(')')) return false;
    }
    return true;
  }

  std::string_view text_;
};

/// Unsigned, the lowest byte first.
std::uint32_t number(std::string_view bytes) {
  std::uint32_t result = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) result = result << 8 | static_cast<unsigned char>(bytes[i]);
  return result;
}

}  // namespace

std::optional<NpyHeader> parse_npy_dictionary(std::string_view text) {
  return DictionaryParser(text).parse();
}

NpyHeader read_npy_header(ByteSource& source, const FileContext& file) {
  std::array<char, 8> begin{};
  const std::size_t count = source.read(begin);
  const std::string_view found(begin.data(), count);
  if (found.substr(0, magic.size()) != magic.substr(0, found.size()) || found.empty()) {
    fail("file-format", file.path + " is no array of NumPy: it does not begin like one", file.span,
         found.substr(0, 2) == "PK" ? "it may be a file of several arrays, which is read by read_npz" : "");
  }
  if (count < begin.size()) damaged(file, "it ends too early");
  const int version = static_cast<unsigned char>(begin[6]);
  if (version < 1 || version > 3) {
    fail("file-format",
         file.path + " has version " + std::to_string(version) +
             " of NumPy's format for arrays; versions 1 to 3 can be read",
         file.span);
  }
  std::array<char, 4> length_bytes{};
  const std::span<char> length(length_bytes.data(), version == 1 ? 2 : 4);
  read_exactly(source, length, file);
  const std::uint32_t size = number({length.data(), length.size()});
  // A list of fields with names can be long, but not endless.
  if (size > (1u << 24)) damaged(file, "its header makes no sense");
  std::string text(size, '\0');
  read_exactly(source, text, file);
  auto header = parse_npy_dictionary(text);
  if (!header) damaged(file, "its header makes no sense");
  return std::move(*header);
}

std::string npy_header_bytes(const NpyHeader& header) {
  std::string shape = "(";
  for (std::size_t i = 0; i < header.shape.size(); ++i) {
    shape += (i > 0 ? ", " : "") + std::to_string(header.shape[i]);
  }
  shape += header.shape.size() == 1 ? ",)" : ")";
  std::string text = "{'descr': '" + header.type +
                     "', 'fortran_order': " + (header.column_major ? "True" : "False") +
                     ", 'shape': " + shape + ", }";
  // NumPy leaves room for the dimension that may grow, and lets the elements begin at a multiple of 64 bytes.
  constexpr std::size_t digits = 21, alignment = 64, before = 10;
  if (!header.shape.empty()) {
    const std::int64_t growing = header.column_major ? header.shape.back() : header.shape.front();
    text.append(digits - std::to_string(growing).size(), ' ');
  }
  text.append(alignment - (before + text.size() + 1) % alignment, ' ');
  text += '\n';
  const auto size = static_cast<unsigned>(text.size());
  return std::string(magic) + '\x01' + '\0' + static_cast<char>(size & 0xff) + static_cast<char>(size >> 8) +
         text;
}

}  // namespace elbo::runtime
