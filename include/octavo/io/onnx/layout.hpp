// SPDX-License-Identifier: MIT
/// @file
/// ONNX's shapes beside ours: a tensor that was flattened to N x K keeps its N x C x H x W here,
/// since a fully connected layer reads either. So Flatten and its like cost nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/shape.hpp"
#include "octavo/io/onnx/attributes.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/values.hpp"

namespace octavo::inline v0::io::onnx {

/// What ONNX calls the shape of a tensor: N x C x H x W, or N x K where it is flat.
inline extents dims_of(const shape& s, bool flat) {
  if (flat) return {s.n, s.elements_per_image()};
  return {s.n, s.c, s.h, s.w};
}

/// The input's shape: N x C x H x W, or N x K. @throws octavo::error where an extent is open, but
/// the first, which the options then say.
inline shape input_shape(const graph_input& input, const options& how) {
  if (input.dims.size() != 4 && input.dims.size() != 2) {
    fail("input ", in_quotes(input.name), " has the shape ", to_string(input.dims),
         ", expected N x C x H x W or N x K");
  }
  extents dims = input.dims;
  if (dims[0] == -1) dims[0] = how.batch;
  dims.resize(4, 1);
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] >= 1 && dims[i] <= extent_limit) continue;
    fail("input ", in_quotes(input.name), " has the shape ", to_string(input.dims),
         " (-1 is an open extent), expected 1..", extent_limit, " in all but the first");
  }
  const shape read = {static_cast<int>(dims[0]), static_cast<int>(dims[1]),
                      static_cast<int>(dims[2]), static_cast<int>(dims[3])};
  require(read.is_valid(), "the input has more than 2^31 elements");
  return read;
}

namespace detail {

/// An axis counted from the front.
inline std::size_t front_axis(std::int64_t axis, std::size_t rank) {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < -count || axis >= count) {
    fail("axis ", axis, " is outside a tensor of ", count, " extents");
  }
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

/// Axes from an attribute (older versions of an op) or from a constant input (newer ones).
inline std::vector<std::int64_t> read_axes(const model& from, const node& op_node,
                                           const attribute_reader& attributes) {
  if (!has_operand(op_node, 1)) return attributes.integers("axes");
  require(!attributes.has("axes"), "has axes both as an attribute and as an input");
  return index_values(constant_operand(from, op_node, 1, "the list of axes"));
}

inline extents flattened(const model& from, const node& op_node, const extents& dims) {
  expect_operands(from, op_node, 1, 1);
  const attribute_reader attributes(op_node, {"axis"});
  const std::int64_t axis = attributes.integer("axis", 1);
  if (front_axis(axis, dims.size()) != 1) fail("axis is ", axis, "; only 1 is supported");
  std::int64_t count = 1;
  for (std::size_t i = 1; i < dims.size(); ++i) count *= dims[i];
  return {dims[0], count};
}

/// 0 stands for the extent that was there, one -1 for whatever is left.
inline extents reshaped(const model& from, const node& op_node, const extents& dims) {
  expect_operands(from, op_node, 2, 2);
  const attribute_reader attributes(op_node, {"allowzero"});
  attributes.expect("allowzero", 0);
  const constant& target = constant_operand(from, op_node, 1, "the new shape");
  extents to = index_values(target);
  if (to.size() > 8) fail("the new shape is ", to_string(to), ", expected N x K");
  std::int64_t total = 1;
  for (const std::int64_t extent : dims) total *= extent;
  std::int64_t known = 1;
  std::int64_t* open = nullptr;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] == 0 && i < dims.size()) to[i] = dims[i];
    if (to[i] == -1 && open == nullptr) {
      open = &to[i];
      continue;
    }
    if (to[i] < 1 || to[i] > total) fail("the new shape is ", to_string(to), ", expected N x K");
    known *= to[i];  // below 2^31 each, checked against the total at once
    if (known > total) fail("the new shape ", to_string(to), " has more elements than the tensor");
  }
  if (open != nullptr) *open = total / known;
  return to;
}

inline extents squeezed(const model& from, const node& op_node, const extents& dims) {
  expect_operands(from, op_node, 1, 2);
  const attribute_reader attributes(op_node, {"axes"});
  const std::vector<std::int64_t> axes = read_axes(from, op_node, attributes);
  require(!axes.empty(), "needs its axes: without them it might drop the batch");
  std::set<std::size_t> dropped;
  for (const std::int64_t axis : axes) {
    const std::size_t i = front_axis(axis, dims.size());
    if (dims[i] != 1) fail("axis ", axis, " has the extent ", dims[i], ", expected 1");
    dropped.insert(i);
  }
  extents to;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (!dropped.contains(i)) to.push_back(dims[i]);
  }
  return to;
}

}  // namespace detail

/// Whether the tensor of a Flatten, Reshape or Squeeze is flat, that is N x K.
/// @throws octavo::error where it is neither that nor the shape it was.
inline bool reshapes_to_flat(const model& from, const node& op_node, const shape& s, bool flat) {
  const extents dims = dims_of(s, flat);
  const extents to = op_node.type == "Flatten"   ? detail::flattened(from, op_node, dims)
                     : op_node.type == "Reshape" ? detail::reshaped(from, op_node, dims)
                                                 : detail::squeezed(from, op_node, dims);
  if (to == dims_of(s, true)) return true;
  if (to == dims_of(s, false)) return false;
  fail("makes ", to_string(to), " of ", to_string(dims), "; only N x K is supported");
}

/// Whether a ReduceMean, which must be over H and W, drops those extents.
inline bool mean_is_flat(const model& from, const node& op_node, bool flat) {
  expect_operands(from, op_node, 1, 2);
  const attribute_reader attributes(op_node, {"axes", "keepdims", "noop_with_empty_axes"});
  std::set<std::size_t> axes;
  for (const std::int64_t axis : detail::read_axes(from, op_node, attributes)) {
    axes.insert(detail::front_axis(axis, 4));
  }
  if (flat || axes != std::set<std::size_t>{2, 3}) fail("only a mean over H and W is supported");
  return attributes.integer("keepdims", 1) == 0;
}

}  // namespace octavo::inline v0::io::onnx
