// conv2d(x, channels, kernel) and conv_transpose2d: convolutions with weights of their own, as PyTorch's
// Conv2d and ConvTranspose2d.
#include "runtime/nets.hpp"
#include "stdlib/functions/images.hpp"
#include "stdlib/layers/layer_list.hpp"
#include "stdlib/layers/starts.hpp"

namespace elbo::stdlib {

namespace {

/// How many channels of the weights a group has. Failure "bad-argument".
std::int64_t in_groups(std::int64_t channels, std::int64_t groups, const char* whose,
                       const std::string& layer, const lang::Span& span) {
  if (channels % groups == 0) return channels / groups;
  fail("bad-argument",
       layer + " cannot split " + std::to_string(channels) + " channels of its " + whose + " into " +
           std::to_string(groups) + " groups",
       span);
}

struct ConvolutionCall {
  Value image;
  Shape given;  ///< of x, as the user sees it
  std::int64_t in, channels, groups;
  WindowArguments windows;
};

// The arguments of both: x, channels, kernel, stride, padding, dilation; groups at `groups_at`.
ConvolutionCall read_call(const Arguments& a, std::size_t groups_at, bool words) {
  ConvolutionCall call{image_argument(a, 0, "x"), shape_of(numeric_argument(a, 0, "x")), 0, 0, 1, {}};
  call.in = channels_of(shape_of(call.image));
  call.channels = size_argument(a, 1, "channels", 1);
  call.windows.size = extent_argument(a, 2, "kernel", 1);
  read_windows(call.windows, a, 3, words);
  if (a.given[groups_at]) call.groups = size_argument(a, groups_at, "groups", 1);
  return call;
}

Value bias_of(const runtime::Layer& layer, const Arguments& a, std::size_t i, const ConvolutionCall& call,
              const Fan& fan) {
  if (a.given[i] && !boolean_argument(a, i, "bias")) return Value(runtime::None{});
  return layer.weight("bias", {call.channels}, usual_start(fan), call.given);
}

Value conv2d(Interpreter& interpreter, const Arguments& a) {
  const ConvolutionCall call = read_call(a, 6, true);
  const runtime::Layer layer(interpreter, "conv2d", a.span);
  const std::int64_t in = in_groups(call.in, call.groups, "input", layer.show(), a.spans[6]);
  in_groups(call.channels, call.groups, "result", layer.show(), a.spans[6]);
  const runtime::Windows windows = windows_over(call.windows, shape_of(call.image), layer.show(), a);
  const auto [height, width] = windows.size;
  const Fan fan{in * height * width, call.channels * height * width};
  const Value weight =
      layer.weight("weight", {call.channels, in, height, width}, start_argument(a, 8, fan), call.given);
  return convolve_value(call.image, weight, bias_of(layer, a, 7, call, fan), windows, call.groups);
}

Value conv_transpose2d(Interpreter& interpreter, const Arguments& a) {
  ConvolutionCall call = read_call(a, 7, false);
  read_output_padding(call.windows, a, 6);
  const runtime::Layer layer(interpreter, "conv_transpose2d", a.span);
  in_groups(call.in, call.groups, "input", layer.show(), a.spans[7]);
  const std::int64_t out = in_groups(call.channels, call.groups, "result", layer.show(), a.spans[7]);
  const runtime::Windows windows = windows_from(call.windows, shape_of(call.image), layer.show(), a);
  const auto [height, width] = windows.size;
  // PyTorch takes the second dimension of the weights for what enters, here as well.
  const Fan fan{out * height * width, call.in * height * width};
  const Value weight =
      layer.weight("weight", {call.in, out, height, width}, start_argument(a, 9, fan), call.given);
  return convolve_transpose_value(call.image, weight, bias_of(layer, a, 8, call, fan), windows, call.groups);
}

}  // namespace

Function conv2d_layer() {
  return {.name = "conv2d",
          .signature =
              "conv2d(x, channels, kernel, stride = 1, padding = 0, dilation = 1, groups = 1, *, bias "
              "= true, init = \"pytorch\")",
          .help =
              "a layer of a net: a convolution of images [channels, height, width] with weights [channels, "
              "in / groups, kernel] and a bias; padding also \"same\" or \"valid\"; init is one of " +
              start_names() + " — e.g. relu(conv2d(x, 16, 3, padding = 1))",
          .category = "nets",
          .call = conv2d};
}

Function conv_transpose2d_layer() {
  return {.name = "conv_transpose2d",
          .signature =
              "conv_transpose2d(x, channels, kernel, stride = 1, padding = 0, dilation = 1, "
              "output_padding = 0, groups = 1, *, bias = true, init = \"pytorch\")",
          .help =
              "a layer of a net: the transpose of a convolution, which makes larger images with a stride "
              "of 2 and more; weights [in, channels / groups, kernel]; init is one of " +
              start_names() + " — e.g. conv_transpose2d(x, 1, 4, stride = 2, padding = 1)",
          .category = "nets",
          .call = conv_transpose2d};
}

}  // namespace elbo::stdlib
