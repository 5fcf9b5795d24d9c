// SPDX-License-Identifier: MIT
/// @file
/// What brings an int8 network nearer to the float one and needs pictures for it.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "correction_set.hpp"
#include "octavo/calibrate/channel_statistics.hpp"
#include "octavo/calibrate/correct.hpp"
#include "octavo/calibrate/equalize.hpp"
#include "octavo/quant/activation.hpp"
#include "picture_set.hpp"
#include "progress_bar.hpp"

namespace octavo::examples {

/// Corrections look at so many pictures at most: they keep the tensors of all of them.
inline constexpr std::size_t correction_pictures = 32;

/// The pictures that corrections look at, evenly chosen.
inline image_source correction_images(const picture_list& pictures, const picture_preset& preset) {
  return source_of(evenly_chosen(pictures, correction_pictures), preset);
}

/// The same network equalized, its numbers rounded to float32 so that a file can hold them.
inline float_model equalized(const float_model& source, const image_source& images,
                             bool per_channel) {
  progress_bar bar("equalization");
  const channel_statistics seen = collect_channel_statistics(
      source, images, [&](int, std::size_t n, std::size_t of) { bar.update(n, of); });
  bar.finish();
  float_model model = equalize(source, seen, equalization_for(per_channel));
  const auto round = [](std::vector<double>& values) {
    for (double& value : values) value = static_cast<float>(value);
  };
  for (float_params& params : model.params) {
    round(params.weights);
    round(params.bias);
  }
  return model;
}

/// `start`, which quantize() made of `source`, with its biases and weights corrected.
inline quantized_model corrected(const float_model& source, quantized_model start,
                                 std::span<const scheme> schemes, const image_source& images,
                                 const correction_set& set) {
  const double threshold = start.thresholds[sole_input(start.graph)];
  std::vector<tensor<std::int8_t>> inputs;
  for (std::size_t i = 0; i < images.count; ++i) {
    const tensor<float> image = images.load(i);
    tensor<std::int8_t> input(image.shape);
    for (std::size_t k = 0; k < image.values.size(); ++k) {
      input.values[k] = quantize(image.values[k], threshold);
    }
    inputs.push_back(std::move(input));
  }
  progress_bar bar("corrections", "op");
  quantized_model model = correct(
      source, std::move(start), schemes, inputs,
      {.bias = set.bias, .weights = set.weights, .progress = [&](std::size_t n, std::size_t of) {
         bar.update(n, of);
       }});
  bar.finish();
  return model;
}

}  // namespace octavo::examples
