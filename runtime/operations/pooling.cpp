// Pools over windows of images, which are the last two event dimensions, and their transposes. Shapes and
// windows: runtime/windows.hpp. attributes: {the windows}.
#include <limits>
#include <type_traits>

#include "runtime/expression.hpp"
#include "runtime/operations/operations.hpp"
#include "runtime/operations/strided.hpp"
#include "runtime/windows.hpp"

namespace elbo::runtime {

namespace {

Expr full(Expr cotangent, Expr out) { return broadcast(cotangent, out.type().axes, out.type().event); }

bool ends_with(const Shape& event, const Extent& extent) {
  const std::size_t n = event.size();
  return n >= 2 && event[n - 2] == extent[0] && event[n - 1] == extent[1];
}

Shape with_end(const Shape& like, const Extent& extent) {
  Shape event(like.begin(), like.end() - 2);
  event.insert(event.end(), extent.begin(), extent.end());
  return event;
}

// ---- shapes
// --------------------------------------------------------------------------------------------------------

// Whether the first input ends with `from`; the result then ends with `to`.
TypeResult pooled_type(const TypeContext& context, const Extent& from, const Extent& to) {
  const Shape& event = context.inputs[0].event;
  if (to[0] < 1 || to[1] < 1 || from[0] < 1 || from[1] < 1 || !ends_with(event, from)) {
    return {{}, "the windows of a pool do not fit an image of shape " + show(event)};
  }
  return {{union_axes(context.inputs), with_end(event, to), Domain::real}, {}};
}

TypeResult pool_sum_type(const TypeContext& context) {
  const Windows windows = to_windows(context.attributes->integers);
  return pooled_type(context, windows.image, windows.grid());
}

TypeResult pool_spread_type(const TypeContext& context) {
  const Windows windows = to_windows(context.attributes->integers);
  return pooled_type(context, windows.grid(), windows.image);
}

TypeResult pool_max_type(const TypeContext& context) {
  TypeResult result = pool_sum_type(context);
  if (!result.error.empty()) return result;
  const Shape &image = context.inputs[0].event, &values = context.inputs[1].event;
  if (image != values) return {{}, "a pool chooses from values of shape " + show(image)};
  result.type.domain = context.inputs[1].domain;
  return result;
}

TypeResult pool_max_spread_type(const TypeContext& context) {
  TypeResult result = pool_sum_type(context);
  if (!result.error.empty()) return result;
  if (context.inputs[1].event != result.type.event)
    return {{}, "a pool spreads values of shape " + show(result.type.event)};
  result.type.event = context.inputs[0].event;
  return result;
}

// ---- gradients
// -----------------------------------------------------------------------------------------------------

Windows windows_of(Expr out) { return to_windows(out.node().attributes.integers); }

std::vector<Expr> pool_sum_gradient(std::span<const Expr>, Expr out, Expr cotangent) {
  return {pool_spread(full(cotangent, out), windows_of(out))};
}

std::vector<Expr> pool_spread_gradient(std::span<const Expr>, Expr out, Expr cotangent) {
  return {pool_sum(full(cotangent, out), windows_of(out))};
}

std::vector<Expr> pool_max_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  return {Expr(), pool_max_spread(in[0], full(cotangent, out), windows_of(out))};
}

std::vector<Expr> pool_max_spread_gradient(std::span<const Expr> in, Expr out, Expr cotangent) {
  return {Expr(), pool_max(in[0], full(cotangent, out), windows_of(out))};
}

// ---- computing
// -----------------------------------------------------------------------------------------------------

/// The part of a window that lies in the image, and the window's place in the grid.
struct Part {
  Extent first, last;  ///< pixels; past the last
  Extent place;
};

// Calls visit(part) for every window.
template <class Visit>
void for_windows(const Windows& w, Visit visit) {
  const Extent grid = w.grid();
  Part part;
  // The pixels of an entry below 0 and those past the image are left out.
  const auto settle = [&](std::size_t d) {
    const std::int64_t start = part.place[d] * w.stride[d] - w.before[d];
    part.first[d] = start >= 0 ? start : start + (-start + w.dilation[d] - 1) / w.dilation[d] * w.dilation[d];
    part.last[d] = std::min(w.image[d], start + (w.size[d] - 1) * w.dilation[d] + 1);
  };
  for (part.place[0] = 0; part.place[0] < grid[0]; ++part.place[0]) {
    settle(0);
    for (part.place[1] = 0; part.place[1] < grid[1]; ++part.place[1]) {
      settle(1);
      visit(part);
    }
  }
}

/// Where a plane of an operand is: its strides down and across.
struct Plane {
  std::int64_t down, across;
  explicit Plane(const View& view)
      : down(view.strides[view.strides.size() - 2]), across(view.strides.back()) {}
  std::int64_t operator()(std::int64_t y, std::int64_t x) const { return y * down + x * across; }
};

// Calls body(T{}, offsets of three operands) for every image of the batch: axes, and dimensions in front.
template <class Body>
void for_each_image(const RunContext& context, const View& a, const View& b, const View& c, Body body) {
  StridedTriple loop;
  for (std::size_t i = 0; i + 2 < a.dims.size(); ++i)
    loop.add(a.dims[i], a.strides[i], b.strides[i], c.strides[i]);
  with_number_type(context.precision, [&](auto zero) {
    loop.run([&](std::int64_t i, std::int64_t j, std::int64_t k) { body(zero, i, j, k); });
  });
}

template <class T>
T* at(const View& view, std::int64_t offset) {
  return static_cast<T*>(view.data) + offset;
}

void clear(const RunContext& context) {
  std::int64_t count = 1;
  for (const std::int64_t size : context.output->dims) count *= size;
  with_number_type(context.precision,
                   [&](auto zero) { std::fill_n(at<decltype(zero)>(*context.output, 0), count, zero); });
}

void run_pool_sum(const RunContext& context) {
  const Windows windows = to_windows(context.attributes->integers);
  const View &in = context.inputs[0], &out = *context.output;
  const Plane pixel(in), place(out);
  for_each_image(context, in, out, out, [&](auto zero, std::int64_t i, std::int64_t o, std::int64_t) {
    using T = decltype(zero);
    const T* image = at<T>(in, i);
    T* grid = at<T>(out, o);
    for_windows(windows, [&](const Part& part) {
      T total = 0;
      for (std::int64_t y = part.first[0]; y < part.last[0]; y += windows.dilation[0]) {
        for (std::int64_t x = part.first[1]; x < part.last[1]; x += windows.dilation[1])
          total += image[pixel(y, x)];
      }
      grid[place(part.place[0], part.place[1])] = total;
    });
  });
}

void run_pool_spread(const RunContext& context) {
  const Windows windows = to_windows(context.attributes->integers);
  const View &in = context.inputs[0], &out = *context.output;
  const Plane place(in), pixel(out);
  clear(context);
  for_each_image(context, in, out, out, [&](auto zero, std::int64_t i, std::int64_t o, std::int64_t) {
    using T = decltype(zero);
    const T* grid = at<T>(in, i);
    T* image = at<T>(out, o);
    for_windows(windows, [&](const Part& part) {
      const T value = grid[place(part.place[0], part.place[1])];
      for (std::int64_t y = part.first[0]; y < part.last[0]; y += windows.dilation[0]) {
        for (std::int64_t x = part.first[1]; x < part.last[1]; x += windows.dilation[1])
          image[pixel(y, x)] += value;
      }
    });
  });
}

// Pixel of the largest entry; -1 of a window that lies beside the image.
template <class T>
Extent largest(const T* image, const Plane& pixel, const Windows& windows, const Part& part) {
  Extent best{-1, -1};
  T value = 0;
  for (std::int64_t y = part.first[0]; y < part.last[0]; y += windows.dilation[0]) {
    for (std::int64_t x = part.first[1]; x < part.last[1]; x += windows.dilation[1]) {
      const T candidate = image[pixel(y, x)];
      const bool is_nan = candidate != candidate, has_nan = value != value;
      if (best[0] >= 0 && !(candidate > value || is_nan)) continue;
      if (has_nan) continue;
      best = {y, x};
      value = candidate;
    }
  }
  return best;
}

void run_pool_max(const RunContext& context) {
  const Windows windows = to_windows(context.attributes->integers);
  const View &in = context.inputs[0], &values = context.inputs[1], &out = *context.output;
  const Plane pixel(in), value(values), place(out);
  for_each_image(context, in, values, out, [&](auto zero, std::int64_t i, std::int64_t v, std::int64_t o) {
    using T = decltype(zero);
    for_windows(windows, [&](const Part& part) {
      const Extent best = largest(at<T>(in, i), pixel, windows, part);
      at<T>(out, o)[place(part.place[0], part.place[1])] =
          best[0] < 0 ? -std::numeric_limits<T>::infinity() : at<T>(values, v)[value(best[0], best[1])];
    });
  });
}

void run_pool_max_spread(const RunContext& context) {
  const Windows windows = to_windows(context.attributes->integers);
  const View &in = context.inputs[0], &grid = context.inputs[1], &out = *context.output;
  const Plane pixel(in), place(grid), value(out);
  clear(context);
  for_each_image(context, in, grid, out, [&](auto zero, std::int64_t i, std::int64_t g, std::int64_t o) {
    using T = decltype(zero);
    for_windows(windows, [&](const Part& part) {
      const Extent best = largest(at<T>(in, i), pixel, windows, part);
      if (best[0] < 0) return;
      at<T>(out, o)[value(best[0], best[1])] += at<T>(grid, g)[place(part.place[0], part.place[1])];
    });
  });
}

}  // namespace

const Operation pool_sum_operation{.name = "pool_sum",
                                   .symbol = {},
                                   .signature = {},
                                   .help = "sums of the windows of images",
                                   .arity = 1,
                                   .infer = pool_sum_type,
                                   .run = run_pool_sum,
                                   .gradient = pool_sum_gradient};
const Operation pool_spread_operation{.name = "pool_spread",
                                      .symbol = {},
                                      .signature = {},
                                      .help = "the transpose of pool_sum",
                                      .arity = 1,
                                      .infer = pool_spread_type,
                                      .run = run_pool_spread,
                                      .gradient = pool_spread_gradient};
const Operation pool_max_operation{
    .name = "pool_max",
    .symbol = {},
    .signature = {},
    .help = "of each window of images, the entry of the second input where the first is largest",
    .arity = 2,
    .infer = pool_max_type,
    .run = run_pool_max,
    .gradient = pool_max_gradient};
const Operation pool_max_spread_operation{.name = "pool_max_spread",
                                          .symbol = {},
                                          .signature = {},
                                          .help = "the transpose of pool_max in its second input",
                                          .arity = 2,
                                          .infer = pool_max_spread_type,
                                          .run = run_pool_max_spread,
                                          .gradient = pool_max_spread_gradient};

}  // namespace elbo::runtime
