// SPDX-License-Identifier: MIT
/// @file
/// What correct() can be told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "octavo/version.hpp"

namespace octavo::inline v0 {

/// Called after each node: how many of how many are done.
using correction_progress = std::function<void(std::size_t done, std::size_t count)>;

/// Which corrections correct() makes, and how.
struct correction_options {
  bool bias = true;             ///< biases take up the shift of the weights' rounding
  bool weights = true;          ///< weights are rounded with error feedback
  float damping = 0.01F;        ///< of the inputs' energy: the less, the more the set is trusted
  std::int64_t samples = 4096;  ///< output pixels of the set that a layer's second moments take
  correction_progress progress = {};
};

}  // namespace octavo::inline v0
