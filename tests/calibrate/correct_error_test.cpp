// SPDX-License-Identifier: MIT
/// @file
/// What corrections are for: every layer comes closer to its real output, and so do the networks.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "corrected_example.hpp"

namespace {

using octavo::correction_options;
using octavo::quantized_model;
using octavo::scheme;
using octavo::testing::bias_alone;
using octavo::testing::corrected_example;
using octavo::testing::int8_images;
using octavo::testing::weights_alone;

/// The weights' and the bias's rounding errors of an output channel, in accumulator units.
Eigen::VectorXd rounding_errors(const octavo::op_params& rounded,
                                const octavo::detail::accumulator_units& units, std::size_t oc) {
  const std::size_t taps = rounded.weights.size() / rounded.bias.size();
  Eigen::VectorXd errors(static_cast<Eigen::Index>(taps) + 1);
  for (std::size_t k = 0; k < taps; ++k) {
    const std::size_t index = oc * taps + k;
    errors[static_cast<Eigen::Index>(k)] = rounded.weights[index] - units.weight(index, oc);
  }
  errors[static_cast<Eigen::Index>(taps)] = rounded.bias[oc] - units.bias(oc);
  return errors;
}

/// Mean square, over images, pixels and channels, of what a layer's accumulators differ by from
/// those of real weights on the same int8 input. In units of the accumulator, which corrections do
/// not change.
double layer_error(const corrected_example& from, const quantized_model& net, std::size_t index) {
  const octavo::node& layer = net.graph[index];
  const auto src = static_cast<std::size_t>(layer.src[0]);
  int8_images inputs;
  for (const auto& image : from.quantized_images) {
    inputs.push_back(octavo::emulation::emulate(net, image)[src]);
  }
  const octavo::detail::accumulator_units units(from.model.params[index],
                                                net.params[index].requantize, net.thresholds[src],
                                                net.thresholds[index]);
  const std::size_t outputs = net.params[index].bias.size();
  const std::size_t rows = outputs / static_cast<std::size_t>(layer.groups);
  double sum = 0;
  for (std::size_t oc = 0; oc < outputs; ++oc) {
    const auto moments =
        octavo::detail::measure_inputs(layer, static_cast<int>(oc / rows), inputs, 1 << 20);
    const Eigen::VectorXd errors = rounding_errors(net.params[index], units, oc);
    sum += errors.dot(moments.second.cast<double>().selfadjointView<Eigen::Lower>() * errors);
  }
  return sum / static_cast<double>(outputs);
}

}  // namespace

TEST_CASE("every layer comes closer to its real output") {
  for (const scheme kind : octavo::all_schemes) {
    const corrected_example from(61);
    const quantized_model start = from.quantized(kind);
    const quantized_model both = from.corrected(kind);
    const quantized_model bias = from.corrected(kind, bias_alone);
    const quantized_model weights = from.corrected(kind, weights_alone);
    for (const char* name : {"stem", "a", "b", "depthwise", "fc"}) {
      const auto index = static_cast<std::size_t>(start.graph.find(name));
      const double plain = layer_error(from, start, index);
      const double of_bias = layer_error(from, bias, index);
      const double of_weights = layer_error(from, weights, index);
      const double of_both = layer_error(from, both, index);
      MESSAGE(std::string(to_string(kind)), " ", std::string(name), ": ", plain, ", bias ", of_bias,
              ", weights ", of_weights, ", both ", of_both);
      CHECK(of_weights < plain);
      CHECK(of_both < plain);
      if (kind == scheme::rshift8) continue;  // its bias is too coarse to take anything up
      CHECK(of_bias < plain);
      CHECK(of_both < of_bias);
    }
  }
}

TEST_CASE("in every scheme the outputs come closer to the float network's") {
  for (const scheme kind : octavo::all_schemes) {
    double before = 0;
    double after = 0;
    constexpr int networks = 12;
    for (std::uint64_t seed = 41; seed < 41 + networks; ++seed) {
      const corrected_example from(seed);
      before += from.error_of(from.quantized(kind)) / networks;
      after += from.error_of(from.corrected(kind)) / networks;
    }
    MESSAGE(std::string(to_string(kind)), ": mean squared error ", before, " -> ", after);
    CHECK(after < before);
  }
}
