// The writer of zip files: each member behind its header, which needs the checksum first, then the directory.
#include <algorithm>

#include "runtime/files/compression.hpp"
#include "runtime/files/zip.hpp"
#include "runtime/files/zip_layout.hpp"

namespace elbo::runtime {

using namespace zip;

namespace {

/// The earliest moment that the format knows, 1 January 1980.
constexpr std::uint16_t no_time = 0, no_date = 1 << 5 | 1;

/// Versions of the format that a reader must know: with directories, and with 64-bit numbers.
constexpr std::uint16_t plain_version = 20, long_version = 45;

bool is_long(std::uint64_t value) { return value >= see_extra; }
std::uint64_t short_form(std::uint64_t value) { return is_long(value) ? see_extra : value; }

/// What header and entry of a member have in common, from its flags on.
void add_description(Bytes& record, const ZipMember& member, std::size_t extra_size) {
  record.add16(member.flags).add16(member.method).add16(no_time).add16(no_date);
  record.add32(member.checksum).add32(short_form(member.packed_size)).add32(short_form(member.size));
  record.add16(member.name.size()).add16(extra_size);
}

/// The extra field of the numbers that do not fit.
std::string long_numbers(std::initializer_list<std::uint64_t> values) {
  Bytes numbers;
  for (const std::uint64_t value : values) {
    if (is_long(value)) numbers.add64(value);
  }
  if (numbers.bytes().empty()) return {};
  Bytes field;
  field.add16(extra64).add16(numbers.bytes().size()).add(numbers.bytes());
  return field.bytes();
}

std::string member_header(const ZipMember& member) {
  // Both sizes, even where only one would not fit: a member's own header must have both.
  const std::string extra = long_numbers({member.size, member.packed_size});
  Bytes record;
  record.add32(member_signature).add16(extra.empty() ? plain_version : long_version);
  add_description(record, member, extra.size());
  return record.add(member.name).add(extra).bytes();
}

std::string directory_entry(const ZipMember& member) {
  const std::string extra = long_numbers({member.size, member.packed_size, member.offset});
  const std::uint16_t version = extra.empty() ? plain_version : long_version;
  Bytes record;
  record.add32(entry_signature).add16(version).add16(version);
  add_description(record, member, extra.size());
  // Without comment, on the first disk, without attributes.
  record.add16(0).add16(0).add16(0).add32(0).add32(short_form(member.offset));
  return record.add(member.name).add(extra).bytes();
}

/// The end for readers that know 64-bit numbers.
std::string long_end(std::uint64_t entries, std::uint64_t size, std::uint64_t offset) {
  Bytes record;
  record.add32(end64_signature).add64(end64_size - 12).add16(long_version).add16(long_version);
  record.add32(0).add32(0).add64(entries).add64(entries).add64(size).add64(offset);
  record.add32(locator64_signature).add32(0).add64(offset + size).add32(1);
  return record.bytes();
}

}  // namespace

void ZipWriter::add(const std::string& name, std::initializer_list<std::string_view> pieces) {
  ZipMember member;
  member.name = name;
  const bool is_ascii =
      std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  member.flags = is_ascii ? 0 : has_utf8_name;
  member.offset = position_;
  for (const std::string_view piece : pieces) {
    member.checksum = checksum(member.checksum, piece);
    member.size += piece.size();
  }
  member.packed_size = member.size;
  const std::string header = member_header(member);
  file_.write(header);
  for (const std::string_view piece : pieces) file_.write(piece);
  position_ += header.size() + member.size;
  members_.push_back(std::move(member));
}

void ZipWriter::finish() {
  std::string directory;
  for (const ZipMember& member : members_) directory += directory_entry(member);
  const std::uint64_t entries = members_.size();
  file_.write(directory);
  if (entries >= see_extra16 || is_long(directory.size()) || is_long(position_)) {
    file_.write(long_end(entries, directory.size(), position_));
  }
  Bytes end;
  const std::uint64_t short_entries = std::min<std::uint64_t>(entries, see_extra16);
  end.add32(end_signature).add16(0).add16(0).add16(short_entries).add16(short_entries);
  end.add32(short_form(directory.size())).add32(short_form(position_)).add16(0);
  file_.write(end.bytes());
}

}  // namespace elbo::runtime
