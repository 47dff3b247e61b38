// Tensors: construction, conversion, sharing, comparison and shapes.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "runtime/tensor.hpp"

using namespace elbo::runtime;

TEST_CASE("shapes are counted, shown and broadcast", "[tensor]") {
  CHECK(element_count({}) == 1);
  CHECK(element_count({3, 4}) == 12);
  CHECK(element_count({3, 0}) == 0);
  CHECK(show(Shape{}) == "[]");
  CHECK(show(Shape{3, 4}) == "[3, 4]");
  Shape joint;
  CHECK(broadcast({3, 1}, {4}, joint));
  CHECK(joint == Shape{3, 4});
  CHECK(broadcast({}, {2, 5}, joint));
  CHECK(joint == Shape{2, 5});
  CHECK(broadcast({1}, {0}, joint));
  CHECK(joint == Shape{0});
  CHECK_FALSE(broadcast({3}, {4}, joint));
  Shape own{3, 1};
  CHECK(broadcast(own, {2}, own));
  CHECK(own == Shape{3, 2});
}

TEST_CASE("tensors keep what they are given", "[tensor]") {
  const Tensor empty;
  CHECK(empty.size() == 0);
  CHECK(empty.rank() == 1);
  const Tensor scalar = Tensor::scalar(2.5);
  CHECK(scalar.rank() == 0);
  CHECK(scalar.size() == 1);
  CHECK(scalar.real(0) == 2.5);
  CHECK(scalar.integer(0) == 2);
  const Tensor integers({2}, std::vector<std::int64_t>{-7, 9});
  CHECK(integers.storage() == Storage::integer);
  CHECK(integers.integer(0) == -7);
  CHECK(integers.reals() == std::vector<double>{-7, 9});
  CHECK(Tensor({1}, std::vector<float>{0.5f}).storage() == Storage::single);
  CHECK(Tensor({1}, std::vector<std::uint8_t>{200}).storage() == Storage::byte);
  CHECK(Tensor::boolean({1}, {1}).storage() == Storage::boolean);
  CHECK_THROWS_AS(Tensor({3}, std::vector<double>{1, 2}), std::logic_error);
}

TEST_CASE("copies and reshapes share their elements", "[tensor]") {
  const Tensor original({2, 3}, std::vector<double>{1, 2, 3, 4, 5, 6});
  const Tensor copy = original;
  const Tensor flat = original.reshaped({6});
  CHECK(copy.address() == original.address());
  CHECK(flat.address() == original.address());
  CHECK(flat.shape() == Shape{6});
  CHECK(original.stored_as(Storage::real).address() == original.address());
  CHECK_THROWS_AS(original.reshaped({5}), std::logic_error);
}

TEST_CASE("conversions have a value for every number", "[tensor]") {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor reals({6}, std::vector<double>{-1.5, 0, 300, inf, -inf, std::nan("")});
  const Tensor integers = reals.stored_as(Storage::integer);
  CHECK(integers.integer(0) == -1);
  CHECK(integers.integer(2) == 300);
  CHECK(integers.integer(3) == std::numeric_limits<std::int64_t>::max());
  CHECK(integers.integer(4) == std::numeric_limits<std::int64_t>::min());
  CHECK(integers.integer(5) == 0);
  const Tensor truths = reals.stored_as(Storage::boolean);
  CHECK(truths.reals() == std::vector<double>{1, 0, 1, 1, 1, 1});
  const Tensor bytes = Tensor({2}, std::vector<double>{7, 300}).stored_as(Storage::byte);
  CHECK(bytes.reals() == std::vector<double>{7, 44});
  const Tensor singles = reals.stored_as(Storage::single);
  CHECK(singles.values<float>()[0] == -1.5f);
  CHECK(integers.stored_as(Storage::real).real(2) == 300);
}

TEST_CASE("identical tensors", "[tensor]") {
  const Tensor a({2}, std::vector<double>{1, std::nan("")});
  CHECK(identical(a, Tensor({2}, std::vector<double>{1, std::nan("")})));
  CHECK_FALSE(identical(a, Tensor({2}, std::vector<double>{1, 2})));
  CHECK_FALSE(identical(a, a.reshaped({1, 2})));
  CHECK_FALSE(identical(Tensor({1}, std::vector<std::uint8_t>{1}), Tensor::boolean({1}, {1})));
  CHECK(identical(Tensor(), Tensor()));
}
