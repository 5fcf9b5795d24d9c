// SPDX-License-Identifier: MIT
/// @file
/// The networks made small enough for a Debug build: the same nodes, fewer channels, a smaller
/// input, few classes.
#pragma once

#include <vector>

#include "octavo/calibrate/calibrate.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/networks/mobilenet_v2.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/networks/squeezenet.hpp"
#include "octavo/reference/quantize.hpp"
#include "synthetic_model.hpp"

namespace octavo::testing {

/// ResNet-50 with 8 channels where the full network has 64, and a 64x64 input.
inline networks::resnet_options reduced_options(networks::resnet_variant variant) {
  return {.variant = variant, .image = 64, .width = 8, .classes = 10};
}

inline constexpr networks::resnet_variant both_variants[] = {networks::resnet_variant::caffe,
                                                             networks::resnet_variant::torchvision};

/// Squeezes to 3, 6, 9 and 12 channels, so that what is joined begins inside of a block.
inline graph reduced_squeezenet(networks::squeezenet_variant variant, int batch = 1) {
  return to_graph(networks::squeezenet(
      {.variant = variant, .image = 67, .width = 3, .classes = 11, .batch = batch}));
}

/// The narrowest width of the paper, and sizes that strides do not divide: 50, 25, 13, 7, 4, 2.
inline graph reduced_mobilenet_v2(int batch = 1) {
  return to_graph(
      networks::mobilenet_v2({.width = 0.35, .image = 50, .classes = 11, .batch = batch}));
}

/// All of them.
inline std::vector<graph> reduced_graphs() {
  std::vector<graph> nets;
  for (const networks::resnet_variant variant : both_variants) {
    nets.push_back(to_graph(networks::resnet50(reduced_options(variant))));
  }
  nets.push_back(reduced_squeezenet(networks::squeezenet_variant::caffe));
  nets.push_back(reduced_squeezenet(networks::squeezenet_variant::torchvision));
  nets.push_back(reduced_mobilenet_v2());
  return nets;
}

/// Bytes less a mean, as a photo would be.
inline tensor<float> reduced_input(const shape& extents, std::uint64_t seed = 7) {
  examples::random_source random(seed);
  tensor<float> input(extents);
  for (float& x : input.values) x = static_cast<float>(random.uniform() * 255 - 110);
  return input;
}

/// A float network, its thresholds and an input, ready for any scheme.
struct reduced_network {
  float_model source;
  std::vector<double> thresholds;
  tensor<float> input;

  explicit reduced_network(const graph& net)
      : source(examples::synthetic_model(net)), input(reduced_input(net[0].shape)) {
    const image_source images = {1, [this](std::size_t) { return input; }};
    thresholds = propagate_thresholds(source.graph, calibrate(source, images));
  }

  explicit reduced_network(networks::resnet_variant variant)
      : reduced_network(to_graph(networks::resnet50(reduced_options(variant)))) {}

  quantized_model in(scheme kind) const { return quantize(source, thresholds, kind); }

  tensor<std::int8_t> quantized_input() const {
    tensor<std::int8_t> quantized(input.shape);
    reference::quantize(input.view(), thresholds[0], quantized.view());
    return quantized;
  }
};

}  // namespace octavo::testing
