// Results as arrays and back; what is damaged, of a later version or no fit at all is said to be.
#include "inference/fit_file.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "lang/diagnostic.hpp"

namespace {

using namespace elbo;
using namespace elbo::inference;
using namespace elbo::runtime;

const FileContext file{"fit.npz", {}};

StoredFit example() {
  StoredFit fit;
  fit.model = "m";
  fit.guide = "low_rank";
  fit.ready_made = "low_rank";
  fit.guide_sizes = {2};
  fit.summed_out = {"k"};
  StoredParameter a{"a", true, {}, "positive", "exp", Tensor::scalar(2), 0, 1};
  StoredParameter b{
      "net.weight", false, {2, 1}, "real", "exp", Tensor({2, 1}, std::vector{0.5, -0.25}), 1, 2};
  fit.parameters = {a, b};
  Fit::Result& run = fit.result;
  run.method = "bbvi(samples = 30, control_variates = \"rloo\")";
  run.optimizer = "adam(0.01)";
  run.parameters = {0.69314718055994529, 0.5, -0.25};
  run.termination = Termination::interrupted;
  run.steps = 3;
  run.seconds = 0.1;
  run.seconds_per_step = 1.0 / 3;
  run.seed = std::numeric_limits<std::uint64_t>::max();
  run.batch = 10;
  run.rows = 100;
  run.precision = Precision::real32;
  run.starts_elsewhere = true;
  run.account = {"ELBO", "30 draws", "", {{"mu", "score"}}};
  run.history.elbo = {-3, -2.5, std::numeric_limits<double>::infinity()};
  Series trace("a", {}, 3), gradient("net.weight", {2, 1}, 3);
  for (double t = 0; t < 3; ++t) {
    trace.append(std::vector{t / 7});
    gradient.append(std::vector{t, -t});
  }
  run.history.trace = {trace};
  run.history.gradients = {gradient};
  return fit;
}

/// With the metadata edited.
NamedTensors edited(const std::string& from, const std::string& to) {
  NamedTensors arrays = to_arrays(example());
  const auto bytes = arrays.front().second.values<std::uint8_t>();
  std::string text(bytes.begin(), bytes.end());
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  arrays.front().second =
      Tensor({static_cast<std::int64_t>(text.size())}, std::vector<std::uint8_t>(text.begin(), text.end()));
  return arrays;
}

NamedTensors without(const std::string& name) {
  NamedTensors arrays = to_arrays(example());
  std::erase_if(arrays, [&](const auto& entry) { return entry.first == name; });
  return arrays;
}

/// Code and message of the failure.
std::string failure(const NamedTensors& arrays) {
  try {
    from_arrays(arrays, file);
  } catch (const lang::Failure& f) {
    return f.diagnostic().code + ": " + f.diagnostic().message;
  }
  return "none";
}

}  // namespace

TEST_CASE("a result goes through arrays unchanged") {
  const StoredFit before = example(), after = from_arrays(to_arrays(before), file);
  CHECK(after.model == "m");
  CHECK(after.guide == "low_rank");
  CHECK(after.ready_made == "low_rank");
  CHECK(after.guide_sizes == before.guide_sizes);
  CHECK(after.summed_out == before.summed_out);
  REQUIRE(after.parameters.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const StoredParameter &a = before.parameters[i], &b = after.parameters[i];
    CHECK(a.name == b.name);
    CHECK(a.is_guide == b.is_guide);
    CHECK(a.shape == b.shape);
    CHECK(a.constraint == b.constraint);
    CHECK(a.via == b.via);
    CHECK(identical(a.value, b.value));
    CHECK(a.first == b.first);
    CHECK(a.size == b.size);
  }
  const Fit::Result &a = before.result, &b = after.result;
  CHECK(a.method == b.method);
  CHECK(a.optimizer == b.optimizer);
  CHECK(a.parameters == b.parameters);
  CHECK(a.termination == b.termination);
  CHECK(a.steps == b.steps);
  CHECK(a.seconds == b.seconds);
  CHECK(a.seconds_per_step == b.seconds_per_step);
  CHECK(a.seed == b.seed);
  CHECK(a.batch == b.batch);
  CHECK(a.rows == b.rows);
  CHECK(a.precision == b.precision);
  CHECK(a.starts_elsewhere == b.starts_elsewhere);
  CHECK(a.account.estimator == b.account.estimator);
  REQUIRE(b.account.parts.size() == 1);
  CHECK(b.account.parts[0].how == "score");
  CHECK(a.history.elbo == b.history.elbo);
  CHECK(a.history.has_trace == b.history.has_trace);
  REQUIRE(b.history.trace.size() == 1);
  CHECK(b.history.trace[0].name() == "a");
  CHECK(identical(a.history.trace[0].tensor(), b.history.trace[0].tensor()));
  CHECK(identical(a.history.gradients[0].tensor(), b.history.gradients[0].tensor()));
}

TEST_CASE("a run without steps goes through arrays") {
  StoredFit fit = example();
  fit.result.history = {{}, {Series("a", {}, 0)}, {}, true};
  const StoredFit after = from_arrays(to_arrays(fit), file);
  CHECK(after.result.history.elbo.empty());
  CHECK(after.result.history.trace[0].tensor().shape() == Shape{0});
}

TEST_CASE("arrays that are no fit, or a damaged one, are refused") {
  CHECK(failure({}) == "file-format: fit.npz holds no fit");
  CHECK(failure(without("metadata")) == "file-format: fit.npz holds no fit");
  CHECK(failure(edited("elbo fit", "other")) == "file-format: fit.npz holds no fit");
  CHECK(failure(edited("{", "[")) == "file-format: fit.npz holds no fit");
  CHECK(
      failure(edited("\"version\": 1", "\"version\": 2")) ==
      "file-format: fit.npz was written by another version of elbo (its format is 2, this version reads 1)");
  const std::string damaged = "file-damaged: fit.npz is damaged: ";
  CHECK(failure(edited("interrupted", "asleep")) == damaged + "its metadata hold what they cannot");
  CHECK(failure(edited("\"steps\"", "\"step\"")) ==
        damaged + "its metadata lack something, or hold what they cannot");
  CHECK(failure(edited("\"steps\": 3", "\"steps\": \"3\"")) ==
        damaged + "its metadata lack something, or hold what they cannot");
  CHECK(failure(edited("net.weight", "net.height")) ==
        damaged + "its list of parameters is not the one that was written");
  CHECK(failure(without("params.a")) == damaged + "it has no array `params.a`");
  CHECK(failure(without("unconstrained.net.weight")) ==
        damaged + "it has no array `unconstrained.net.weight`");
  CHECK(failure(without("elbo")) == damaged + "it has no array `elbo`");
  NamedTensors arrays = to_arrays(example());
  for (auto& [name, tensor] : arrays)
    if (name == "params.a") tensor = Tensor({1}, std::vector{2.0});
  CHECK(failure(arrays) == damaged + "its array `params.a` has another shape");
  for (auto& [name, tensor] : arrays)
    if (name == "params.a") tensor = Tensor({}, std::vector<std::int64_t>{2});
  CHECK(failure(arrays) == damaged + "its array `params.a` does not hold doubles");
}
