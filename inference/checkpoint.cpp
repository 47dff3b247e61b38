// Checkpoints as files.
#include "inference/checkpoint.hpp"

#include <algorithm>
#include <filesystem>

#include "runtime/library.hpp"

namespace elbo::inference {

using namespace runtime;

namespace {

constexpr const char* run_name = "run";  // next step, planned steps, total of the pass
constexpr const char* optimizer_prefix = "optimizer.";

Tensor vector_of(std::vector<double> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return Tensor({size}, std::move(values));
}

}  // namespace

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint, const lang::Span& span) {
  NamedTensors arrays = to_arrays(checkpoint.fit);
  arrays.emplace_back(run_name, vector_of({static_cast<double>(checkpoint.next),
                                           static_cast<double>(checkpoint.planned), checkpoint.pass_total}));
  for (std::size_t i = 0; i < checkpoint.optimizer.size(); ++i)
    arrays.emplace_back(optimizer_prefix + std::to_string(i), vector_of(checkpoint.optimizer[i]));
  write_npz(path, arrays, span);
}

std::optional<Checkpoint> read_checkpoint(const std::string& path, const lang::Span& span) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  const FileContext file{path, span};
  const NamedTensors arrays = read_npz(file);
  Checkpoint checkpoint;
  checkpoint.fit = from_arrays(arrays, file);
  bool has_run = false;
  for (const auto& [name, tensor] : arrays) {
    if (name == run_name && tensor.size() == 3) {
      has_run = true;
      checkpoint.next = static_cast<std::int64_t>(tensor.real(0));
      checkpoint.planned = static_cast<std::int64_t>(tensor.real(1));
      checkpoint.pass_total = tensor.real(2);
    } else if (name.starts_with(optimizer_prefix)) {
      checkpoint.optimizer.push_back(tensor.reals());
    }
  }
  if (!has_run) {
    fail("file-format", path + " is a fit, but no checkpoint of a run", span,
         "a fit is read by load, or continued by init = load(…)");
  }
  return checkpoint;
}

void require_same_run(const Checkpoint& checkpoint, const Fit::Result& here, std::int64_t planned,
                      const std::string& path, const lang::Span& span) {
  const Fit::Result& there = checkpoint.fit.result;
  const auto differs = [&](const std::string& what, const std::string& a, const std::string& b) {
    if (a == b) return;
    fail("checkpoint-mismatch",
         path + " is the checkpoint of another run: its " + what + " is " + a + ", here it is " + b, span,
         "without --resume the run starts anew, and replaces the file");
  };
  differs("method", there.method, here.method);
  differs("optimizer", there.optimizer, here.optimizer);
  differs("seed", std::to_string(there.seed), std::to_string(here.seed));
  differs("number of steps", std::to_string(checkpoint.planned), std::to_string(planned));
  differs("batch", std::to_string(there.batch), std::to_string(here.batch));
  differs("number of rows", std::to_string(there.rows), std::to_string(here.rows));
  const auto name = [](Precision p) { return std::string(p == Precision::real64 ? "float64" : "float32"); };
  differs("precision", name(there.precision), name(here.precision));
}

}  // namespace elbo::inference
