// SPDX-License-Identifier: MIT
/// @file
/// The noise model: its formula by hand, its gradient against differences.

#include "octavo/calibrate/noise_model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "support/random_float_model.hpp"
#include "support/random_graph.hpp"
#include "support/random_images.hpp"

namespace {

using octavo::channel_classes;
using octavo::channel_statistics;
using octavo::float_model;
using octavo::graph;
using octavo::noise_model;
using octavo::tensor_id;
using octavo::testing::builder;
using octavo::testing::random_source;

constexpr double tensor_unit = 1 / (128.0 * 128 * 12);

/// data -> conv, two channels each: W = (1 -2; 3 0.5). The conv's output has energy 2 + 3.
struct two_channels {
  two_channels() {
    builder net;
    const tensor_id x = net.input("data", {1, 2, 1, 1});
    model = {net.finish(net.conv2d("conv", x, {.channels = 2})), {{}, {{1, -2, 3, 0.5}, {0, 0}}}};
    classes = find_channel_classes(model.graph);
  }

  double noise(bool per_channel, const std::vector<double>& factors) const {
    std::vector<double> logarithms;
    for (const double factor : factors) logarithms.push_back(std::log(factor));
    std::vector<double> gradient;
    return noise_model(model, classes, seen, per_channel).evaluate(logarithms, gradient);
  }

  float_model model;
  channel_classes classes;
  channel_statistics seen = {{{4, -1, 0.5}, {2, -8, 1.5}}, {{1, 0, 2}, {1, 0, 3}}};
};

double soft_max(double a, double b) {
  return std::pow(std::pow(a, 16) + std::pow(b, 16), 1.0 / 16);
}

double soft_max(double a, double b, double c, double d) {
  return soft_max(soft_max(a, b), soft_max(c, d));
}

double squared(double v) { return v * v; }

bool near(double a, double b) { return std::abs(a - b) <= 1e-6 * std::abs(b); }

/// data -> conv, W = 2, and their sum: what it reads comes by both ways. One channel each.
double noise_of_sum(bool per_channel, bool conv_is_output) {
  builder net;
  const tensor_id x = net.input("data", {1, 1, 1, 1});
  const tensor_id conv = net.conv2d("conv", x, {.channels = 1});
  const tensor_id sum = net.add("sum", x, conv);
  const tensor_id last = conv_is_output ? net.concat("both", {sum, conv}) : sum;
  const float_model model{net.finish(last), {{}, {{2}, {0}}, {}, {}}};
  const channel_classes classes = find_channel_classes(model.graph);
  const channel_statistics seen = {{{4, 0, 2}}, {{3, 0, 5}}, {{6, 0, 10}}, {{6, 0, 1}, {3, 0, 1}}};
  std::vector<double> gradient;
  return noise_model(model, classes, seen, per_channel)
      .evaluate(std::vector<double>(classes.size()), gradient);
}

/// The graphs of the gradient test, small and different.
std::vector<graph> small_graphs() {
  std::vector<graph> nets;
  const auto make = [&](const auto& append) {
    builder net;
    tensor_id x = net.input("data", {1, 4, 5, 5});
    x = net.relu("stem_relu", net.conv2d("stem", x, {.channels = 4}));
    x = append(net, x);
    nets.push_back(net.finish(net.conv2d("last", x, {.channels = 3})));
  };
  const octavo::window same = octavo::square(3, 1, 1);
  make([&](builder& net, tensor_id x) {
    return net.conv2d("conv", x, {.channels = 5, .window = same});
  });
  make([&](builder& net, tensor_id x) {
    return net.conv2d("groups", x, {.channels = 6, .window = same, .groups = 2});
  });
  make([&](builder& net, tensor_id x) {
    x = net.conv2d("depthwise", x, {.channels = 4, .window = same, .groups = 4});
    return net.leaky_relu("leaky", net.scale("scale", x), 0.25);
  });
  make([&](builder& net, tensor_id x) {
    const tensor_id a = net.conv2d("a", x, {.channels = 3});
    return net.concat("joined", {a, x, a});
  });
  make([&](builder& net, tensor_id x) {
    return net.fully_connected("fc", net.avg_pool("mean", x, {.window = octavo::square(2, 2)}), 6);
  });
  make([&](builder& net, tensor_id x) {
    const tensor_id a = net.relu("a_relu", net.conv2d("a", x, {.channels = 6}));
    const tensor_id sum = net.add("sum", net.conv2d("b", a, {.channels = 4}), x);
    return net.max_pool("pool", net.relu("sum_relu", sum), {.window = octavo::square(2, 2)});
  });
  return nets;
}

/// Along one logarithm: central differences of two widths, their h^2 terms cancelled. The model
/// keeps some numbers in float, so the width must not be too small.
double difference(const noise_model& noise, std::vector<double> at, std::size_t c) {
  std::vector<double> unused;
  const double middle = at[c];
  const auto slope = [&](double h) {
    at[c] = middle + h;
    const double above = noise.evaluate(at, unused);
    at[c] = middle - h;
    return (above - noise.evaluate(at, unused)) / (2 * h);
  };
  constexpr double width = 1.0 / 256;
  return (4 * slope(width) - slope(2 * width)) / 3;
}

}  // namespace

TEST_CASE("two channels by hand, a weight step for each output channel") {
  const two_channels net;
  // Factors of the two inputs and, which does not matter here, the two outputs.
  for (const auto& [f0, f1] : {std::pair{1.0, 1.0}, std::pair{2.0, 0.25}}) {
    // Ranges 4 and 8; column sums of W^2: 1 + 9 and 4 + 1/4, relative to the energy 5.
    const double t = soft_max(4 * f0, 8 * f1);
    const double tensor = tensor_unit * (10 / 5.0 * squared(t / f0) + 4.25 / 5.0 * squared(t / f1));
    const double energy = 0.5 * squared(f0) + 1.5 * squared(f1);
    const double rows = squared(soft_max(1 / f0, 2 / f1)) + squared(soft_max(3 / f0, 0.5 / f1));
    const double weights = rows / (127 * 127 * 12.0) * energy / 5;
    CHECK(near(net.noise(true, {f0, f1, 1, 1}), tensor + weights));
    CHECK(near(net.noise(true, {f0, f1, 3, 0.5}), tensor + weights));
  }
}

TEST_CASE("two channels by hand, one weight step for the layer") {
  const two_channels net;
  const double f0 = 2;
  const double f1 = 0.25;
  const double g0 = 0.5;
  const double g1 = 3;
  const double t = soft_max(4 * f0, 8 * f1);
  const double tensor = tensor_unit * (10 / 5.0 * squared(t / f0) + 4.25 / 5.0 * squared(t / f1));
  const double energy = 0.5 * squared(f0) + 1.5 * squared(f1);
  const double largest = soft_max(1 * g0 / f0, 2 * g0 / f1, 3 * g1 / f0, 0.5 * g1 / f1);
  const double step = squared(largest) / (90 * 90 * 12.0);
  const double weights = step * energy * (1 / squared(g0) + 1 / squared(g1)) / 5;
  CHECK(near(net.noise(false, {f0, f1, g0, g1}), tensor + weights));
}

TEST_CASE("a sum by hand: what both its ways disturb is the sum") {
  // data's noise goes into the sum (energy 10) by the conv, W^2 = 4, and by the add: of both.
  // The conv's tensor by the add alone. The weights' noise disturbs the sum, not the conv's tensor.
  const double tensors = tensor_unit * (squared(4) * (4 / 10.0 + 1 / 10.0) + squared(3) / 10.0);
  const double weights = squared(2) * 2 / 10.0 / 12;
  CHECK(near(noise_of_sum(true, false), tensors + weights / squared(127)));
  CHECK(near(noise_of_sum(false, false), tensors + weights / squared(90)));
}

TEST_CASE("a sum by hand: a layer that others read too disturbs its own output, of energy 5") {
  const double tensors = tensor_unit * (squared(4) * (4 / 5.0 + 1 / 10.0) + squared(3) / 10.0);
  const double weights = squared(2) * 2 / 5.0 / 12;
  CHECK(near(noise_of_sum(true, true), tensors + weights / squared(127)));
  CHECK(near(noise_of_sum(false, true), tensors + weights / squared(90)));
}

TEST_CASE("soft_maximum: 16-norm, shares that add up to 1, zeros") {
  std::vector<double> shares;
  CHECK(octavo::detail::soft_maximum({0, 0}, shares) == 0);
  CHECK(shares == std::vector<double>{0, 0});
  CHECK(octavo::detail::soft_maximum({0, 3, 0}, shares) == 3);
  CHECK(shares == std::vector<double>{0, 1, 0});
  CHECK(near(octavo::detail::soft_maximum({2, 1}, shares), soft_max(2, 1)));
  CHECK(near(shares[1], 1 / 65537.0));
  // Their 16th powers alone would be no numbers.
  CHECK(near(octavo::detail::soft_maximum({1e-300, 1e-300}, shares), 1e-300 * soft_max(1, 1)));
  CHECK(near(octavo::detail::soft_maximum({1e300, 1e300}, shares), 1e300 * soft_max(1, 1)));
}

TEST_CASE("in front of a relu alone, only the positive side of a range counts") {
  const auto noise = [](bool second_reader, double lowest) {
    builder net;
    const tensor_id x = net.input("data", {1, 1, 1, 1});
    const tensor_id a = net.conv2d("a", x, {.channels = 1});
    const tensor_id b = net.conv2d("b", net.relu("a_relu", a), {.channels = 1});
    const graph made = second_reader ? net.finish(net.concat("joined", {a, b})) : net.finish(b);
    float_model model{made, {{}, {{1}, {0}}, {}, {{1}, {0}}}};
    model.params.resize(made.size());
    const channel_classes classes = find_channel_classes(made);
    const octavo::channel_range one{1, lowest, 1};
    const channel_statistics seen = {{one}, {one}, {one}, {one}, {one, one}};
    std::vector<double> gradient;
    return noise_model(model, classes, seen, true)
        .evaluate(std::vector<double>(classes.size()), gradient);
  };
  CHECK(noise(false, -9) < noise(true, -9));
  CHECK(near(noise(false, 0), noise(true, 0)));
}

TEST_CASE("the gradient is that of the value") {
  random_source rng(8);
  const std::vector<graph> nets = small_graphs();
  for (std::size_t i = 0; i < 2 * nets.size(); ++i) {
    const graph& net = nets[i / 2];
    CAPTURE(i);
    const float_model model = octavo::testing::random_float_model(net, rng);
    const channel_classes classes = find_channel_classes(net);
    const channel_statistics seen =
        collect_channel_statistics(model, octavo::testing::random_images(net[0].shape, 3));
    const noise_model noise(model, classes, seen, i % 2 == 0);
    for (int point = 0; point < 4; ++point) {
      std::vector<double> at(classes.size());
      for (double& v : at) v = rng.real();
      std::vector<double> gradient;
      const double value = noise.evaluate(at, gradient);
      CHECK(value > 0);
      REQUIRE(gradient.size() == classes.size());
      double largest = 0;
      for (const double v : gradient) largest = std::max(largest, std::abs(v));
      for (std::size_t c = 0; c < at.size(); ++c) {
        CAPTURE(c);
        CHECK(std::abs(gradient[c] - difference(noise, at, c)) < 1e-4 * largest);
      }
    }
  }
}

TEST_CASE("tensors and layers without energy make no noise") {
  two_channels net;
  net.model.params[1].weights = {0, 0, 0, 0};
  for (octavo::channel_range& channel : net.seen[0]) channel = {};
  for (const bool per_channel : {false, true}) CHECK(net.noise(per_channel, {1, 1, 1, 1}) == 0);
  for (octavo::channel_range& channel : net.seen[1]) channel = {};
  for (const bool per_channel : {false, true}) CHECK(net.noise(per_channel, {1, 1, 1, 1}) == 0);
}

TEST_CASE("channel statistics: ranges and energies over pixels, images and batches") {
  for (const int batch : {1, 2}) {
    builder net;
    const tensor_id x = net.input("data", {batch, 2, 1, 2});
    const float_model model{net.finish(net.relu("relu", x)), {2, octavo::float_params{}}};
    const octavo::image_source images = {2, [&](std::size_t i) {
                                           octavo::tensor<float> image({batch, 2, 1, 2});
                                           image.values = {1, -2, 4, 4, 1, -3, 5, 6};
                                           image.values[3] += static_cast<float>(i);
                                           image.values.resize(static_cast<std::size_t>(4 * batch));
                                           return image;
                                         }};
    const channel_statistics seen = collect_channel_statistics(model, images);
    REQUIRE(seen.size() == 2);
    REQUIRE(seen[0].size() == 2);
    CHECK(seen[0][0].highest == 1);
    CHECK(seen[0][0].lowest == (batch == 1 ? -2 : -3));
    CHECK(seen[0][0].largest() == -seen[0][0].lowest);
    CHECK(seen[0][0].energy == (batch == 1 ? 2.5 : 3.75));
    CHECK(seen[0][1].highest == (batch == 1 ? 5 : 6));
    CHECK(seen[0][1].lowest == 0);
    // 16 + 16, 16 + 25; with the second image of each batch 25 + 36 more
    CHECK(seen[0][1].energy == (batch == 1 ? 73 / 4.0 : 195 / 8.0));
    CHECK(seen[1][0].lowest == 0);
    CHECK(seen[1][0].energy == 0.5);
  }
}
