// SPDX-License-Identifier: MIT
/// @file
/// The kernels of an instruction set as a table of functions, and their arguments.
///
/// Tensors are channel-blocked (core/blocked.hpp). A kernel works on rows: its work is the range
/// 0 .. images * panels (or blocks) * rows, and may be cut anywhere; the parts may run in any order
/// and on any thread, since no two write the same byte.
#pragma once

#include <cstdint>

#include "octavo/core/window.hpp"
#include "octavo/quant/params.hpp"
#include "octavo/simd/isa.hpp"
#include "octavo/simd/packed_filter.hpp"
#include "octavo/simd/winograd.hpp"

namespace octavo::inline v0::simd {

/// Rows [begin, end) of a kernel's work.
struct work_range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  int lane = 0;  ///< of what is computed at the same time, each has another
};

/// A tensor as kernels see it: its first element and the steps, in bytes, to the next image, block
/// of channels, row and pixel.
template <class Byte>
struct operand {
  Byte* data = nullptr;
  std::int64_t image = 0;
  std::int64_t plane = 0;
  std::int64_t row = 0;
  std::int64_t pixel = 0;

  constexpr Byte* at(std::int64_t n, std::int64_t block, std::int64_t h) const {
    return data + n * image + block * plane + h * row;
  }
};

using source = operand<const std::int8_t>;
using destination = operand<std::int8_t>;

/// How many images, blocks of channels, rows and pixels a kernel writes.
struct extent {
  int images = 1;
  int blocks = 1;
  int rows = 1;
  int columns = 1;
  int last_columns = 0;  ///< of the last row where it has fewer; 0: it has not
  int band = 0;          ///< rows of which all blocks come before other rows; 0: all

  constexpr std::int64_t work() const { return std::int64_t{images} * blocks * rows; }

  /// A row of a block, and where its band ends.
  struct position {
    std::int64_t image;
    std::int64_t block;
    int row;
    int end_row;
  };

  /// Number i of the rows: band by band, in a band block by block. The last band may be smaller.
  constexpr position at(std::int64_t i) const {
    const std::int64_t image_rows = std::int64_t{blocks} * rows;
    const std::int64_t image = i / image_rows;
    const int most = band != 0 ? band : rows;
    const auto first = static_cast<int>(i % image_rows / (std::int64_t{blocks} * most)) * most;
    const int count = rows - first < most ? rows - first : most;
    const std::int64_t within = i % image_rows - std::int64_t{blocks} * first;
    return {image, within / count, first + static_cast<int>(within % count), first + count};
  }

  constexpr int columns_of(std::int64_t row) const {
    return last_columns != 0 && row == rows - 1 ? last_columns : columns;
  }
};

/// Rows [begin, end) of a window, one at least.
struct tap_range {
  int begin = 0;
  int end = 1;

  /// Those of either.
  friend constexpr tap_range operator|(tap_range a, tap_range b) {
    return {a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
  }
};

/// How a window moves over the rows of an image. Its rows that lie in the padding are left out:
/// they would add zeros. Of a 3x3 window on 7 rows that is a tenth of all products.
struct window_rows {
  int stride = 1;
  int dilation = 1;
  int top = 0;         ///< rows of padding
  int src_rows = 0;    ///< of the image
  bool skips = false;  ///< else every row takes part

  /// Of kh, at a row of the output. Where none lies inside, one of the padding.
  constexpr tap_range inside(int kh, int out_row) const {
    if (!skips) return {0, kh};
    const int first = out_row * stride - top;
    const int end = least_tap(kh, src_rows - first);
    const int begin = least_tap(kh, -first);
    return begin < end ? tap_range{begin, end} : tap_range{0, 1};
  }

 private:
  /// The first row of the window that is `distance` rows or more below its first; kh if none is.
  constexpr int least_tap(int kh, int distance) const {
    if (distance <= 0) return 0;
    const int tap = (distance + dilation - 1) / dilation;
    return tap < kh ? tap : kh;
  }
};

/// dst = requantize(bias + sum of src * weights), then + residual, then max(floor, .).
struct conv2d_args {
  source src = {};  ///< at the first tap of output pixel (0, 0); row and pixel: one stride
  std::int64_t tap_row = 0;
  std::int64_t tap_column = 0;  ///< bytes from a tap to the next
  window_rows rows = {};
  int src_block = 64;       ///< bytes that lie together at a tap: channels, or columns and channels
  bool src_biased = false;  ///< the source's bytes hold value + 128
  destination dst = {};
  int dst_block = 64;
  source residual = {};  ///< data is null where none is added
  add_params add = {};   ///< m[0] is the convolution's multiplier, m[1] the residual's
  std::int8_t floor = -128;
  packed_filter filter = {};
  extent out = {};                    ///< blocks: panels of the filter
  const conv2d_args* next = nullptr;  ///< executed behind this one, cut into the same shares
  std::int8_t* scratch = nullptr;     ///< conv2d_winograd: winograd_scratch::bytes() for each lane

  constexpr bool is_winograd() const { return filter.order == filter_order::winograd; }

  /// Rows, or tiles.
  constexpr std::int64_t work() const {
    if (!is_winograd()) return out.work();
    return std::int64_t{out.images} * winograd_tiles(out.rows) * winograd_tiles(out.columns);
  }

  /// The weights that number i of the rows needs; those that tiles need first.
  constexpr const std::int8_t* weights_at(std::int64_t i) const {
    return is_winograd() ? filter.weights : filter.weights + out.at(i).block * filter.panel_bytes();
  }
};

/// One source, or two, and a destination of the same extents.
struct rows_args {
  source a = {};
  source b = {};
  destination dst = {};
  std::int64_t row_bytes = 0;  ///< a multiple of 16
  extent out = {};             ///< columns unused
  add_params add = {};
  clip_params clip = {-128, 127};
  const std::int8_t* table = nullptr;  ///< lookup: table[value + 128]

  constexpr std::int64_t work() const { return out.work(); }
};

/// How an average pool's sums become int8 where they are divided by `divisor`. Sums are clamped to
/// [lowest, highest] first: beyond lies what saturates, and 32 bits need not hold it.
struct pool_rule {
  std::int32_t divisor = 1;
  std::int32_t multiplier = 1;
  std::int32_t shift = 0;
  std::int32_t lowest = INT32_MIN;
  std::int32_t highest = INT32_MAX;
};

/// Max and average pool: what they work on.
struct pool_args {
  source src = {};  ///< at pixel (0, 0)
  destination dst = {};
  int block = 64;
  octavo::window window = {};
  int src_rows = 1;
  int src_columns = 1;
  extent out = {};
  const pool_rule* rules = nullptr;  ///< average: one for each divisor that occurs
  bool count_padding = false;

  constexpr std::int64_t work() const { return out.work(); }
};

/// The kernels of one instruction set. All are noexcept and allocate nothing.
struct kernel_table {
  isa which = isa::portable;
  const char* detail = "";  ///< for portable: the architecture that it was compiled for
  int vector_bytes = 16;
  int tile_pixels = 4;         ///< of a convolution's register tile
  int signed_tile_pixels = 4;  ///< of the one for a source that may be negative
  int wide_panel = 0;          ///< of a tile of fewer pixels and more channels; 0: there is none
  int wide_pixels = 0;
  int panel = 16;                  ///< output channels of the tile where the block has as many
  std::int32_t source_offset = 0;  ///< what is added to a signed source: the packed bias knows
  int step_quads = 1;              ///< quads of one dot product: filter_order::dense

  void (*conv2d)(const conv2d_args&, work_range) noexcept = nullptr;
  void (*conv2d_winograd)(const conv2d_args&, work_range) noexcept = nullptr;  ///< null: none
  int winograd_at_once = 0;  ///< tiles for which it needs memory
  void (*depthwise)(const conv2d_args&, work_range) noexcept = nullptr;
  void (*max_pool)(const pool_args&, work_range) noexcept = nullptr;
  void (*avg_pool)(const pool_args&, work_range) noexcept = nullptr;
  void (*add)(const rows_args&, work_range) noexcept = nullptr;
  void (*clip)(const rows_args&, work_range) noexcept = nullptr;
  void (*lookup)(const rows_args&, work_range) noexcept = nullptr;
  /// `count` values by octavo::quantize, or whether one of them was not finite: false, and dst has
  /// anything.
  bool (*quantize)(const float* src, std::int64_t count, double threshold,
                   std::int8_t* dst) noexcept = nullptr;
  void (*dequantize)(const std::int8_t* src, std::int64_t count, double threshold,
                     float* dst) noexcept = nullptr;
  /// Executes `rounds` rounds of independent dot products; returns the multiply-adds done.
  std::int64_t (*dot_burst)(std::int64_t rounds) noexcept = nullptr;

  /// Output channels of a panel within a destination block.
  constexpr int panel_for(int block) const { return block < panel ? block : panel; }

  constexpr int pixels_for(const packed_filter& filter) const {
    if (filter.signed_source) return signed_tile_pixels;
    return filter.panel == wide_panel ? wide_pixels : tile_pixels;
  }
};

}  // namespace octavo::inline v0::simd
