// SPDX-License-Identifier: MIT
/// @file
/// The dense convolution without its arithmetic: rows of the output cut into register tiles, which
/// are an instruction set's functions (conv2d_tile.inl). All divisions are here, none in a tile.
#pragma once

#include <cstdint>

#include "octavo/simd/kernels.hpp"
#include "octavo/simd/macros.hpp"

namespace octavo::inline v0::simd {

/// A panel of an image: what its tiles have in common.
struct panel_position {
  const std::int8_t* src = nullptr;  ///< first tap of pixel (0, 0), in the first block that is read
  int first_quad = 0;                ///< in that block
  std::int8_t* dst = nullptr;        ///< first channel of pixel (0, 0)
  const std::int8_t* residual = nullptr;
  std::int64_t channel = 0;  ///< first output channel, counted in packed ones
  const std::int8_t* weights = nullptr;
  int tap_rows = 1;                 ///< rows of the window that take part; src begins at the first
  std::int64_t tap_row_bytes = 0;   ///< weights of one of them in a block
  std::int64_t skipped_bytes = 0;   ///< of the others: between a block's weights and the next one's
  int prefetch_lines = 0;           ///< cache lines that a tile brings near for each tap and block
  std::int32_t* scratch = nullptr;  ///< room for a tile of accumulators, and 4 vectors
};

/// The first pixel of a run, in the output. It travels in a register: g++ would write a struct of
/// pointers to memory word by word and read it back in vectors, which waits for all stores before.
struct pixel_position {
  int row = 0;
  int column = 0;
};

/// Computes one run of pixels, or two of the same length in two rows; `first == second` for one.
using conv2d_tile_kernel = void(const conv2d_args&, const panel_position&, pixel_position first,
                                pixel_position second, const std::int8_t* prefetch) noexcept;

/// The tiles for one kind of source, panel and distance between pixels.
struct conv2d_tiles {
  static constexpr int most_rests = 3;

  int pixels = 0;                      ///< of the full tile
  conv2d_tile_kernel* full = nullptr;  ///< one run
  /// [i][rows - 1]: runs of pixels / 2^(i + 1), in one row or two.
  conv2d_tile_kernel* rest[most_rests][2] = {};
};

/// Brings the weights that a thread needs next near, a part with each tile of a panel: the next
/// panel's or, behind its last one, those of its share of the next convolution.
struct weight_stream {
  const std::int8_t* next = nullptr;
  const std::int8_t* end = nullptr;
  int lines = 0;                      ///< cache lines for each tap of each block
  std::int64_t bytes_of_tap_row = 0;  ///< all of a tile's, for each row of the window

  /// With rows [begin, end) of `work`, which lie in one panel.
  static constexpr weight_stream beside(const conv2d_args& args, work_range work, work_range rows,
                                        int tile_pixels) {
    weight_stream made;
    std::int64_t bytes = 0;
    if (rows.end < work.end) {
      made.next = args.weights_at(rows.end);
      bytes = args.filter.panel_bytes();
    } else if (args.next != nullptr) {
      const conv2d_args& next = *args.next;
      made.next = next.weights_at(next.work() * work.begin / args.work());
      bytes = next.filter.panel_bytes();
    }
    made.end = made.next + bytes;
    made.spread(args, rows.end - rows.begin, tile_pixels, bytes);
    return made;
  }

  /// A tile's part; null where nothing is left.
  constexpr const std::int8_t* take(int tap_rows) {
    const std::int8_t* const part = next < end ? next : nullptr;
    next += bytes_of_tap_row * tap_rows;
    return part;
  }

 private:
  constexpr void spread(const conv2d_args& args, std::int64_t rows, int tile_pixels,
                        std::int64_t bytes) {
    constexpr int line = 64;
    const packed_filter& filter = args.filter;
    const int block_quads = args.src_block / quad;
    const std::int64_t tiles = (rows * args.out.columns + tile_pixels - 1) / tile_pixels;
    const std::int64_t steps =
        std::int64_t{filter.kw} * ((filter.quads + block_quads - 1) / block_quads);
    const std::int64_t all = line * tiles * steps * filter.kh;
    lines = static_cast<int>((bytes + all - 1) / all);
    bytes_of_tap_row = line * lines * steps;
  }
};

/// The panel where only some rows of the window take part.
inline panel_position with_taps(panel_position panel, const conv2d_args& args, tap_range taps) {
  panel.src += taps.begin * args.tap_row;
  panel.weights += taps.begin * panel.tap_row_bytes;
  panel.tap_rows = taps.end - taps.begin;
  panel.skipped_bytes = (args.filter.kh - panel.tap_rows) * panel.tap_row_bytes;
  return panel;
}

/// One row of the output, or two of the same length.
struct row_group {
  int first = 0;
  int count = 1;
  int columns = 0;

  constexpr int last() const { return first + count - 1; }
};

/// The tiles of a group of rows.
inline void conv2d_some_rows(const conv2d_args& args, const conv2d_tiles& tiles,
                             const panel_position& panel, weight_stream& stream,
                             row_group rows) noexcept {
  const int kh = args.filter.kh;
  int rest = 0;
  for (int row = rows.first; row <= rows.last(); ++row) {
    const panel_position of_row = with_taps(panel, args, args.rows.inside(kh, row));
    pixel_position at = {row, 0};
    for (; rows.columns - at.column >= tiles.pixels; at.column += tiles.pixels) {
      tiles.full(args, of_row, at, at, stream.take(of_row.tap_rows));
    }
    rest = at.column;
  }
  const tap_range of_either = args.rows.inside(kh, rows.first) | args.rows.inside(kh, rows.last());
  const panel_position of_rows = with_taps(panel, args, of_either);
  int length = tiles.pixels / 2;
  for (int i = 0; length > 0; ++i, length /= 2) {
    for (; rows.columns - rest >= length; rest += length) {
      tiles.rest[i][rows.count - 1](args, of_rows, {rows.first, rest}, {rows.last(), rest},
                                    stream.take(of_rows.tap_rows));
    }
  }
}

inline panel_position panel_at(const conv2d_args& args, std::int64_t n, std::int64_t panel) {
  const packed_filter& filter = args.filter;
  const int block_quads = args.src_block / quad;
  const int first_quad = filter.first_quad(static_cast<int>(panel));
  panel_position at;
  at.channel = panel * filter.panel;
  const std::int64_t dst_block = at.channel / args.dst_block;
  const std::int64_t within = at.channel % args.dst_block;
  at.src = args.src.at(n, first_quad / block_quads, 0);
  at.first_quad = first_quad % block_quads;
  at.dst = args.dst.at(n, dst_block, 0) + within;
  if (args.residual.data != nullptr) at.residual = args.residual.at(n, dst_block, 0) + within;
  at.weights = filter.weights + panel * filter.panel_bytes();
  const int blocks = (filter.quads + block_quads - 1) / block_quads;
  at.tap_row_bytes = filter.panel_bytes() / (std::int64_t{filter.kh} * blocks);
  return at;
}

/// Rows [begin, end) in the order of extent::at(), two at a time where a panel has them.
/// @param scratch as in panel_position
inline void conv2d_rows(const conv2d_args& args, const conv2d_tiles& tiles, work_range work,
                        std::int32_t* scratch) noexcept {
  for (std::int64_t i = work.begin; i < work.end;) {
    const extent::position at = args.out.at(i);
    panel_position panel = panel_at(args, at.image, at.block);
    const int rows =
        static_cast<int>(work.end - i < at.end_row - at.row ? work.end - i : at.end_row - at.row);
    weight_stream stream = weight_stream::beside(args, work, {i, i + rows}, tiles.pixels);
    panel.prefetch_lines = stream.lines;
    panel.scratch = scratch;
    for (int row = at.row; row < at.row + rows;) {
      const int columns = args.out.columns_of(row);
      const bool two = tiles.rest[0][1] != nullptr && row + 1 < at.row + rows &&
                       args.out.columns_of(row + 1) == columns;
      conv2d_some_rows(args, tiles, panel, stream, {row, two ? 2 : 1, columns});
      row += two ? 2 : 1;
    }
    i += rows;
  }
}

}  // namespace octavo::inline v0::simd
