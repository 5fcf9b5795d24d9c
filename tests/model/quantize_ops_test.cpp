// SPDX-License-Identifier: MIT
/// @file
/// Tests of model/quantize.hpp: ops whose integers follow from thresholds, and the other layers
/// with weights.

#include <doctest/doctest.h>

#include "model/one_layer.hpp"

using namespace octavo::testing;
using octavo::float_model;
using octavo::op_params;
using octavo::scheme;
using octavo::tensor_id;

namespace {

using builder = octavo::graph_builder<std::vector<octavo::node>>;

/// The integers of the last node of a graph without weights.
op_params quantize_last(builder& net, tensor_id last, const std::vector<double>& thresholds) {
  const float_model model{net.finish(last), std::vector<octavo::float_params>(thresholds.size())};
  return quantize(model, thresholds, scheme::rshift16).params.back();
}

op_params quantize_add(double t_x0, double t_x1, double t_y) {
  builder net;
  const tensor_id a = net.input("a", {1, 2, 3, 3});
  const tensor_id b = net.input("b", {1, 2, 3, 3});
  return quantize_last(net, net.add("sum", a, b), {t_x0, t_x1, t_y});
}

/// 3x3 windows, stride 2, one pixel of padding, on 4x4 pixels: rows of 2 and 3 pixels.
op_params quantize_pool(double t_x, double t_y, bool count_padding) {
  builder net;
  const tensor_id x = net.input("data", {1, 1, 4, 4});
  return quantize_last(
      net,
      net.avg_pool("pool", x, {.window = octavo::square(3, 2, 1), .count_padding = count_padding}),
      {t_x, t_y});
}

}  // namespace

TEST_CASE("add: each input's ratio to the output, on one shift") {
  CHECK(quantize_add(1, 1, 1).add == octavo::add_params{{64, 64}, 6});
  CHECK(quantize_add(2, 1, 1).add == octavo::add_params{{64, 32}, 5});
  CHECK(quantize_add(1, 3, 2).add == octavo::add_params{{32, 96}, 6});
  CHECK_THROWS_WITH(
      quantize_add(1, 256, 2),
      "quantize (rshift16): sum: an input's threshold is 128 times the output's or more");
}

TEST_CASE("average pool: one multiplier for each divisor, in the order of the windows") {
  // 2^9 / 4 = 128, 2^10 / 6 = 170.67, 2^11 / 9 = 227.56.
  CHECK(quantize_pool(1, 1, false).divisors ==
        std::vector<octavo::pool_divisor>{{4, {128, 9}}, {6, {170, 10}}, {9, {227, 11}}});
  CHECK(quantize_pool(1, 1, true).divisors == std::vector<octavo::pool_divisor>{{9, {227, 11}}});
}

TEST_CASE("average pool: the thresholds are part of the multiplier") {
  // 3/4 / 9 * 2^11 = 170.67
  CHECK(quantize_pool(3, 4, true).divisors == std::vector<octavo::pool_divisor>{{9, {170, 11}}});
  CHECK_THROWS_WITH(quantize_pool(2304, 1, true),
                    "quantize (rshift16): pool: average pool: the input's threshold is too large "
                    "for the output's");
}

TEST_CASE("concat: equal thresholds copy, others requantize") {
  builder net;
  const tensor_id a = net.input("a", {1, 1, 2, 2});
  const tensor_id b = net.input("b", {1, 2, 2, 2});
  const tensor_id c = net.input("c", {1, 3, 2, 2});
  // The ratios are 1, 3/4 and 1/3: 2^32 / 3 = 1431655765.33.
  const op_params concat = quantize_last(net, net.concat("join", {a, b, c}), {3, 2.25, 1, 3});
  REQUIRE(concat.multipliers.size() == 3);
  CHECK(concat.multipliers[0] == octavo::multiplier_rshift{1 << 30, 30});
  CHECK(concat.multipliers[1] == octavo::multiplier_rshift{3 << 29, 31});
  CHECK(concat.multipliers[2] == octavo::multiplier_rshift{1431655765, 32});
  for (int q = -128; q <= 127; ++q) CHECK(concat.multipliers[0](q) == q);
}

TEST_CASE("leaky relu: the slope as a multiplier, whatever the threshold") {
  builder net;
  const tensor_id x = net.input("data", {1, 1, 2, 2});
  const op_params leaky = quantize_last(net, net.leaky_relu("leaky", x, 0.25), {5, 5});
  CHECK(leaky.multipliers == std::vector<octavo::multiplier_rshift>{{1 << 30, 32}});
}

TEST_CASE("clip: the limits in units of the threshold, saturated") {
  const auto limits = [](double threshold) {
    builder net;
    const tensor_id x = net.input("data", {1, 1, 2, 2});
    return quantize_last(net, net.clip("clip", x, -1, 6), {threshold, threshold}).clip;
  };
  CHECK(limits(8) == octavo::clip_params{-16, 96});
  CHECK(limits(4) == octavo::clip_params{-32, 127});  // 192
}

TEST_CASE("ops that copy have no integers") {
  builder net;
  tensor_id x = net.input("data", {1, 1, 4, 4});
  x = net.relu("relu", x);
  CHECK(quantize_last(net, net.max_pool("max", x, {.window = octavo::square(2)}), {2, 2, 2}) ==
        op_params{});
}

TEST_CASE("fully connected: the scheme of the rest, a row of weights for each channel") {
  builder net;
  tensor_id x = net.input("data", {1, 1, 1, 2});
  x = net.fully_connected("fc", x, 2);
  const float_model model{net.finish(x), {{}, {{0.5, 0.25, 2, -1}, {0, 0}}}};
  const std::vector<double> ones = {1, 1};
  op_params fc = quantize(model, ones, scheme::rshift16).params[1];
  CHECK(fc.weights == int8s{16, 8, 64, -32});  // a = 2: r = 5
  CHECK(fc.requantize.shift == shifts{5});
  fc = quantize(model, ones, scheme::rshift_channel).params[1];
  CHECK(fc.weights == int8s{64, 32, 64, -32});
  CHECK(fc.requantize.shift == shifts{7, 5});
}

TEST_CASE("scale: one weight for each channel, one tap in each accumulator") {
  builder net;
  tensor_id x = net.input("data", {1, 2, 3, 3});
  x = net.scale("scale", x);
  const std::vector<double> ones = {1, 1};
  // Channel 0: r = 7, and a bias of 2^31 - 1 - 16384 - 64 is the largest that fits; see
  // quantize_test.cpp. Channel 1: a = 2, r = 5, Bq = -1 * 128 * 32.
  const float_model model{net.finish(x), {{}, {{0.5, -2}, {2147467199.0 / 16384, -1}}}};
  const op_params scale = quantize(model, ones, scheme::rshift_channel).params[1];
  CHECK(scale.weights == int8s{64, -64});
  CHECK(scale.bias == int32s{2147467199, -4096});
  CHECK(scale.requantize.shift == shifts{7, 5});
}

TEST_CASE("the taps of a grouped convolution are those of one group") {
  builder net;
  tensor_id x = net.input("data", {1, 4, 1, 2});
  x = net.conv2d("conv", x, {.channels = 2, .window = {1, 2}, .groups = 2});
  const std::vector<double> ones = {1, 1};
  // K = 4 / 2 * 2 = 4: the bound leaves 2^31 - 1 - 4 * 16384 - 64.
  const auto shift_of = [&](double bias_at_7) {
    const float_model model{net.finish(x),
                            {{}, {std::vector<double>(8, 0.5), {bias_at_7 / 16384, 0}}}};
    return int{quantize(model, ones, scheme::rshift32).params[1].requantize.shift[0]};
  };
  CHECK(shift_of(2147418047) == 7);
  CHECK(shift_of(2147418048) == 6);
}

TEST_CASE("the quantized model keeps scheme, graph and thresholds") {
  const float_model model = conv_model({1}, {0});
  const std::vector<double> thresholds = {3, 4};
  const octavo::quantized_model quantized = quantize(model, thresholds, scheme::multiplier);
  CHECK(quantized.scheme == scheme::multiplier);
  CHECK(quantized.graph == model.graph);
  CHECK(quantized.thresholds == thresholds);
  CHECK(quantized.params.size() == 2);
  CHECK(quantized.params[0] == op_params{});
}

TEST_CASE("one threshold a node is needed") {
  CHECK_THROWS_WITH(quantize(conv_model({1}, {0}), std::vector<double>{1}, scheme::rshift8),
                    "quantize: expected one threshold a node");
}

TEST_CASE("schemes have names in both directions") {
  for (const scheme kind : octavo::all_schemes)
    CHECK(octavo::parse_scheme(to_string(kind)) == kind);
  CHECK(to_string(scheme::rshift_channel) == "rshift-channel");
  CHECK(to_string(scheme::multiplier_q31) == "multiplier-q31");
  CHECK_THROWS_WITH(octavo::parse_scheme("int4"),
                    "scheme 'int4', expected one of rshift8, rshift16, rshift32, rshift-channel, "
                    "multiplier, multiplier8, multiplier-q31");
}
