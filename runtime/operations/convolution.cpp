// Convolution of images with weights, and its transposes in both. It is linear in each, so that the gradients
// of the three lead to the same three. Shapes and windows: runtime/windows.hpp.
// attributes: {the windows, groups}, of convolve_weight then the axes that it sums away: those are listed,
// not the kept ones, so that axes which substitution brings later are kept.
#include <algorithm>

#include "runtime/expression.hpp"
#include "runtime/operations/convolution_rules.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/windows.hpp"

namespace elbo::runtime {

namespace {

std::int64_t groups_of(const Attributes& attributes) { return attributes.integers[windows_length]; }

Expr full(Expr cotangent, Expr out) { return broadcast(cotangent, out.type().axes, out.type().event); }

// The axes of `of` that `lacking` does not have.
std::vector<AxisId> further_axes(Expr of, Expr lacking) {
  const auto &all = of.type().axes, &some = lacking.type().axes;
  std::vector<AxisId> further;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(further));
  return further;
}

std::string mismatch(const char* what, const Shape& found, const Shape& other) {
  return std::string(what) + " of shape " + show(found) + " does not fit weights of shape " + show(other);
}

// Whether the last three dimensions are `channels` (any number where negative) and `extent`.
bool is_stack(const Shape& event, std::int64_t channels, const Extent& extent) {
  const std::size_t n = event.size();
  return n >= 3 && (channels < 0 || event[n - 3] == channels) && event[n - 2] == extent[0] &&
         event[n - 1] == extent[1];
}

std::int64_t channels_of(const Shape& event) { return event[event.size() - 3]; }

Shape stack(const Shape& like, std::int64_t channels, const Extent& extent) {
  Shape event(like.begin(), like.end() - 3);
  event.insert(event.end(), {channels, extent[0], extent[1]});
  return event;
}

std::string weight_error(const Shape& weight, const Windows& windows, std::int64_t groups) {
  if (weight.size() == 4 && weight[2] == windows.size[0] && weight[3] == windows.size[1] && weight[1] > 0 &&
      weight[0] > 0 && groups > 0 && weight[0] % groups == 0) {
    return {};
  }
  return "weights of a convolution have shape [out, in / groups, height, width], not " + show(weight);
}

std::string windows_error(const Windows& w) {
  const Extent grid = w.grid();
  if (grid[0] > 0 && grid[1] > 0) return {};
  return "windows of " + std::to_string(w.size[0]) + " x " + std::to_string(w.size[1]) +
         " do not fit into an image of " + std::to_string(w.image[0]) + " x " + std::to_string(w.image[1]);
}

// ---- shapes
// --------------------------------------------------------------------------------------------------------

TypeResult convolve_type(const TypeContext& context) {
  const Windows windows = to_windows(context.attributes->integers);
  const std::int64_t groups = groups_of(*context.attributes);
  const Shape &image = context.inputs[0].event, &weight = context.inputs[1].event;
  for (const std::string& error : {weight_error(weight, windows, groups), windows_error(windows)}) {
    if (!error.empty()) return {{}, error};
  }
  if (!is_stack(image, weight[1] * groups, windows.image)) return {{}, mismatch("an image", image, weight)};
  return {{union_axes(context.inputs), stack(image, weight[0], windows.grid()), Domain::real}, {}};
}

TypeResult convolve_transpose_type(const TypeContext& context) {
  const Windows windows = to_windows(context.attributes->integers);
  const std::int64_t groups = groups_of(*context.attributes);
  const Shape &grid = context.inputs[0].event, &weight = context.inputs[1].event;
  for (const std::string& error : {weight_error(weight, windows, groups), windows_error(windows)}) {
    if (!error.empty()) return {{}, error};
  }
  if (!is_stack(grid, weight[0], windows.grid())) return {{}, mismatch("an image", grid, weight)};
  return {{union_axes(context.inputs), stack(grid, weight[1] * groups, windows.image), Domain::real}, {}};
}

TypeResult convolve_weight_type(const TypeContext& context) {
  const auto& list = context.attributes->integers;
  const Windows windows = to_windows(list);
  const std::int64_t groups = groups_of(*context.attributes);
  const Shape &image = context.inputs[0].event, &grid = context.inputs[1].event;
  if (const std::string error = windows_error(windows); !error.empty()) return {{}, error};
  if (!is_stack(image, -1, windows.image) || !is_stack(grid, -1, windows.grid()) ||
      std::min(channels_of(image), channels_of(grid)) < 1 || channels_of(image) % groups != 0 ||
      channels_of(grid) % groups != 0 ||
      !std::equal(image.begin(), image.end() - 3, grid.begin(), grid.end() - 3)) {
    return {{}, "images of shapes " + show(image) + " and " + show(grid) + " do not fit a convolution"};
  }
  Type type{union_axes(context.inputs),
            {channels_of(grid), channels_of(image) / groups, windows.size[0], windows.size[1]},
            Domain::real};
  const auto summed = list.begin() + windows_length + 1;
  std::erase_if(type.axes, [&](AxisId a) { return std::find(summed, list.end(), a) != list.end(); });
  return {std::move(type), {}};
}

// ---- gradients
// -----------------------------------------------------------------------------------------------------

std::vector<Expr> convolve_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  const Windows windows = to_windows(out.node().attributes.integers);
  const std::int64_t groups = groups_of(out.node().attributes);
  const Expr ct = full(cotangent, out);
  return {convolve_transpose(ct, in[1], windows, groups),
          convolve_weight(in[0], ct, windows, groups, further_axes(out, in[1]))};
}

std::vector<Expr> convolve_transpose_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  const Windows windows = to_windows(out.node().attributes.integers);
  const std::int64_t groups = groups_of(out.node().attributes);
  const Expr ct = full(cotangent, out);
  return {convolve(ct, in[1], windows, groups),
          convolve_weight(ct, in[0], windows, groups, further_axes(out, in[1]))};
}

std::vector<Expr> convolve_weight_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  const Windows windows = to_windows(out.node().attributes.integers);
  const std::int64_t groups = groups_of(out.node().attributes);
  const Expr ct = full(cotangent, out);
  return {convolve_transpose(in[1], ct, windows, groups), convolve(in[0], ct, windows, groups)};
}

}  // namespace

const Operation convolve_operation{.name = "convolve",
                                   .symbol = {},
                                   .signature = {},
                                   .help = "windows of images times weights, summed",
                                   .arity = 2,
                                   .infer = convolve_type,
                                   .run = run_convolve,
                                   .gradient = convolve_gradient,
                                   .in_pieces = true};
const Operation convolve_transpose_operation{.name = "convolve_transpose",
                                             .symbol = {},
                                             .signature = {},
                                             .help = "the transpose of convolve in the images",
                                             .arity = 2,
                                             .infer = convolve_transpose_type,
                                             .run = run_convolve_transpose,
                                             .gradient = convolve_transpose_gradient,
                                             .in_pieces = true};
const Operation convolve_weight_operation{.name = "convolve_weight",
                                          .symbol = {},
                                          .signature = {},
                                          .help = "the transpose of convolve in the weights",
                                          .arity = 2,
                                          .infer = convolve_weight_type,
                                          .run = run_convolve_weight,
                                          .gradient = convolve_weight_gradient,
                                          .in_pieces = true};

}  // namespace elbo::runtime
