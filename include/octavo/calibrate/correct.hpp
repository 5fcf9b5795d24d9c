// SPDX-License-Identifier: MIT
/// @file
/// The quantizer with a calibration set at hand: other integers of the same form, chosen so that
/// each layer's output comes out right on real inputs. Nothing changes at run time.
///
/// Layer by layer in execution order, all images at once: what a layer reads in int8 is known, with
/// the errors of all layers before it. Its weights are rounded with error feedback
/// (round_weights.hpp), and its bias takes up what the rounding of the weights shifts the mean of
/// each output by: sum((W - Wq) * E[x]). (To make up for the shift of the inputs as well, as
/// "Data-free quantization" does, was worse by far: most of it is the saturation of few large
/// values, and a constant spreads it over all others.)
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "octavo/calibrate/input_moments.hpp"
#include "octavo/calibrate/round_weights.hpp"
#include "octavo/emulation/float_network.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/model/channel_classes.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/model/validate.hpp"

namespace octavo::inline v0 {

/// Which corrections correct() makes, and how.
struct correction_options {
  bool bias = true;             ///< biases take up the shift of the weights' rounding
  bool weights = true;          ///< weights are rounded with error feedback
  float damping = 0.01F;        ///< of the inputs' energy: the less, the more the set is trusted
  std::int64_t samples = 4096;  ///< output pixels of the set that a layer's second moments take
};

/// Called after each node: how many of how many are done.
using correction_progress = std::function<void(std::size_t done, std::size_t count)>;

namespace detail {

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
    const std::size_t entry = r_.entries() == 1 ? 0 : oc;
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
  const int shift = r.shift[r.entries() == 1 ? 0 : oc];
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

inline void correct_layer(const float_model& source, quantized_model& model, std::size_t index,
                          std::span<const tensor<std::int8_t>> inputs, scheme kind,
                          const correction_options& options) {
  const node& layer = model.graph[index];
  const layer_channels channels = channels_of(model.graph, index);
  op_params& params = model.params[index];
  const accumulator_units units(source.params[index], params.requantize,
                                model.thresholds[static_cast<std::size_t>(layer.src[0])],
                                model.thresholds[index]);
  const std::size_t count = channels.outputs / channels.groups;
  const std::int64_t samples = options.weights ? std::max<std::int64_t>(1, options.samples) : 0;
  for (std::size_t group = 0; group < channels.groups; ++group) {
    const input_moments moments = measure_inputs(layer, static_cast<int>(group), inputs, samples);
    group_corrector(params, units, moments, group * count, count).run(kind, options);
  }
}

}  // namespace detail

/// Corrects the convolutions and fully connected layers of `start`, which quantize() made of
/// `source`; thresholds, shifts and multipliers stay.
/// @param schemes of each node, as quantize() was told
/// @param images the calibration set as the network's int8 input; each tensor of all images is kept
///               until its last reader has run
/// @throws octavo::error where there are no images or their shape is not the graph's, and where
///         `start` is no valid model or not one of `source`
inline quantized_model correct(const float_model& source, quantized_model start,
                               std::span<const scheme> schemes,
                               std::span<const tensor<std::int8_t>> images,
                               const correction_options& options = {},
                               const correction_progress& progress = {}) {
  const graph& net = start.graph;
  require(!images.empty(), "correct: the set has no images");
  require(schemes.size() == net.size(), "correct: expected one scheme for each node");
  require(options.damping > 0 && is_finite(options.damping), "correct: the damping must be > 0");
  validate(start);
  require(source.graph == net && source.params.size() == net.size(),
          "correct: the float network is not the quantized one's");
  for (std::size_t i = 0; i < net.size(); ++i) detail::check_float_params(source, i);
  const shape& input = net[sole_input(net)].shape;
  require(input.n == 1, "correct: the graph's input has more than one image");
  for (const tensor<std::int8_t>& image : images) {
    require_shape(image.shape, input, "correct: an image");
  }
  emulation::detail::pin_block_sizes();
  const std::vector<std::size_t> last = emulation::detail::last_readers(net);
  // tensors[node][image]
  std::vector<std::vector<tensor<std::int8_t>>> tensors(net.size());
  for (std::size_t i = 0; i < net.size(); ++i) {
    const node& op_node = net[i];
    const bool has_matrix = op_node.kind == op::conv2d || op_node.kind == op::fully_connected;
    if (has_matrix) {
      detail::correct_layer(source, start, i, tensors[static_cast<std::size_t>(op_node.src[0])],
                            schemes[i], options);
    }
    for (std::size_t image = 0; image < images.size(); ++image) {
      if (op_node.kind == op::input) {
        tensors[i].push_back(images[image]);
        continue;
      }
      activations operands(net.size());
      for (const int src : op_node.src) {
        operands[static_cast<std::size_t>(src)] = tensors[static_cast<std::size_t>(src)][image];
      }
      tensors[i].push_back(emulation::detail::run_node(start, op_node, operands));
    }
    for (const int src : op_node.src) {
      if (last[static_cast<std::size_t>(src)] == i) tensors[static_cast<std::size_t>(src)] = {};
    }
    if (progress) progress(i + 1, net.size());
  }
  validate(start);
  return start;
}

}  // namespace octavo::inline v0
