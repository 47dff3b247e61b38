// What a run leaves as named arrays, and back: parameters on both scales, the history, and one text of JSON
// of what is no array. NumPy reads the file:
//
//   f = numpy.load("fit.npz"); f["params.m"]; f["elbo"]; json.loads(bytes(f["metadata"]))
//
// | array | holds |
// |---|---|
// | `metadata` | bytes of the JSON text |
// | `params.NAME` | a parameter on the user's scale |
// | `unconstrained.NAME` | the same as optimizers move it |
// | `elbo` | the history of the objective |
// | `trace.NAME`, `gradients.NAME` | what was recorded, a row per step |
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inference/fit.hpp"
#include "runtime/files/npy.hpp"

namespace elbo::inference {

/// What has to be the same when a result is used again.
struct StoredParameter {
  std::string name;
  bool is_guide = false;
  runtime::Shape shape;             ///< on the user's scale
  std::string constraint, via;      ///< of which the unconstrained numbers are the inverse image
  runtime::Tensor value;            ///< on the user's scale
  std::size_t first = 0, size = 0;  ///< of its unconstrained numbers, in Fit::Result::parameters
};

struct StoredFit {
  std::string model, guide;  ///< names; the second is empty where there is no guide
  std::string ready_made;    ///< the guide's family, where no script wrote it
  std::vector<std::int64_t> guide_sizes;
  std::vector<std::string> summed_out;
  std::vector<StoredParameter> parameters;
  Fit::Result result;  ///< but for the number of threads, which is no part of a result
};

/// What is known of a result of this problem.
StoredFit describe_fit(const Problem& problem, const ParameterVector& layout, Fit::Result result);

runtime::NamedTensors to_arrays(const StoredFit& fit);

/// Failures "file-format" where the arrays are no fit, or one of a later version; "file-damaged".
StoredFit from_arrays(const runtime::NamedTensors& arrays, const runtime::FileContext& file);

/// The unconstrained numbers in the order of a layout. Failure "fit-mismatch", which names the first
/// parameter that the file lacks, that has another shape or constraint, or that the layout lacks.
std::vector<double> parameters_for(const StoredFit& fit, const ParameterVector& layout,
                                   const runtime::FileContext& file);

}  // namespace elbo::inference
