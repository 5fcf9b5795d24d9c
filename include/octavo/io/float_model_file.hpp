// SPDX-License-Identifier: MIT
/// @file
/// A float model, batch normalization folded, as a file of weights that load_float_model() reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "octavo/io/npz.hpp"
#include "octavo/model/float_model.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/model/state_dict.hpp"

namespace octavo::inline v0::io {

/// Weights and biases rounded to float32, under the names that `names` gives; .npz.
/// @throws octavo::error where the file cannot be written.
inline void save_float_model(const float_model& model, const naming& names,
                             const std::filesystem::path& path) {
  npz_arrays arrays;
  const auto add = [&](const std::string& name, const std::vector<double>& values,
                       const std::vector<std::int64_t>& extents) {
    arrays[name] = make_npy_array(std::vector<float>(values.begin(), values.end()), extents);
  };
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    const node& layer = model.graph[i];
    if (!has_weights(layer.kind)) continue;
    const layer_names in_file = names(layer);
    const shape extents = weights_shape(model.graph, i);
    std::vector<std::int64_t> dims = {extents.n, extents.c, extents.h, extents.w};
    if (layer.kind == op::fully_connected) dims.resize(2);
    add(in_file.weights, model.params[i].weights, dims);
    add(in_file.bias, model.params[i].bias, {layer.shape.c});
  }
  write_npz(path, arrays);
}

}  // namespace octavo::inline v0::io
