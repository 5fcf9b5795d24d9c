// SPDX-License-Identifier: MIT
/// @file
/// SqueezeNet v1.0 (Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters",
/// 2016, table 1). It has no batch normalization and no fully connected layer.
///
/// Two networks share the name. The authors' Caffe net pads its last convolution, a 1x1, by one
/// pixel, so that the mean of a class is over a frame of ReLU(bias) too, and takes 227x227 pixels;
/// torchvision's pads nothing there and takes 224x224. The weights fit either.
#pragma once

#include <string_view>

#include "octavo/graph/builder.hpp"
#include "octavo/networks/join_name.hpp"

namespace octavo::inline v0::networks {

/// Caffe's pads the last convolution by one pixel, torchvision's does not.
enum class squeezenet_variant { caffe, torchvision };

/// Which SqueezeNet.
struct squeezenet_options {
  squeezenet_variant variant = squeezenet_variant::caffe;
  int image = 227;  ///< height and width of the input
  int width = 16;   ///< channels of the first squeeze layer; every other layer scales with it
  int classes = 1000;
  int batch = 1;
};

namespace detail {

/// Squeezes x to `channels` and expands it to 4 * channels by 1x1 and as many by 3x3 kernels.
template <class Nodes>
constexpr tensor_id append_fire(graph_builder<Nodes>& net, std::string_view fire, tensor_id x,
                                int channels) {
  x = net.conv2d(join_name(fire, "/squeeze1x1"), x, {.channels = channels});
  x = net.relu(join_name(fire, "/relu_squeeze1x1"), x);
  tensor_id narrow = net.conv2d(join_name(fire, "/expand1x1"), x, {.channels = 4 * channels});
  narrow = net.relu(join_name(fire, "/relu_expand1x1"), narrow);
  tensor_id wide = net.conv2d(join_name(fire, "/expand3x3"), x,
                              {.channels = 4 * channels, .window = square(3, 1, 1)});
  wide = net.relu(join_name(fire, "/relu_expand3x3"), wide);
  return net.concat(join_name(fire, "/concat"), {narrow, wide});
}

}  // namespace detail

/// Appends the network to a builder, in the order and with the names of its Caffe layers. Dropout
/// does nothing when a network runs and is left out. Returns the logits (pool10), which are means
/// of rectified values and so never negative.
template <class Nodes>
constexpr tensor_id append_squeezenet(graph_builder<Nodes>& net,
                                      const squeezenet_options& options) {
  constexpr std::string_view fires[] = {"fire2", "fire3", "fire4", "fire5",
                                        "fire6", "fire7", "fire8", "fire9"};
  const pool_params halves = {.window = square(3, 2), .rounding = size_rounding::ceil};
  tensor_id x = net.input("data_quant", {options.batch, 3, options.image, options.image});
  x = net.conv2d("conv1", x, {.channels = 6 * options.width, .window = square(7, 2)});
  x = net.relu("relu_conv1", x);
  x = net.max_pool("pool1", x, halves);
  int squeezed = options.width;
  for (int i = 0; i < 8; ++i) {
    x = detail::append_fire(net, fires[i], x, squeezed);
    if (i == 2) x = net.max_pool("pool4", x, halves);
    if (i == 6) x = net.max_pool("pool8", x, halves);
    if (i % 2 == 1) squeezed += options.width;
  }
  const int frame = options.variant == squeezenet_variant::caffe ? 1 : 0;
  x = net.conv2d("conv10", x, {.channels = options.classes, .window = square(1, 1, frame)});
  x = net.relu("relu_conv10", x);
  const shape last = net.shape_of(x);
  return net.avg_pool("pool10", x, {.window = {.kh = last.h, .kw = last.w}});
}

/// SqueezeNet v1.0 as a value that can be a constant.
constexpr static_graph<65> squeezenet(const squeezenet_options& options = {}) {
  static_graph_builder<65> net;
  const tensor_id logits = append_squeezenet(net, options);
  return net.finish(logits);
}

}  // namespace octavo::inline v0::networks
