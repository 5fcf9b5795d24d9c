// SPDX-License-Identifier: MIT
/// @file
/// Runs a network of a .mlir or .octavo file.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "octavo/emulation/float_network.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/engine.hpp"
#include "octavo/io/dump.hpp"
#include "octavo/io/mlir/network.hpp"
#include "octavo/reference/quantize.hpp"
#include "octavo/reference/softmax.hpp"
#include "options.hpp"

namespace octavo::examples {

/// What a run gives.
struct results {
  std::vector<tensor<float>> outputs = {};  ///< what the function returns
  io::npz_arrays arrays = {};               ///< where a dump is wanted
};

/// What the function returns of an int8 output.
inline tensor<float> real_output(const tensor<std::int8_t>& values, double threshold,
                                 bool softmax) {
  tensor<float> real(values.shape);
  if (softmax) {
    reference::softmax(values.view(), threshold, real.view());
  } else {
    reference::dequantize(values.view(), threshold, real.view());
  }
  return real;
}

/// The softmax of each image, in double as reference::softmax computes it.
inline tensor<float> softmax_of(const tensor<float>& logits) {
  tensor<float> made(logits.shape);
  const auto count = static_cast<std::ptrdiff_t>(logits.shape.elements_per_image());
  auto to = made.values.begin();
  for (auto from = logits.values.begin(); from != logits.values.end(); from += count) {
    const double largest = *std::max_element(from, from + count);
    double sum = 0;
    for (auto x = from; x != from + count; ++x) sum += std::exp(*x - largest);
    for (auto x = from; x != from + count; ++x) {
      *to++ = static_cast<float>(std::exp(*x - largest) / sum);
    }
  }
  return made;
}

/// Every tensor, by the emulation or the unfused engine.
inline activations run_every_op(const options& wanted, const quantized_model& model,
                                const tensor<float>& input) {
  tensor<std::int8_t> quantized(input.shape);
  reference::quantize(input.view(), model.thresholds[sole_input(model.graph)], quantized.view());
  if (wanted.exec == executor::real) return emulation::emulate(model, quantized);
  engine net(model, {.isa = isa_from_environment(), .fusion = fusion::none});
  return run_all(net, quantized);
}

inline results run_quantized(const options& wanted, const quantized_model& model,
                             const std::vector<io::mlir_output>& outputs,
                             const tensor<float>& input) {
  results made;
  const auto node_of = [&](std::size_t i) {
    return static_cast<std::size_t>(model.graph.outputs[i]);
  };
  const auto add = [&](std::size_t i, const tensor<std::int8_t>& values) {
    made.outputs.push_back(real_output(values, model.thresholds[node_of(i)], outputs[i].softmax));
  };
  if (wanted.dump_all_tensor.empty() && wanted.exec != executor::real) {
    engine net(model, {.isa = isa_from_environment()});
    net.run(input);
    for (std::size_t i = 0; i < outputs.size(); ++i) add(i, net.output(i));
    return made;
  }
  const activations tensors = run_every_op(wanted, model, input);
  for (std::size_t i = 0; i < outputs.size(); ++i) add(i, tensors[node_of(i)]);
  if (!wanted.dump_all_tensor.empty()) {
    io::dump_tensors(model.graph, tensors, made.arrays);
    io::dump_params(model, made.arrays);
  }
  return made;
}

/// Weights with batch normalization folded, as `<op>_0` and `<op>_1`, rounded to float32.
inline void dump_float_params(const float_model& model, io::npz_arrays& arrays) {
  const auto add = [&](const std::string& name, const std::vector<double>& values,
                       const std::vector<std::int64_t>& dims) {
    arrays[name] = io::make_npy_array(std::vector<float>(values.begin(), values.end()), dims);
  };
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    if (!has_weights(model.graph[i].kind)) continue;
    const shape w = weights_shape(model.graph, i);
    std::vector<std::int64_t> dims = {w.n, w.c, w.h, w.w};
    if (model.graph[i].kind == op::fully_connected) dims.resize(2);
    const std::string name(model.graph[i].name.view());
    add(name + "_0", model.params[i].weights, dims);
    add(name + "_1", model.params[i].bias, {model.graph[i].shape.c});
  }
}

inline results run_float(const options& wanted, const float_model& model,
                         const std::vector<io::mlir_output>& outputs, const tensor<float>& input) {
  if (wanted.exec == executor::int8) {
    fail(wanted.network.string(),
         ": is a network in floating point, expected a quantized one for --exec int8");
  }
  results made{.outputs = std::vector<tensor<float>>(outputs.size())};
  const bool dumps = !wanted.dump_all_tensor.empty();
  const emulation::float_network network(model);
  network.run(input, [&](std::size_t i, const tensor<float>& values) {
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      if (model.graph.outputs[k] != static_cast<int>(i)) continue;
      made.outputs[k] = outputs[k].softmax ? softmax_of(values) : values;
    }
    if (!dumps) return;
    made.arrays[std::string(model.graph[i].name.view())] =
        io::make_npy_array(values.values, io::detail::dump_shape(model.graph[i]));
  });
  if (dumps) dump_float_params(model, made.arrays);
  return made;
}

}  // namespace octavo::examples
