// SPDX-License-Identifier: MIT
/// @file
/// The windows of tpu.conv_2d and tpu.pool_2d.
#pragma once

#include <cstdint>
#include <string>

#include "octavo/core/shape.hpp"
#include "octavo/core/window.hpp"
#include "octavo/io/mlir/op_reader.hpp"

namespace octavo::inline v0::io::mlir {

inline constexpr integer_range from_one = {1, extent_limit};
inline constexpr integer_range from_zero = {0, extent_limit};

namespace detail {

/// The smallest padding from 1 on, the same on both sides, with which a window gives `out`
/// positions: what SAME means in the original system, whose text has no pads. A kernel of 1 has
/// none.
inline int same_padding(const op_reader& op, int in, int kernel, int stride, int dilation,
                        std::int64_t out) {
  if (kernel == 1) return 0;
  const std::int64_t reach = std::int64_t{dilation} * (kernel - 1) + 1;
  if (out >= 1 && out <= extent_limit) {
    const std::int64_t missing = (out - 1) * stride + reach - in;
    const std::int64_t pad = missing > 2 ? (missing + 1) / 2 : 1;
    const bool gives_out = (in + 2 * pad - reach) / stride + 1 == out;
    if (gives_out && pad < reach && pad <= extent_limit) return static_cast<int>(pad);
  }
  op.fail_at(op.get().result_types[0].at, "found ", to_string(op.get().result_types[0]),
             " behind padding SAME, expected extents that some padding below the kernel gives");
}

inline padding read_pads(const op_reader& op) {
  return {op.integer_or("pad_top", from_zero, 0), op.integer_or("pad_left", from_zero, 0),
          op.integer_or("pad_bottom", from_zero, 0), op.integer_or("pad_right", from_zero, 0)};
}

}  // namespace detail

/// Strides, dilation and padding around a kernel of kh x kw; `in` is what the window slides over.
/// Padding is four pads, or SAME, or VALID; without either there is none.
inline window read_window(const op_reader& op, const shape& in, int kh, int kw, bool dilated) {
  window w{.kh = kh,
           .kw = kw,
           .stride_h = op.integer_or("stride_h", from_one, 1),
           .stride_w = op.integer_or("stride_w", from_one, 1)};
  if (dilated) {
    w.dilation_h = op.integer_or("dilation_h_factor", from_one, 1);
    w.dilation_w = op.integer_or("dilation_w_factor", from_one, 1);
  }
  const bool has_pads =
      op.has("pad_top") || op.has("pad_left") || op.has("pad_bottom") || op.has("pad_right");
  if (!op.has("padding")) {
    w.pad = detail::read_pads(op);
    return w;
  }
  const std::string& rule = op.text("padding");
  if (has_pads || (rule != "SAME" && rule != "VALID")) {
    op.fail_value(op.required("padding"), "padding",
                  has_pads ? "either it or the four pads" : "SAME or VALID");
  }
  const type& result = op.get().result_types[0];
  if (rule == "SAME") {
    if (result.extents.size() != 4) {
      op.fail_at(result.at, "found ", to_string(result), ", expected four extents");
    }
    const int rows =
        detail::same_padding(op, in.h, kh, w.stride_h, w.dilation_h, result.extents[2]);
    const int columns =
        detail::same_padding(op, in.w, kw, w.stride_w, w.dilation_w, result.extents[3]);
    w.pad = {rows, columns, rows, columns};
  }
  return w;
}

/// A pool's window, rounding of sizes and divisor.
inline pool_params pool_params_of(const op_reader& op, const shape& in) {
  const int kh = op.integer("filter_height", from_one);
  const int kw = op.integer("filter_width", from_one);
  return {.window = read_window(op, in, kh, kw, false),
          .rounding = op.flag("ceil_mode") ? size_rounding::ceil : size_rounding::floor,
          .count_padding = op.flag("count_padding")};
}

}  // namespace octavo::inline v0::io::mlir
