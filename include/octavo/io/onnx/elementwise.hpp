// SPDX-License-Identifier: MIT
/// @file
/// The small ops of ONNX: limits of a Clip, slopes, ops that do nothing in inference, and the list
/// of what an importer supports.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "octavo/core/error.hpp"
#include "octavo/graph/node.hpp"
#include "octavo/io/onnx/attributes.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/values.hpp"

namespace octavo::inline v0::io::onnx {

/// Tensors that one concat joins.
inline constexpr std::size_t concat_limit = decltype(octavo::node::src)::capacity();

/// "may have Add, AveragePool, ..." from a table whose keys are the names of ops.
template <class Table>
std::string supported(const Table& importers) {
  std::string list;
  for (const auto& each : importers) append_item(list, each.first);
  return "may have " + list;
}

struct clip_limits {
  double lo = std::numeric_limits<float>::lowest();  ///< ONNX's own value for "none"
  double hi = std::numeric_limits<float>::max();

  bool is_relu() const { return lo == 0 && hi == clip_limits{}.hi; }
};

/// A Clip: its limits are attributes before version 11 of ONNX's ops and inputs since.
inline clip_limits read_clip(const model& from, const node& clip) {
  expect_operands(from, clip, 1, 3);
  const attribute_reader attributes(clip, {"min", "max"});
  clip_limits read;
  read.lo = attributes.real("min", read.lo);
  read.hi = attributes.real("max", read.hi);
  if (has_operand(clip, 1)) read.lo = sole_real(constant_operand(from, clip, 1, "the minimum"));
  if (has_operand(clip, 2)) read.hi = sole_real(constant_operand(from, clip, 2, "the maximum"));
  return read;
}

inline double read_slope(const model& from, const node& leaky_relu) {
  expect_operands(from, leaky_relu, 1, 1);
  return attribute_reader(leaky_relu, {"alpha"}).real("alpha", 0.01F);
}

/// Checks an op without parameters.
inline void check_plain(const model& from, const node& op_node, std::size_t operands) {
  expect_operands(from, op_node, operands, operands);
  const attribute_reader none(op_node, {});
}

/// Checks an Identity, or a Dropout that does nothing because nobody trains.
inline void check_pass(const model& from, const node& op_node) {
  expect_operands(from, op_node, 1, op_node.type == "Dropout" ? 3 : 1);
  const attribute_reader attributes(op_node, {"ratio", "seed"});
  if (!has_operand(op_node, 2)) return;
  const constant& training = constant_operand(from, op_node, 2, "training_mode");
  require(training.type == data_type::boolean && training.bytes == std::string(1, '\0'),
          "training_mode is not false");
}

/// Checks that a Softmax is the network's last op, where it can be left out.
inline void check_last_softmax(const model& from, const node& softmax) {
  expect_operands(from, softmax, 1, 1);
  const attribute_reader attributes(softmax, {"axis"});
  const std::string& output = softmax.outputs[0];
  const bool is_output =
      std::find(from.outputs.begin(), from.outputs.end(), output) != from.outputs.end();
  require(is_output && from.readers_of(output) == 1, "is supported as the network's last op alone");
}

/// Checks the attributes of a Concat: along the channels.
inline void check_concat(const model& from, const node& concat, std::size_t rank) {
  expect_operands(from, concat, 1, concat_limit);
  const attribute_reader attributes(concat, {"axis"});
  const std::int64_t axis = attributes.integer("axis", 1);
  if (axis != 1 && axis != 1 - static_cast<std::int64_t>(rank)) {
    fail("axis is ", axis, "; only 1, the channels, is supported");
  }
}

}  // namespace octavo::inline v0::io::onnx
