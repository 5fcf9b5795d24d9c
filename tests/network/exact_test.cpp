// SPDX-License-Identifier: MIT
/// @file
/// The promise, on the whole network: every way of running a model gives the same bytes.
#include <doctest/doctest.h>

#include <algorithm>

#include "network/reduced_network.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/io/model_file.hpp"
#include "octavo/model/fuse.hpp"
#include "octavo/tpu/weight_image.hpp"
#include "support/compare.hpp"

namespace octavo::testing {
namespace {

/// Every tensor of `got`, a run of `net`, equals that of the unfused run it stands for.
void check_tensors(const graph& net, const activations& got, const activations& unfused) {
  REQUIRE(got.size() == net.size());
  for (std::size_t i = 0; i < net.size(); ++i) {
    INFO(net[i].name.view());
    const auto same = static_cast<std::size_t>(net[i].from.tensor);
    CHECK(difference(unfused[same], got[i]) == "");
  }
}

/// MobileNetV2's relu6, as far as they are not fused.
std::ptrdiff_t count_clips(const graph& net) {
  return std::count_if(net.begin(), net.end(), [](const node& n) { return n.kind == op::clip; });
}

/// A network that has died or saturated would be equal to anything.
void check_alive(const tensor<std::int8_t>& values) {
  std::size_t zeros = 0;
  std::size_t saturated = 0;
  for (const std::int8_t v : values.values) {
    zeros += v == 0 ? 1 : 0;
    saturated += v == 127 || v == -128 ? 1 : 0;
  }
  CHECK(zeros * 10 < values.values.size() * 9);
  CHECK(saturated * 10 < values.values.size());
}

}  // namespace

TEST_CASE("reference, emulation, fused and unfused give the same bytes in every scheme") {
  for (const graph& net : reduced_graphs()) {
    const reduced_network network(net);
    INFO(net.size() << " nodes, " << net[0].shape.h << " rows");
    const tensor<std::int8_t> input = network.quantized_input();
    for (const scheme kind : all_schemes) {
      INFO(to_string(kind));
      const quantized_model model = network.in(kind);
      const activations unfused = interpret(model, input);
      for (const tensor<std::int8_t>& values : unfused) check_alive(values);
      check_tensors(model.graph, emulation::emulate(model, input), unfused);
      for (const fusion level : {fusion::relu, fusion::relu_add}) {
        const graph fused = fuse(model, level);
        CHECK((count_clips(fused) < count_clips(net) || count_clips(net) == 0));
        check_tensors(fused, interpret(model, fused, input), unfused);
        check_tensors(fused, emulation::emulate(model, fused, input), unfused);
      }
    }
  }
}

TEST_CASE("the half_away rounding of rshift: both authors agree on it too") {
  const reduced_network network(networks::resnet_variant::caffe);
  quantized_model model = network.in(scheme::rshift8);
  for (op_params& params : model.params) params.requantize.kind = policy::rshift_half_away;
  const tensor<std::int8_t> input = network.quantized_input();
  const activations away = interpret(model, input);
  check_tensors(model.graph, emulation::emulate(model, input), away);
  CHECK(away != interpret(network.in(scheme::rshift8), input));
}

TEST_CASE("a model comes back from its file and from its weight image as it was") {
  for (const graph& net : reduced_graphs()) {
    const reduced_network network(net);
    for (const scheme kind : all_schemes) {
      INFO(to_string(kind));
      const quantized_model model = network.in(kind);
      CHECK(io::deserialize(io::serialize(model), "memory") == model);
      const tpu::weight_layout layout = tpu::layout_of(kind);
      const std::vector<std::uint8_t> image = tpu::write_weight_image(model, layout);
      quantized_model blank = model;
      for (op_params& params : blank.params) {
        for (std::int8_t& w : params.weights) w = 0;
        for (std::int32_t& b : params.bias) b = 0;
      }
      REQUIRE(blank != model);
      CHECK(tpu::read_weight_image(image, blank, layout) == model);
    }
  }
}

TEST_CASE("batch: each image of a batch gives what it gives alone") {
  const reduced_network network(networks::resnet_variant::torchvision);
  const quantized_model one = network.in(scheme::multiplier);
  quantized_model two = one;
  networks::resnet_options options = reduced_options(networks::resnet_variant::torchvision);
  options.batch = 2;
  two.graph = to_graph(networks::resnet50(options));
  const tensor<std::int8_t> first = network.quantized_input();
  tensor<std::int8_t> second = first;
  for (std::int8_t& x : second.values) x = static_cast<std::int8_t>(~x);
  tensor<std::int8_t> both(shape{2, 3, 64, 64});
  const auto middle = std::copy(first.values.begin(), first.values.end(), both.values.begin());
  std::copy(second.values.begin(), second.values.end(), middle);

  const std::vector<std::int8_t> logits = interpret(two, both).back().values;
  std::vector<std::int8_t> expected = interpret(one, first).back().values;
  const std::vector<std::int8_t> other = interpret(one, second).back().values;
  REQUIRE(expected != other);
  expected.insert(expected.end(), other.begin(), other.end());
  CHECK(logits == expected);
  CHECK(emulation::emulate(two, both).back().values == expected);
}

}  // namespace octavo::testing
