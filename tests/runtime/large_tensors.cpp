// Tensors of data, of more elements than a block has: operators against one element at a time, supports
// against their own indicator, indexing, and bytes as data of models.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "runtime/expression.hpp"
#include "runtime/interpreter.hpp"
#include "runtime/program.hpp"
#include "runtime/support_check.hpp"
#include "tests/runtime/scripts.hpp"

using namespace elbo::runtime;
using elbo::tests::Session;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Small whole numbers, which every storage can hold.
Tensor numbers(const Shape& shape, Storage storage, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::int64_t> values(static_cast<std::size_t>(element_count(shape)));
  for (std::int64_t& value : values)
    value = static_cast<std::int64_t>(random() % (storage == Storage::boolean ? 2 : 5));
  return Tensor(shape, std::move(values)).stored_as(storage);
}

/// Flat index into an operand of `shape` for flat index i of a result.
std::int64_t operand_index(const Shape& shape, const Shape& result, std::int64_t i) {
  std::int64_t index = 0, stride = 1;
  for (std::size_t d = 0; d < result.size(); ++d) {
    const std::int64_t position = i % result[result.size() - 1 - d];
    i /= result[result.size() - 1 - d];
    if (d >= shape.size()) continue;
    const std::int64_t extent = shape[shape.size() - 1 - d];
    index += (extent == 1 ? 0 : position) * stride;
    stride *= extent;
  }
  return index;
}

Value element(const Tensor& tensor, std::int64_t i) {
  if (tensor.storage() == Storage::boolean) return tensor.integer(i) != 0;
  if (tensor.storage() == Storage::byte || tensor.storage() == Storage::integer) return tensor.integer(i);
  return tensor.real(i);
}

void check_operator(const std::string& symbol, const Tensor& a, const Tensor& b) {
  Shape shape;
  REQUIRE(broadcast(a.shape(), b.shape(), shape));
  const Tensor result = to_tensor(apply_operator(symbol, a, b));
  REQUIRE(result.shape() == shape);
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const Value expected = apply_operator(symbol, element(a, operand_index(a.shape(), shape, i)),
                                          element(b, operand_index(b.shape(), shape, i)));
    const bool both_nan =
        std::isnan(result.real(i)) && expected.is<double>() && std::isnan(*expected.as<double>());
    if (!both_nan && !same_value(element(result, i), expected)) ++wrong;
  }
  CHECK(wrong == 0);
}

std::optional<std::int64_t> first_outside_by_indicator(const SupportKind& kind, const Tensor& x,
                                                       const std::vector<Tensor>& bounds) {
  Graph graph;
  std::vector<Expr> limits;
  for (const Tensor& bound : bounds) limits.push_back(graph.constant(bound));
  const Tensor inside = evaluate(kind.contains(graph.constant(x), limits));
  for (std::int64_t i = 0; i < inside.size(); ++i) {
    if (inside.integer(i) == 0) return i;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("operators on large tensors are those on their elements, for all storages and shapes",
          "[evaluate]") {
  const std::vector<std::pair<Shape, Shape>> shapes{{{4096}, {4096}},
                                                    {{9001}, {9001}},
                                                    {{9001}, {}},
                                                    {{1}, {5000}},
                                                    {{3, 1700}, {1700}},
                                                    {{2500, 2}, {2500, 1}},
                                                    {{2500, 2}, {2}},
                                                    {{70, 1, 80}, {1, 2, 1}},
                                                    {{70, 3, 1}, {1, 40}},
                                                    {{17, 1}, {1, 400}},
                                                    {{2, 1, 3, 1000}, {2, 1, 1}},
                                                    {{0, 3}, {1, 3}}};
  constexpr Storage storages[] = {Storage::boolean, Storage::byte, Storage::integer, Storage::single,
                                  Storage::real};
  unsigned seed = 0;
  for (const auto& [left, right] : shapes) {
    for (const Storage a : storages) {
      const Storage b = storages[++seed % 5];
      INFO(show(left) << " " << show(right) << " stored as " << int(a) << " and " << int(b));
      const Tensor x = numbers(left, a, seed), y = numbers(right, b, 100 + seed);
      for (const char* symbol : {"+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!="}) {
        INFO(symbol);
        check_operator(symbol, x, y);
        check_operator(symbol, y, x);
      }
    }
  }
}

TEST_CASE("comparisons of bytes give bools, sums of bytes ints, quotients reals", "[evaluate]") {
  const Tensor x({3}, std::vector<std::uint8_t>{0, 200, 255});
  CHECK(type_name(apply_operator(">", x, Value(127))) == "bool[3]");
  CHECK(to_tensor(apply_operator(">", x, Value(127))).storage() == Storage::boolean);
  CHECK(to_tensor(apply_operator("+", x, x)).integer(2) == 510);
  CHECK(to_tensor(apply_operator("/", x, Value(255))).storage() == Storage::real);
  CHECK(to_tensor(apply_operator("not", {apply_operator(">", x, Value(127))})).storage() == Storage::boolean);
  CHECK(to_tensor(apply_operator("-", {x})).integer(1) == -200);
  CHECK_THROWS_AS(
      apply_operator("*", Tensor({2}, std::vector<std::int64_t>{2, std::int64_t{1} << 62}), Value(4)),
      elbo::lang::Failure);
}

TEST_CASE("supports of large data agree with their indicators", "[support]") {
  std::mt19937 random(5);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double specials[] = {0,   -0.0,   1,       6,        6.5,       7,   -1,
                             2.5, 1e-300, -1e-300, infinity, -infinity, nan, 0x1p60};
  for (const SupportKind* kind : support_list()) {
    if (kind->event_rank > 0) continue;
    INFO(kind->name);
    std::vector<Tensor> bounds;
    const double values[] = {kind->discrete ? 6.0 : 1.0, 6.5};
    for (int i = 0; i < kind->bounds; ++i) bounds.push_back(Tensor::scalar(values[i]));
    for (int attempt = 0; attempt < 40; ++attempt) {
      // Ones are inside everywhere; a special number now and then.
      std::vector<double> x(40'000, 1);
      for (int k = 0; k < attempt / 8; ++k) x[random() % x.size()] = specials[random() % std::size(specials)];
      const Tensor data({200, 200}, x);
      CHECK(first_outside(*kind, data, bounds) == first_outside_by_indicator(*kind, data, bounds));
    }
    for (const double special : specials) {
      const Tensor data({2}, std::vector<double>{1, special});
      CHECK(first_outside(*kind, data, bounds) == first_outside_by_indicator(*kind, data, bounds));
    }
    for (const Storage storage : {Storage::boolean, Storage::byte, Storage::integer, Storage::single}) {
      const Tensor data = numbers({20'000}, storage, 7);
      CHECK(first_outside(*kind, data, bounds) == first_outside_by_indicator(*kind, data, bounds));
    }
  }
}

TEST_CASE("slices and masks take runs of elements", "[evaluate]") {
  Session session;
  session.run("let x = [[10 * i + j for j in 1:6] for i in 1:5]");
  CHECK(session.shown("x[2:3]") == "[[21, 22, 23, 24, 25, 26], [31, 32, 33, 34, 35, 36]]");
  CHECK(session.shown("x[[1, 2, 4], 2:3]") == "[[12, 13], [22, 23], [42, 43]]");
  CHECK(session.shown("x[[5, 1], [1, 2, 4, 6]]") == "[[51, 52, 54, 56], [11, 12, 14, 16]]");
  CHECK(session.shown("x[:, 3]") == "[13, 23, 33, 43, 53]");
  CHECK(session.shown("x[x > 53]") == "[54, 55, 56]");
  CHECK(session.shown("x[x[:, 1] > 30, 1]") == "[31, 41, 51]");
}

TEST_CASE("bytes are ints for models", "[elaborate]") {
  Session session;
  // The library of these tests has no reader of bytes: a model's argument is made here.
  const Value labels = Tensor({3}, std::vector<std::uint8_t>{2, 1, 2});
  session.run(
      "fn pick(k: int[N], x: real[2]) = x[k]\nfn turns(k: int[N]) { let s = 0; for i in k { s = s + i }; s "
      "}");
  const auto call = [&](const std::string& name, std::vector<Value> arguments) {
    return show(session.interpreter().call(*session.interpreter().global(name), arguments, {}));
  };
  CHECK(call("pick", {labels, Tensor({2}, std::vector<double>{0.5, 1.5})}) == "[1.5, 0.5, 1.5]");
  CHECK(call("turns", {labels}) == "5");
}
