// SPDX-License-Identifier: MIT
/// @file
/// SqueezeNet and MobileNetV2 made small, on every instruction set, against the reference. The
/// tensors are those of a network that is alive: synthetic weights, quantized from what a float run
/// has seen.
#include <span>

#include "engine_test_tools.hpp"
#include "network/reduced_network.hpp"
#include "octavo/eigen_threads.hpp"
#include "support/effort.hpp"

namespace octavo::testing {
namespace {

/// All of them, or one where that would take minutes.
std::span<const scheme> schemes() {
  static constexpr scheme one[] = {scheme::multiplier};
  const bool slow = slow_build || slow_processor;
  return slow ? std::span<const scheme>(one) : std::span<const scheme>(all_schemes);
}

/// Every scheme, every way, every cut of the batch. Returns the kernels met.
std::set<std::string> check_network(const graph& net) {
  std::set<std::string> seen;
  const reduced_network network(net);
  for (const scheme kind : schemes()) {
    INFO(to_string(kind));
    check_every_way(network.in(kind), network.quantized_input(), seen);
  }
  return seen;
}

/// Every way once more; who shares the work does not ask for the scheme.
void check_two_threads(const graph& net) {
  const reduced_network network(net);
  const tensor<std::int8_t> input = network.quantized_input();
  const quantized_model model = network.in(scheme::multiplier);
  const activations expected = interpret(model, input);
  for (const way& one : all_ways()) {
    INFO(one.name);
    engine run(model, one.options, {.threading = eigen_threads(2)});
    check_engine(run, input, expected);
  }
}

}  // namespace

TEST_CASE("SqueezeNet: every way gives the bytes of interpret(), in every scheme, batch 1 and 3") {
  for (const int batch : {1, 3}) {
    INFO("batch " << batch);
    const std::set<std::string> seen =
        check_network(reduced_squeezenet(networks::squeezenet_variant::caffe, batch));
    CHECK(seen ==
          std::set<std::string>{"input", "conv2d", "clip", "max_pool", "channel_copy", "avg_pool"});
  }
  check_network(reduced_squeezenet(networks::squeezenet_variant::torchvision));
}

TEST_CASE("MobileNetV2: every way gives the bytes of interpret(), in every scheme, batch 1 and 3") {
  for (const int batch : {1, 3}) {
    INFO("batch " << batch);
    const std::set<std::string> seen = check_network(reduced_mobilenet_v2(batch));
    CHECK(seen == std::set<std::string>{"input", "conv2d", "depthwise", "clip", "add", "avg_pool"});
  }
}

TEST_CASE("SqueezeNet and MobileNetV2 on two threads") {
  for (const int batch : {1, 3}) {
    INFO("batch " << batch);
    check_two_threads(reduced_squeezenet(networks::squeezenet_variant::caffe, batch));
    check_two_threads(reduced_mobilenet_v2(batch));
  }
}

}  // namespace octavo::testing
