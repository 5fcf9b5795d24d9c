// SPDX-License-Identifier: MIT
/// @file
/// Corrected networks: they are what the scheme allows, and nothing but weights and biases moved.

#include "octavo/calibrate/correct.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "corrected_example.hpp"
#include "helpers.hpp"
#include "octavo/model/quantize.hpp"

namespace {

using octavo::correction_options;
using octavo::float_model;
using octavo::quantized_model;
using octavo::scheme;
using octavo::tensor;
using octavo::testing::bias_alone;
using octavo::testing::corrected_example;
using octavo::testing::int8_images;
using octavo::testing::message_of;
using octavo::testing::weights_alone;

/// Gives every output channel of a layer this bias.
void set_bias(float_model& model, const char* layer, double value) {
  octavo::float_params& params = model.params[static_cast<std::size_t>(model.graph.find(layer))];
  std::fill(params.bias.begin(), params.bias.end(), value);
}

const correction_options nothing = {.bias = false, .weights = false};

}  // namespace

TEST_CASE("only weights and biases move, and they are what the scheme allows") {
  const corrected_example from(44);
  for (const scheme kind : octavo::all_schemes) {
    CAPTURE(std::string(to_string(kind)));
    const quantized_model start = from.quantized(kind);
    for (const correction_options& options : {correction_options{}, bias_alone, weights_alone}) {
      quantized_model net = from.corrected(kind, options);
      CHECK_NOTHROW(validate(net));
      CHECK(net != start);
      for (std::size_t i = 0; i < net.params.size(); ++i) {
        if (options.weights == false) CHECK(net.params[i].weights == start.params[i].weights);
        if (options.bias == false) CHECK(net.params[i].bias == start.params[i].bias);
        net.params[i].weights = start.params[i].weights;
        net.params[i].bias = start.params[i].bias;
      }
      CHECK(net == start);
    }
  }
}

TEST_CASE("options off: the quantizer's own integers") {
  const corrected_example from(45);
  for (const scheme kind : octavo::all_schemes) {
    CHECK(from.corrected(kind, nothing) == from.quantized(kind));
  }
}

TEST_CASE("two runs give the same integers") {
  const corrected_example from(46);
  for (const scheme kind : octavo::all_schemes) {
    CHECK(from.corrected(kind) == from.corrected(kind));
  }
}

TEST_CASE("a bias takes up what the rounding of the weights shifts the mean by") {
  // One weight of 64.25 accumulator units on an input that is always 100: 25 are missing.
  octavo::graph_builder<std::vector<octavo::node>> net;
  const octavo::tensor_id x = net.input("data", {1, 1, 1, 1});
  const float_model model{net.finish(net.conv2d("conv", x, {.channels = 1})),
                          {{}, {{64.25 / 128}, {0}}}};
  const quantized_model start = quantize(model, std::vector<double>{1, 1}, scheme::rshift32);
  REQUIRE(start.params[1].weights == std::vector<std::int8_t>{64});
  REQUIRE(start.params[1].requantize.shift[0] == 7);
  tensor<std::int8_t> image({1, 1, 1, 1});
  image.values = {100};
  const std::vector<scheme> schemes(2, scheme::rshift32);
  const quantized_model found = correct(model, start, schemes, int8_images(3, image), bias_alone);
  CHECK(found.params[1].bias == std::vector<std::int32_t>{25});
}

TEST_CASE("bias_grid: what each scheme can hold") {
  using octavo::detail::bias_grid;
  const octavo::requantization shift9{
      .kind = octavo::policy::rshift, .multiplier = {}, .shift = {9}};
  CHECK(bias_grid(scheme::rshift16, shift9, 5, 100).nearest(1e9) == 32767);
  CHECK(bias_grid(scheme::rshift16, shift9, 5, 100).nearest(-1e9) == -32767);
  CHECK(bias_grid(scheme::rshift16, shift9, 5, 131071).nearest(1e9) == 16383 - 256);
  CHECK(bias_grid(scheme::rshift8, shift9, 5, 100).nearest(1e9) == 127 * 512);
  CHECK(bias_grid(scheme::rshift8, shift9, 5, 100).nearest(-1e9) == -128 * 512);
  CHECK(bias_grid(scheme::rshift8, shift9, 5, 100).nearest(-700) == -512);
  CHECK(bias_grid(scheme::rshift8, shift9, 5, 131071).nearest(-1e9) == -31 * 512);
  for (const double far : {1e12, -1e12}) {
    const double bound = bias_grid(scheme::rshift32, shift9, 5, 100).nearest(far);
    CHECK(octavo::accumulator_fits(bound, 100, 9));
    CHECK(!octavo::accumulator_fits(bound + (far > 0 ? 1 : -1), 100, 9));
  }
  const octavo::requantization channels{
      .kind = octavo::policy::multiplier_rshift, .multiplier = {1, 1}, .shift = {3, 40}};
  const double most = bias_grid(scheme::multiplier, channels, 1, 100).nearest(1e12);
  CHECK(most == 0x1p31 - 1 - 100 * 16384);
}

TEST_CASE("biases at the limits of 8 and 16 bits stay there") {
  for (const double large : {-1.0, 1.0}) {
    corrected_example from(47);
    // As large as the threshold of the output: b8 = 127 or -128.
    set_bias(from.model, "fc", large * from.thresholds.back());
    for (const scheme kind : {scheme::rshift8, scheme::rshift16}) {
      const quantized_model found = from.corrected(kind);
      CHECK_NOTHROW(validate(found));
      const std::int32_t unit = 1 << found.params.back().requantize.shift[0];
      for (const std::int32_t bias : found.params.back().bias) {
        if (kind == scheme::rshift16) {
          CHECK(std::abs(bias) <= 32767);
          continue;
        }
        CHECK(bias % unit == 0);
        CHECK(std::abs(bias / unit) >= 120);
        CHECK(bias / unit >= -128);
        CHECK(bias / unit <= 127);
      }
    }
  }
}

TEST_CASE("dead channels, a layer of them, and inputs that are all zero") {
  float_model model = corrected_example::made_from(48);
  octavo::testing::kill_channel(model, 1, 2);
  for (std::size_t oc = 0; oc < 16; ++oc) octavo::testing::kill_channel(model, 3, oc);
  REQUIRE(model.graph[3].name == "a");
  // Calibration would refuse the tensor that is all zero; give it any threshold.
  corrected_example from(48);
  from.model = model;
  for (const scheme kind : octavo::all_schemes) {
    CAPTURE(std::string(to_string(kind)));
    const quantized_model start = from.quantized(kind);
    const quantized_model found = from.corrected(kind);
    CHECK_NOTHROW(validate(found));
    CHECK(found.params[3] == start.params[3]);
    for (std::size_t k = 0; k < 27; ++k) CHECK(found.params[1].weights[2 * 27 + k] == 0);
    CHECK(found.params[1].bias[2] == 0);
    // "b" reads nothing but zeros, so there is nothing to make up for. (In multiplier8 real numbers
    // are measured by the multiplier there is, which has been rounded down.)
    if (kind != scheme::multiplier8) CHECK(found.params[5] == start.params[5]);
  }
}

TEST_CASE("sets and networks that do not fit are refused") {
  const corrected_example from(49);
  const quantized_model start = from.quantized(scheme::rshift16);
  const std::vector<scheme> schemes(start.graph.size(), scheme::rshift16);
  const auto refusal = [&](const float_model& model, const int8_images& images,
                           const correction_options& options = {}) {
    return message_of([&] { correct(model, start, schemes, images, options); });
  };
  CHECK(refusal(from.model, {}) == "correct: the set has no images");
  int8_images images = from.quantized_images;
  images.emplace_back(octavo::shape{1, 3, 8, 7});
  CHECK(refusal(from.model, images) ==
        octavo::concat_text("correct: an image has the shape 1x3x8x7, expected ",
                            start.graph[0].shape));
  const std::vector<scheme> too_few(2, scheme::rshift16);
  CHECK(message_of([&] { correct(from.model, start, too_few, from.quantized_images); }) ==
        "correct: expected one scheme for each node");

  for (const float damping : {0.0F, -1.0F, std::numeric_limits<float>::quiet_NaN(),
                              std::numeric_limits<float>::infinity()}) {
    CHECK(refusal(from.model, from.quantized_images, {.damping = damping}) ==
          "correct: the damping must be > 0");
  }
  float_model other = from.model;
  other.graph.nodes[1].name = "other";
  CHECK(refusal(other, from.quantized_images) ==
        "correct: the float network is not the quantized one's");
  other = from.model;
  other.params[1].weights.pop_back();
  CHECK(refusal(other, from.quantized_images) ==
        octavo::concat_text("correct: ", other.graph[1].name,
                            ": the number of weights is 323, expected 324 (12x3x3x3)"));
}

TEST_CASE("a batch of two is refused") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const octavo::tensor_id x = net.input("data", {2, 1, 1, 1});
  const float_model model{net.finish(net.conv2d("conv", x, {.channels = 1})), {{}, {{0.5}, {0}}}};
  const quantized_model start = quantize(model, std::vector<double>{1, 1}, scheme::rshift32);
  const std::vector<scheme> schemes(2, scheme::rshift32);
  const int8_images images(1, tensor<std::int8_t>({2, 1, 1, 1}));
  CHECK(message_of([&] { correct(model, start, schemes, images); }) ==
        "correct: the graph's input has more than one image");
}

TEST_CASE("progress is told for each node") {
  const corrected_example from(50);
  const std::vector<scheme> schemes(from.model.graph.size(), scheme::rshift16);
  std::vector<std::size_t> told;
  correction_options telling = nothing;
  telling.progress = [&](std::size_t done, std::size_t count) {
    told.push_back(done);
    CHECK(count == from.model.graph.size());
  };
  correct(from.model, from.quantized(scheme::rshift16), schemes, from.quantized_images, telling);
  REQUIRE(told.size() == from.model.graph.size());
  for (std::size_t i = 0; i < told.size(); ++i) CHECK(told[i] == i + 1);
}
