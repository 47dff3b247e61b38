// IDX files and NumPy's as functions of the language: what they read and write, and what they say of bad
// files.
#include <zlib.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "functions_script.hpp"

using elbo::runtime::Settings;
using elbo::test::run_script;
using elbo::test::ScriptRun;
using elbo::test::TemporaryFolder;

namespace {

/// Runs a script beside a file of this content, which it reads as t.
ScriptRun idx(const std::string& content, const std::string& script = "t") {
  const TemporaryFolder folder;
  folder.write("t.idx", content);
  Settings settings;
  settings.search_path = {folder.path()};
  return run_script("let t = read_idx(\"t.idx\")\n" + script, std::move(settings));
}

std::string says(const ScriptRun& run) {
  return run.value ? show(*run.value) : run.code + ": " + run.message;
}

std::string bytes(std::initializer_list<int> values) {
  std::string result;
  for (const int value : values) result += static_cast<char>(value);
  return result;
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

const std::string images = bytes({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 127, 128, 255, 1, 2});

}  // namespace

TEST_CASE("IDX files of every type of number") {
  CHECK(says(idx(images)) == says(run_script("[[[0, 127, 128]], [[255, 1, 2]]]")));
  CHECK(type_name(*idx(images).value) == "int[2, 1, 3]");
  CHECK(says(idx(images, "t > 127")) == "[[[false, false, true]], [[true, false, false]]]");
  CHECK(says(idx(bytes({0, 0, 9, 1, 0, 0, 0, 2, 0x80, 127}))) == "[-128, 127]");
  CHECK(says(idx(bytes({0, 0, 0xB, 1, 0, 0, 0, 2, 0x80, 0, 1, 2}))) == "[-32768, 258]");
  CHECK(says(idx(bytes({0, 0, 0xC, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE}))) == "[-2]");
  CHECK(says(idx(bytes({0, 0, 0xD, 1, 0, 0, 0, 1, 0x3F, 0xC0, 0, 0}))) == "[1.5]");
  CHECK(says(idx(bytes({0, 0, 0xE, 1, 0, 0, 0, 1, 0xC0, 4, 0, 0, 0, 0, 0, 0}))) == "[-2.5]");
  CHECK(says(idx(bytes({0, 0, 8, 0, 7}))) == "7");
  CHECK(type_name(*idx(bytes({0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 9})).value) == "int[0, 9]");
}

TEST_CASE("IDX files packed by gzip, in one piece or several") {
  const std::string expected = says(idx(images));
  CHECK(says(idx(gzip(images))) == expected);
  CHECK(says(idx(gzip(images.substr(0, 7)) + gzip(images.substr(7)))) == expected);
  const std::string packed = gzip(images);
  for (std::size_t size = 2; size < packed.size(); ++size) {
    INFO(size);
    const ScriptRun run = idx(packed.substr(0, size));
    CHECK(run.code == "file-damaged");
    CHECK(run.message.find("ends too early") != std::string::npos);
  }
  CHECK(idx(packed + "x").message.find("something follows the compressed data") != std::string::npos);
  std::string wrong = packed;
  wrong[wrong.size() - 6] = static_cast<char>(wrong[wrong.size() - 6] ^ 1);  // the checksum
  CHECK(idx(wrong).code == "file-damaged");
}

TEST_CASE("IDX files that are none, or do not hold what they say") {
  CHECK(idx("").code == "file-empty");
  CHECK(idx(gzip("")).code == "file-empty");
  CHECK(idx("a,b\n1,2\n").code == "file-format");
  CHECK(idx(bytes({0, 0, 10, 1, 0, 0, 0, 0})).code == "file-format");
  for (std::size_t size = 1; size < images.size(); ++size) {
    INFO(size);
    CHECK(idx(images.substr(0, size)).code == "file-damaged");
    CHECK(idx(gzip(images.substr(0, size))).code == "file-damaged");
  }
  CHECK(idx(images + "x").message.find("more follows after the numbers of shape [2, 1, 3]") !=
        std::string::npos);
  CHECK(idx(gzip(images + "x")).code == "file-damaged");
  // A header that promises more than any memory has.
  CHECK(idx(bytes({0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255})).code ==
        "file-damaged");
  CHECK(idx(gzip(bytes({0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255}))).code == "file-damaged");
  CHECK(run_script("read_idx(\"no-such-file\")").code == "file-not-found");
}

TEST_CASE("what write_npy and write_npz write is read back as it was") {
  const TemporaryFolder folder;
  Settings settings;
  settings.search_path = {folder.path()};
  settings.output_folder = folder.path();
  const ScriptRun run = run_script(
      "let r = {x: [[0.1, 2], [nan, -inf]], i: [1, 2], on: [true, false], one: 7, m: [1, missing], c: 1:3}\n"
      "write_npz(r, \"sub/r.npz\")\nlet b = read_npz(\"sub/r.npz\")\n"
      "write_npy(r.x, \"x.npy\")\nlet x = read_npy(\"x.npy\")\n"
      "[all(b.x[1] == r.x[1]), b.x[2, 2] == -inf, all(b.i == r.i), all(b.on == r.on), b.one == 7, "
      "is_missing(b.m)[2], not is_missing(b.x)[2, 1], all(b.c == [1, 2, 3]), all(x[1] == r.x[1])]",
      settings);
  INFO(run.message);
  CHECK(says(run) == "[true, true, true, true, true, true, true, true, true]");
  CHECK(says(run_script("[type(read_npz(\"sub/r.npz\").i), type(read_npz(\"sub/r.npz\").on)]", settings)) ==
        says(run_script("[type([1, 2]), type([true, false])]")));
  CHECK(folder.names() == std::vector<std::string>{"sub", "x.npy"});
  CHECK(run_script("write_npy(\"a\", \"x.npy\")", settings).code == "wrong-type");
  CHECK(run_script("write_npz([1], \"x.npz\")", settings).code == "wrong-type");
  CHECK(run_script("write_npz({a: {b: 1}}, \"x.npz\")", settings).message.find("`a` must be") == 0);
  CHECK(run_script("write_npy([1], \"sub\")", settings).code == "file-not-writable");
  CHECK(run_script("gradient(fn(x) { write_npy(x, \"y.npy\"); x })(1)", settings).code != "");
}
