// SPDX-License-Identifier: MIT
/// @file
/// What a .mlir file holds: a network, and how its results leave the function.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "octavo/model/float_model.hpp"
#include "octavo/model/quantized_model.hpp"

namespace octavo::inline v0::io {

/// One result of the function.
struct mlir_output {
  std::string name = {};  ///< of the op that gives it: softmax, dequantization, or the node itself
  bool softmax = false;   ///< of the node's tensor

  friend bool operator==(const mlir_output&, const mlir_output&) = default;
};

/// A network in int8, or one in floating point with batch normalization folded.
struct mlir_network {
  std::variant<quantized_model, float_model> model = {};
  std::vector<mlir_output> outputs = {};  ///< one for each output of the graph

  bool is_quantized() const { return std::holds_alternative<quantized_model>(model); }
  const octavo::graph& graph() const {
    return std::visit([](const auto& of) -> const octavo::graph& { return of.graph; }, model);
  }
};

}  // namespace octavo::inline v0::io
