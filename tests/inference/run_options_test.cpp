// Options of `infer` that depend on the model.
#include "inference/run_options.hpp"

#include <catch2/catch.hpp>

#include "lang/diagnostic.hpp"
#include "runtime/expression.hpp"

namespace elbo::inference {
namespace {

using namespace runtime;

// A model of so many rows, whose data take no memory.
ModelGraph rows(std::int64_t count) {
  ModelGraph model;
  model.graph = std::make_shared<Graph>();
  const AxisId loop = model.graph->add_axis("i", count, AxisKind::plate);
  RandomVariable y;
  y.name = "y";
  y.observed = true;
  VariablePart part;
  part.value = broadcast_axis(model.graph->constant(0), loop);
  part.plates = {loop};
  y.value = part.value;
  y.parts.push_back(std::move(part));
  model.variables.push_back(std::move(y));
  return model;
}

RunOptions read(const ModelGraph& model, std::string precision) {
  return read_run_options({{"batch", Value(100), {}}, {"precision", Value(std::move(precision)), {}}}, model);
}

TEST_CASE("single precision can number 2^24 rows") {
  const std::int64_t most = std::int64_t{1} << 24;
  CHECK(read(rows(most), "float32").batch.size == 100);
  CHECK(read(rows(most + 1), "float64").batch.size == 100);
  CHECK_THROWS_AS(read(rows(most + 1), "float32"), lang::Failure);
}

TEST_CASE("passes over the rows are counted in steps") {
  const ModelGraph model = rows(1000);
  const auto steps = [&](std::vector<GivenOption> given) {
    return read_run_options(given, model, 500).steps;
  };
  CHECK(steps({}) == 500);
  CHECK(steps({{"steps", Value(7), {}}}) == 7);
  CHECK(steps({{"epochs", Value(3), {}}}) == 3);
  CHECK(steps({{"epochs", Value(3), {}}, {"batch", Value(300), {}}}) == 12);
}

}  // namespace
}  // namespace elbo::inference
