// SPDX-License-Identifier: MIT
/// @file
/// A small network of every op, by what the quantizer chose: its files, its input, and every step
/// of it as a case of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "octavo/io/mlir.hpp"
#include "octavo/io/model_file.hpp"
#include "octavo/model/quantize.hpp"
#include "op_case.hpp"

namespace octavo::examples {

inline graph small_network() {
  graph_builder<std::vector<node>> net;
  tensor_id x = net.input("data", {1, 3, 17, 15});
  x = net.relu("conv1_relu", net.conv2d("conv1", x, {.channels = 12, .window = square(3, 2, 1)}));
  const tensor_id stem =
      net.max_pool("pool1", x, {.window = square(3, 2), .rounding = size_rounding::ceil});
  x = net.conv2d("depthwise", stem, {.channels = 12, .window = square(3, 1, 1), .groups = 12});
  x = net.clip("relu6", x, 0, 6);
  x = net.conv2d("project", x, {.channels = 12, .window = square(1)});
  const tensor_id sum = net.relu("sum_relu", net.add("sum", stem, x));
  x = net.leaky_relu("leaky", net.conv2d("grouped", sum, {.channels = 8, .groups = 4}), 0.125);
  x = net.concat("joined", {sum, x});
  x = net.avg_pool("mean", x, {.window = square(3, 1, 1)});
  x = net.scale("scale", x);
  return net.finish(net.fully_connected("fc", x, 10));
}

/// Weights of about the size that keeps values where they are.
inline float_model small_float_model(const graph& net, random_source& rng) {
  float_model model{net, std::vector<float_params>(net.size())};
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (!has_weights(net[i].kind)) continue;
    const double size = std::sqrt(2.0 / static_cast<double>(taps(net, i)));
    float_params& params = model.params[i];
    params.weights.resize(static_cast<std::size_t>(weights_shape(net, i).elements()));
    for (double& weight : params.weights) weight = size * rng.normal();
    params.bias.resize(static_cast<std::size_t>(net[i].shape.c));
    for (double& bias : params.bias) bias = 0.25 * rng.normal();
  }
  return model;
}

/// Thresholds as a calibration might have found them; some ops take their input's.
inline std::vector<double> small_thresholds(const graph& net) {
  std::vector<double> thresholds;
  for (std::size_t i = 0; i < net.size(); ++i) {
    const bool keeps = keeps_threshold(net[i].kind);
    thresholds.push_back(keeps ? thresholds[static_cast<std::size_t>(net[i].src[0])]
                               : 3 + 0.375 * static_cast<double>(i % 5));
  }
  return thresholds;
}

inline void add_network(conformance_kit& kit) {
  random_source rng(3);
  const graph net = small_network();
  const quantized_model model =
      quantize(small_float_model(net, rng), small_thresholds(net), scheme::multiplier);
  io::save_model(model, kit.folder() / "network.octavo");
  io::save_mlir(model, kit.folder() / "network.mlir", {.weights = "network_weights.npz"});

  activations tensors = {some_tensor(net[0].shape, content::uniform, rng)};
  io::npz_arrays arrays = {{"data", nchw_of(std::as_const(tensors[0]).view())}};
  for (std::size_t i = 1; i < net.size(); ++i) {
    const std::string tensor_name(net[i].name.view());
    const std::string name = concat_text("network_", i < 10 ? "0" : "", i, "_", tensor_name);
    std::vector<tensor<std::int8_t>> src;
    std::vector<std::string> reads;
    for (const int from : net[i].src) {
      src.push_back(tensors[static_cast<std::size_t>(from)]);
      reads.emplace_back(net[static_cast<std::size_t>(from)].name.view());
    }
    tensors.push_back(add_op(kit, name, "a step of the network", model, net[i], src));
    kit.add_step(tensor_name, to_string(net[i].kind), reads, name);
    arrays.emplace(tensor_name, nchw_of(std::as_const(tensors.back()).view()));
  }
  io::write_npz(kit.folder() / "network_tensors.npz", arrays);
}

}  // namespace octavo::examples
