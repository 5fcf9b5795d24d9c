// SPDX-License-Identifier: MIT
/// @file
/// One convolution, dense or depthwise, through the reference and through the kernels.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "octavo/quant/requantization.hpp"
#include "octavo/reference/add.hpp"
#include "octavo/reference/conv2d.hpp"
#include "octavo/simd/pack.hpp"
#include "support/blocked_tensors.hpp"
#include "support/compare.hpp"
#include "support/isa_list.hpp"
#include "support/random.hpp"
#include "support/random_model.hpp"
#include "support/work_pieces.hpp"

namespace octavo::testing {

struct conv2d_case {
  shape src = {};
  int channels = 16;
  octavo::window window = {};
  int groups = 1;
  int src_block = 64;
  int dst_block = 64;
  padding src_extra = {};  ///< pixels of the source's border beyond the window's padding
  padding dst_border = {};
  bool signed_source = true;
  bool winograd = false;
  bool biased = false;  ///< source bytes hold value + 128, for kernels that want them so
  fill source = fill::uniform;
  fill weights = fill::uniform;
  policy kind = policy::rshift;
  bool per_channel = false;
  bool extremes = false;
  bool relu = false;
  int residual_operand = -1;  ///< of the add behind it: 0 or 1; -1: there is none
  add_params add = {};        ///< in the add's own order

  shape dst() const { return window_shape(src, channels, window); }
  shape weights_shape() const { return {channels, src.c / groups, window.kh, window.kw}; }
  std::int64_t taps() const { return weights_shape().elements_per_image(); }
  /// Blocks that are not 64, 32 or 16 hold all channels of a pixel.
  bool is_narrow() const { return src_block < 16; }
  std::int64_t multiply_adds() const { return dst().elements() * taps(); }
};

inline std::string to_text(const conv2d_case& c) {
  const octavo::window& w = c.window;
  return concat_text("conv2d ", to_text(c.src), " to ", to_text(c.dst()), ", kernel ", w.kh, "x",
                     w.kw, " stride ", w.stride_h, "x", w.stride_w, " dilation ", w.dilation_h, "x",
                     w.dilation_w, " pad ", w.pad.top, " ", w.pad.left, " ", w.pad.bottom, " ",
                     w.pad.right, ", groups ", c.groups, ", blocks ", c.src_block, " to ",
                     c.dst_block, c.signed_source ? ", signed " : ", unsigned ",
                     c.biased ? "biased " : "", c.winograd ? "winograd " : "", to_string(c.source),
                     ", weights ", to_string(c.weights), ", policy ", static_cast<int>(c.kind),
                     c.per_channel ? " per channel" : "", c.extremes ? " extreme" : "",
                     c.relu ? ", relu" : "", ", residual ", c.residual_operand, ": ",
                     c.add.multiplier[0], " ", c.add.multiplier[1], " shift ", c.add.shift);
}

/// What a case computes with, and what must come out.
struct conv2d_operands {
  tensor<std::int8_t> src = {};
  tensor<std::int8_t> weights = {};
  std::vector<std::int32_t> bias = {};
  requantization rule = {};
  tensor<std::int8_t> residual = {};  ///< with full blocks; empty where none is added
  tensor<std::int8_t> expected = {};  ///< with full blocks
};

/// Any int8, or 0..127.
inline std::int8_t source_value(const conv2d_case& c, random_source& rng) {
  return static_cast<std::int8_t>(rng.integer(c.signed_source ? -128 : 0, 127));
}

inline tensor<std::int8_t> random_conv2d_source(const conv2d_case& c, random_source& rng) {
  tensor<std::int8_t> src = random_tensor(c.src, c.source, rng);
  if (!c.signed_source) {
    for (std::int8_t& value : src.values) value = static_cast<std::int8_t>(value & 127);
  }
  return src;
}

inline shape with_full_blocks(shape extents, int block) {
  extents.c = align_up(extents.c, block);
  return extents;
}

/// Fills in what the reference gives for the other operands. Padding channels of the output are
/// what zero weights and parameters give.
inline void expect_reference(const conv2d_case& c, conv2d_operands& o) {
  const conv_params params = {c.window, c.groups, c.relu && c.residual_operand < 0};
  tensor<std::int8_t> plain(c.dst());
  reference::conv2d(
      o.src.view(), filter<std::int32_t>{o.weights.view(), o.bias}, params,
      [&](std::int32_t acc, int oc) { return requantize(o.rule, acc, oc); }, plain.view());
  o.expected = with_full_blocks(plain, c.dst_block, [] { return std::int8_t{0}; });
  if (c.residual_operand < 0) return;
  const bool first = c.residual_operand == 0;
  const tensor<std::int8_t> conv = o.expected;
  reference::add((first ? o.residual : conv).view(), (first ? conv : o.residual).view(), c.add,
                 c.relu, o.expected.view());
}

inline conv2d_operands random_operands(const conv2d_case& c, random_source& rng) {
  conv2d_operands o;
  o.src = random_conv2d_source(c, rng);
  o.weights = random_tensor(c.weights_shape(), c.weights, rng);
  o.rule.kind = c.kind;
  for (int entry = 0; entry < (c.per_channel ? c.channels : 1); ++entry) {
    append_entry(o.rule, c.taps(), c.extremes, rng);
  }
  for (int oc = 0; oc < c.channels; ++oc) {
    const int half = is_rshift(c.kind) ? o.rule.shift[o.rule.entry(oc)] : 0;
    o.bias.push_back(random_bias(c.taps(), half, c.extremes, rng));
  }
  if (c.residual_operand >= 0) {
    o.residual = random_tensor(with_full_blocks(c.dst(), c.dst_block), fill::uniform, rng);
  }
  expect_reference(c, o);
  return o;
}

inline bool is_biased(const conv2d_case& c, const simd::kernel_table& kernels) {
  return c.biased && c.signed_source && kernels.source_offset != 0;
}

inline guarded_tensor blocked_source(const conv2d_case& c, const conv2d_operands& o,
                                     const simd::kernel_table& kernels, guard side) {
  random_source rng(7);
  const padding& pad = c.window.pad;
  const padding border = {pad.top + c.src_extra.top, pad.left + c.src_extra.left,
                          pad.bottom + c.src_extra.bottom, pad.right + c.src_extra.right};
  const auto garbage = [&] { return source_value(c, rng); };
  const auto full = with_full_blocks(o.src, c.src_block, garbage);
  const std::size_t slack = c.src_block % 4 == 0 ? 0 : 4;  // as blocked_layout::bytes() has it
  guarded_tensor src(full.shape, c.src_block, border, side, 99, slack);
  src.clear_around(pad);
  src.put(full);
  if (is_biased(c, kernels)) src.add_bias();
  return src;
}

inline simd::filter_geometry geometry_of(const conv2d_case& c) {
  return {c.weights_shape(), c.groups, c.src_block, c.dst_block, c.signed_source, c.winograd};
}

/// Memory for the packed filter, full of what packing has to overwrite.
inline guarded_bytes memory_for_filter(const conv2d_case& c, const simd::kernel_table& kernels,
                                       guard side) {
  const auto bytes = simd::packed_bytes(geometry_of(c), kernels, c.kind);
  guarded_bytes memory(static_cast<std::size_t>(bytes), side);
  std::ranges::fill(memory.values(), std::int8_t{0x33});
  return memory;
}

/// Whether rows of the padding add nothing, and each block of the source has as many quads.
inline bool leaves_out_padding(const conv2d_case& c, const simd::packed_filter& filter) {
  const bool pads = c.window.pad.top > 0 || c.window.pad.bottom > 0;
  const int last = c.is_narrow() ? 0 : filter.quads * simd::quad % c.src_block;
  const bool equal = c.is_narrow() || filter.quads * simd::quad < c.src_block || last == 0;
  return pads && equal && filter.quads == filter.source_quads && filter.source_offset == 0;
}

/// The arguments but for the residual.
inline simd::conv2d_args make_args(const conv2d_case& c, const simd::packed_filter& filter,
                                   const guarded_tensor& src, const guarded_tensor& dst) {
  const octavo::window& w = c.window;
  const simd::source at = src.as_source();
  simd::conv2d_args args;
  args.src = {at.data - w.pad.top * at.row - w.pad.left * at.pixel, at.image, at.plane,
              at.row * w.stride_h, at.pixel * w.stride_w};
  args.tap_row = at.row * w.dilation_h;
  args.tap_column = at.pixel * w.dilation_w;
  args.src_block = c.is_narrow() ? filter.quads * simd::quad : c.src_block;
  args.dst = dst.as_destination();
  args.dst_block = c.dst_block;
  args.floor = c.relu ? 0 : -128;
  args.filter = filter;
  const bool dense = filter.order == simd::filter_order::dense;
  args.rows = {w.stride_h, w.dilation_h, w.pad.top, c.src.h, leaves_out_padding(c, filter)};
  args.out = {c.src.n, dense ? filter.panels() : dst.blocks(), c.dst().h, c.dst().w};
  return args;
}

inline guarded_tensor blocked_residual(const conv2d_case& c, const conv2d_operands& o, guard side) {
  const shape extents = with_full_blocks(c.residual_operand < 0 ? shape{} : c.dst(), c.dst_block);
  guarded_tensor residual(extents, c.dst_block, c.src_extra, side, -77);
  if (c.residual_operand >= 0) residual.put(o.residual);
  return residual;
}

/// What every lane of run_kernel needs, full of what nobody may rely on.
inline guarded_bytes scratch_for(const simd::packed_filter& filter,
                                 const simd::kernel_table& kernels, const run_style& style) {
  std::int64_t bytes = 0;
  if (filter.order == simd::filter_order::winograd) {
    bytes = simd::scratch_for(filter, kernels.winograd_at_once).bytes();
  }
  guarded_bytes scratch(static_cast<std::size_t>(run_lanes * bytes), style.side);
  std::ranges::fill(scratch.values(), style.poison);
  return scratch;
}

inline auto kernel_for(const simd::packed_filter& filter, const simd::kernel_table& kernels) {
  switch (filter.order) {
    case simd::filter_order::depthwise:
      return kernels.depthwise;
    case simd::filter_order::winograd:
      return kernels.conv2d_winograd;
    case simd::filter_order::dense:
      break;
  }
  return kernels.conv2d;
}

/// How the kernels' output, or a source after the run, differs from what it must be.
inline std::string conv2d_difference(const conv2d_case& c, const conv2d_operands& o,
                                     const simd::kernel_table& kernels, const run_style& style) {
  const guarded_tensor src = blocked_source(c, o, kernels, style.side);
  const guarded_tensor residual = blocked_residual(c, o, style.side);
  guarded_tensor dst(o.expected.shape, c.dst_block, c.dst_border, style.side, style.poison);
  guarded_tensor expected(o.expected.shape, c.dst_block, c.dst_border, style.side, style.poison);
  expected.put(o.expected);
  const guarded_bytes memory = memory_for_filter(c, kernels, style.side);
  const simd::packed_filter filter = simd::pack_filter(
      geometry_of(c), kernels, {o.weights.values, o.bias, o.rule}, memory.bytes());
  simd::conv2d_args args = make_args(c, filter, src, dst);
  args.src_biased = is_biased(c, kernels);
  if (c.residual_operand >= 0) {
    const int conv_operand = 1 - c.residual_operand;
    args.residual = residual.as_source();
    args.add = {{c.add.multiplier[conv_operand], c.add.multiplier[c.residual_operand]},
                c.add.shift};
  }
  const guarded_bytes scratch = scratch_for(filter, kernels, style);
  args.scratch = scratch.values().data();
  const auto src_before = src.copy();
  const auto residual_before = residual.copy();
  run_kernel(kernel_for(filter, kernels), args, style.in_pieces);
  if (src.copy() != src_before) return "the source has changed";
  if (residual.copy() != residual_before) return "the residual has changed";
  return dst.difference_from(expected.copy());
}

/// Every instruction set, in every style, against the reference.
inline void check_conv2d(const conv2d_case& c, const conv2d_operands& o) {
  INFO(to_text(c));
  for (const kernels_under_test& k : all_kernels()) {
    INFO(k.name);
    for (const run_style& style : all_run_styles) {
      CHECK(conv2d_difference(c, o, k.table, style) == "");
    }
  }
}

inline void check_conv2d(const conv2d_case& c, random_source& rng) {
  check_conv2d(c, random_operands(c, rng));
}

}  // namespace octavo::testing
