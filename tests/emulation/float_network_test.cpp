// SPDX-License-Identifier: MIT
#include "octavo/emulation/float_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "octavo/emulation/quantized.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/networks/resnet.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"

using namespace octavo::testing;
using octavo::emulation::float_network;
using octavo::emulation::run_float;

namespace {

using float_tensor = octavo::tensor<float>;

float_tensor make(const octavo::shape& extents, std::vector<float> values) {
  float_tensor made(extents);
  made.values = std::move(values);
  return made;
}

/// A model of `net` with weights and biases that are small integers, so that sums of a few of
/// their products are exact, or reals.
octavo::float_model random_float_model(const octavo::graph& net, bool integers,
                                       random_source& rng) {
  octavo::float_model model{.graph = net, .params = {}};
  model.params.resize(net.size());
  const auto draw = [&] { return integers ? rng.integer(-3, 3) : rng.real() / 16; };
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (!octavo::has_weights(net[i].kind)) continue;
    model.params[i].weights.resize(
        static_cast<std::size_t>(octavo::weights_shape(net, i).elements()));
    for (double& weight : model.params[i].weights) weight = draw();
    for (int oc = 0; oc < net[i].shape.c; ++oc) model.params[i].bias.push_back(draw());
  }
  return model;
}

}  // namespace

TEST_CASE("conv2d, scale and fully connected by hand") {
  builder b;
  const auto x = b.input("data", {1, 2, 2, 2});
  const auto conv =
      b.conv2d("conv", x, {.channels = 2, .window = {2, 2, 1, 1, 1, 1, {1, 0, 0, 0}}, .groups = 2});
  const auto scaled = b.scale("scale", conv);
  const octavo::graph net = b.finish(b.fully_connected("fc", scaled, 2));
  octavo::float_model model{.graph = net, .params = {}};
  model.params = {{},
                  {{1, 2, 3, 4, 0.5, 0, 0, -1}, {10, 0.25}},
                  {{2, -1}, {1, 0}},
                  {{1, 1, 0, 0, 0, 0, 1, 2}, {0, 0.5}}};
  const auto input = make({1, 2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  const std::vector<float_tensor> got = run_float(model, net, input);
  // Channel 0: rows (0 0 / 1 2) and (1 2 / 3 4); one column. Channel 1 likewise.
  CHECK(got[1] ==
        make({1, 2, 2, 1}, {10 + 3 + 8, 10 + 1 + 4 + 9 + 16, 0.25F - 6, 0.25F + 2.5F - 8}));
  CHECK(got[2] == make({1, 2, 2, 1}, {43, 81, 5.75F, 5.25F}));
  CHECK(got[3] == make({1, 2, 1, 1}, {43 + 81, 5.75F + 2 * 5.25F + 0.5F}));
}

TEST_CASE("pools, activations, add and concat by hand") {
  builder b;
  const auto x = b.input("data", {1, 1, 3, 3});
  const auto average = b.avg_pool(
      "average", x, {.window = octavo::square(2, 2), .rounding = octavo::size_rounding::ceil});
  const auto largest = b.max_pool(
      "largest", x, {.window = octavo::square(2, 2), .rounding = octavo::size_rounding::ceil});
  const auto relu = b.relu("relu", average);
  const auto clip = b.clip("clip", largest, -1, 6);
  const auto leaky = b.leaky_relu("leaky", average, 0.25);
  const auto sum = b.add("sum", clip, leaky);
  const octavo::graph net = b.finish(b.concat("concat", {relu, sum}));
  octavo::float_model model{.graph = net, .params = {}};
  model.params.resize(net.size());
  const auto input = make({1, 1, 3, 3}, {1, -5, 4,   //
                                         -7, -9, 2,  //
                                         -8, -2, -3});
  const auto got = run_float(model, net, input);
  CHECK(got[1].values == std::vector<float>{-5, 3, -5, -3});  // divided by 4, 2, 2, 1
  CHECK(got[2].values == std::vector<float>{1, 4, -2, -3});
  CHECK(got[3].values == std::vector<float>{0, 3, 0, 0});
  CHECK(got[4].values == std::vector<float>{1, 4, -1, -1});
  CHECK(got[5].values == std::vector<float>{-1.25F, 3, -1.25F, -0.75F});
  CHECK(got[6].values == std::vector<float>{-0.25F, 7, -2.25F, -1.75F});
  CHECK(got[7] == make({1, 2, 2, 2}, {0, 3, 0, 0, -0.25F, 7, -2.25F, -1.75F}));
}

TEST_CASE("a float convolution of integers equals the int8 one before requantization") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    builder b;
    const octavo::shape in = random_shape(rng);
    const auto conv = b.conv2d("conv", b.input("data", in), random_conv(in, rng));
    const octavo::graph net = b.finish(conv);
    octavo::float_model model = random_float_model(net, true, rng);
    octavo::quantized_model exact{.graph = net, .thresholds = {1, 1}, .params = {}};
    exact.params.resize(2);
    for (const double v : model.params[1].weights) {
      exact.params[1].weights.push_back(static_cast<std::int8_t>(v));
    }
    for (const double v : model.params[1].bias) {
      exact.params[1].bias.push_back(static_cast<std::int32_t>(v));
    }
    exact.params[1].requantize.shift = {0};
    const auto input = random_tensor(in, fill::near_zero, rng);
    float_tensor real(in);
    std::copy(input.values.begin(), input.values.end(), real.values.begin());
    const auto expected = octavo::emulation::emulate(exact, input)[1];
    const auto got = run_float(model, net, real)[1];
    bool equal = got.shape == expected.shape;
    for (std::size_t i = 0; equal && i < got.values.size(); ++i) {
      equal = std::clamp(got.values[i], -128.0F, 127.0F) == expected.values[i];
    }
    CHECK(equal);
  }
}

TEST_CASE("observing sees every tensor in order, and the same ones in every run") {
  random_source rng(9);
  const auto net = octavo::to_graph(octavo::networks::resnet50({.image = 32, .width = 8}));
  const float_network network(random_float_model(net, false, rng));
  float_tensor input(net[0].shape);
  for (float& value : input.values) value = static_cast<float>(rng.real());
  std::vector<float_tensor> first;
  network.run(input, [&](std::size_t i, const float_tensor& tensor) {
    CHECK(i == first.size());
    CHECK(tensor.shape == net[i].shape);
    first.push_back(tensor);
  });
  REQUIRE(first.size() == net.size());
  network.run(input, [&](std::size_t i, const float_tensor& tensor) { CHECK(tensor == first[i]); });
}

TEST_CASE("a network fixes the sizes that Eigen's order of summation follows") {
  builder b;
  const octavo::graph net = b.finish(b.relu("relu", b.input("data", {1, 1, 1, 1})));
  const float_network network(octavo::float_model{.graph = net, .params = {{}, {}}});
  CHECK(Eigen::l1CacheSize() == 32 << 10);
  CHECK(Eigen::l2CacheSize() == 1 << 20);
  CHECK(Eigen::l3CacheSize() == 4 << 20);
}

TEST_CASE("a batch gives the bits of its images") {
  random_source rng(10);
  const auto single = octavo::to_graph(octavo::networks::resnet50({.image = 32, .width = 8}));
  const auto batch =
      octavo::to_graph(octavo::networks::resnet50({.image = 32, .width = 8, .batch = 3}));
  const octavo::float_model model = random_float_model(single, false, rng);
  float_tensor images(batch[0].shape);
  for (float& value : images.values) value = static_cast<float>(rng.real());
  const auto logits = run_float(model, batch, images).back();
  const std::ptrdiff_t pixels = single[0].shape.elements();
  for (std::ptrdiff_t n = 0; n < 3; ++n) {
    const auto image = make(single[0].shape, {images.values.begin() + n * pixels,
                                              images.values.begin() + (n + 1) * pixels});
    const auto alone = run_float(model, single, image).back();
    CHECK(alone.values == std::vector<float>(logits.values.begin() + n * 1000,
                                             logits.values.begin() + (n + 1) * 1000));
  }
}

TEST_CASE("what does not fit is refused") {
  random_source rng(11);
  builder b;
  const auto x = b.input("data", {1, 2, 4, 4});
  const octavo::graph net = b.finish(b.relu("relu", b.conv2d("conv", x, {.channels = 3})));
  octavo::float_model model = random_float_model(net, true, rng);
  CHECK_THROWS_AS(run_float(model, net, float_tensor({1, 2, 4, 5})), octavo::error);
  CHECK_THROWS_AS(run_float(model, octavo::fuse(net), float_tensor({1, 2, 4, 4})), octavo::error);
  model.params[1].bias.pop_back();
  CHECK_THROWS_WITH_AS(
      float_network{model},
      "float model: conv: the number of biases is 2, expected 3, one for each output channel",
      octavo::error);
  model.params.pop_back();
  CHECK_THROWS_AS(float_network{model}, octavo::error);
}
