// SPDX-License-Identifier: MIT
/// @file
/// Which channels must be scaled together, and that scaling them changes nothing.

#include "octavo/model/channel_classes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "octavo/emulation/float_network.hpp"
#include "support/every_op.hpp"
#include "support/random_float_model.hpp"
#include "support/random_graph.hpp"

namespace {

using octavo::channel_classes;
using octavo::find_channel_classes;
using octavo::float_model;
using octavo::graph;
using octavo::tensor_id;
using octavo::testing::builder;
using octavo::testing::random_source;
using float_tensors = std::vector<octavo::tensor<float>>;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// The classes of one graph, by the names of its tensors.
struct named_classes {
  explicit named_classes(const graph& from) : net(from), classes(find_channel_classes(from)) {}

  const std::vector<int>& of(std::string_view name) const { return classes.of[at(net.find(name))]; }

  bool all_fixed(std::string_view name) const { return count_fixed(name) == of(name).size(); }
  bool none_fixed(std::string_view name) const { return count_fixed(name) == 0; }

  std::size_t count_fixed(std::string_view name) const {
    std::size_t count = 0;
    for (const int c : of(name)) count += classes.fixed[at(c)] ? 1 : 0;
    return count;
  }

  graph net;
  channel_classes classes;
};

/// relu(conv) twice, a projection or none, their sum and a layer behind it.
graph bottleneck(bool projection) {
  builder net;
  tensor_id x = net.input("data", {1, 3, 4, 4});
  x = net.relu("stem_relu", net.conv2d("stem", x, {.channels = 2}));
  tensor_id branch = net.relu("a_relu", net.conv2d("a", x, {.channels = 4}));
  branch = net.conv2d("b", branch, {.channels = 2});
  const tensor_id shortcut = projection ? net.conv2d("projection", x, {.channels = 2}) : x;
  x = net.relu("sum_relu", net.add("sum", shortcut, branch));
  return net.finish(net.conv2d("last", x, {.channels = 5}));
}

float_tensors outputs_of(const float_model& model, const octavo::tensor<float>& image) {
  const float_tensors all = octavo::emulation::run_float(model, model.graph, image);
  float_tensors outputs;
  for (const int output : model.graph.outputs) outputs.push_back(all[at(output)]);
  return outputs;
}

octavo::tensor<float> random_image(const graph& net, random_source& rng) {
  octavo::tensor<float> image(net[0].shape);
  for (float& x : image.values) x = static_cast<float>(rng.real());
  return image;
}

/// 2^-6 .. 2^6 for each class that is not fixed, with or without a fraction in the exponent.
std::vector<double> random_factors(const channel_classes& classes, bool whole, random_source& rng) {
  std::vector<double> factors;
  for (const bool fixed : classes.fixed) {
    const double exponent = whole ? rng.integer(-6, 6) : 6 * rng.real();
    factors.push_back(fixed ? 1 : std::exp2(exponent));
  }
  return factors;
}

/// The largest difference relative to the largest value.
double difference(const octavo::tensor<float>& a, const octavo::tensor<float>& b) {
  double largest = 0;
  double apart = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a.values[i])));
    apart = std::max(apart, std::abs(static_cast<double>(a.values[i]) - b.values[i]));
  }
  return apart == 0 ? 0 : apart / largest;
}

}  // namespace

TEST_CASE("a bottleneck without a projection: the stem's channels are the stream's") {
  const named_classes seen(bottleneck(false));
  CHECK(seen.of("stem") == seen.of("b"));
  for (const char* name : {"stem_relu", "sum", "sum_relu"}) CHECK(seen.of(name) == seen.of("stem"));
  CHECK(seen.of("a_relu") == seen.of("a"));
  CHECK(seen.classes.size() == 3 + 2 + 4 + 5);
  CHECK(seen.all_fixed("data"));
  CHECK(seen.all_fixed("last"));
  CHECK(seen.none_fixed("stem"));
  CHECK(seen.none_fixed("a"));
}

TEST_CASE("a bottleneck with a projection: the stem is free of the sum") {
  const named_classes seen(bottleneck(true));
  CHECK(seen.of("projection") == seen.of("b"));
  CHECK(seen.of("sum") == seen.of("b"));
  CHECK(seen.of("stem") != seen.of("b"));
  CHECK(seen.classes.size() == 3 + 2 + 4 + 2 + 5);
}

TEST_CASE("concat: each channel keeps the class that it has in its operand") {
  builder net;
  const tensor_id x = net.input("data", {1, 2, 4, 4});
  const tensor_id a = net.conv2d("a", x, {.channels = 2});
  const tensor_id b = net.conv2d("b", x, {.channels = 1});
  const tensor_id joined = net.concat("joined", {a, b, x, a});
  const named_classes seen(net.finish(net.conv2d("last", joined, {.channels = 1})));
  std::vector<int> expected = seen.of("a");
  for (const char* name : {"b", "data", "a"}) {
    expected.insert(expected.end(), seen.of(name).begin(), seen.of(name).end());
  }
  CHECK(seen.of("joined") == expected);
  CHECK(seen.count_fixed("joined") == 2);  // the input's
}

TEST_CASE("a depthwise convolution gives each channel a new class, scale as well") {
  builder net;
  tensor_id x = net.input("data", {1, 2, 4, 4});
  x = net.conv2d("a", x, {.channels = 3});
  x = net.conv2d("depthwise", x, {.channels = 3, .groups = 3});
  x = net.scale("scale", x);
  const named_classes seen(net.finish(net.conv2d("last", x, {.channels = 1})));
  CHECK(seen.classes.size() == 2 + 3 + 3 + 3 + 1);
  for (const char* name : {"a", "depthwise", "scale"}) CHECK(seen.none_fixed(name));
}

TEST_CASE("a clip fixes what it reads and writes, and all that shares their class") {
  builder net;
  tensor_id x = net.input("data", {1, 2, 4, 4});
  const tensor_id a = net.conv2d("a", x, {.channels = 2});
  const tensor_id b = net.conv2d("b", a, {.channels = 2});
  x = net.clip("clip", net.add("sum", a, b), 0, 6);
  x = net.conv2d("c", x, {.channels = 2});
  const named_classes seen(net.finish(net.conv2d("last", x, {.channels = 1})));
  for (const char* name : {"clip", "sum", "a", "b"}) CHECK(seen.all_fixed(name));
  CHECK(seen.none_fixed("c"));
}

TEST_CASE("a fully connected layer on a map: a factor for each channel, for all its pixels") {
  builder net;
  tensor_id x = net.input("data", {1, 1, 2, 3});
  x = net.conv2d("a", x, {.channels = 2});
  const graph made = net.finish(net.fully_connected("fc", x, 1));
  const octavo::layer_channels layer = channels_of(made, 2);
  CHECK(layer.outputs == 1);
  CHECK(layer.inputs == 2);
  CHECK(layer.taps == 6);
  CHECK(layer.groups == 1);

  const channel_classes classes = find_channel_classes(made);
  std::vector<double> factors(classes.size(), 1);
  factors[at(classes.of[1][1])] = 4;
  float_model model{made, {{}, {{1, 2}, {3, 5}}, {std::vector<double>(12, 8), {7}}}};
  model = rescale(model, classes, factors);
  CHECK(model.params[1].weights == std::vector<double>{1, 8});
  CHECK(model.params[1].bias == std::vector<double>{3, 20});
  CHECK(model.params[2].weights == std::vector<double>{8, 8, 8, 8, 8, 8, 2, 2, 2, 2, 2, 2});
  CHECK(model.params[2].bias == std::vector<double>{7});
}

TEST_CASE("both of two outputs are fixed") {
  builder net;
  const tensor_id x = net.input("data", {1, 2, 4, 4});
  const tensor_id a = net.conv2d("a", x, {.channels = 2});
  const tensor_id b = net.conv2d("b", net.relu("a_relu", a), {.channels = 3});
  const tensor_id c = net.conv2d("c", b, {.channels = 3});
  const named_classes seen(net.finish({a, c}));
  CHECK(seen.all_fixed("a"));
  CHECK(seen.all_fixed("a_relu"));
  CHECK(seen.none_fixed("b"));
  CHECK(seen.all_fixed("c"));
}

TEST_CASE("groups: which inputs an output reads") {
  builder net;
  const tensor_id x = net.input("data", {1, 6, 4, 4});
  const graph made = net.finish(
      net.conv2d("conv", x, {.channels = 4, .window = octavo::square(3, 1, 1), .groups = 2}));
  const octavo::layer_channels layer = channels_of(made, 1);
  CHECK(layer.inputs == 3);
  CHECK(layer.taps == 9);
  CHECK(layer.first_input(1) == 0);
  CHECK(layer.first_input(2) == 3);
}

TEST_CASE("rescaled networks compute the same: by powers of two to the last bit") {
  random_source rng(5);
  std::vector<graph> nets = {bottleneck(false), bottleneck(true),
                             octavo::testing::every_op_graph()};
  for (int i = 0; i < 150; ++i) nets.push_back(octavo::testing::random_graph(8, rng));
  int free_classes = 0;
  for (std::size_t i = 0; i < nets.size(); ++i) {
    CAPTURE(i);
    const float_model model = octavo::testing::random_float_model(nets[i], rng);
    const octavo::tensor<float> image = random_image(nets[i], rng);
    const float_tensors expected = outputs_of(model, image);
    const channel_classes classes = find_channel_classes(nets[i]);
    free_classes += static_cast<int>(std::count(classes.fixed.begin(), classes.fixed.end(), false));

    const float_model exact = rescale(model, classes, random_factors(classes, true, rng));
    CHECK(outputs_of(exact, image) == expected);
    const float_model near = rescale(model, classes, random_factors(classes, false, rng));
    const float_tensors found = outputs_of(near, image);
    for (std::size_t k = 0; k < found.size(); ++k) CHECK(difference(expected[k], found[k]) < 1e-4);
  }
  CHECK(free_classes > 500);
}

TEST_CASE("factors that are none are refused") {
  const float_model model = [] {
    random_source rng(6);
    return octavo::testing::random_float_model(bottleneck(false), rng);
  }();
  const channel_classes classes = find_channel_classes(model.graph);
  const std::vector<double> ones(classes.size(), 1);
  const auto free_class = static_cast<std::size_t>(
      std::find(classes.fixed.begin(), classes.fixed.end(), false) - classes.fixed.begin());
  CHECK(rescale(model, classes, ones).params[1].weights == model.params[1].weights);

  CHECK_THROWS_WITH(rescale(model, classes, std::vector<double>(classes.size() - 1, 1)),
                    "rescale: expected one factor for each class");
  CHECK_THROWS_WITH(rescale(model, classes, std::vector<double>(classes.size() + 1, 1)),
                    "rescale: expected one factor for each class");
  for (const double bad : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity()}) {
    std::vector<double> factors = ones;
    factors[free_class] = bad;
    CHECK_THROWS_WITH(rescale(model, classes, factors), "rescale: factors must be positive");
  }
  std::vector<double> factors = ones;
  factors[at(classes.of[0][0])] = 2;
  CHECK_THROWS_WITH(rescale(model, classes, factors),
                    "rescale: the factor of a fixed class must be 1");
}

TEST_CASE("parameters that do not fit the graph are refused") {
  random_source rng(7);
  const float_model good = octavo::testing::random_float_model(bottleneck(false), rng);
  const channel_classes classes = find_channel_classes(good.graph);
  const std::vector<double> ones(classes.size(), 1);
  float_model bad = good;
  bad.params.pop_back();
  CHECK_THROWS_WITH(rescale(bad, classes, ones), "rescale: expected one parameter set a node");
  bad = good;
  bad.params[1].weights.pop_back();
  CHECK_THROWS_WITH(rescale(bad, classes, ones),
                    "rescale: stem: the number of weights is 5, expected 6 (2x3x1x1)");
  bad = good;
  bad.params[1].bias.pop_back();
  CHECK_THROWS_WITH(
      rescale(bad, classes, ones),
      "rescale: stem: the number of biases is 1, expected 2, one for each output channel");
}
