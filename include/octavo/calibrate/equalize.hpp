// SPDX-License-Identifier: MIT
/// @file
/// Equalization: factors for the channels of a float network that leave its function as it is and
/// make int8 lose less. A channel that would use a few of the 256 levels gets more of them, as far
/// as the weights that read it can stand the opposite.
///
/// Nagel et al., "Data-free quantization through weight equalization and bias correction", 2019,
/// balance the weights of pairs of layers; here activations count too, and what several layers
/// share, such as a residual stream, moves together (model/channel_classes.hpp).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "octavo/calibrate/channel_statistics.hpp"
#include "octavo/calibrate/noise_model.hpp"
#include "octavo/model/channel_classes.hpp"

namespace octavo::inline v0 {

/// How equalize() looks for its factors.
struct equalize_options {
  bool per_channel = false;  ///< as the scheme: a weight step for each output channel
  int rounds = 60;           ///< of the descent
  /// Power that the factors found are raised to: 0 leaves the network as it is, 1 trusts the
  /// ranges of the calibration set fully. Per channel the activations' ranges decide nearly alone,
  /// and those of single channels come from few pixels: half of the way was best.
  double strength = 1;
};

/// The options for a scheme that has a weight step for each layer, or for each channel.
constexpr equalize_options equalization_for(bool per_channel) {
  return {.per_channel = per_channel, .strength = per_channel ? 0.5 : 1.0};
}

/// A factor for each class: the noise model's local minimum from 1 on, by Adam (Kingma and Ba,
/// 2014) in the logarithms, each of them limited to a factor of 64 either way.
inline std::vector<double> equalizing_factors(const float_model& model,
                                              const channel_classes& classes,
                                              const channel_statistics& seen,
                                              const equalize_options& options) {
  const noise_model noise(model, classes, seen, options.per_channel);
  const std::size_t count = classes.size();
  const double limit = std::log(64.0);
  std::vector<double> log_factors(count);
  std::vector<double> gradient;
  std::vector<double> mean(count);
  std::vector<double> square(count);
  for (int round = 1; round <= options.rounds; ++round) {
    noise.evaluate(log_factors, gradient);
    const double rate = 3 * round <= 2 * options.rounds ? 0.08 : 0.02;
    for (std::size_t c = 0; c < count; ++c) {
      if (classes.fixed[c]) continue;
      mean[c] = 0.9 * mean[c] + 0.1 * gradient[c];
      square[c] = 0.99 * square[c] + 0.01 * gradient[c] * gradient[c];
      if (square[c] == 0) continue;
      const double first = mean[c] / (1 - std::pow(0.9, round));
      const double second = square[c] / (1 - std::pow(0.99, round));
      log_factors[c] = std::clamp(log_factors[c] - rate * first / std::sqrt(second), -limit, limit);
    }
  }
  for (double& v : log_factors) v = std::exp(options.strength * v);
  return log_factors;
}

/// The same network, equalized for what `seen` says of its tensors.
inline float_model equalize(const float_model& model, const channel_statistics& seen,
                            const equalize_options& options) {
  const channel_classes classes = find_channel_classes(model.graph);
  return rescale(model, classes, equalizing_factors(model, classes, seen, options));
}

}  // namespace octavo::inline v0
