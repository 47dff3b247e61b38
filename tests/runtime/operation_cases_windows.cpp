// Cases of convolutions and pools for the conformance suite of operations.
#include <string_view>

#include "operation_cases.hpp"
#include "runtime/windows.hpp"

namespace elbo::tests {

namespace {

using runtime::Windows;

runtime::Attributes windows(const Windows& w, const std::vector<std::int64_t>& more = {}) {
  std::vector<std::int64_t> list = runtime::to_integers(w);
  list.insert(list.end(), more.begin(), more.end());
  return {.integers = std::move(list), .text = {}, .tensor = nullptr};
}

Shape stack(const Shape& in_front, std::int64_t channels, const runtime::Extent& extent) {
  Shape event = in_front;
  if (channels > 0) event.push_back(channels);
  event.insert(event.end(), extent.begin(), extent.end());
  return event;
}

// An image of 4 x 5 pixels under windows of 3 x 2, and one with all that windows can have.
const Windows plain{.size = {3, 2}, .image = {4, 5}};
const Windows general{
    .size = {2, 3}, .stride = {2, 1}, .dilation = {1, 2}, .before = {1, 2}, .after = {2, 1}, .image = {4, 3}};
const Windows cropped{.size = {2, 2}, .stride = {1, 2}, .before = {0, 1}, .after = {-1, -1}, .image = {4, 4}};

enum class Role { image, grid, weight };

// Cases of one of the three operations of a convolution, by what its operands are.
std::vector<Case> convolutions(Role first, Role second) {
  struct Setup {
    std::string name;
    Windows windows;
    std::int64_t in, out, groups;
    Shape in_front = {};
    std::vector<AxisId> axes = {}, weight_axes = {};
  };
  const std::vector<Setup> setups{
      {"one channel", plain, 1, 2, 1},
      {"stride, padding and dilation", general, 2, 3, 1},
      {"cropped", cropped, 1, 1, 1},
      {"groups", plain, 4, 2, 2},
      {"a group per channel", {.size = {2, 2}, .image = {3, 3}}, 2, 4, 2},
      {"dimensions in front", {.size = {2, 2}, .image = {3, 2}}, 2, 1, 1, {2}},
      {"an axis of images", {.size = {2, 2}, .image = {3, 3}}, 1, 2, 1, {}, {axis_s}},
      {"an axis of weights", {.size = {2, 2}, .image = {3, 3}}, 1, 2, 1, {}, {}, {axis_s}},
      {"one axis", {.size = {2, 2}, .image = {3, 2}}, 1, 1, 1, {}, {axis_n}, {axis_n}},
      {"different axes", {.size = {2, 1}, .image = {3, 2}}, 1, 1, 1, {}, {axis_s}, {axis_n}},
      {"two axes", {.size = {1, 2}, .image = {2, 3}}, 1, 1, 1, {}, {axis_s, axis_n}, {axis_s}}};
  std::vector<Case> cases;
  for (const Setup& s : setups) {
    const auto operand = [&](Role role) -> Argument {
      if (role == Role::image) return {.axes = s.axes, .event = stack(s.in_front, s.in, s.windows.image)};
      if (role == Role::grid) return {.axes = s.axes, .event = stack(s.in_front, s.out, s.windows.grid())};
      return {.axes = s.weight_axes, .event = stack({s.out}, s.in / s.groups, s.windows.size)};
    };
    std::vector<std::int64_t> more{s.groups};
    const bool makes_weights = first != Role::weight && second != Role::weight;
    if (makes_weights && !s.weight_axes.empty()) continue;
    // of two axes of the images the weights keep one
    if (makes_weights && !s.axes.empty()) more.push_back(s.axes.back());
    cases.push_back({s.name, {operand(first), operand(second)}, windows(s.windows, more)});
  }
  return cases;
}

std::vector<Case> pools(bool from_grid) {
  const auto argument = [&](const Windows& w, std::int64_t channels, std::vector<AxisId> axes = {}) {
    return Argument{.axes = std::move(axes), .event = stack({}, channels, from_grid ? w.grid() : w.image)};
  };
  return {{"an image", {argument(plain, 0)}, windows(plain)},
          {"channels; stride, padding and dilation", {argument(general, 2)}, windows(general)},
          {"cropped, with axes", {argument(cropped, 2, {axis_s, axis_n})}, windows(cropped)}};
}

// The first operand only chooses, so it is fixed, but for the last case, in which an image chooses from
// itself.
std::vector<Case> choices(bool from_grid) {
  std::vector<Case> cases = pools(from_grid);
  for (Case& c : cases) {
    Argument image = pools(false)[static_cast<std::size_t>(&c - cases.data())].arguments[0];
    image.axes = {};
    Numbers numbers;
    for (int i = 0; i < 40; ++i) numbers.push_back((i * 7) % 11);  // some of them equal
    image.fixed = std::move(numbers);
    c.arguments.insert(c.arguments.begin(), image);
  }
  if (!from_grid) {
    cases.push_back({"largest of an image",
                     {{.axes = {axis_n}, .event = {2, 4, 3}}},
                     {},
                     [](Graph&, std::span<const Expr> operands) {
                       return runtime::pool_max(operands[0], operands[0], general);
                     }});
  }
  return cases;
}

}  // namespace

std::vector<Case> window_cases(std::string_view operation) {
  if (operation == "convolve") return convolutions(Role::image, Role::weight);
  if (operation == "convolve_transpose") return convolutions(Role::grid, Role::weight);
  if (operation == "convolve_weight") return convolutions(Role::image, Role::grid);
  const bool from_grid = operation == "pool_spread" || operation == "pool_max_spread";
  return operation == "pool_sum" || operation == "pool_spread" ? pools(from_grid) : choices(from_grid);
}

}  // namespace elbo::tests
