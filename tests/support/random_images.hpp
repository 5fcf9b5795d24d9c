// SPDX-License-Identifier: MIT
/// @file
/// A calibration set of random images.
#pragma once

#include <cstddef>

#include "octavo/calibrate/calibrate.hpp"
#include "support/random.hpp"

namespace octavo::testing {

/// `count` random images, the same each time one is asked for.
inline image_source random_images(const shape& extents, std::size_t count) {
  return {count, [extents](std::size_t i) {
            random_source rng(i + 1);
            tensor<float> image(extents);
            for (float& value : image.values) value = static_cast<float>(rng.real());
            return image;
          }};
}

}  // namespace octavo::testing
