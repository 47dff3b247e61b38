// NumPy's formats: files that NumPy wrote (tests/data/numpy, by make.py), and files of our own, whole and
// damaged.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "runtime/files/npy.hpp"
#include "runtime/files/npy_header.hpp"
#include "runtime/missing.hpp"

using namespace elbo::runtime;
namespace fs = std::filesystem;

namespace {

std::string data_file(const std::string& name) { return ELBO_SOURCE_DIR "/tests/data/numpy/" + name; }

Tensor npy(const std::string& name) { return read_npy({data_file(name), {}}); }
NamedTensors npz(const std::string& name) { return read_npz({data_file(name), {}}); }

/// The code and message of what a call fails with.
template <class Call>
std::string failure(Call call) {
  try {
    call();
  } catch (const elbo::lang::Failure& failure) {
    return failure.diagnostic().code + ": " + failure.diagnostic().message;
  }
  return "no failure";
}

std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// A path in a folder of its own, which goes away with it.
class Scratch {
 public:
  explicit Scratch(const std::string& name) {
    std::string pattern = (fs::temp_directory_path() / "elbo-files-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = (folder_ / name).string();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { fs::remove_all(folder_); }
  const std::string& path() const { return path_; }
  void write(std::string_view bytes) const {
    fs::remove(path_);  // writing over it would wait for the disk
    std::ofstream stream(path_, std::ios::binary);
    stream << bytes;
  }
  std::size_t files_beside() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

 private:
  fs::path folder_;
  std::string path_;
};

Tensor grid(Storage storage) {
  return Tensor({2, 3}, std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}).stored_as(storage);
}

const std::vector<Tensor> samples{
    Tensor::boolean({2, 2}, {1, 0, 0, 1}),
    Tensor({3}, std::vector<std::uint8_t>{0, 128, 255}),
    Tensor({1, 2}, std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), 7}),
    Tensor({2}, std::vector<float>{1.5F, -std::numeric_limits<float>::infinity()}),
    Tensor({2, 1, 2}, std::vector<double>{0.1, std::nan(""), -0.0, 1e300}),
    Tensor::scalar(2.5),
    Tensor({0, 3}, std::vector<double>{}),
    Tensor({4}, std::vector<double>{1, missing_real(), 2, 3}),
};

/// Bit by bit, so that kinds of NaN and signs of zeros count.
bool same_bits(const Tensor& a, const Tensor& b) {
  return a.storage() == b.storage() && a.shape() == b.shape() && element_bytes(a) == element_bytes(b);
}

}  // namespace

TEST_CASE("every type of NumPy's numbers is read as the storage that holds it", "[files]") {
  const std::vector<std::pair<std::string, Storage>> types{
      {"int8", Storage::integer},       {"int16", Storage::integer},      {"int32", Storage::integer},
      {"int64", Storage::integer},      {"uint8", Storage::byte},         {"uint16", Storage::integer},
      {"uint32", Storage::integer},     {"uint64", Storage::integer},     {"float16", Storage::single},
      {"float32", Storage::single},     {"float64", Storage::real},       {"big_int16", Storage::integer},
      {"big_int32", Storage::integer},  {"big_int64", Storage::integer},  {"big_uint32", Storage::integer},
      {"big_float16", Storage::single}, {"big_float32", Storage::single}, {"big_float64", Storage::real},
      {"version_2", Storage::real},     {"version_3", Storage::real},     {"python_2", Storage::integer}};
  for (const auto& [name, storage] : types) {
    INFO(name);
    CHECK(same_bits(npy(name + ".npy"), grid(storage)));
  }
  CHECK(same_bits(npy("bool.npy"), Tensor::boolean({2, 3}, {0, 1, 0, 1, 0, 1})));
}

TEST_CASE("the ends of the integers and all kinds of halves", "[files]") {
  const auto integers = [](std::vector<std::int64_t> values) {
    const Shape shape{static_cast<std::int64_t>(values.size())};
    return Tensor(shape, std::move(values));
  };
  CHECK(same_bits(npy("extremes_int8.npy"), integers({-128, 127})));
  CHECK(same_bits(npy("extremes_uint32.npy"), integers({0, 4294967295})));
  CHECK(same_bits(npy("extremes_int64.npy"), integers({std::numeric_limits<std::int64_t>::min(),
                                                       std::numeric_limits<std::int64_t>::max()})));
  const Tensor halves = npy("halves.npy");
  const float infinite = std::numeric_limits<float>::infinity();
  const float expected[] = {0,        -0.0F,           1,           -2,       65504,    0x1p-14F,
                            0x1p-24F, 1023 * 0x1p-24F, 0.33325195F, infinite, -infinite};
  REQUIRE(halves.size() == 12);
  for (std::size_t i = 0; i < 11; ++i) {
    CHECK(halves.values<float>()[i] == expected[i]);
    CHECK(std::signbit(halves.values<float>()[i]) == std::signbit(expected[i]));
  }
  CHECK(std::isnan(halves.values<float>()[11]));
}

TEST_CASE("columns become rows; scalars and empty arrays keep their shapes", "[files]") {
  std::vector<double> reals(24);
  for (std::size_t i = 0; i < 24; ++i) reals[i] = static_cast<double>(i);
  const Tensor expected({2, 3, 4}, reals);
  CHECK(same_bits(npy("columns.npy"), expected));
  CHECK(same_bits(npy("columns_int32.npy"), expected.stored_as(Storage::integer)));
  CHECK(same_bits(npy("scalar.npy"), Tensor::scalar(2.5)));
  CHECK(same_bits(npy("none.npy"), Tensor({0, 3}, std::vector<double>{})));
}

TEST_CASE("what is no number is refused by its name", "[files]") {
  const auto says = [](const std::string& name, const std::string& what) {
    CHECK(failure([&] { npy(name); }) == "npy-type: " + data_file(name) + " holds " + what + ", not numbers");
  };
  says("texts.npy", "texts (<U3)");
  says("bytes.npy", "texts (|S3)");
  says("complex.npy", "complex numbers (<c16)");
  says("dates.npy", "dates and times (<M8[D])");
  says("records.npy", "records ([('a', '<i4'), ('b', '<f8', (2,))])");
  says("long_double.npy", "long doubles (<f16)");
  says("objects.npy", "Python objects (|O)");
  CHECK(failure([] { npy("too_large.npy"); }) ==
        "integer-overflow: " + data_file("too_large.npy") +
            " holds 9223372036854775808, which does not fit into an int");
  CHECK(failure([] { npy("make.py"); }) ==
        "file-format: " + data_file("make.py") + " is no array of NumPy: it does not begin like one");
}

TEST_CASE("a npy file of ours is what numpy.save writes, and is read back bit by bit", "[files]") {
  const Scratch scratch("x.npy");
  for (const auto& [name, storage] :
       std::vector<std::pair<std::string, Storage>>{{"uint8", Storage::byte},
                                                    {"int64", Storage::integer},
                                                    {"float32", Storage::single},
                                                    {"float64", Storage::real}}) {
    INFO(name);
    write_npy(scratch.path(), grid(storage), {});
    CHECK(content(scratch.path()) == content(data_file(name + ".npy")));
  }
  write_npy(scratch.path(), Tensor::scalar(2.5), {});
  CHECK(content(scratch.path()) == content(data_file("scalar.npy")));
  write_npy(scratch.path(), Tensor({0, 3}, std::vector<double>{}), {});
  CHECK(content(scratch.path()) == content(data_file("none.npy")));
  for (const Tensor& sample : samples) {
    write_npy(scratch.path(), sample, {});
    CHECK(same_bits(read_npy({scratch.path(), {}}), sample));
  }
  CHECK(scratch.files_beside() == 1);
}

TEST_CASE("a damaged npy file is never read", "[files]") {
  const Scratch scratch("x.npy");
  const auto says = [&](std::string_view bytes) {
    scratch.write(bytes);
    std::string result = failure([&] { read_npy({scratch.path(), {}}); });
    const std::size_t at = result.find(scratch.path());
    return at == std::string::npos ? result : result.replace(at, scratch.path().size(), "x");
  };
  const std::string whole = content(data_file("float64.npy"));
  CHECK(says("") == "file-empty: x is empty");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    INFO(size);
    CHECK(says(std::string_view(whole).substr(0, size)) == "file-damaged: x is damaged: it ends too early");
  }
  CHECK(says(whole + "x") == "file-damaged: x is damaged: something follows the last number");
  std::string other = whole;
  other[6] = 4;
  CHECK(says(other) ==
        "file-format: x has version 4 of NumPy's format for arrays; versions 1 to 3 can be read");
  const auto with_shape = [&](const std::string& shape) {
    std::string text = whole;
    const std::string old = "(2, 3)";
    return text.replace(text.find(old), old.size(), shape);
  };
  CHECK(says(with_shape("(2,-3)")) == "file-damaged: x is damaged: its header makes no sense");
  CHECK(says(with_shape("(2, 3,")) == "file-damaged: x is damaged: its header makes no sense");
  for (const char* larger : {"(2, 4)", "(4294967296, 4294967296)", "(9223372036854775807,)"}) {
    CHECK(says(with_shape(larger)) == "file-damaged: x is damaged: it ends too early");
  }
}

TEST_CASE("headers: any order and spacing, and what is none", "[files]") {
  const auto header = parse_npy_dictionary("{\"shape\": ( 2L ,3L,) , 'descr':'<f8','fortran_order':True}");
  REQUIRE(header);
  CHECK(header->type == "<f8");
  CHECK(header->column_major);
  CHECK(header->shape == Shape{2, 3});
  CHECK(parse_npy_dictionary("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': ()}")->type ==
        "[('a', '<i4')]");
  for (const char* text : {"", "{", "{}", "{'descr': '<f8', 'fortran_order': False}",
                           "{'descr': '<f8', 'fortran_order': 0, 'shape': ()}",
                           "{'descr': <f8, 'fortran_order': False, 'shape': ()}",
                           "{'descr': '<f8', 'fortran_order': False, 'shape': (1}",
                           "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}",
                           "{'descr': '<f8', 'fortran_order': False, 'shape': (), 'more': 1}",
                           "{'descr': '<f8', 'fortran_order': False, 'shape': ()} x",
                           "{'descr': [('a', 'fortran_order': False, 'shape': ()}",
                           "{'descr': '<f8' 'fortran_order': False, 'shape': ()}"}) {
    INFO(text);
    CHECK_FALSE(parse_npy_dictionary(text).has_value());
  }
}

TEST_CASE("npz files of NumPy: stored, deflated, streamed, with 64-bit numbers", "[files]") {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    INFO(name);
    const NamedTensors arrays = npz(name);
    REQUIRE(arrays.size() == 4);
    CHECK(arrays[0].first == "weights");
    CHECK(same_bits(arrays[0].second, grid(Storage::real)));
    CHECK(same_bits(arrays[1].second, Tensor({3}, std::vector<std::uint8_t>{7, 8, 9})));
    CHECK(same_bits(arrays[2].second, Tensor::boolean({}, {1})));
    CHECK(arrays[3].first == "größe");
    CHECK(same_bits(arrays[3].second, Tensor({1}, std::vector<float>{1.5F})));
  }
  const NamedTensors positional = npz("positional.npz");
  REQUIRE(positional.size() == 2);
  CHECK(positional[1].first == "arr_1");
  CHECK(same_bits(positional[1].second, Tensor({3, 2}, std::vector<std::int64_t>{1, 4, 2, 5, 3, 6})));
  CHECK(same_bits(npz("streamed.npz").at(0).second, grid(Storage::real)));
  const NamedTensors many = npz("long_numbers.npz");
  REQUIRE(many.size() == 2);
  CHECK(same_bits(many[1].second, grid(Storage::integer)));
}

TEST_CASE("npz files that hold something else", "[files]") {
  CHECK(failure([] { npz("with_text.npz"); }) ==
        "file-format: " + data_file("with_text.npz") +
            " holds `readme.txt`, which is no array (its name does not end in .npy)");
  CHECK(failure([] { npz("bzip2.npz"); }) ==
        "file-format: `a.npy` in " + data_file("bzip2.npz") + " is packed by a method other than deflate");
  CHECK(failure([] { npz("scalar.npy"); }) == "file-format: " + data_file("scalar.npy") + " is no zip file");
}

TEST_CASE("npz files of ours are read back bit by bit, and are the same bytes every time", "[files]") {
  const Scratch scratch("x.npz");
  NamedTensors tensors;
  for (const Tensor& sample : samples)
    tensors.emplace_back("größe_" + std::to_string(tensors.size()), sample);
  write_npz(scratch.path(), tensors, {});
  const std::string first = content(scratch.path());
  write_npz(scratch.path(), tensors, {});
  CHECK(content(scratch.path()) == first);
  CHECK(scratch.files_beside() == 1);
  const NamedTensors back = read_npz({scratch.path(), {}});
  REQUIRE(back.size() == tensors.size());
  for (std::size_t i = 0; i < back.size(); ++i) {
    CHECK(back[i].first == tensors[i].first);
    CHECK(same_bits(back[i].second, tensors[i].second));
  }
  write_npz(scratch.path(), {}, {});
  CHECK(read_npz({scratch.path(), {}}).empty());
  CHECK_THROWS_AS(write_npz(scratch.path(), {{"a", samples[0]}, {"a", samples[1]}}, {}),
                  elbo::lang::InternalError);
  CHECK(failure([&] {
          write_npz(scratch.path(), {{std::string(70'000, 'a'), samples[0]}}, {});
        }).substr(0, 13) == "bad-argument:");
  CHECK(read_npz({scratch.path(), {}}).empty());  // what failed left the file alone
}

TEST_CASE("more arrays than a zip file of 16-bit numbers can have", "[files]") {
  const Scratch scratch("x.npz");
  NamedTensors tensors;
  for (int i = 0; i < 66'000; ++i) tensors.emplace_back("t" + std::to_string(i), Tensor::scalar(i));
  write_npz(scratch.path(), tensors, {});
  const NamedTensors back = read_npz({scratch.path(), {}});
  REQUIRE(back.size() == tensors.size());
  CHECK(back.back().second.real(0) == 65'999);
}

TEST_CASE("a npz file that is cut off or has one wrong byte is never read as if it were whole", "[files]") {
  const Scratch scratch("x.npz");
  const NamedTensors tensors{{"a", grid(Storage::real)},
                             {"b", Tensor({3}, std::vector<std::uint8_t>{1, 2, 3})}};
  write_npz(scratch.path(), tensors, {});
  const std::string own = content(scratch.path()), deflated = content(data_file("deflated.npz"));
  for (const std::string& whole : {own, deflated}) {
    for (std::size_t size = 1; size < whole.size(); ++size) {
      scratch.write(std::string_view(whole).substr(0, size));
      INFO(size);
      CHECK(failure([&] { read_npz({scratch.path(), {}}); }).substr(0, 5) == "file-");
    }
  }
  // Bytes of the arrays themselves are guarded by their checksums.
  const std::size_t a = own.find("\x93NUMPY"), b = own.find("\x93NUMPY", a + 1);
  for (std::size_t at = a; at < a + 128 + 48; at += 7) {
    std::string wrong = own;
    wrong[at] = static_cast<char>(wrong[at] ^ 0x10);
    scratch.write(wrong);
    INFO(at);
    CHECK(failure([&] { read_npz({scratch.path(), {}}); }) != "no failure");
  }
  std::string wrong = own;
  wrong[b + 128] = 9;
  scratch.write(wrong);
  CHECK(failure([&] {
          read_npz({scratch.path(), {}});
        }) ==
        "file-damaged: `b.npy` in " + scratch.path() + " is damaged: its bytes differ from its checksum");
  // Any byte of the rest may be ignored by readers, but must not bring down the program.
  for (const std::string& whole : {own, deflated}) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      wrong = whole;
      wrong[at] = static_cast<char>(wrong[at] ^ 0xff);
      scratch.write(wrong);
      failure([&] { read_npz({scratch.path(), {}}); });
    }
  }
}

TEST_CASE("a file that cannot be written leaves nothing behind", "[files]") {
  const Scratch scratch("x.npy");
  fs::create_directory(scratch.path());
  CHECK(failure([&] { write_npy(scratch.path(), samples[0], {}); }) ==
        "file-not-writable: cannot write " + scratch.path() + ": it is a folder");
  CHECK(scratch.files_beside() == 1);
  CHECK(failure([&] { write_npy("/dev/null/x.npy", samples[0], {}); }).substr(0, 18) == "file-not-writable:");
  CHECK(failure([&] {
          read_npy({scratch.path() + "/none.npy", {}});
        }) == "file-not-readable: cannot read " + scratch.path() + "/none.npy: No such file or directory");
}
