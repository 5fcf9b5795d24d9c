// SPDX-License-Identifier: MIT
/// @file
/// conv2d, fully_connected and scale: every kind of window, every policy for a layer and for each
/// channel, biases up to the accumulator's bound.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/model/validate.hpp"
#include "op_case.hpp"

namespace octavo::examples {

/// The integers of a layer.
struct layer_rule {
  policy kind = policy::rshift;
  bool per_channel = false;
  bool relu = false;
  content src = content::uniform;
  content weights = content::uniform;
  bool largest_bias = false;  ///< as large as the bound of an accumulator allows, of either sign
};

struct conv2d_entry {
  const char* name;
  const char* about;
  shape src;
  int channels;
  octavo::window window = {};
  int groups = 1;
  layer_rule rule = {};
};

// Windows are kernel, stride, dilation, each vertical then horizontal, and top, left, bottom,
// right.
inline constexpr conv2d_entry conv2d_entries[] = {
    {"1x1", "one tap", {1, 5, 4, 7}, 6},
    {"3x3", "padded on all sides", {1, 8, 6, 5}, 9, square(3, 1, 1)},
    {"7x7_stride_2", "the first layer of a network", {1, 3, 17, 19}, 10, square(7, 2, 3)},
    {"strides", "2 rows, 3 columns", {1, 4, 9, 11}, 5, {3, 2, 2, 3, 1, 1, {1, 0, 0, 1}}},
    {"dilation", "2 rows, 3 columns", {1, 4, 9, 11}, 5, {3, 3, 1, 1, 2, 3, {2, 3, 2, 3}}},
    {"four_pads",
     "top 0, left 1, bottom 2, right 3",
     {1, 3, 5, 4},
     4,
     {3, 3, 1, 1, 1, 1, {0, 1, 2, 3}}},
    {"far_pads",
     "windows that see padding alone",
     {1, 2, 3, 3},
     3,
     {2, 2, 2, 2, 1, 1, {4, 4, 4, 4}}},
    {"1x7", "a row", {1, 6, 3, 12}, 7, {1, 7, 1, 1, 1, 1, {0, 3, 0, 3}}},
    {"7x1", "a column", {1, 6, 12, 3}, 7, {7, 1, 1, 1, 1, 1, {3, 0, 3, 0}}},
    {"groups", "2 groups", {1, 6, 5, 5}, 8, square(3, 1, 1), 2},
    {"groups_of_one_output", "4 groups of 3 inputs and 1 output", {1, 12, 4, 4}, 4, square(3), 4},
    {"depthwise", "every channel alone", {1, 19, 6, 7}, 19, square(3, 1, 1), 19},
    {"depthwise_strides",
     "stride 2, four pads",
     {1, 7, 9, 8},
     7,
     {3, 3, 2, 2, 1, 1, {0, 1, 2, 0}},
     7},
    {"depthwise_multiplier", "2 outputs for each input", {1, 5, 5, 5}, 10, square(3, 1, 1), 5},
    {"batch", "3 images", {3, 4, 5, 6}, 5, square(3, 1, 1)},
    {"wide", "more columns and channels than a vector has", {1, 33, 2, 67}, 35},
    {"relu", "fused, before requantization", {1, 8, 5, 5}, 8, square(3, 1, 1), 1, {.relu = true}},
    {"deep", "2304 taps of uniform values", {1, 256, 3, 3}, 4, square(3)},
    {"lowest_products",
     "all products -128 * -128",
     {1, 64, 4, 4},
     3,
     square(3, 1, 1),
     1,
     {.src = content::lowest, .weights = content::lowest}},
    {"saturated_low",
     "all products -128 * 127",
     {1, 64, 4, 4},
     3,
     square(3, 1, 1),
     1,
     {.src = content::lowest, .weights = content::highest}},
};

/// The shift that brings sums of this many products of uniform int8 (deviation 74 * 74) to about
/// the size of an int8: the least with 74^2 * sqrt(taps) <= 64 * 2^shift. In integers, squared.
inline int usual_shift(std::int64_t taps) {
  int shift = 0;
  while (std::int64_t{74 * 74} * (74 * 74) * taps > (std::int64_t{64 * 64} << (2 * shift))) ++shift;
  return shift;
}

/// One entry, or one for each channel.
inline requantization some_rule(const layer_rule& rule, int channels, std::int64_t taps,
                                random_source& rng) {
  requantization made{rule.kind};
  const int entries = rule.per_channel ? channels : 1;
  for (int i = 0; i < entries; ++i) {
    int shift = usual_shift(taps) + (i % 3) - 1;
    if (!is_rshift(rule.kind)) {
      // In [2^30, 2^31): between 1/2 and 1 in Q31. multiplier_rshift takes those 31 bits itself,
      // every other time in the device's 8 bits.
      auto multiplier = static_cast<std::int32_t>((1U << 30) + (rng.next() >> 34));
      if (rule.kind == policy::multiplier_rshift) {
        const bool narrow = i % 2 == 1;
        if (narrow) multiplier >>= 23;
        shift += narrow ? 8 : 31;
      }
      made.multiplier.push_back(multiplier);
    }
    made.shift.push_back(static_cast<std::uint8_t>(shift < 0 ? 0 : shift));
  }
  return made;
}

inline std::int32_t some_bias(const layer_rule& rule, const requantization& made, int channel,
                              std::int64_t taps, random_source& rng) {
  const int shift = made.shift[made.entry(channel)];
  if (rule.largest_bias) {
    const std::int64_t half =
        is_rshift(rule.kind) && shift > 0 ? std::int64_t{1} << (shift - 1) : 0;
    const std::int64_t most = INT32_MAX - taps * 128 * 128 - half;
    return static_cast<std::int32_t>(channel % 2 == 0 ? most : -most);
  }
  const int bits = usual_shift(taps) + 6;
  return static_cast<std::int32_t>(rng.next() >> (64 - bits)) - (1 << (bits - 1));
}

inline void add_layer(conformance_kit& kit, const std::string& name, std::string_view about,
                      const graph& net, const layer_rule& rule, random_source& rng) {
  quantized_model model{.scheme = scheme::mixed, .graph = net, .thresholds = {1, 1}};
  model.params.resize(2);
  op_params& params = model.params[1];
  const std::int64_t depth = taps(net, 1);
  params.requantize = some_rule(rule, net[1].shape.c, depth, rng);
  params.weights.resize(static_cast<std::size_t>(weights_shape(net, 1).elements()));
  for (std::int8_t& weight : params.weights) weight = some_int8(rule.weights, rng);
  for (int oc = 0; oc < net[1].shape.c; ++oc) {
    params.bias.push_back(some_bias(rule, params.requantize, oc, depth, rng));
  }
  validate(model);
  node op_node = net[1];
  op_node.relu = rule.relu;
  add_op(kit, name, about, model, op_node, {some_tensor(net[0].shape, rule.src, rng)});
}

inline graph conv2d_graph(const conv2d_entry& entry) {
  graph_builder<std::vector<node>> net;
  const tensor_id src = net.input("src", entry.src);
  return net.finish(net.conv2d(
      "dst", src, {.channels = entry.channels, .window = entry.window, .groups = entry.groups}));
}

inline void add_policy_cases(conformance_kit& kit, random_source& rng) {
  constexpr const char* names[] = {"rshift", "rshift_half_away", "multiplier_rshift",
                                   "multiplier_q31"};
  for (int kind = 0; kind < 4; ++kind) {
    for (const bool per_channel : {false, true}) {
      for (const bool largest : {false, true}) {
        const std::string name = concat_text(
            "conv2d_", names[kind], per_channel ? "_per_channel" : "", largest ? "_bound" : "");
        const conv2d_entry entry = {"", "", {1, 9, 4, 5}, 11, square(3, 1, 1)};
        const layer_rule rule = {
            .kind = static_cast<policy>(kind), .per_channel = per_channel, .largest_bias = largest};
        add_layer(kit, name, largest ? "biases at the bound of the accumulator" : "the policy",
                  conv2d_graph(entry), rule, rng);
      }
    }
  }
}

inline void add_layer_cases(conformance_kit& kit) {
  random_source rng(1);
  for (const conv2d_entry& entry : conv2d_entries) {
    add_layer(kit, concat_text("conv2d_", entry.name), entry.about, conv2d_graph(entry), entry.rule,
              rng);
  }
  add_policy_cases(kit, rng);
  for (const int batch : {1, 3}) {
    graph_builder<std::vector<node>> net;
    const tensor_id src = net.input("src", {batch, 7, 3, 2});
    add_layer(kit, concat_text("fully_connected_", batch), "src is read as N x K",
              net.finish(net.fully_connected("dst", src, 13)),
              {.kind = policy::multiplier_rshift, .per_channel = true, .relu = batch == 3}, rng);
  }
  for (const bool relu : {false, true}) {
    graph_builder<std::vector<node>> net;
    const tensor_id src = net.input("src", {2, 9, 3, 5});
    add_layer(kit, relu ? "scale_relu" : "scale", "a weight and a bias for each channel",
              net.finish(net.scale("dst", src)), {.per_channel = relu, .relu = relu}, rng);
  }
}

}  // namespace octavo::examples
