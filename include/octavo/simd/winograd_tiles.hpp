// SPDX-License-Identifier: MIT
/// @file
/// Convolutions by simd/winograd.hpp without their arithmetic, which are an instruction set's
/// functions (winograd.inl). Some tiles go through three stages together: their inputs are
/// transformed, for all channels; then, panel by panel of outputs, 36 matrix products of words are
/// summed, and transformed back.
#pragma once

#include <cstdint>

#include "octavo/simd/conv2d_rows.hpp"
#include "octavo/simd/kernels.hpp"
#include "octavo/simd/winograd.hpp"

namespace octavo::inline v0::simd {

/// Sums the products of some tiles and a panel at one point, over all channels.
using winograd_products_kernel = void(const std::int8_t* src, std::int64_t channels,
                                      const std::int8_t* weights, std::int32_t* sums) noexcept;

struct winograd_stages {
  int channels = 0;  ///< that `inputs` takes
  int tiles = 0;     ///< that `products` takes
  int few_tiles = 0;
  int at_once = 0;
  void (*inputs)(const std::int8_t* src, std::int64_t row, std::int64_t pixel, std::int8_t* dst,
                 std::int64_t point_bytes) noexcept = nullptr;
  winograd_products_kernel* products = nullptr;
  winograd_products_kernel* products_of_few = nullptr;
  void (*sums)(const packed_filter&, std::int64_t channel, const std::int32_t* sums,
               std::int64_t point, std::int32_t* dst) noexcept = nullptr;
  void (*store)(const conv2d_args&, const panel_position&, pixel_position first,
                pixel_position second, int length, int pixels) noexcept = nullptr;
};

/// Where a tile of the output begins, and its first row and column that no other tile writes.
struct winograd_tile {
  std::int64_t image = 0;
  pixel_position at = {};
  pixel_position first = {};

  /// Number i of the work.
  static constexpr winograd_tile number(const conv2d_args& args, std::int64_t i) {
    const int across = winograd_tiles(args.out.columns);
    const std::int64_t of_image = std::int64_t{winograd_tiles(args.out.rows)} * across;
    const auto within = static_cast<int>(i % of_image);
    winograd_tile tile;
    tile.image = i / of_image;
    place(within / across, args.out.rows, tile.at.row, tile.first.row);
    place(within % across, args.out.columns, tile.at.column, tile.first.column);
    return tile;
  }

 private:
  /// The last tile ends where the image does.
  static constexpr void place(int tile, int extent, int& at, int& first) {
    const int wanted = tile * winograd::outputs;
    const int last = extent - winograd::outputs;
    at = wanted < last ? wanted : last;
    first = wanted - at;
  }
};

/// Tiles [begin, end) of the work, no more than fit the memory, and that.
struct winograd_strip {
  const conv2d_args& args;
  const winograd_stages& stages;
  const winograd_scratch& layout;
  std::int8_t* memory;
  std::int64_t begin;
  std::int64_t end;

  void inputs() const noexcept {
    for (std::int64_t i = begin; i < end; ++i) {
      const winograd_tile tile = winograd_tile::number(args, i);
      std::int8_t* dst = memory + (i - begin) * 2 * layout.channels;
      for (int c = 0; c < layout.channels; c += stages.channels, dst += 2 * stages.channels) {
        const std::int8_t* const src = args.src.at(tile.image, c / args.src_block, tile.at.row) +
                                       tile.at.column * args.src.pixel + c % args.src_block;
        stages.inputs(src, args.src.row, args.src.pixel, dst, layout.input_point());
      }
    }
  }

  /// A register tile that is not full is filled up with what lies in the memory.
  void products(std::int64_t panel) const noexcept {
    const std::int8_t* weights = args.filter.weights + panel * args.filter.panel_bytes();
    for (int i = 0; i < winograd::points; ++i) {
      const std::int8_t* const src = memory + i * layout.input_point();
      std::int32_t* const sums = point_sums(i);
      for (std::int64_t m = 0; m < end - begin; m += stages.tiles) {
        const bool few = end - begin - m <= stages.few_tiles;
        const auto kernel = few ? stages.products_of_few : stages.products;
        kernel(src + m * 2 * layout.channels, layout.channels, weights, sums + m * layout.panel);
      }
      weights += std::int64_t{2} * layout.channels * layout.panel;
    }
  }

  void outputs(std::int64_t panel) const noexcept {
    auto* const pixels = reinterpret_cast<std::int32_t*>(memory + layout.outputs());
    const std::int64_t point = layout.sum_point() / std::int64_t{sizeof(std::int32_t)};
    for (std::int64_t i = begin; i < end; ++i) {
      stages.sums(args.filter, panel * layout.panel, point_sums(0) + (i - begin) * layout.panel,
                  point, pixels);
      store(winograd_tile::number(args, i), panel, pixels);
    }
  }

 private:
  std::int32_t* point_sums(int point) const {
    return reinterpret_cast<std::int32_t*>(memory + layout.sums() + point * layout.sum_point());
  }

  /// Two rows at a time where they are whole.
  void store(const winograd_tile& tile, std::int64_t panel, std::int32_t* pixels) const noexcept {
    constexpr int size = winograd::outputs;
    const int length = size - tile.first.column;
    panel_position to = panel_at(args, tile.image, panel);
    for (int y = tile.first.row; y < size;) {
      const int rows = length == size && y + 1 < size ? 2 : 1;
      const pixel_position first = {tile.at.row + y, tile.at.column + tile.first.column};
      to.scratch = pixels + (y * size + tile.first.column) * layout.panel;
      stages.store(args, to, first, {first.row + rows - 1, first.column}, length, rows * length);
      y += rows;
    }
  }
};

/// Tiles [begin, end) of the work, in the memory of its lane.
inline void conv2d_winograd_tiles(const conv2d_args& args, const winograd_stages& stages,
                                  work_range work) noexcept {
  const winograd_scratch layout = scratch_for(args.filter, stages.at_once);
  std::int8_t* const memory = args.scratch + work.lane * layout.bytes();
  for (std::int64_t i = work.begin; i < work.end; i += layout.tiles) {
    const std::int64_t end = i + layout.tiles < work.end ? i + layout.tiles : work.end;
    const winograd_strip strip = {args, stages, layout, memory, i, end};
    strip.inputs();
    for (int panel = 0; panel < args.filter.panels(); ++panel) {
      strip.products(panel);
      strip.outputs(panel);
    }
  }
}

}  // namespace octavo::inline v0::simd
