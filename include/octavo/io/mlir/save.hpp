// SPDX-License-Identifier: MIT
/// @file
/// A quantized network as a .mlir file and its weights.
#pragma once

#include <filesystem>
#include <string>

#include "octavo/io/bytes.hpp"
#include "octavo/io/dump.hpp"
#include "octavo/io/mlir/write.hpp"
#include "octavo/io/npz.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/model/validate.hpp"

namespace octavo::inline v0::io {

/// Writes `path` and beside it the weights: arrays as dump_params() makes them. Weights come first,
/// so that no text refers to a file that is not there; each file appears whole or not at all.
/// @throws octavo::error as mlir::write(), or where the model is not valid or a file cannot be
/// written.
inline void save_mlir(const quantized_model& model, const std::filesystem::path& path,
                      mlir_options options = {}) {
  validate(model);
  if (options.weights.empty()) options.weights = path.stem().string() + ".npz";
  const std::string text = mlir::write(model, options);
  npz_arrays weights;
  dump_params(model, weights);
  if (!weights.empty()) write_npz(path.parent_path() / options.weights, weights);
  write_file(path, as_bytes(text));
}

}  // namespace octavo::inline v0::io
