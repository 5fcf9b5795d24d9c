// SPDX-License-Identifier: MIT
/// @file
/// How much noise int8 adds to a network whose channels are scaled: what equalization makes small.
///
/// Rounding to a grid of step d adds a variance of d^2 / 12 (Widrow, 1956). With f_c the factor of
/// channel c, in the units of the unscaled network and relative to the energy of what it disturbs:
///
/// * a tensor with threshold t = max_c(f_c * range_c) adds (t / (128 f_c))^2 / 12 to channel c, of
///   which a layer that reads it passes on sum(W^2), and an add the whole;
/// * the weights of an output o, step max|W| / 127 after scaling, add to it
///   max(|W_oc| / f_c)^2 / 127^2 / 12 * sum_c(taps * energy_c * f_c^2); with one step a layer the
///   maximum is that of |W_oc| f_o / f_c over the layer, its power of two leaves 7 bits and not
///   always the whole of them (steps: 90), and the noise is divided by f_o^2.
///
/// Maxima are p-norms, p = 16, so that there is a gradient.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "octavo/calibrate/channel_statistics.hpp"
#include "octavo/model/channel_classes.hpp"

namespace octavo::inline v0 {

namespace detail {

/// v^16
inline double sixteenth_power(double v) {
  for (int i = 0; i < 4; ++i) v *= v;
  return v;
}

/// A tensor that has a threshold of its own.
struct noisy_tensor {
  std::vector<int> classes = {};
  std::vector<double> range = {};
  std::vector<double> weight = {};  ///< noise passed on for a step of 1, relative
};

/// A layer's weights, the taps of one input and output reduced to the largest.
struct noisy_layer {
  layer_channels channels = {};
  const std::vector<int>* in = nullptr;
  const std::vector<int>* out = nullptr;
  std::vector<float> largest = {};  ///< outputs x inputs: max|W|
  std::vector<double> energy = {};  ///< of each input channel, times taps
  double weight = 0;                ///< 1 / energy of what its output disturbs
};

/// The p-norm of `values` (any that are not negative), and how much of it each entry makes up.
inline double soft_maximum(const std::vector<double>& values, std::vector<double>& shares) {
  const double largest = *std::max_element(values.begin(), values.end());
  shares.assign(values.size(), 0);
  if (largest == 0) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += shares[i] = sixteenth_power(values[i] / largest);
  }
  for (double& share : shares) share /= sum;
  return largest * std::pow(sum, 1.0 / 16);
}

}  // namespace detail

/// The noise that quantization adds to a network, as a function of its channels' factors.
class noise_model {
 public:
  /// @param per_channel whether each output channel has a weight step of its own
  noise_model(const float_model& model, const channel_classes& classes,
              const channel_statistics& seen, bool per_channel)
      : classes_(classes), per_channel_(per_channel), tensors_(model.graph.size()) {
    const graph& net = model.graph;
    find_readers(net);
    for (std::size_t i = 0; i < net.size(); ++i) {
      if (!keeps_threshold(net[i].kind)) add_tensor(net, i, seen);
    }
    for (std::size_t i = 0; i < net.size(); ++i) {
      if (net[i].kind == op::add) add_sum(net, i, seen);
      if (has_weights(net[i].kind)) add_layer(model, i, seen);
    }
  }

  /// The noise at these natural logarithms of the factors, and its gradient.
  double evaluate(const std::vector<double>& log_factors, std::vector<double>& gradient) const {
    gradient.assign(log_factors.size(), 0);
    double noise = 0;
    for (const detail::noisy_tensor& tensor : tensors_) {
      if (!tensor.range.empty()) noise += tensor_noise(tensor, log_factors, gradient);
    }
    for (const detail::noisy_layer& layer : layers_) {
      noise += per_channel_ ? channel_noise(layer, log_factors, gradient)
                            : layer_noise(layer, log_factors, gradient);
    }
    return noise;
  }

 private:
  static std::size_t at(int index) { return static_cast<std::size_t>(index); }

  void find_readers(const graph& net) {
    sole_reader_.assign(net.size(), -1);
    std::vector<int> readers(net.size());
    for (std::size_t i = 0; i < net.size(); ++i) {
      for (const int src : net[i].src) {
        sole_reader_[at(src)] = ++readers[at(src)] == 1 ? static_cast<int>(i) : -1;
      }
    }
  }

  /// Whether only an op of this kind reads a tensor.
  bool only_read_by(const graph& net, std::size_t index, op kind) const {
    return sole_reader_[index] >= 0 && net[at(sole_reader_[index])].kind == kind;
  }

  static double total_energy(const std::vector<channel_range>& channels) {
    double sum = 0;
    for (const channel_range& channel : channels) sum += channel.energy;
    return sum;
  }

  /// In front of a relu the negative side may saturate.
  void add_tensor(const graph& net, std::size_t i, const channel_statistics& seen) {
    detail::noisy_tensor& tensor = tensors_[i];
    const bool positive_side = only_read_by(net, i, op::relu);
    tensor.classes = classes_.of[i];
    for (const channel_range& channel : seen[i]) {
      tensor.range.push_back(positive_side ? channel.highest : channel.largest());
    }
    tensor.weight.assign(tensor.range.size(), 0);
  }

  detail::noisy_tensor& owner_of(const graph& net, int index) {
    return tensors_[threshold_owner(net, at(index))];
  }

  void add_sum(const graph& net, std::size_t i, const channel_statistics& seen) {
    const double energy = total_energy(seen[i]);
    if (energy == 0) return;
    for (const int src : net[i].src) {
      for (double& weight : owner_of(net, src).weight) weight += unit_noise / energy;
    }
  }

  void add_layer(const float_model& model, std::size_t i, const channel_statistics& seen) {
    const graph& net = model.graph;
    const auto src = at(net[i].src[0]);
    const bool into_sum = only_read_by(net, i, op::add);
    const double disturbed = total_energy(seen[into_sum ? at(sole_reader_[i]) : i]);
    if (disturbed == 0) return;
    detail::noisy_layer layer{.channels = channels_of(net, i),
                              .in = &classes_.of[src],
                              .out = &classes_.of[i],
                              .weight = 1 / disturbed};
    const auto& [outputs, inputs, taps, groups] = layer.channels;
    for (const channel_range& channel : seen[src]) {
      layer.energy.push_back(channel.energy * static_cast<double>(taps));
    }
    std::vector<double>& passed_on = owner_of(net, net[i].src[0]).weight;
    layer.largest.resize(outputs * inputs);
    const double* w = model.params[i].weights.data();
    for (std::size_t k = 0; k < outputs * inputs; ++k) {
      double largest = 0;
      double squares = 0;
      for (std::size_t tap = 0; tap < taps; ++tap, ++w) {
        largest = std::max(largest, std::abs(*w));
        squares += *w * *w;
      }
      layer.largest[k] = static_cast<float>(largest);
      const std::size_t c = layer.channels.first_input(k / inputs) + k % inputs;
      passed_on[c] += squares * layer.weight * unit_noise;
    }
    layers_.push_back(std::move(layer));
  }

  double tensor_noise(const detail::noisy_tensor& tensor, const std::vector<double>& log_factors,
                      std::vector<double>& gradient) const {
    const std::size_t count = tensor.range.size();
    std::vector<double> scaled(count);
    std::vector<double> shares;
    for (std::size_t c = 0; c < count; ++c) {
      scaled[c] = tensor.range[c] * std::exp(log_factors[at(tensor.classes[c])]);
    }
    const double threshold = detail::soft_maximum(scaled, shares);
    double sum = 0;
    for (std::size_t c = 0; c < count; ++c) {
      const double factor = std::exp(log_factors[at(tensor.classes[c])]);
      const double noise = tensor.weight[c] * (threshold / factor) * (threshold / factor);
      gradient[at(tensor.classes[c])] -= 2 * noise;
      sum += noise;
    }
    for (std::size_t c = 0; c < count; ++c) gradient[at(tensor.classes[c])] += 2 * sum * shares[c];
    return sum;
  }

  /// Factors and sum_c(energy_c * f_c^2) of the inputs that one group of a layer reads.
  struct group_inputs {
    const int* classes = nullptr;
    const double* energy = nullptr;
    std::vector<float> inverse = {};  ///< 1 / f_c
    double sum = 0;
  };

  group_inputs inputs_of(const detail::noisy_layer& layer, std::size_t first,
                         const std::vector<double>& log_factors) const {
    group_inputs inputs{.classes = layer.in->data() + first, .energy = layer.energy.data() + first};
    for (std::size_t c = 0; c < layer.channels.inputs; ++c) {
      const double factor = std::exp(log_factors[at(inputs.classes[c])]);
      inputs.inverse.push_back(static_cast<float>(1 / factor));
      inputs.sum += inputs.energy[c] * factor * factor;
    }
    return inputs;
  }

  /// The derivative of sum_c(energy_c * f_c^2), of which the noise is `noise` in all.
  static void add_energy_gradient(const group_inputs& inputs, double noise,
                                  std::vector<double>& gradient) {
    if (inputs.sum == 0) return;
    for (std::size_t c = 0; c < inputs.inverse.size(); ++c) {
      const double inverse = inputs.inverse[c];
      gradient[at(inputs.classes[c])] +=
          2 * noise * inputs.energy[c] / (inverse * inverse) / inputs.sum;
    }
  }

  double channel_noise(const detail::noisy_layer& layer, const std::vector<double>& log_factors,
                       std::vector<double>& gradient) const {
    const std::size_t rows = layer.channels.outputs / layer.channels.groups;
    const std::size_t columns = layer.channels.inputs;
    double sum = 0;
    std::vector<double> scaled(columns);
    std::vector<double> shares;
    for (std::size_t group = 0; group < layer.channels.groups; ++group) {
      const group_inputs inputs = inputs_of(layer, group * columns, log_factors);
      double of_group = 0;
      for (std::size_t row = group * rows; row < (group + 1) * rows; ++row) {
        const float* w = layer.largest.data() + row * columns;
        for (std::size_t c = 0; c < columns; ++c) scaled[c] = w[c] * inputs.inverse[c];
        const double largest = detail::soft_maximum(scaled, shares);
        const double noise = layer.weight * largest * largest * inputs.sum / (127.0 * 127 * 12);
        for (std::size_t c = 0; c < columns; ++c) {
          gradient[at(inputs.classes[c])] -= 2 * noise * shares[c];
        }
        of_group += noise;
      }
      add_energy_gradient(inputs, of_group, gradient);
      sum += of_group;
    }
    return sum;
  }

  double layer_noise(const detail::noisy_layer& layer, const std::vector<double>& log_factors,
                     std::vector<double>& gradient) const {
    const auto& [outputs, columns, taps, groups] = layer.channels;
    const std::size_t rows = outputs / groups;
    std::vector<group_inputs> inputs;
    std::vector<double> scaled(outputs * columns);
    std::vector<double> received(groups);  // of each group: sum over outputs of inputs / f_o^2
    for (std::size_t group = 0; group < groups; ++group) {
      inputs.push_back(inputs_of(layer, group * columns, log_factors));
    }
    for (std::size_t row = 0; row < outputs; ++row) {
      const group_inputs& in = inputs[row / rows];
      const double factor = std::exp(log_factors[at((*layer.out)[row])]);
      for (std::size_t c = 0; c < columns; ++c) {
        scaled[row * columns + c] = layer.largest[row * columns + c] * in.inverse[c] * factor;
      }
      received[row / rows] += in.sum / (factor * factor);
    }
    std::vector<double> shares;
    const double largest = detail::soft_maximum(scaled, shares);
    const double step = layer.weight * largest * largest / (90.0 * 90 * 12);
    double sum = 0;
    for (const double part : received) sum += part * step;
    for (std::size_t row = 0; row < outputs; ++row) {
      const group_inputs& in = inputs[row / rows];
      const int out = (*layer.out)[row];
      const double factor = std::exp(log_factors[at(out)]);
      gradient[at(out)] -= 2 * step * in.sum / (factor * factor);
      for (std::size_t c = 0; c < columns; ++c) {
        const double share = 2 * sum * shares[row * columns + c];
        gradient[at(out)] += share;
        gradient[at(in.classes[c])] -= share;
      }
    }
    for (std::size_t group = 0; group < groups; ++group) {
      add_energy_gradient(inputs[group], received[group] * step, gradient);
    }
    return sum;
  }

  static constexpr double unit_noise = 1 / (128.0 * 128 * 12);

  const channel_classes& classes_;
  bool per_channel_;
  std::vector<int> sole_reader_ = {};
  std::vector<detail::noisy_tensor> tensors_;
  std::vector<detail::noisy_layer> layers_ = {};
};

}  // namespace octavo::inline v0
