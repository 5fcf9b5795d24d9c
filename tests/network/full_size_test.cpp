// SPDX-License-Identifier: MIT
/// @file
/// SqueezeNet and MobileNetV2 in full size: the engine on every instruction set of this CPU against
/// the float emulation, every tensor. (ResNet-50: the program resnet50 does it when it is tested.)
#include "engine/engine_test_tools.hpp"
#include "network/reduced_network.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/networks/find.hpp"
#include "support/effort.hpp"

namespace octavo::testing {
namespace {

void check_full_size(const char* name) {
  if (slow_build) {
    MESSAGE("left out: takes minutes in this build");
    return;
  }
  const reduced_network network(networks::find(name).make(1));
  const tensor<std::int8_t> input = network.quantized_input();
  for (const scheme kind : {scheme::rshift16, scheme::multiplier}) {
    const quantized_model model = network.in(kind);
    const activations expected = emulation::emulate(model, input);
    for (const isa which : available_isas()) {
      for (const fusion level : {fusion::none, fusion::relu_add}) {
        INFO(to_string(kind) << " " << to_string(which));
        engine run(model, {.isa = which, .fusion = level});
        check_engine(run, input, expected);
      }
    }
  }
}

}  // namespace

TEST_CASE("full size: SqueezeNet") { check_full_size("squeezenet-caffe"); }

TEST_CASE("full size: MobileNetV2") { check_full_size("mobilenet_v2"); }

}  // namespace octavo::testing
