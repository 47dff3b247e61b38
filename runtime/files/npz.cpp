// Named arrays: a zip file of .npy members.
#include <set>

#include "runtime/files/compression.hpp"
#include "runtime/files/npy.hpp"
#include "runtime/files/zip.hpp"
#include "runtime/files/zip_layout.hpp"
#include "runtime/library.hpp"

namespace elbo::runtime {

namespace {

constexpr std::string_view ending = ".npy";

/// The format's limit for names is 65535, ending included.
constexpr std::size_t longest_name = 65'000;

/// The greatest number of bytes that a member can have, whatever the directory says.
std::uint64_t greatest_size(const ZipMember& member) {
  if (member.method == zip::stored) return member.packed_size;
  return member.packed_size > UINT64_MAX / greatest_inflation ? UINT64_MAX
                                                              : member.packed_size * greatest_inflation;
}

}  // namespace

NamedTensors read_npz(const FileContext& file) {
  const InputFile input(file);
  if (input.size() == 0) fail("file-empty", file.path + " is empty", file.span);
  NamedTensors result;
  std::set<std::string> names;
  for (const ZipMember& member : zip_directory(input)) {
    if (!member.name.ends_with(ending)) {
      fail("file-format",
           file.path + " holds `" + member.name + "`, which is no array (its name does not end in .npy)",
           file.span);
    }
    const std::string name = member.name.substr(0, member.name.size() - ending.size());
    if (!names.insert(name).second) damaged(file, "two of its arrays are called `" + name + "`");
    const FileContext context{"`" + name + "` in " + file.path, file.span};
    read_zip_member(input, member, [&](ByteSource& source) {
      result.emplace_back(name, decode_npy(source, greatest_size(member), context));
    });
  }
  return result;
}

void write_npz(const std::string& path, const NamedTensors& tensors, const lang::Span& span) {
  AtomicFile file(path, span);
  ZipWriter writer(file);
  std::set<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    if (!names.insert(name).second) throw lang::InternalError("two arrays are called `" + name + "`");
    if (name.size() > longest_name) {
      fail("bad-argument",
           "the name of an array must be shorter than " + std::to_string(longest_name) + " bytes, but is `" +
               name.substr(0, 40) + "…`",
           span);
    }
    writer.add(name + std::string(ending), {npy_header_of(tensor), element_bytes(tensor)});
  }
  writer.finish();
  file.finish();
}

}  // namespace elbo::runtime
