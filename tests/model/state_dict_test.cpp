// SPDX-License-Identifier: MIT
/// @file
/// Tests of model/state_dict.hpp: folding while loading, by hand, and every array that can be
/// wrong.

#include "octavo/model/state_dict.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>

#include "octavo/graph/builder.hpp"

using octavo::float_params;
using octavo::layer_names;
using octavo::named_array;

namespace {

using arrays = std::map<std::string, named_array>;

octavo::state_dict as_file(const arrays& held) {
  return {.file = "m.npz",
          .contains = [&held](const std::string& name) { return held.contains(name); },
          .read = [&held](const std::string& name) { return held.at(name); }};
}

/// Two output channels, one input channel, windows of 1x2.
octavo::graph conv_graph() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data", {1, 1, 1, 4});
  x = net.conv2d("conv", x, {.channels = 2, .window = {1, 2}});
  return net.finish(x);
}

octavo::graph fc_graph() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data", {1, 3, 1, 1});
  x = net.fully_connected("fc", x, 2);
  return net.finish(x);
}

/// Channel 0: deviation sqrt(4 - 1/4 + 1/4) = 2, gamma 3: scale 3/2. Channel 1: deviation 1/2,
/// gamma -1: scale -2. All exact.
arrays conv_arrays() {
  return {{"w", {{2, 1, 1, 2}, {1, 2, -3, 0.5}}},
          {"b", {{2}, {10, -1}}},
          {"gamma", {{2}, {3, -1}}},
          {"beta", {{2}, {0.25, 7}}},
          {"mean", {{2}, {2, 4}}},
          {"var", {{2}, {3.75, 0}}}};
}

layer_names conv_names(const octavo::node&) {
  return {.weights = "w",
          .bias = "b",
          .gamma = "gamma",
          .beta = "beta",
          .mean = "mean",
          .variance = "var",
          .epsilon = 0.25};
}

/// Caffe's form: one more array.
layer_names scaled_names(const octavo::node& op_node) {
  layer_names names = conv_names(op_node);
  names.norm_scale = "factor";
  return names;
}

float_params load_conv(const arrays& held, const octavo::naming& names = conv_names) {
  return load_float_model(conv_graph(), as_file(held), names).params[1];
}

using doubles = std::vector<double>;

}  // namespace

TEST_CASE("W' = W * gamma / sqrt(var + eps), B' = beta + (bias - mean) * gamma / sqrt(var + eps)") {
  const float_params conv = load_conv(conv_arrays());
  CHECK(conv.weights == doubles{1.5, 3, 6, -1});
  CHECK(conv.bias == doubles{12.25, 17});  // 0.25 + 8 * 1.5, 7 + (-1 - 4) * -2
}

TEST_CASE("a convolution without bias has the bias 0") {
  arrays held = conv_arrays();
  held.erase("b");
  CHECK(load_conv(held).bias == doubles{-2.75, 15});  // 0.25 - 2 * 1.5, 7 - 4 * -2
}

TEST_CASE("Caffe: mean and variance are divided by the scale factor, a factor of 0 makes them 0") {
  arrays held = conv_arrays();
  held["mean"].values = {8, 16};
  held["var"].values = {15, 0};
  held["factor"] = {{1}, {4}};
  CHECK(load_conv(held, scaled_names).weights == doubles{1.5, 3, 6, -1});
  CHECK(load_conv(held, scaled_names).bias == doubles{12.25, 17});
  held["factor"].values = {0};  // deviation sqrt(1/4), mean 0
  CHECK(load_conv(held, scaled_names).weights == doubles{6, 12, 6, -1});
  CHECK(load_conv(held, scaled_names).bias == doubles{60.25, 9});  // 0.25 + 10 * 6, 7 - 1 * -2
}

TEST_CASE("epsilon is the layer's: 1e-5 unless the names say otherwise") {
  const arrays held = conv_arrays();
  const float_params conv = load_conv(held, [](const octavo::node& op_node) {
    layer_names names = conv_names(op_node);
    names.epsilon = layer_names{}.epsilon;
    return names;
  });
  CHECK(conv.weights[0] == 3 / std::sqrt(3.75 + 1e-5));
}

TEST_CASE("a model that was folded before: no normalization at all, but a bias") {
  const arrays all = conv_arrays();
  arrays held = {{"w", all.at("w")}, {"b", all.at("b")}};
  CHECK(load_conv(held).weights == doubles{1, 2, -3, 0.5});
  CHECK(load_conv(held).bias == doubles{10, -1});
  held.erase("b");
  CHECK_THROWS_WITH(load_conv(held), "m.npz: has no array 'gamma'");
}

TEST_CASE("half a normalization is an error that names what is missing, bias or not") {
  for (const char* const missing : {"gamma", "beta", "mean", "var"}) {
    const std::string message = octavo::concat_text("m.npz: has no array '", missing, "'");
    arrays held = conv_arrays();
    held.erase(missing);
    CHECK_THROWS_WITH(load_conv(held), message.c_str());
    held.erase("b");
    CHECK_THROWS_WITH(load_conv(held), message.c_str());
  }
  CHECK_THROWS_WITH(load_conv(conv_arrays(), scaled_names), "m.npz: has no array 'factor'");
  // One part alone is half a normalization as well.
  const arrays all = conv_arrays();
  for (const char* const present : {"gamma", "beta", "mean", "var"}) {
    const arrays held = {{"w", all.at("w")}, {"b", all.at("b")}, {present, all.at(present)}};
    CHECK_THROWS_AS(load_conv(held), octavo::error);
  }
}

TEST_CASE("no weights") {
  arrays held = conv_arrays();
  held.erase("w");
  CHECK_THROWS_WITH(load_conv(held), "m.npz: has no array 'w'");
}

TEST_CASE("weights of another shape") {
  for (const std::vector<std::int64_t>& extents : std::vector<std::vector<std::int64_t>>{
           {1, 2, 1, 3}, {3, 1, 1, 2}, {2, 2, 1, 2}, {4}, {}, {2, 1, 2, 2}}) {
    arrays held = conv_arrays();
    held["w"].shape = extents;
    CHECK_THROWS_AS(load_conv(held), octavo::error);
  }
  arrays held = conv_arrays();
  held["w"] = {{2, 1, 3}, doubles(6)};
  CHECK_THROWS_WITH(load_conv(held), "m.npz: w has the shape (2, 1, 3), expected (2, 1, 1, 2)");
}

TEST_CASE("fully connected: old Caffe files write the matrix with four extents") {
  const doubles weights = {1, 2, 3, 4, 5, 6};
  const auto load = [&](std::vector<std::int64_t> extents) {
    const arrays held = {{"w", {std::move(extents), weights}}, {"b", {{2}, {7, 8}}}};
    return load_float_model(
               fc_graph(), as_file(held),
               [](const octavo::node&) { return layer_names{.weights = "w", .bias = "b"}; })
        .params[1];
  };
  for (const auto& extents :
       std::vector<std::vector<std::int64_t>>{{2, 3}, {1, 1, 2, 3}, {2, 3, 1, 1}}) {
    CHECK(load(extents).weights == weights);
    CHECK(load(extents).bias == doubles{7, 8});
  }
  CHECK_THROWS_WITH(load({3, 2}), "m.npz: w has the shape (3, 2), expected (2, 3)");
  CHECK_THROWS_AS(load({6}), octavo::error);
}

TEST_CASE("extents of 1 may be missing outside, not in between") {
  octavo::graph_builder<std::vector<octavo::node>> b;
  const octavo::tensor_id x = b.input("data", {1, 3, 3, 3});
  const octavo::graph net = b.finish(b.conv2d("conv", x, {.channels = 2, .window = {3, 1}}));
  const auto load = [&](std::vector<std::int64_t> extents) {
    const arrays held = {{"w", {std::move(extents), doubles(18)}}, {"b", {{2}, {7, 8}}}};
    return load_float_model(net, as_file(held), [](const octavo::node&) {
      return layer_names{.weights = "w", .bias = "b"};
    });
  };
  CHECK(load({2, 3, 3, 1}).params[1].weights == doubles(18));
  CHECK(load({2, 3, 3}).params[1].weights == doubles(18));
  CHECK_THROWS_WITH(load({2, 3, 1, 3}),
                    "m.npz: w has the shape (2, 3, 1, 3), expected (2, 3, 3, 1)");
}

TEST_CASE("channel arrays of another length") {
  for (const char* const name : {"b", "gamma", "beta", "mean", "var"}) {
    const std::string message = octavo::concat_text("m.npz: ", name, " has 3 elements, expected 2");
    arrays held = conv_arrays();
    held[name] = {{3}, {1, 1, 1}};
    CHECK_THROWS_WITH(load_conv(held), message.c_str());
  }
  arrays held = conv_arrays();
  held["factor"] = {{2}, {1, 1}};
  CHECK_THROWS_WITH(load_conv(held, scaled_names), "m.npz: factor has 2 elements, expected 1");
}

TEST_CASE("NaN and infinities in any array") {
  arrays complete = conv_arrays();
  complete["factor"] = {{1}, {1}};
  for (const auto& [name, array] : complete) {
    for (const double bad :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
          -std::numeric_limits<double>::infinity()}) {
      const std::size_t last = array.values.size() - 1;
      const std::string message = octavo::concat_text("m.npz: ", name, ": element ", last, " is ",
                                                      bad, ", expected a finite number");
      arrays held = complete;
      held[name].values[last] = bad;
      CHECK_THROWS_WITH(load_conv(held, scaled_names), message.c_str());
    }
  }
}

TEST_CASE("a negative variance") {
  arrays held = conv_arrays();
  held["var"].values[1] = -0.25;  // variance + epsilon is 0
  CHECK_THROWS_WITH(load_conv(held),
                    "m.npz: var: channel 1 is -0.25, expected a variance that is not negative");
  held["var"].values[1] = -1;
  CHECK_THROWS_WITH(load_conv(held),
                    "m.npz: var: channel 1 is -1, expected a variance that is not negative");
  held = conv_arrays();
  held["factor"] = {{1}, {-1}};  // turns 3.75 into a negative variance
  CHECK_THROWS_WITH(load_conv(held, scaled_names),
                    "m.npz: var: channel 0 is 3.75, expected a variance that is not negative");
}

TEST_CASE("ops without weights ask for nothing") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data", {1, 1, 2, 2});
  x = net.relu("relu", x);
  const auto model = load_float_model(net.finish(x), as_file({}), [](const octavo::node&) {
    FAIL("no op here has parameters");
    return layer_names{};
  });
  CHECK(model.params.size() == 2);
  CHECK(model.params[1].weights.empty());
}
