// SPDX-License-Identifier: MIT
/// @file
/// MobileNetV2 (Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018,
/// table 2) as torchvision builds it, with batch normalization folded into the convolutions.
#pragma once

#include "octavo/graph/builder.hpp"
#include "octavo/networks/join_name.hpp"

namespace octavo::inline v0::networks {

/// Which MobileNetV2.
struct mobilenet_v2_options {
  double width = 1.0;  ///< multiplies the channels of every layer; see scaled_channels()
  int image = 224;     ///< height and width of the input
  int classes = 1000;
  int batch = 1;
};

/// Blocks of one shape, a row of the paper's table.
struct mobilenet_v2_stage {
  int expansion;  ///< t: the inner channels are so many times the block's input channels
  int channels;   ///< c: output channels at width 1
  int blocks;     ///< n
  int stride;     ///< s: of the first block
};

/// Table 2 of the paper.
inline constexpr mobilenet_v2_stage mobilenet_v2_stages[] = {
    {1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
    {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

/// channels * width to the nearest multiple of 8, halves up, but at least 8 and nine tenths of
/// itself: the rule of the authors' code, which torchvision keeps.
/// @throws octavo::error for a width that is not in (0, 16].
constexpr int scaled_channels(int channels, double width) {
  require(width > 0 && width <= 16, "mobilenet_v2: the width must be above 0 and at most 16");
  const double wanted = channels * width;
  int rounded = static_cast<int>(wanted + 4) / 8 * 8;
  if (rounded < 8) rounded = 8;
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}

namespace detail {

/// A convolution and the relu6 behind it.
template <class Nodes>
constexpr tensor_id append_conv_relu6(graph_builder<Nodes>& net, const node_name& name, tensor_id x,
                                      const conv2d_options& options) {
  return net.clip(join_name(name, "_relu6"), net.conv2d(name, x, options), 0, 6);
}

/// One block and what it needs to know.
struct inverted_residual {
  node_name label;  ///< "block7": blocks are numbered as torchvision's features, from 1
  int expansion;
  int channels;  ///< of its output
  int stride;
};

/// Expands x by 1x1, filters each channel by 3x3, projects back by 1x1 without a nonlinearity, and
/// adds x where the shapes allow it.
template <class Nodes>
constexpr tensor_id append_inverted_residual(graph_builder<Nodes>& net, tensor_id x,
                                             const inverted_residual& b) {
  const int in = net.shape_of(x).c;
  const int inner = b.expansion * in;
  tensor_id y = x;
  if (b.expansion > 1) {
    y = append_conv_relu6(net, join_name(b.label, "_expand"), y, {.channels = inner});
  }
  y = append_conv_relu6(net, join_name(b.label, "_depthwise"), y,
                        {.channels = inner, .window = square(3, b.stride, 1), .groups = inner});
  y = net.conv2d(join_name(b.label, "_project"), y, {.channels = b.channels});
  const bool adds = b.stride == 1 && in == b.channels;
  return adds ? net.add(join_name(b.label, "_add"), x, y) : y;
}

}  // namespace detail

/// Appends the network to a builder. Returns the logits (fc).
template <class Nodes>
constexpr tensor_id append_mobilenet_v2(graph_builder<Nodes>& net,
                                        const mobilenet_v2_options& options) {
  const double width = options.width;
  tensor_id x = net.input("data_quant", {options.batch, 3, options.image, options.image});
  x = detail::append_conv_relu6(
      net, "conv1", x, {.channels = scaled_channels(32, width), .window = square(3, 2, 1)});
  int block = 1;
  for (const mobilenet_v2_stage& stage : mobilenet_v2_stages) {
    const int channels = scaled_channels(stage.channels, width);
    for (int i = 0; i < stage.blocks; ++i) {
      x = detail::append_inverted_residual(
          net, x,
          {.label = detail::join_name("block", detail::digits_of(block++)),
           .expansion = stage.expansion,
           .channels = channels,
           .stride = i == 0 ? stage.stride : 1});
    }
  }
  // A narrow network keeps its last 1280 channels.
  x = detail::append_conv_relu6(net, "conv_last", x,
                                {.channels = scaled_channels(1280, width > 1 ? width : 1)});
  const shape last = net.shape_of(x);
  x = net.avg_pool("pool", x, {.window = {.kh = last.h, .kw = last.w}});
  return net.fully_connected("fc", x, options.classes);
}

/// MobileNetV2 as a value that can be a constant.
constexpr static_graph<100> mobilenet_v2(const mobilenet_v2_options& options = {}) {
  static_graph_builder<100> net;
  const tensor_id logits = append_mobilenet_v2(net, options);
  return net.finish(logits);
}

}  // namespace octavo::inline v0::networks
