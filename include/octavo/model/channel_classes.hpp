// SPDX-License-Identifier: MIT
/// @file
/// Which channels of a float network may be scaled together without changing what it computes.
///
/// relu, leaky_relu, max_pool, avg_pool and add commute with a positive factor, so a channel keeps
/// its factor through them, and both operands of an add share one. A convolution may give each
/// output channel a new factor: its weights and bias are multiplied by it, and divided by those of
/// the inputs. A class is the set of channels, in whatever tensors, that must share a factor: an
/// inner channel of a residual block, or a channel of a whole stage's residual stream.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "octavo/core/disjoint_sets.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/model/check_layer_sizes.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0 {

/// Which channels may only be scaled together.
struct channel_classes {
  std::vector<std::vector<int>> of = {};  ///< of each node's tensor and channel: its class
  std::vector<bool> fixed = {};           ///< of each class: its factor is 1

  std::size_t size() const { return fixed.size(); }
};

/// The classes of an unfused graph. The channels of inputs and outputs are fixed, they are somebody
/// else's, and so are those before and behind a clip, whose limits would have to move along.
inline channel_classes find_channel_classes(const graph& net) {
  disjoint_sets sets;
  channel_classes classes{.of = std::vector<std::vector<int>>(net.size())};
  std::vector<int> fixed;
  const auto fix = [&](const std::vector<int>& channels) {
    fixed.insert(fixed.end(), channels.begin(), channels.end());
  };
  for (std::size_t i = 0; i < net.size(); ++i) {
    const node& op_node = net[i];
    std::vector<int>& own = classes.of[i];
    const auto operand = [&](std::size_t k) -> const std::vector<int>& {
      return classes.of[static_cast<std::size_t>(op_node.src[k])];
    };
    if (op_node.kind == op::input || has_weights(op_node.kind)) {
      own = sets.make(op_node.shape.c);
      if (op_node.kind == op::input) fix(own);
    } else if (op_node.kind == op::concat) {
      for (std::size_t k = 0; k < op_node.src.size(); ++k) {
        own.insert(own.end(), operand(k).begin(), operand(k).end());
      }
    } else {
      own = operand(0);
      for (std::size_t c = 0; op_node.kind == op::add && c < own.size(); ++c) {
        sets.join(own[c], operand(1)[c]);
      }
      if (op_node.kind == op::clip) fix(own);
    }
  }
  for (const int output : net.outputs) fix(classes.of[static_cast<std::size_t>(output)]);

  std::vector<int> number(sets.size(), -1);
  for (std::vector<int>& channels : classes.of) {
    for (int& channel : channels) {
      int& of_set = number[static_cast<std::size_t>(sets.find(channel))];
      if (of_set < 0) {
        of_set = static_cast<int>(classes.fixed.size());
        classes.fixed.push_back(false);
      }
      channel = of_set;
    }
  }
  for (const int channel : fixed) {
    classes.fixed[static_cast<std::size_t>(number[static_cast<std::size_t>(sets.find(channel))])] =
        true;
  }
  return classes;
}

/// How the weights of a layer address its input channels: weight k of output channel oc reads input
/// channel first_input(oc) + k / taps.
struct layer_channels {
  std::size_t outputs = 0;  ///< output channels
  std::size_t inputs = 0;   ///< input channels that one output reads
  std::size_t taps = 0;     ///< weights for each of them
  std::size_t groups = 1;

  std::size_t first_input(std::size_t oc) const { return oc / (outputs / groups) * inputs; }
};

/// @param index of a node with weights
inline layer_channels channels_of(const graph& net, std::size_t index) {
  const node& layer = net[index];
  const auto weights = static_cast<std::size_t>(weights_shape(net, index).elements());
  const auto outputs = static_cast<std::size_t>(layer.shape.c);
  const auto sources =
      static_cast<std::size_t>(net[static_cast<std::size_t>(layer.src[0])].shape.c);
  const std::size_t groups = layer.kind == op::scale    ? outputs
                             : layer.kind == op::conv2d ? static_cast<std::size_t>(layer.groups)
                                                        : 1;
  const std::size_t inputs = sources / groups;
  return {outputs, inputs, weights / outputs / inputs, groups};
}

/// The same network with the channels of each class multiplied by its factor: weights become
/// W * f_out / f_in, biases B * f_out. In real arithmetic the outputs stay what they were.
/// @param factors one for each class, positive; 1 for those that are fixed
/// @throws octavo::error where the factors are not, or the parameters do not fit the graph
[[nodiscard]] inline float_model rescale(float_model model, const channel_classes& classes,
                                         std::span<const double> factors) {
  require(factors.size() == classes.size(), "rescale: expected one factor for each class");
  const auto factor = [&](std::size_t node_index, std::size_t channel) {
    return factors[static_cast<std::size_t>(classes.of[node_index][channel])];
  };
  for (std::size_t c = 0; c < factors.size(); ++c) {
    require(is_finite(factors[c]) && factors[c] > 0, "rescale: factors must be positive");
    require(!classes.fixed[c] || factors[c] == 1, "rescale: the factor of a fixed class must be 1");
  }
  require(model.params.size() == model.graph.size(), "rescale: expected one parameter set a node");
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    if (!has_weights(model.graph[i].kind)) continue;
    const auto src = static_cast<std::size_t>(model.graph[i].src[0]);
    const layer_channels layer = channels_of(model.graph, i);
    detail::check_layer_sizes(model.params[i], model.graph, i,
                              concat_text("rescale: ", model.graph[i].name));
    double* weight = model.params[i].weights.data();
    for (std::size_t oc = 0; oc < layer.outputs; ++oc) {
      const double out = factor(i, oc);
      model.params[i].bias[oc] *= out;
      for (std::size_t k = 0; k < layer.inputs * layer.taps; ++k) {
        *weight++ *= out / factor(src, layer.first_input(oc) + k / layer.taps);
      }
    }
  }
  return model;
}

}  // namespace octavo::inline v0
