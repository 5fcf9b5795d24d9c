// SPDX-License-Identifier: MIT
/// @file
/// Batch normalization folded into the convolution before it.
#pragma once

#include <cmath>

#include "octavo/core/real.hpp"

namespace octavo::inline v0 {

/// One channel of a batch normalization: y = (x - mean) / sqrt(variance + epsilon) * gamma + beta.
struct batch_norm_channel {
  double gamma = 1;
  double beta = 0;
  double mean = 0;
  double variance = 1;
  double epsilon = 1e-5;
};

/// What a folded channel does to a convolution: W' = W * scale, bias' = bias.
struct folded_channel {
  double scale;
  double bias;
};

/// scale = gamma / sqrt(variance + epsilon), bias = beta + (conv_bias - mean) * scale,
/// from Ioffe and Szegedy, "Batch Normalization", 2015, solved for one convolution.
inline folded_channel fold(const batch_norm_channel& norm, double conv_bias) {
  const double scale = norm.gamma / std::sqrt(norm.variance + norm.epsilon);
  return {scale, norm.beta + product(conv_bias - norm.mean, scale)};
}

}  // namespace octavo::inline v0
