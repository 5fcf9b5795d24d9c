// SPDX-License-Identifier: MIT
/// @file
/// A network of a few layers for the programs of this folder, which are users': it needs nothing
/// but the library. Its convolutions have panels of 48 and 16 channels, its layers three policies.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/model/quantized_model.hpp"

namespace consumers {

inline octavo::graph small_graph() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data", {2, 7, 17, 19});
  x = net.conv2d("conv", x, {.channels = 48, .window = octavo::square(3, 1, 1)});
  x = net.relu("relu", x);
  x = net.conv2d("depthwise", x, {.channels = 48, .window = octavo::square(3, 1, 1), .groups = 48});
  x = net.max_pool("pool", x, {.window = octavo::square(2, 2)});
  return net.finish(net.fully_connected("fc", x, 10));
}

/// The upper bits of Knuth's MMIX generator: the same everywhere.
inline void fill(std::span<std::int8_t> values, std::uint64_t seed) {
  for (std::int8_t& value : values) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    value = static_cast<std::int8_t>(static_cast<int>(seed >> 56) - 128);
  }
}

inline octavo::op_params weights_of(const octavo::graph& net, std::size_t index) {
  octavo::op_params params;
  params.weights.resize(static_cast<std::size_t>(weights_shape(net, index).elements()));
  fill(params.weights, index);
  for (int oc = 0; oc < net[index].shape.c; ++oc) params.bias.push_back(100 * oc - 700);
  return params;
}

inline octavo::quantized_model small_model() {
  octavo::quantized_model model;
  model.scheme = octavo::scheme::mixed;
  model.graph = small_graph();
  const octavo::graph& net = model.graph;
  for (std::size_t i = 0; i < net.size(); ++i) {
    model.thresholds.push_back(1.0);
    model.params.push_back(has_weights(net[i].kind) ? weights_of(net, i) : octavo::op_params{});
    octavo::requantization& rule = model.params.back().requantize;
    const std::string_view name = net[i].name.view();
    if (name == "conv") rule = {octavo::policy::rshift, {}, {10}};
    if (name == "depthwise") rule = {octavo::policy::multiplier_rshift, {1456712345}, {40}};
    if (name == "fc") rule = {octavo::policy::multiplier_q31, {1654321987}, {13}};
  }
  return model;
}

inline octavo::tensor<std::int8_t> small_image() {
  octavo::tensor<std::int8_t> image(small_graph()[0].shape);
  fill(image.values, 99);
  return image;
}

}  // namespace consumers
