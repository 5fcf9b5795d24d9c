// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "octavo/emulation/quantized.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/model/fuse.hpp"
#include "octavo/networks/resnet.hpp"
#include "support/compare.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"

using namespace octavo::testing;
using octavo::activations;
using octavo::op;
using octavo::emulation::emulate;

namespace {

/// Where two runs of a graph first differ; empty where they do not.
template <class Nodes>
std::string difference_of_runs(const octavo::basic_graph<Nodes>& net, const activations& expected,
                               const activations& got) {
  if (expected.size() != got.size()) return "another number of tensors";
  for (std::size_t i = 0; i < net.size(); ++i) {
    const std::string found = difference(expected[i], got[i]);
    if (!found.empty()) return std::string(net[i].name.view()) + ": " + found;
  }
  return {};
}

/// Where a fused run differs from the unfused tensors that its nodes stand for.
std::string difference_of_fused(const octavo::graph& fused, const activations& unfused,
                                const activations& got) {
  activations expected;
  for (const octavo::node& op_node : fused) {
    expected.push_back(unfused[static_cast<std::size_t>(op_node.from.tensor)]);
  }
  return difference_of_runs(fused, expected, got);
}

/// Emulation against interpreter on the model's graph, and each fused form against the unfused.
void check_model(const octavo::quantized_model& model, const octavo::tensor<std::int8_t>& input) {
  const activations unfused = emulate(model, input);
  CHECK(difference_of_runs(model.graph, octavo::interpret(model, input), unfused) == "");
  for (const auto level : {octavo::fusion::relu, octavo::fusion::relu_add}) {
    const octavo::graph fused = octavo::fuse(model, level);
    const activations got = emulate(model, fused, input);
    CHECK(difference_of_fused(fused, unfused, got) == "");
    CHECK(difference_of_runs(fused, octavo::interpret(model, fused, input), got) == "");
  }
}

model_options random_options(random_source& rng) {
  model_options options;
  options.kind = rng.pick(all_policies);
  options.per_channel = rng.one_in(2);
  options.weights = rng.pick(all_fills);
  options.extremes = rng.one_in(4);
  return options;
}

octavo::tensor<std::int8_t> input_of(const octavo::graph& net, fill kind, random_source& rng) {
  return random_tensor(net[0].shape, kind, rng);
}

}  // namespace

TEST_CASE("every op alone equals the reference: random windows, parameters and fills") {
  for (int kind = 1; kind < octavo::op_count; ++kind) {
    const int cases = static_cast<op>(kind) == op::conv2d ? 240 : 60;
    for (int i = 0; i < cases; ++i) {
      const auto seed = static_cast<std::uint64_t>(1000 * kind + i);
      CAPTURE(to_string(static_cast<op>(kind)));
      CAPTURE(seed);
      random_source rng(seed);
      const octavo::graph net = random_op_graph(static_cast<op>(kind), rng);
      const auto model = random_model(net, random_options(rng), rng);
      for (const fill input : all_fills) {
        CAPTURE(to_string(input));
        check_model(model, input_of(net, input, rng));
      }
    }
  }
}

TEST_CASE("every policy, per layer and per channel, on every fill of weights and input") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  auto x = net.input("data", {2, 6, 9, 7});
  x = net.conv2d("conv", x,
                 {.channels = 9, .window = {3, 2, 2, 1, 1, 2, {1, 0, 2, 3}}, .groups = 3});
  x = net.scale("scale", x);
  x = net.fully_connected("fc", x, 11);
  const octavo::graph graph = net.finish(x);
  std::uint64_t seed = 70;
  for (const octavo::policy kind : all_policies) {
    for (const bool per_channel : {false, true}) {
      for (const fill weights : all_fills) {
        for (const fill input : all_fills) {
          ++seed;
          CAPTURE(seed);
          random_source rng(seed);
          const model_options options = {kind, per_channel, weights, rng.one_in(2)};
          check_model(random_model(graph, options, rng), input_of(graph, input, rng));
        }
      }
    }
  }
}

TEST_CASE("sums beyond float32: K above 1024") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  auto x = net.input("data", {1, 136, 4, 5});
  x = net.conv2d("conv3x3", x, {.channels = 12, .window = octavo::square(3, 1, 1)});  // K = 1224
  x = net.conv2d("conv1x7", x, {.channels = 300, .window = {1, 7, 1, 1, 1, 1, {0, 3, 0, 3}}});
  x = net.conv2d("conv1x1", x, {.channels = 8});
  x = net.fully_connected("fc", x, 5);
  const octavo::graph graph = net.finish(x);
  for (const fill weights : all_fills) {
    for (const fill input : all_fills) {
      const auto seed =
          static_cast<std::uint64_t>(weights) * 10 + static_cast<std::uint64_t>(input);
      CAPTURE(seed);
      random_source rng(seed);
      model_options options = random_options(rng);
      options.weights = weights;
      check_model(random_model(graph, options, rng), input_of(graph, input, rng));
    }
  }
}

TEST_CASE("random graphs, fused and not") {
  for (std::uint64_t seed = 1; seed <= 250; ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    const octavo::graph net = random_graph(rng.integer(2, 12), rng);
    const auto model = random_model(net, random_options(rng), rng);
    const fill input = rng.pick(all_fills);
    check_model(model, input_of(net, input, rng));
  }
}

TEST_CASE("a fused add sees the saturated int8 of its convolution") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const auto x = net.input("data", {1, 1, 1, 1});
  const auto conv = net.conv2d("conv", x, {.channels = 1});
  const octavo::graph graph = net.finish(net.relu("relu", net.add("add", x, conv)));
  octavo::quantized_model model{.graph = graph, .thresholds = {1, 1, 1, 1}};
  model.params.resize(4);
  model.params[1].weights = {4};
  model.params[1].bias = {0};
  model.params[1].requantize = {octavo::policy::rshift, {}, {0}};
  model.params[2].add = {{1, 2}, 1};
  octavo::tensor<std::int8_t> input({1, 1, 1, 1});
  const octavo::graph fused = octavo::fuse(graph);
  REQUIRE(fused.size() == 2);
  input.values = {51};  // conv 204 -> 127; (51 + 2 * 127) / 2 = 152.5 -> 127
  CHECK(emulate(model, fused, input)[1].values[0] == 127);
  input.values = {-100};  // conv -400 -> -128; negative -> 0
  CHECK(emulate(model, fused, input)[1].values[0] == 0);
  model.params[2].add = {{1, 1}, 2};
  input.values = {51};  // (51 + 127) / 4 = 44.5 -> 45; unsaturated 63.75 -> 64
  CHECK(emulate(model, fused, input)[1].values[0] == 45);
  CHECK(emulate(model, graph, input)[2].values[0] == 45);
}

TEST_CASE("ResNet-50, width 8, image 32, both variants, every policy") {
  using octavo::networks::resnet_variant;
  for (const auto variant : {resnet_variant::caffe, resnet_variant::torchvision}) {
    const auto net = octavo::to_graph(octavo::networks::resnet50(
        {.variant = variant, .image = 32, .width = 8, .classes = 10, .batch = 2}));
    for (const octavo::policy kind : all_policies) {
      const auto seed = static_cast<std::uint64_t>(kind) + 500;
      CAPTURE(seed);
      random_source rng(seed);
      const auto model = random_model(net, {.kind = kind, .per_channel = true}, rng);
      check_model(model, input_of(net, fill::uniform, rng));
    }
  }
}

TEST_CASE("the input's shape must be the graph's") {
  random_source rng(1);
  const octavo::graph net = random_op_graph(op::relu, rng);
  const auto model = random_model(net, {}, rng);
  CHECK_THROWS_AS(emulate(model, octavo::tensor<std::int8_t>({9, 9, 9, 9})), octavo::error);
}

TEST_CASE("there must be exactly one input") {
  octavo::graph_builder<std::vector<octavo::node>> b;
  const auto first = b.input("first", {1, 1, 1, 1});
  const auto second = b.input("second", {1, 1, 1, 1});
  const octavo::graph net = b.finish(b.add("sum", first, second));
  random_source rng(1);
  CHECK_THROWS_WITH(emulate(random_model(net, {}, rng), octavo::tensor<std::int8_t>({1, 1, 1, 1})),
                    "graph: has more than one input; executors take exactly one");
}
