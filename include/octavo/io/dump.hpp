// SPDX-License-Identifier: MIT
/// @file
/// Everything a run computed, for NumPy: each op's tensor and the network's integers as named
/// arrays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "octavo/io/npz.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::io {

namespace detail {

/// N, C, H, W; what a fully connected layer writes is a matrix: N, C.
inline std::vector<std::int64_t> dump_shape(const node& op_node) {
  const auto& [n, c, h, w] = op_node.shape;
  if (op_node.kind == op::fully_connected) return {n, c};
  return {n, c, h, w};
}

inline npy_array float_array(std::span<const std::int8_t> values,
                             const std::vector<std::int64_t>& extents) {
  return make_npy_array(std::vector<float>(values.begin(), values.end()), extents);
}

/// The bias as it is stored: in rshift8 in units of the output.
inline std::vector<std::int32_t> stored_bias(const quantized_model& model,
                                             const op_params& params) {
  std::vector<std::int32_t> bias = params.bias;
  if (model.scheme == scheme::rshift8) {
    for (std::int32_t& b : bias) b >>= params.requantize.shift[0];
  }
  return bias;
}

/// float32 cannot hold every int32: bias, shift and multiplier are int32 arrays.
template <class Values>
npy_array int_array(const Values& values) {
  return make_npy_array(std::vector<std::int32_t>(values.begin(), values.end()),
                        {static_cast<std::int64_t>(values.size())});
}

}  // namespace detail

/// Adds `<op>_quant_int8_0` (filter, float32), `_1` (bias as stored), `_rshift` and, where the
/// scheme has them, `_multiplier` (int32) of every op with weights.
inline void dump_params(const quantized_model& model, npz_arrays& arrays) {
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    if (!has_weights(model.graph[i].kind)) continue;
    const op_params& params = model.params[i];
    const std::string prefix = concat_text(model.graph[i].name, "_quant_int8");
    const shape extents = weights_shape(model.graph, i);
    std::vector<std::int64_t> dims = {extents.n, extents.c, extents.h, extents.w};
    if (model.graph[i].kind == op::fully_connected) dims.resize(2);
    arrays[prefix + "_0"] = detail::float_array(params.weights, dims);
    arrays[prefix + "_1"] = detail::int_array(detail::stored_bias(model, params));
    arrays[prefix + "_rshift"] = detail::int_array(params.requantize.shift);
    if (params.requantize.multiplier.empty()) continue;
    arrays[prefix + "_multiplier"] = detail::int_array(params.requantize.multiplier);
  }
}

/// Adds the tensor of every node of `net` as float32, key = op name: N, C, H, W, and N, C for what
/// a fully connected layer writes. `tensors` are those that an executor returned for `net`; arrays
/// that are there under these names are replaced.
template <class Nodes>
void dump_tensors(const basic_graph<Nodes>& net, const activations& tensors, npz_arrays& arrays) {
  for (std::size_t i = 0; i < net.size(); ++i) {
    arrays[std::string(net[i].name.view())] =
        detail::float_array(tensors[i].values, detail::dump_shape(net[i]));
  }
}

}  // namespace octavo::inline v0::io
