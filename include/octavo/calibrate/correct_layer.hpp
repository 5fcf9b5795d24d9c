// SPDX-License-Identifier: MIT
/// @file
/// Other integers for one layer, chosen for its real inputs: how, is in calibrate/correct.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "octavo/calibrate/correction_options.hpp"
#include "octavo/calibrate/input_moments.hpp"
#include "octavo/calibrate/round_weights.hpp"
#include "octavo/core/real.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/emulation/im2col.hpp"
#include "octavo/model/channel_classes.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::detail {

/// One layer's real numbers in units of its accumulator, t_y / 128 * s, with s the scale of the
/// output channel's requantization: weights W * t_x / (t_y * s), biases B * 128 / (t_y * s).
class accumulator_units {
 public:
  accumulator_units(const float_params& folded, const requantization& r, double t_x, double t_y)
      : folded_(folded), r_(r), ratio_(t_x / t_y), t_y_(t_y) {}

  double weight(std::size_t index, std::size_t oc) const {
    // As in quantize_weights(): 0 times an infinite ratio would be NaN.
    return folded_.weights[index] == 0 ? 0 : folded_.weights[index] * ratio_ / scale(oc);
  }
  double bias(std::size_t oc) const { return folded_.bias[oc] * 128 / (t_y_ * scale(oc)); }

 private:
  double scale(std::size_t oc) const {
    const std::size_t entry = r_.entry(static_cast<int>(oc));
    const int shift = r_.shift[entry] + (r_.kind == policy::multiplier_q31 ? 31 : 0);
    return (r_.multiplier.empty() ? 1 : r_.multiplier[entry]) / power_of_two(shift);
  }

  const float_params& folded_;
  const requantization& r_;
  double ratio_;
  double t_y_;
};

/// The integers that a bias may be, by its scheme and the accumulator's bound.
inline integer_grid bias_grid(scheme kind, const requantization& r, std::size_t oc,
                              std::int64_t taps) {
  const int shift = r.shift[r.entry(static_cast<int>(oc))];
  double bound = 0x1p31 - 1 - static_cast<double>(taps) * 16384;
  if (is_rshift(r.kind) && shift > 0) bound -= power_of_two(shift - 1);
  if (kind == scheme::rshift16) bound = std::min(bound, 32767.0);
  if (kind != scheme::rshift8) return {-bound, bound, 1};
  const double unit = power_of_two(shift);
  const double most = floor_exact(bound / unit);
  return {std::max(-128.0, -most) * unit, std::min(127.0, most) * unit, unit};
}

/// The integers of output channels that read the same inputs.
class group_corrector {
 public:
  group_corrector(op_params& params, const accumulator_units& units, const input_moments& moments,
                  std::size_t first, std::size_t count)
      : params_(params),
        units_(units),
        moments_(moments),
        taps_(static_cast<std::size_t>(moments.mean.size())),
        first_(first),
        count_(count) {}

  void run(scheme kind, const correction_options& options) {
    std::vector<double> exact;
    for (std::size_t oc = first_; oc < first_ + count_; ++oc) exact.push_back(exact_mean(oc));
    if (options.weights) round_weights(kind, options);
    if (!options.bias) return;
    for (std::size_t row = 0; row < count_; ++row) {
      const std::size_t oc = first_ + row;
      const double wanted = units_.bias(oc) + exact[row] - rounded_mean(oc);
      const integer_grid grid =
          bias_grid(kind, params_.requantize, oc, static_cast<std::int64_t>(taps_));
      params_.bias[oc] = static_cast<std::int32_t>(grid.nearest(wanted));
    }
  }

 private:
  /// E[sum(W * x)]
  double exact_mean(std::size_t oc) const {
    double sum = 0;
    for (std::size_t k = 0; k < taps_; ++k) {
      sum += product(units_.weight(oc * taps_ + k, oc), mean(k));
    }
    return sum;
  }

  /// E[sum(Wq * x)]
  double rounded_mean(std::size_t oc) const {
    double sum = 0;
    for (std::size_t k = 0; k < taps_; ++k) {
      sum += product(params_.weights[oc * taps_ + k], mean(k));
    }
    return sum;
  }

  double mean(std::size_t k) const { return moments_.mean[static_cast<Eigen::Index>(k)]; }

  /// The bias is the last of the numbers that are rounded, and takes what is left. Where it is
  /// coarser than a weight, or is to stay, it is the first, and the weights make up for it.
  void round_weights(scheme kind, const correction_options& options) {
    const bool bias_first = kind == scheme::rshift8 || !options.bias;
    const auto bias_at = static_cast<Eigen::Index>(taps_);
    std::vector<Eigen::Index> order = by_energy(moments_);
    order.insert(bias_first ? order.begin() : order.end(), bias_at);
    emulation::row_major<float> values = in_order(order);
    round_in_order(values, inverse_factor(moments_, order, options.damping),
                   [&](Eigen::Index at, Eigen::Index row) {
                     if (order[static_cast<std::size_t>(at)] != bias_at) return integer_grid{};
                     return bias_grid(kind, params_.requantize,
                                      first_ + static_cast<std::size_t>(row),
                                      static_cast<std::int64_t>(taps_));
                   });
    for (std::size_t row = 0; row < count_; ++row) {
      for (std::size_t at = 0; at <= taps_; ++at) {
        const auto k = static_cast<std::size_t>(order[at]);
        if (k == taps_) continue;
        params_.weights[(first_ + row) * taps_ + k] = static_cast<std::int8_t>(
            values(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(at)));
      }
    }
  }

  /// The real weights and biases, a row for each output channel.
  emulation::row_major<float> in_order(const std::vector<Eigen::Index>& order) const {
    emulation::row_major<float> values(static_cast<Eigen::Index>(count_),
                                       static_cast<Eigen::Index>(taps_) + 1);
    for (std::size_t row = 0; row < count_; ++row) {
      const std::size_t oc = first_ + row;
      for (std::size_t at = 0; at <= taps_; ++at) {
        const auto k = static_cast<std::size_t>(order[at]);
        values(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(at)) =
            static_cast<float>(k == taps_ ? units_.bias(oc) : units_.weight(oc * taps_ + k, oc));
      }
    }
    return values;
  }

  op_params& params_;
  const accumulator_units& units_;
  const input_moments& moments_;
  std::size_t taps_;
  std::size_t first_;
  std::size_t count_;
};

/// Corrects the layers of `model`, which quantize() made of `source`, one after the other.
class layer_corrector {
 public:
  layer_corrector(const float_model& source, quantized_model& model,
                  const correction_options& options)
      : source_(source), model_(model), options_(options) {}

  /// @param inputs what the layer, a conv2d or fully_connected, reads, of each image
  void run(std::size_t index, std::span<const tensor<std::int8_t>> inputs, scheme kind) const {
    const node& layer = model_.graph[index];
    const layer_channels channels = channels_of(model_.graph, index);
    op_params& params = model_.params[index];
    const accumulator_units units(source_.params[index], params.requantize,
                                  model_.thresholds[static_cast<std::size_t>(layer.src[0])],
                                  model_.thresholds[index]);
    const std::size_t count = channels.outputs / channels.groups;
    const std::int64_t samples = options_.weights ? std::max<std::int64_t>(1, options_.samples) : 0;
    for (std::size_t group = 0; group < channels.groups; ++group) {
      const input_moments moments = measure_inputs(layer, static_cast<int>(group), inputs, samples);
      group_corrector(params, units, moments, group * count, count).run(kind, options_);
    }
  }

 private:
  const float_model& source_;
  quantized_model& model_;
  const correction_options& options_;
};

}  // namespace octavo::inline v0::detail
