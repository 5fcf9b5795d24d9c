// SPDX-License-Identifier: MIT
/// @file
/// ResNet-50 made small enough for a Debug build: the same 122 nodes, 8 channels where the full
/// network has 64, a 64x64 input, 10 classes.
#pragma once

#include "octavo/calibrate/calibrate.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/reference/quantize.hpp"
#include "synthetic_model.hpp"

namespace octavo::testing {

inline networks::resnet_options reduced_options(networks::resnet_variant variant) {
  return {.variant = variant, .image = 64, .width = 8, .classes = 10};
}

/// Bytes less a mean, as a photo would be.
inline tensor<float> reduced_input(std::uint64_t seed = 7) {
  examples::random_source random(seed);
  tensor<float> input(shape{1, 3, 64, 64});
  for (float& x : input.values) x = static_cast<float>(random.uniform() * 255 - 110);
  return input;
}

/// A float network, its thresholds and an input, ready for any scheme.
struct reduced_network {
  float_model source;
  std::vector<double> thresholds;
  tensor<float> input;

  explicit reduced_network(networks::resnet_variant variant)
      : source(examples::synthetic_model(to_graph(networks::resnet50(reduced_options(variant))))),
        input(reduced_input()) {
    const image_source images = {1, [this](std::size_t) { return input; }};
    thresholds = propagate_thresholds(source.graph, calibrate(source, images));
  }

  quantized_model in(scheme kind) const { return quantize(source, thresholds, kind); }

  tensor<std::int8_t> quantized_input() const {
    tensor<std::int8_t> quantized(input.shape);
    reference::quantize(input.view(), thresholds[0], quantized.view());
    return quantized;
  }
};

inline constexpr networks::resnet_variant both_variants[] = {networks::resnet_variant::caffe,
                                                             networks::resnet_variant::torchvision};

}  // namespace octavo::testing
