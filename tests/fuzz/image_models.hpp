// SPDX-License-Identifier: MIT
/// @file
/// The models whose weight images are fuzzed, the same in the target and in its corpus: an image
/// that fits one model may be refused for another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "octavo/tpu/weight_image.hpp"
#include "tpu/command_recipe.hpp"

namespace octavo_fuzz {

using octavo::tpu::weight_layout;

/// The third layout twice: for one shift or multiplier a layer, and for one a channel.
inline constexpr std::array image_layouts = {
    weight_layout::v1, weight_layout::v2, weight_layout::per_channel, weight_layout::per_channel};

/// The model for image_layouts[i].
inline octavo::quantized_model image_model(std::size_t i) {
  constexpr std::array<std::uint64_t, image_layouts.size()> seeds = {1, 2, 3, 4};
  octavo::testing::random_source rng(seeds[i]);
  return octavo::testing::model_for(image_layouts[i], octavo::testing::every_command_graph(), rng);
}

}  // namespace octavo_fuzz
