// SPDX-License-Identifier: MIT
/// @file
/// From tensors to the arguments of kernels. A source's border holds at least the padding of the
/// window that slides over it.
#pragma once

#include <cassert>
#include <cstdint>

#include "octavo/core/blocked.hpp"
#include "octavo/core/window.hpp"
#include "octavo/simd/kernels.hpp"

namespace octavo::inline v0::simd {

/// A tensor at pixel (h, w), which may lie in the border.
template <class Byte>
constexpr operand<Byte> operand_at(const blocked_view<Byte>& t, int h = 0, int w = 0) {
  const blocked_layout& at = t.layout;
  return {t.data + at.pixel(h, w), at.image(), at.plane(), at.row(), at.block};
}

/// Whether rows of the window may be left out: zeros add nothing unless they are read as something
/// else, and what is left out has to be as much of every block.
constexpr bool skips_padding(const packed_filter& filter, const window& w, int src_block) {
  if (w.pad.top == 0 && w.pad.bottom == 0) return false;
  const int quads = src_block / quad;
  const bool equal_blocks = filter.quads <= quads || filter.quads % quads == 0;
  return filter.source_offset == 0 && filter.quads == filter.source_quads && equal_blocks;
}

/// dst = requantize(src convolved), relu where asked.
constexpr conv2d_args conv2d_arguments(const packed_filter& filter, const conv_params& conv,
                                       const blocked_view<const std::int8_t>& src,
                                       const blocked_view<std::int8_t>& dst) {
  const window& w = conv.window;
  const blocked_layout& in = src.layout;
  const shape& out = dst.layout.shape;
  assert(in.border.top >= w.pad.top && in.border.left >= w.pad.left);
  assert(in.border.bottom >= w.pad.bottom && in.border.right >= w.pad.right);
  conv2d_args args;
  args.filter = filter;
  args.floor = conv.relu ? 0 : -128;
  args.src = operand_at(src, -w.pad.top, -w.pad.left);
  args.src.row *= w.stride_h;
  args.src.pixel *= w.stride_w;
  args.tap_row = in.row() * w.dilation_h;
  args.tap_column = std::int64_t{in.block} * w.dilation_w;
  args.src_block = in.is_narrow() ? filter.quads * quad : in.block;
  args.src_biased = in.biased;
  args.rows = {w.stride_h, w.dilation_h, w.pad.top, in.shape.h,
               skips_padding(filter, w, args.src_block)};
  args.dst = operand_at(dst);
  args.dst_block = dst.layout.block;
  const bool depthwise = filter.order == filter_order::depthwise;
  args.out = {out.n, depthwise ? dst.layout.blocks() : filter.panels(), out.h, out.w};
  return args;
}

/// Lets `add` follow the convolution: operand `residual_operand` of the add is `residual`.
constexpr void add_residual(conv2d_args& args, const add_params& add, int residual_operand,
                            const blocked_view<const std::int8_t>& residual) {
  args.residual = operand_at(residual);
  args.add = {{add.multiplier[1 - residual_operand], add.multiplier[residual_operand]}, add.shift};
}

/// Cuts gapless rows, all seen as one, into others of so many pixels.
constexpr void cut_pixels(conv2d_args& args, int pixels, int row) {
  extent& out = args.out;
  args.rows.skips = false;  // its rows are others
  out.rows = (pixels + row - 1) / row;
  out.columns = out.rows == 1 ? pixels : row;
  out.last_columns = pixels - (out.rows - 1) * out.columns;
  args.src.row = args.src.pixel * out.columns;
  args.dst.row = args.dst.pixel * out.columns;
  args.residual.row = args.residual.pixel * out.columns;
}

/// A tile takes pixels that are equally far apart. Those of a plane whose rows follow each other
/// without a gap are cut anew, into rows that are whole tiles, but for the last: as many tiles each
/// as leave threads something to share. The images of a batch become pixels of one row where each
/// has one pixel, as behind a fully connected layer.
constexpr void merge_pixels(conv2d_args& args, int tile_pixels) {
  extent& out = args.out;
  if (out.rows == 1 && out.columns == 1) {
    out.columns = out.images;
    out.images = 1;
    args.src.pixel = args.src.image;
    args.dst.pixel = args.dst.image;
    args.residual.pixel = args.residual.image;
    return;
  }
  const auto is_gapless = [&](const auto& operand) {
    return operand.row == operand.pixel * out.columns;
  };
  if (out.columns % tile_pixels == 0 || !is_gapless(args.src) || !is_gapless(args.dst)) return;
  if (args.residual.data != nullptr && !is_gapless(args.residual)) return;
  constexpr int tiles = 8;
  cut_pixels(args, out.rows * out.columns, tile_pixels * tiles);
}

/// Gives each of `threads` threads a band of rows where that costs less: then each reads all the
/// weights, and the part of the image that it has often written itself. Otherwise it reads its part
/// of the weights, and of the image also what others have written, which costs twice as much.
/// @param image_bytes of source and destination together
constexpr void share_rows(conv2d_args& args, std::int64_t image_bytes, int tile_pixels,
                          int threads) {
  const std::int64_t weights = args.filter.panels() * args.filter.panel_bytes();
  if (threads == 1 || weights >= 2 * image_bytes) return;
  extent& out = args.out;
  if (out.last_columns != 0) {  // merged pixels: a row for each thread
    const int pixels = (out.rows - 1) * out.columns + out.last_columns;
    const int tiles = (pixels + tile_pixels - 1) / tile_pixels;
    cut_pixels(args, pixels, (tiles + threads - 1) / threads * tile_pixels);
  }
  out.band = (out.rows + threads - 1) / threads;
}

/// An elementwise op; shapes and blocks are equal.
constexpr rows_args rows_arguments(const blocked_view<const std::int8_t>& src,
                                   const blocked_view<std::int8_t>& dst) {
  const blocked_layout& at = dst.layout;
  assert(src.layout.shape == at.shape && src.layout.block == at.block);
  rows_args args;
  args.a = operand_at(src);
  args.dst = operand_at(dst);
  args.row_bytes = std::int64_t{at.shape.w} * at.block;
  args.out = {at.shape.n, at.blocks(), at.shape.h, at.shape.w};
  return args;
}

/// A pool; `rules` stay where they are, null for max_pool.
constexpr pool_args pool_arguments(const pool_params& pool,
                                   const blocked_view<const std::int8_t>& src,
                                   const blocked_view<std::int8_t>& dst,
                                   const pool_rule* rules = nullptr) {
  const blocked_layout& at = dst.layout;
  assert(src.layout.block == at.block);
  pool_args args;
  args.src = operand_at(src);
  args.dst = operand_at(dst);
  args.block = at.block;
  args.window = pool.window;
  args.src_rows = src.layout.shape.h;
  args.src_columns = src.layout.shape.w;
  args.out = {at.shape.n, at.blocks(), at.shape.h, at.shape.w};
  args.rules = rules;
  args.count_padding = pool.count_padding;
  return args;
}

}  // namespace octavo::inline v0::simd
