// SPDX-License-Identifier: MIT
/// @file
/// ResNet as the paper draws it (He et al., "Deep Residual Learning for Image Recognition", 2015,
/// table 1), with batch normalization folded into the convolutions.
///
/// Two networks share the name ResNet-50. Kaiming He's Caffe net puts the stride of a stage on the
/// first 1x1 convolution and rounds pool1's size up; torchvision's (v1.5) puts it on the 3x3 and
/// pads pool1. Which one is meant is always said.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/networks/join_name.hpp"

namespace octavo::inline v0::networks {

/// Caffe's has a stage's stride on the first 1x1 convolution and rounds pool1's size up,
/// torchvision's has it on the 3x3 and pads pool1.
enum class resnet_variant { caffe, torchvision };

/// Which ResNet.
struct resnet_options {
  resnet_variant variant = resnet_variant::caffe;
  int depth = 50;   ///< 18, 34, 50, 101 or 152
  int image = 224;  ///< height and width of the input
  int width = 64;   ///< channels of conv1; every other layer scales with it
  int classes = 1000;
  int batch = 1;
};

/// Blocks of the four stages.
struct resnet_stages {
  int blocks[4];
  bool bottleneck;  ///< 1x1, 3x3, 1x1 blocks instead of 3x3, 3x3
};

/// @throws octavo::error for a depth that the paper does not have.
constexpr resnet_stages stages_of(int depth) {
  switch (depth) {
    case 18:
      return {{2, 2, 2, 2}, false};
    case 34:
      return {{3, 4, 6, 3}, false};
    case 50:
      return {{3, 4, 6, 3}, true};
    case 101:
      return {{3, 4, 23, 3}, true};
    case 152:
      return {{3, 8, 36, 3}, true};
    default:
      fail("resnet: depth ", depth, ", expected 18, 34, 50, 101 or 152");
  }
}

namespace detail {

/// "2a", "3f": Caffe's label of a block. The long stages of ResNet-101 and 152 count: "4a", "4b17".
constexpr node_name block_label(int stage, int block, int blocks) {
  constexpr std::string_view letters = "abcdef";
  const node_name stage_digit = digits_of(stage + 2);
  if (blocks <= 6) {
    return join_name(stage_digit, letters.substr(static_cast<std::size_t>(block), 1));
  }
  return block == 0 ? join_name(stage_digit, "a") : join_name(stage_digit, "b", digits_of(block));
}

/// One residual block and what it needs to know.
struct residual_block {
  node_name label;
  bool bottleneck;
  bool project;  ///< the shortcut is a 1x1 convolution (branch1)
  int channels;  ///< of the inner convolutions
  int stride;
  resnet_variant variant;
};

template <class Nodes>
constexpr tensor_id append_block(graph_builder<Nodes>& net, tensor_id x, const residual_block& b) {
  const int expanded = b.bottleneck ? 4 * b.channels : b.channels;
  tensor_id shortcut = x;
  if (b.project) {
    shortcut = net.conv2d(join_name("scale", b.label, "_branch1"), x,
                          {.channels = expanded, .window = square(1, b.stride)});
  }
  const bool stride_first = !b.bottleneck || b.variant == resnet_variant::caffe;
  const window first =
      b.bottleneck ? square(1, stride_first ? b.stride : 1) : square(3, b.stride, 1);
  x = net.conv2d(join_name("scale", b.label, "_branch2a"), x,
                 {.channels = b.channels, .window = first});
  x = net.relu(join_name("res", b.label, "_branch2a_relu"), x);
  x = net.conv2d(join_name("scale", b.label, "_branch2b"), x,
                 {.channels = b.channels, .window = square(3, stride_first ? 1 : b.stride, 1)});
  if (b.bottleneck) {
    x = net.relu(join_name("res", b.label, "_branch2b_relu"), x);
    x = net.conv2d(join_name("scale", b.label, "_branch2c"), x, {.channels = expanded});
  }
  x = net.add(join_name("res", b.label), shortcut, x);
  return net.relu(join_name("res", b.label, "_relu"), x);
}

}  // namespace detail

/// Appends the network to a builder, in Caffe's execution order and with Caffe's names: a folded
/// convolution bears the name of its scale layer. Returns the logits (fc1000).
template <class Nodes>
constexpr tensor_id append_resnet(graph_builder<Nodes>& net, const resnet_options& options) {
  const resnet_stages stages = stages_of(options.depth);
  const bool caffe = options.variant == resnet_variant::caffe;
  tensor_id x = net.input("data_quant", {options.batch, 3, options.image, options.image});
  x = net.conv2d("scale_conv1", x, {.channels = options.width, .window = square(7, 2, 3)});
  x = net.relu("conv1_relu", x);
  x = net.max_pool("pool1", x,
                   {.window = square(3, 2, caffe ? 0 : 1),
                    .rounding = caffe ? size_rounding::ceil : size_rounding::floor});
  int channels = options.width;
  for (int stage = 0; stage < 4; ++stage) {
    for (int block = 0; block < stages.blocks[stage]; ++block) {
      const int stride = stage > 0 && block == 0 ? 2 : 1;
      x = detail::append_block(net, x,
                               {.label = detail::block_label(stage, block, stages.blocks[stage]),
                                .bottleneck = stages.bottleneck,
                                .project = block == 0 && (stages.bottleneck || stride == 2),
                                .channels = channels,
                                .stride = stride,
                                .variant = options.variant});
    }
    channels *= 2;
  }
  const shape last = net.shape_of(x);
  window whole = {.kh = last.h, .kw = last.w};
  x = net.avg_pool("pool5", x, {.window = whole});
  return net.fully_connected("fc1000", x, options.classes);
}

/// ResNet-50 (or 18, 34) as a value that can be a constant.
constexpr static_graph<124> resnet50(const resnet_options& options = {}) {
  static_graph_builder<124> net;
  const tensor_id logits = append_resnet(net, options);
  return net.finish(logits);
}

/// A ResNet of any depth.
inline graph resnet(const resnet_options& options) {
  graph_builder<std::vector<node>> net;
  const tensor_id logits = append_resnet(net, options);
  return net.finish(logits);
}

}  // namespace octavo::inline v0::networks
