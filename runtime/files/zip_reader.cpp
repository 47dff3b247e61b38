// The reader of zip files: from the end to the directory, from the directory to the members. What a member's
// own header repeats is not read, but for its length: writers that cannot go back leave zeros there.
#include <algorithm>
#include <array>
#include <optional>

#include "runtime/files/compression.hpp"
#include "runtime/files/zip.hpp"
#include "runtime/files/zip_layout.hpp"
#include "runtime/library.hpp"

namespace elbo::runtime {

using namespace zip;

namespace {

/// Bytes of the file, all of them.
std::string bytes_at(const InputFile& file, std::uint64_t offset, std::uint64_t count) {
  if (offset > file.size() || count > file.size() - offset) damaged(file.context(), "it ends too early");
  std::string result(static_cast<std::size_t>(count), '\0');
  if (file.read_at(offset, result) < count) damaged(file.context(), "it ends too early");
  return result;
}

/// Where the directory is.
struct Directory {
  std::uint64_t entries = 0, size = 0, offset = 0;
};

/// The record at the end, behind which a comment of any text may stand. Nothing when there is none.
std::optional<std::uint64_t> find_end(const InputFile& file) {
  constexpr std::uint64_t longest_comment = 0xffff;
  const std::uint64_t searched = std::min<std::uint64_t>(file.size(), end_size + longest_comment);
  const std::string tail = bytes_at(file, file.size() - searched, searched);
  if (tail.size() < end_size) return std::nullopt;
  for (std::size_t i = tail.size() - end_size + 1; i-- > 0;) {
    if (number32(tail, i) == end_signature && i + end_size + number16(tail, i + 20) == tail.size())
      return file.size() - searched + i;
  }
  return std::nullopt;
}

Directory find_directory(const InputFile& file) {
  const auto end = find_end(file);
  if (!end) {
    const std::array<char, 4> zip_begin{'P', 'K', '\x03', '\x04'};
    std::array<char, 4> begin{};
    file.read_at(0, begin);
    if (begin == zip_begin) damaged(file.context(), "it ends too early");
    fail("file-format", file.context().path + " is no zip file", file.context().span,
         "arrays that numpy.savez wrote are a zip file; a single one (.npy) is read by read_npy");
  }
  const std::string record = bytes_at(file, *end, end_size);
  Directory result{number16(record, 10), number32(record, 12), number32(record, 16)};
  const bool is_long =
      result.entries == see_extra16 || result.size == see_extra || result.offset == see_extra;
  if (!is_long || *end < locator64_size) return result;
  const std::string locator = bytes_at(file, *end - locator64_size, locator64_size);
  if (number32(locator, 0) != locator64_signature) return result;
  const std::string longer = bytes_at(file, number64(locator, 8), end64_size);
  if (number32(longer, 0) != end64_signature) damaged(file.context(), "its directory makes no sense");
  return {number64(longer, 32), number64(longer, 40), number64(longer, 48)};
}

/// Takes the numbers that did not fit from the extra field, where they stand in this order.
bool take_long_numbers(std::string_view extra, ZipMember& member) {
  const auto needs = [](std::uint64_t value) { return value == see_extra; };
  if (!needs(member.size) && !needs(member.packed_size) && !needs(member.offset)) return true;
  while (extra.size() >= 4) {
    const std::size_t size = number16(extra, 2);
    if (size > extra.size() - 4) return false;
    std::string_view field = extra.substr(4, size);
    if (number16(extra, 0) == extra64) {
      for (std::uint64_t* value : {&member.size, &member.packed_size, &member.offset}) {
        if (!needs(*value)) continue;
        if (field.size() < 8) return false;
        *value = number64(field, 0);
        field.remove_prefix(8);
      }
      return true;
    }
    extra.remove_prefix(4 + size);
  }
  return true;  // a size that happens to be the largest of 32 bits
}

/// Reads the entry at the begin of `rest` and removes it; nothing when it makes no sense.
std::optional<ZipMember> take_entry(std::string_view& rest) {
  if (rest.size() < entry_size || number32(rest, 0) != entry_signature) return std::nullopt;
  ZipMember member;
  member.flags = number16(rest, 8);
  member.method = number16(rest, 10);
  member.checksum = number32(rest, 16);
  member.packed_size = number32(rest, 20);
  member.size = number32(rest, 24);
  member.offset = number32(rest, 42);
  const std::size_t name = number16(rest, 28), extra = number16(rest, 30), comment = number16(rest, 32);
  if (rest.size() - entry_size < name + extra + comment) return std::nullopt;
  member.name = rest.substr(entry_size, name);
  if (!take_long_numbers(rest.substr(entry_size + name, extra), member)) return std::nullopt;
  rest.remove_prefix(entry_size + name + extra + comment);
  return member;
}

/// Counts and sums up what is read.
class CheckedSource : public ByteSource {
 public:
  explicit CheckedSource(ByteSource& source) : source_(source) {}
  std::size_t read(std::span<char> to) override {
    const std::size_t count = source_.read(to);
    checksum_ = checksum(checksum_, to.first(count));
    size_ += count;
    return count;
  }
  bool agrees_with(const ZipMember& member) const {
    return size_ == member.size && checksum_ == member.checksum;
  }

 private:
  ByteSource& source_;
  std::uint64_t size_ = 0;
  std::uint32_t checksum_ = 0;
};

}  // namespace

std::vector<ZipMember> zip_directory(const InputFile& file) {
  const Directory directory = find_directory(file);
  const std::string bytes = bytes_at(file, directory.offset, directory.size);
  std::vector<ZipMember> members;
  std::string_view rest = bytes;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    auto member = take_entry(rest);
    if (!member) damaged(file.context(), "its directory makes no sense");
    members.push_back(std::move(*member));
  }
  return members;
}

void read_zip_member(const InputFile& file, const ZipMember& member,
                     const std::function<void(ByteSource&)>& read) {
  const FileContext context{"`" + member.name + "` in " + file.context().path, file.context().span};
  if ((member.flags & is_encrypted) != 0) fail("file-format", context.path + " is encrypted", context.span);
  if (member.method != stored && member.method != deflated) {
    fail("file-format", context.path + " is packed by a method other than deflate", context.span);
  }
  const std::string header = bytes_at(file, member.offset, member_size);
  if (number32(header, 0) != member_signature) damaged(context, "it is not where the directory says");
  const std::uint64_t begin = member.offset + member_size + number16(header, 26) + number16(header, 28);
  if (begin > file.size() || member.packed_size > file.size() - begin) damaged(context, "it ends too early");
  FileSource packed(file, begin, begin + member.packed_size);
  std::optional<InflatingSource> unpacked;
  if (member.method == deflated) unpacked.emplace(packed, Wrapping::none, context);
  CheckedSource checked(unpacked ? static_cast<ByteSource&>(*unpacked) : packed);
  read(checked);
  if (!at_end(checked)) damaged(context, "something follows the last number");
  if (!checked.agrees_with(member)) damaged(context, "its bytes differ from its checksum");
}

}  // namespace elbo::runtime
