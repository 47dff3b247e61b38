// Nodes of convolutions and pools.
#include "runtime/windows.hpp"

#include <algorithm>

namespace elbo::runtime {

namespace {

Attributes attributes_of(const Windows& windows, std::vector<std::int64_t> more = {}) {
  Attributes attributes;
  attributes.integers = to_integers(windows);
  attributes.integers.insert(attributes.integers.end(), more.begin(), more.end());
  return attributes;
}

}  // namespace

Extent Windows::grid() const {
  Extent result{};
  for (std::size_t d = 0; d < 2; ++d) {
    const std::int64_t room = image[d] + before[d] + after[d] - dilation[d] * (size[d] - 1) - 1;
    result[d] = room < 0 ? 0 : room / stride[d] + 1;
  }
  return result;
}

std::vector<std::int64_t> to_integers(const Windows& w) {
  std::vector<std::int64_t> integers;
  for (const Extent& extent : {w.size, w.stride, w.dilation, w.before, w.after, w.image})
    integers.insert(integers.end(), extent.begin(), extent.end());
  return integers;
}

Windows to_windows(std::span<const std::int64_t> integers) {
  Windows w;
  auto from = integers.begin();
  for (Extent* extent : {&w.size, &w.stride, &w.dilation, &w.before, &w.after, &w.image}) {
    std::copy_n(from, 2, extent->begin());
    from += 2;
  }
  return w;
}

Expr convolve(Expr image, Expr weight, const Windows& windows, std::int64_t groups) {
  return image.graph().add(convolve_operation, {image, weight}, attributes_of(windows, {groups}));
}

Expr convolve_transpose(Expr grid, Expr weight, const Windows& windows, std::int64_t groups) {
  return grid.graph().add(convolve_transpose_operation, {grid, weight}, attributes_of(windows, {groups}));
}

Expr convolve_weight(Expr image, Expr grid, const Windows& windows, std::int64_t groups,
                     const std::vector<AxisId>& summed) {
  std::vector<std::int64_t> more{groups};
  more.insert(more.end(), summed.begin(), summed.end());
  return image.graph().add(convolve_weight_operation, {image, grid}, attributes_of(windows, more));
}

Expr pool_sum(Expr image, const Windows& windows) {
  return image.graph().add(pool_sum_operation, {image}, attributes_of(windows));
}

Expr pool_spread(Expr grid, const Windows& windows) {
  return grid.graph().add(pool_spread_operation, {grid}, attributes_of(windows));
}

Expr pool_max(Expr image, Expr values, const Windows& windows) {
  return image.graph().add(pool_max_operation, {image, values}, attributes_of(windows));
}

Expr pool_max_spread(Expr image, Expr grid, const Windows& windows) {
  return image.graph().add(pool_max_spread_operation, {image, grid}, attributes_of(windows));
}

}  // namespace elbo::runtime
