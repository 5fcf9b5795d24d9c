// SPDX-License-Identifier: MIT
/// @file
/// The synthetic weights of examples/common/synthetic_model.hpp: they keep networks alive.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "network/reduced_network.hpp"
#include "octavo/core/crc32.hpp"
#include "octavo/emulation/float_network.hpp"

namespace octavo::testing {
namespace {

/// Of all weights and biases as doubles, little-endian.
std::uint32_t checksum(const float_model& model) {
  std::uint32_t crc = 0;
  const auto append = [&](const std::vector<double>& values) {
    for (const double value : values) {
      const auto bits = std::bit_cast<std::uint64_t>(value);
      std::uint8_t bytes[8];
      for (int i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(bits >> (8 * i));
      crc = crc32(bytes, crc);
    }
  };
  for (const float_params& params : model.params) {
    append(params.weights);
    append(params.bias);
  }
  return crc;
}

/// The root of the mean square.
double size_of(const tensor<float>& values) {
  double sum = 0;
  for (const float x : values.values) sum += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(sum / static_cast<double>(values.values.size()));
}

}  // namespace

TEST_CASE("ResNet-50's synthetic weights are those that published figures were made with") {
  for (const networks::resnet_variant variant : both_variants) {
    const graph net = to_graph(networks::resnet50({.variant = variant}));
    CHECK(checksum(examples::synthetic_model(net)) == 0x69FC601B);
  }
}

TEST_CASE("synthetic weights keep the size of activations, behind relu6 and depthwise too") {
  const auto check_sizes = [](const graph& net, double largest) {
    const float_model model = examples::synthetic_model(net);
    const emulation::float_network network(model);
    network.run(reduced_input(net[0].shape), [&](std::size_t i, const tensor<float>& values) {
      if (i == 0) return;
      INFO(net[i].name.view());
      CHECK(size_of(values) > 0.2);
      CHECK(size_of(values) < largest);
    });
  };
  check_sizes(reduced_mobilenet_v2(), 2);
  check_sizes(reduced_squeezenet(networks::squeezenet_variant::caffe), 12);  // pools enlarge
}

TEST_CASE("synthetic MobileNetV2: relu6 cuts both sides off") {
  const graph net = reduced_mobilenet_v2();
  const float_model model = examples::synthetic_model(net);
  const emulation::float_network network(model);
  int cut_below = 0;
  int cut_above = 0;
  network.run(reduced_input(net[0].shape), [&](std::size_t i, const tensor<float>& values) {
    if (net[i].kind != op::clip) return;
    cut_below += std::ranges::count(values.values, 0.0F) > 0 ? 1 : 0;
    cut_above += std::ranges::count(values.values, 6.0F) > 0 ? 1 : 0;
  });
  CHECK(cut_below == 35);
  CHECK(cut_above > 10);
}

}  // namespace octavo::testing
