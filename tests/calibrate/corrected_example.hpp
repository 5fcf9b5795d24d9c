// SPDX-License-Identifier: MIT
/// @file
/// A small network before and after its correction, and how far it is from the float network.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "octavo/calibrate/calibrate.hpp"
#include "octavo/calibrate/correct.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/model/quantize.hpp"
#include "small_network.hpp"

namespace octavo::testing {

using int8_images = std::vector<tensor<std::int8_t>>;

inline const correction_options bias_alone = {.weights = false};
inline const correction_options weights_alone = {.bias = false};

/// A float network, its thresholds, and images in float and in int8.
struct corrected_example {
  explicit corrected_example(float_model from) : model(std::move(from)) {
    images = random_images(model.graph[0].shape, 4);
    const calibration_table table = calibrate(model, images, {.rule = threshold_rule::max});
    thresholds = propagate_thresholds(model.graph, table);
    for (std::size_t i = 0; i < images.count; ++i) quantize_image(images.load(i));
  }

  explicit corrected_example(std::uint64_t seed) : corrected_example(made_from(seed)) {}

  static float_model made_from(std::uint64_t seed) {
    random_source rng(seed);
    return small_network(rng);
  }

  void quantize_image(const tensor<float>& image) {
    quantized_images.emplace_back(image.shape);
    std::transform(image.values.begin(), image.values.end(), quantized_images.back().values.begin(),
                   [&](float x) { return quantize(x, thresholds[0]); });
  }

  quantized_model quantized(scheme kind) const { return quantize(model, thresholds, kind); }

  quantized_model corrected(scheme kind, const correction_options& options = {}) const {
    const std::vector<scheme> schemes(model.graph.size(), kind);
    return correct(model, quantized(kind), schemes, quantized_images, options);
  }

  /// Mean square of what an int8 network's outputs differ by from the float network's.
  double error_of(const quantized_model& net) const {
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < images.count; ++i) {
      const std::vector<float> expected = float_output(model, images.load(i));
      const auto found = emulation::emulate(net, quantized_images[i]).back();
      for (std::size_t k = 0; k < expected.size(); ++k, ++count) {
        const double apart = dequantize(found.values[k], thresholds.back()) - expected[k];
        sum += apart * apart;
      }
    }
    return sum / static_cast<double>(count);
  }

  float_model model;
  image_source images;
  std::vector<double> thresholds;
  int8_images quantized_images;
};

}  // namespace octavo::testing
