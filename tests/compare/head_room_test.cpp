// SPDX-License-Identifier: MIT
#include "octavo/compare/head_room.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/reference/fully_connected.hpp"
#include "support/every_op.hpp"
#include "support/random_model.hpp"

using namespace octavo::compare;
using octavo::policy;
using builder = octavo::graph_builder<std::vector<octavo::node>>;

namespace {

/// data (3 pixels) -> fc (3 channels) -> fc_relu, with weights to set.
octavo::quantized_model one_layer(const octavo::op_params& params) {
  builder net;
  const auto x = net.input("data", {1, 3, 1, 1});
  const auto fc = net.fully_connected("fc", x, 3);
  octavo::quantized_model model{.scheme = octavo::scheme::mixed,
                                .graph = net.finish(net.relu("fc_relu", fc)),
                                .thresholds = {1, 1, 1},
                                .params = {{}, params, {}}};
  octavo::validate(model);
  return model;
}

}  // namespace

TEST_CASE("the bound of a layer by hand") {
  // Channel 0: 10 + 128 * 6; channel 1: 1000 + 128 * 255; channel 2 is dead: 5.
  octavo::op_params params = {.weights = {1, -2, 3, 127, -128, 0, 0, 0, 0},
                              .bias = {10, -1000, 5},
                              .requantize = {policy::rshift, {}, {4}}};
  const std::vector<layer_head_room> layers = head_room(one_layer(params));
  REQUIRE(layers.size() == 1);
  CHECK(layers[0] == layer_head_room{.name = "fc",
                                     .kind = octavo::op::fully_connected,
                                     .bound = 1000 + 128 * 255 + 8,  // 2^(4-1)
                                     .channel = 1,
                                     .channels = 3,
                                     .dead_channels = 1,
                                     .weights = 9,
                                     .extreme_weights = 2});
  CHECK(layers[0].extreme_share() == 2.0 / 9);
  CHECK(to_csv(layers) ==
        "name,op,accumulator_bound,channel,head_room_bits,channels,dead_channels,weights,"
        "extreme_weights\n"
        "fc,fully_connected,33648,1,15.96,3,1,9,0.222222\n");  // 2^31 / 33648 = 2^15.96
  CHECK(to_text(layers) ==
        "layer  op               |acc| at most  channel  bits left  channels  dead  weights  at "
        "+-127\n"
        "fc     fully_connected          33648        1      15.96         3     1        9  "
        "0.222222\n");
}

TEST_CASE("only shifts of the rshift policies add their half, each channel its own") {
  octavo::op_params params = {.weights = {0, 0, 0, 0, 0, 0, 0, 0, 0},
                              .bias = {0, 0, 0},
                              .requantize = {policy::rshift_half_away, {}, {0, 20, 10}}};
  CHECK(head_room(one_layer(params))[0].bound == 1 << 19);
  CHECK(head_room(one_layer(params))[0].channel == 1);
  CHECK(head_room(one_layer(params))[0].bits() == 12);
  params.requantize = {policy::multiplier_rshift, {7, 7, 7}, {0, 20, 10}};
  CHECK(head_room(one_layer(params))[0].bound == 0);
  CHECK(head_room(one_layer(params))[0].bits() == 31);
  CHECK(head_room(one_layer(params))[0].dead_channels == 3);
}

TEST_CASE("some image reaches the bound") {
  const octavo::op_params params = {.weights = {-5, -6, -7, 1, 1, 1, 0, 0, 0},
                                    .bias = {100, 0, 0},
                                    .requantize = {policy::multiplier_rshift, {1}, {0}}};
  const octavo::tensor_view<const std::int8_t> weights = {params.weights.data(), {3, 3, 1, 1}};
  const std::int8_t src[3] = {-128, -128, -128};
  std::int8_t dst[3];
  std::int32_t largest = 0;
  octavo::reference::fully_connected({src, {1, 3, 1, 1}},
                                     octavo::filter<std::int32_t>{weights, params.bias}, false,
                                     [&](std::int32_t acc, int) {
                                       largest = std::max(largest, std::abs(acc));
                                       return std::int8_t{0};
                                     },
                                     {dst, {1, 3, 1, 1}});
  CHECK(largest == 100 + 128 * 18);
  CHECK(head_room(one_layer(params))[0].bound == largest);
}

TEST_CASE("every layer with weights, whatever its policy") {
  octavo::testing::random_source rng(3);
  const octavo::graph net = octavo::testing::every_op_graph();
  for (const policy kind : octavo::testing::all_policies) {
    for (const bool per_channel : {false, true}) {
      const octavo::quantized_model model = octavo::testing::random_model(
          net, {.kind = kind, .per_channel = per_channel, .extremes = true}, rng);
      const std::vector<layer_head_room> layers = head_room(model);
      REQUIRE(layers.size() == 4);  // conv, branch, scale, fc
      CHECK(layers[0].name == "conv");
      CHECK(layers[2].kind == octavo::op::scale);
      CHECK(layers[2].weights == 4);
      CHECK(layers[2].channels == 4);
      // validate() has passed it with 128 for every weight.
      for (const layer_head_room& room : layers) CHECK(room.bits() > 0);
    }
  }
}
