// SPDX-License-Identifier: MIT
/// @file
/// Inputs that the quantizer, the loaders and the image writer must refuse: each was once let
/// through.
#include <doctest/doctest.h>

#include <limits>

#include "model/one_layer.hpp"
#include "octavo/model/state_dict.hpp"
#include "octavo/networks/resnet_names.hpp"
#include "octavo/tpu/weight_image.hpp"

using namespace octavo::testing;
using octavo::scheme;

namespace {
constexpr double bad_values[] = {std::numeric_limits<double>::quiet_NaN(),
                                 std::numeric_limits<double>::infinity(),
                                 -std::numeric_limits<double>::infinity()};
}

TEST_CASE("weights and biases that are not finite, in every scheme") {
  for (const scheme kind : octavo::all_schemes) {
    CAPTURE(to_string(kind));
    for (const double bad : bad_values) {
      CHECK_THROWS_AS(quantize_conv(kind, {1, bad}, {0}), octavo::error);
      CHECK_THROWS_AS(quantize_conv(kind, {1, 1}, {bad}), octavo::error);
    }
  }
}

TEST_CASE("a finite bias whose 128-fold is not, in the multiplier schemes") {
  for (const scheme kind : {scheme::multiplier, scheme::multiplier8, scheme::multiplier_q31}) {
    CHECK_THROWS_AS(quantize_conv(kind, {1}, {1e307}), octavo::error);
  }
}

TEST_CASE("a layer of zeros stays one where the ratio of its thresholds overflows") {
  const auto params = quantize_conv(scheme::rshift16, {0}, {0}, {1e300, 1e-300});
  CHECK(params.weights == std::vector<std::int8_t>{0});
}

TEST_CASE("thresholds that are none, in every scheme") {
  for (const scheme kind : octavo::all_schemes) {
    CAPTURE(to_string(kind));
    for (const double bad : {0.0, -1.0, bad_values[0], bad_values[1]}) {
      CHECK_THROWS_AS(quantize_conv(kind, {1}, {1}, {bad, 1}), octavo::error);
      CHECK_THROWS_AS(quantize_conv(kind, {1}, {1}, {1, bad}), octavo::error);
    }
  }
}

TEST_CASE("a float model without parameters, or with too few") {
  for (const scheme kind : octavo::all_schemes) {
    CAPTURE(to_string(kind));
    octavo::float_model model = conv_model({1, 2}, {0});
    const std::vector<double> ones = {1, 1};
    model.params[1].weights.pop_back();
    const std::string message = octavo::concat_text(
        "quantize (", to_string(kind), "): conv: the number of weights is 1, expected 2 (1x2x1x1)");
    CHECK_THROWS_WITH_AS(quantize(model, ones, kind), message.c_str(), octavo::error);
    model.params[1] = {};
    CHECK_THROWS_AS(quantize(model, ones, kind), octavo::error);
    model.params.clear();
    CHECK_THROWS_AS(quantize(model, ones, kind), octavo::error);
  }
}

TEST_CASE("an array whose values do not fill its shape") {
  const octavo::state_dict file{.file = "m.npz",
                                .contains = [](const std::string&) { return true; },
                                .read =
                                    [](const std::string& name) {
                                      return name == "w" ? octavo::named_array{{2, 2, 1, 1}, {1}}
                                                         : octavo::named_array{{2}, {1, 1}};
                                    }};
  const auto names = [](const octavo::node&) {
    return octavo::layer_names{
        .weights = "w", .bias = "b", .gamma = "g", .beta = "e", .mean = "m", .variance = "v"};
  };
  CHECK_THROWS_AS(load_float_model(conv_model({1, 2, 3, 4}, {0, 0}).graph, file, names),
                  octavo::error);
}

TEST_CASE("names that are no ResNet's") {
  for (const char* const name : {"abc", "conv", "scale2a_branch", "scaleZz_branch2a",
                                 "xxxxx2a_branch1", "scale2a_branch9", "scale2a_branch2z"}) {
    CAPTURE(name);
    const octavo::node conv{.kind = octavo::op::conv2d, .name = name};
    CHECK_THROWS_AS(octavo::networks::resnet_torchvision_names(conv), octavo::error);
  }
  const octavo::node conv{.kind = octavo::op::conv2d, .name = "abc"};
  CHECK_THROWS_AS(octavo::networks::resnet_caffe_names(conv), octavo::error);
}

TEST_CASE("first layout: a model with more than one shift a layer, or with multipliers") {
  for (const scheme kind : {scheme::rshift_channel, scheme::multiplier}) {
    const std::vector<double> ones = {1, 1};
    const auto model = quantize(conv_model({1, 0.25}, {0, 0}), ones, kind);
    CHECK_THROWS_AS(octavo::tpu::write_weight_image(model, octavo::tpu::weight_layout::v1),
                    octavo::error);
  }
}

TEST_CASE("mixed has no policy and no number of shifts of its own") {
  CHECK_THROWS_WITH(policy_of(scheme::mixed), "scheme: mixed has no policy of its own");
  CHECK_THROWS_WITH(is_per_channel(scheme::mixed), "scheme: mixed may be per layer or per channel");
}

TEST_CASE("a model whose parameters are not its scheme's") {
  const std::vector<double> ones = {1, 1};
  auto model = quantize(conv_model({1}, {0}), ones, scheme::multiplier);
  model.scheme = scheme::rshift8;  // the dump shifts an int32 by up to 62 then
  CHECK_THROWS_AS(validate(model), octavo::error);
  model = quantize(conv_model({1}, {0}), ones, scheme::rshift8);
  model.params[1].bias = {3};  // no multiple of 2^6
  CHECK_THROWS_AS(validate(model), octavo::error);
}
