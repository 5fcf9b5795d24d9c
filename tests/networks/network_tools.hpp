// SPDX-License-Identifier: MIT
/// @file
/// Questions that tests ask a network.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "octavo/model/quantized_model.hpp"
#include "octavo/model/state_dict.hpp"

namespace octavo::testing {

template <class Graph>
constexpr const node& node_of(const Graph& net, std::string_view name) {
  return net[static_cast<std::size_t>(net.find(name))];
}

template <class Graph>
constexpr int count_of(const Graph& net, op kind) {
  int found = 0;
  for (const node& n : net) found += n.kind == kind ? 1 : 0;
  return found;
}

/// The name of what a node reads.
template <class Graph>
std::string_view source_of(const Graph& net, std::string_view name, std::size_t operand = 0) {
  return net[static_cast<std::size_t>(node_of(net, name).src[operand])].name.view();
}

/// Weights and biases, batch normalization folded.
inline std::int64_t parameters(const graph& net) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (has_weights(net[i].kind)) count += weights_shape(net, i).elements() + net[i].shape.c;
  }
  return count;
}

/// Gamma and beta in the place of a folded convolution's bias: so many more.
inline std::int64_t convolution_channels(const graph& net) {
  std::int64_t count = 0;
  for (const node& n : net) count += n.kind == op::conv2d ? n.shape.c : 0;
  return count;
}

/// All names of a layer in one text, those that are not empty.
inline std::string listed(const layer_names& names) {
  std::string text;
  for (const std::string& name : {names.weights, names.bias, names.gamma, names.beta, names.mean,
                                  names.variance, names.norm_scale}) {
    if (!name.empty()) text += text.empty() ? name : " " + name;
  }
  return text;
}

}  // namespace octavo::testing
