// SPDX-License-Identifier: MIT
/// @file
/// ONNX's attributes of convolutions and pools as windows.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/window.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/io/onnx/attributes.hpp"
#include "octavo/io/onnx/model.hpp"

namespace octavo::inline v0::io::onnx {

namespace detail {

/// Padding of both sides of an axis for ceil(in / stride) outputs, the larger half behind
/// (SAME_UPPER) or before (SAME_LOWER).
inline std::array<int, 2> same_padding(int in, int kernel, int stride, int dilation, bool upper) {
  const std::int64_t outputs = (std::int64_t{in} + stride - 1) / stride;
  const std::int64_t reach = std::int64_t{dilation} * (kernel - 1) + 1;
  const std::int64_t needed = std::max<std::int64_t>((outputs - 1) * stride + reach - in, 0);
  const int less = checked_extent("the padding of auto_pad", needed / 2, 0);
  const int more = checked_extent("the padding of auto_pad", needed - needed / 2, 0);
  if (upper) return {less, more};
  return {more, less};
}

inline void read_padding(const attribute_reader& attributes, const shape& in, window& w) {
  const std::array<int, 4> pads = attributes.sizes<4>("pads", 0, 0);
  const std::string rule = attributes.text("auto_pad", "NOTSET");
  if (rule == "NOTSET") {
    w.pad = {pads[0], pads[1], pads[2], pads[3]};
    return;
  }
  if (rule != "VALID" && rule != "SAME_UPPER" && rule != "SAME_LOWER") {
    fail("auto_pad is ", in_quotes(rule), ", expected NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  }
  require(pads == std::array<int, 4>{}, "has both pads and auto_pad");
  if (rule == "VALID") return;
  const bool upper = rule == "SAME_UPPER";
  const auto rows = same_padding(in.h, w.kh, w.stride_h, w.dilation_h, upper);
  const auto columns = same_padding(in.w, w.kw, w.stride_w, w.dilation_w, upper);
  w.pad = {rows[0], columns[0], rows[1], columns[1]};
}

}  // namespace detail

/// The window of a Conv (in its float or its QLinear form) whose weights have these extents.
/// @throws octavo::error where they are not M x C/group x kh x kw for an input of this shape.
inline conv2d_options read_conv(const node& conv, const extents& weights, const shape& in) {
  const attribute_reader attributes(
      conv, {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
  if (weights.size() != 4) {
    fail("its weights have the shape ", to_string(weights),
         ", expected four extents: only two-dimensional images are supported");
  }
  conv2d_options read = {.channels = checked_extent("an extent of the weights", weights[0], 1)};
  const int ic = checked_extent("an extent of the weights", weights[1], 1);
  read.groups = checked_extent("group", attributes.integer("group", 1), 1);
  if (std::int64_t{ic} * read.groups != in.c) {
    fail("its weights have the shape ", to_string(weights), " in ", read.groups,
         " groups, but the input has ", in.c, " channels");
  }
  window& w = read.window;
  w.kh = checked_extent("an extent of the weights", weights[2], 1);
  w.kw = checked_extent("an extent of the weights", weights[3], 1);
  const std::vector<std::int64_t> kernel = attributes.integers("kernel_shape");
  if (attributes.has("kernel_shape") && kernel != std::vector<std::int64_t>{w.kh, w.kw}) {
    fail("kernel_shape is ", to_string(kernel), ", but its weights have the shape ",
         to_string(weights));
  }
  const auto strides = attributes.sizes<2>("strides", 1, 1);
  const auto dilations = attributes.sizes<2>("dilations", 1, 1);
  w.stride_h = strides[0];
  w.stride_w = strides[1];
  w.dilation_h = dilations[0];
  w.dilation_w = dilations[1];
  detail::read_padding(attributes, in, w);
  return read;
}

/// A MaxPool or AveragePool. Where ceil_mode is 1, a window that would start beyond the input and
/// its leading padding is dropped, as exporters of ONNX mean it.
inline pool_params read_pool(const node& pool, const shape& in) {
  const attribute_reader attributes(
      pool, {"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads",
             "storage_order", "strides"});
  attributes.expect("storage_order", 0);
  require(attributes.has("kernel_shape"), "has no kernel_shape");
  const auto kernel = attributes.sizes<2>("kernel_shape", 1, 1);
  const auto strides = attributes.sizes<2>("strides", 1, 1);
  const auto dilations = attributes.sizes<2>("dilations", 1, 1);
  require(dilations == std::array<int, 2>{1, 1}, "a pool with dilations is not supported");
  pool_params read = {.window = {kernel[0], kernel[1], strides[0], strides[1]}};
  detail::read_padding(attributes, in, read.window);
  read.rounding =
      attributes.integer("ceil_mode", 0) != 0 ? size_rounding::ceil : size_rounding::floor;
  read.count_padding = attributes.integer("count_include_pad", 0) != 0;
  return read;
}

/// The pool over whole images that GlobalAveragePool is, and ReduceMean over H and W.
inline pool_params whole_image(const shape& in) { return {.window = {in.h, in.w}}; }

}  // namespace octavo::inline v0::io::onnx
