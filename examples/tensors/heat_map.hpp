// SPDX-License-Identifier: MIT
/// @file
/// Tensors as pictures: channels as a grid of heat maps, or three channels as the photo they are.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "canvas.hpp"
#include "colour_scale.hpp"
#include "octavo/compare/text.hpp"
#include "octavo/core/error.hpp"
#include "octavo/io/npy.hpp"
#include "octavo/quant/activation.hpp"
#include "octavo/report/png.hpp"

namespace octavo::examples {

/// Planes of `height` x `width` numbers, all of them finite.
struct plane_stack {
  std::size_t planes = 1;
  std::size_t height = 1;
  std::size_t width = 1;
  std::vector<double> values = {};  ///< plane, row, column: the last fastest

  double at(std::size_t plane, std::size_t row, std::size_t column) const {
    return values[(plane * height + row) * width + column];
  }
};

/// Every channel of every image a plane: the last two of three or four dimensions. Of fewer every
/// number is a plane of its own, as a fully connected layer's outputs are channels.
/// @throws octavo::error, naming `name`, where there are more dimensions, no element, or one that
/// is not finite or that no double has.
inline plane_stack planes_of(const io::npy_array& array, const std::string& name) {
  const std::vector<std::int64_t>& extents = array.shape;
  if (extents.size() > 4) fail(name, ": has ", extents.size(), " dimensions, expected at most 4");
  if (array.size() == 0) fail(name, ": has no elements to show");
  plane_stack stack = {.values = array.as<double>(name)};
  for (std::size_t i = 0; i < stack.values.size(); ++i) {
    if (!is_finite(stack.values[i])) {
      fail(name, ": element ", i, " is ", stack.values[i], ", expected a finite number");
    }
  }
  if (extents.size() > 2) {
    stack.height = static_cast<std::size_t>(extents[extents.size() - 2]);
    stack.width = static_cast<std::size_t>(extents.back());
  }
  stack.planes = stack.values.size() / (stack.height * stack.width);
  return stack;
}

namespace detail {

inline constexpr std::size_t good_side = 1000;  ///< of a picture, in pixels
inline constexpr std::size_t tile_gap = 1;      ///< between tiles
inline constexpr int margin = 8;                ///< around the legend
inline constexpr int bar_height = 12;
inline constexpr int legend_height = bar_height + canvas::letter_height + 3 * margin;
inline constexpr int least_width = 200;  ///< room for both numbers of the legend
inline constexpr colour gap_colour = {96, 96, 96};
inline constexpr colour paper = {255, 255, 255};
inline constexpr colour ink = {32, 32, 32};

/// How tiles stand in a picture. One of zoom and shrink is 1.
struct tile_grid {
  std::size_t columns = 1;
  std::size_t rows = 1;
  std::size_t zoom = 1;    ///< pixels a number takes along each side
  std::size_t shrink = 1;  ///< numbers along each side of which one pixel is the mean
  std::size_t tile_width = 1;
  std::size_t tile_height = 1;

  std::size_t width() const { return columns * (tile_width + tile_gap) + tile_gap; }
  std::size_t height() const { return rows * (tile_height + tile_gap) + tile_gap; }
};

/// So many columns, as large as fits into a good picture.
inline tile_grid grid_of(const plane_stack& stack, std::size_t columns) {
  constexpr std::size_t greatest_zoom = 16;
  tile_grid grid = {.columns = columns, .rows = (stack.planes + columns - 1) / columns};
  const auto resize = [&](std::size_t zoom, std::size_t shrink) {
    grid.zoom = zoom;
    grid.shrink = shrink;
    grid.tile_width = (stack.width + shrink - 1) / shrink * zoom;
    grid.tile_height = (stack.height + shrink - 1) / shrink * zoom;
    return std::max(grid.width(), grid.height());
  };
  std::size_t zoom = greatest_zoom;
  while (zoom > 1 && resize(zoom, 1) > good_side) --zoom;
  constexpr std::size_t room = report::picture_limit - std::size_t{legend_height};
  const std::size_t longest = std::max(stack.width, stack.height);
  std::size_t shrink = 1;
  while (resize(zoom, shrink) > room && shrink < longest) ++shrink;
  return grid;
}

/// The grid that is most nearly square.
inline tile_grid squarest_grid(const plane_stack& stack) {
  const double ratio = static_cast<double>(stack.planes) *
                       static_cast<double>(stack.height + tile_gap) /
                       static_cast<double>(stack.width + tile_gap);
  const auto columns = static_cast<std::size_t>(std::lround(std::ceil(std::sqrt(ratio))));
  return grid_of(stack, std::clamp<std::size_t>(columns, 1, stack.planes));
}

/// The mean of the numbers that pixel (row, column) of a shrunk plane stands for.
inline double pixel_value(const plane_stack& stack, std::size_t plane, std::size_t row,
                          std::size_t column, std::size_t shrink) {
  if (shrink == 1) return stack.at(plane, row, column);
  const std::size_t row_end = std::min((row + 1) * shrink, stack.height);
  const std::size_t column_end = std::min((column + 1) * shrink, stack.width);
  double sum = 0;
  double count = 0;
  for (std::size_t y = row * shrink; y < row_end; ++y) {
    for (std::size_t x = column * shrink; x < column_end; ++x) {
      sum += stack.at(plane, y, x);
      count += 1;
    }
  }
  return sum / count;
}

inline void draw_plane(canvas& on, const plane_stack& stack, const tile_grid& grid,
                       std::size_t plane, const colour_scale& scale) {
  const std::size_t left = tile_gap + plane % grid.columns * (grid.tile_width + tile_gap);
  const std::size_t top = tile_gap + plane / grid.columns * (grid.tile_height + tile_gap);
  const auto zoom = static_cast<int>(grid.zoom);
  for (std::size_t row = 0; row < grid.tile_height / grid.zoom; ++row) {
    for (std::size_t column = 0; column < grid.tile_width / grid.zoom; ++column) {
      on.fill(static_cast<int>(left + column * grid.zoom), static_cast<int>(top + row * grid.zoom),
              zoom, zoom, scale(pixel_value(stack, plane, row, column, grid.shrink)));
    }
  }
}

/// A bar of all colours from `top` on, and what its two ends stand for.
inline void draw_legend(canvas& on, int top, const colour_scale& scale) {
  const int width = on.picture().width - 2 * margin;
  for (int x = 0; x < width; ++x) {
    const double t = static_cast<double>(x) / (width - 1);
    on.fill(margin + x, top + margin, 1, bar_height,
            scale(scale.low() * (1 - t) + scale.high() * t));
  }
  const std::string low = compare::detail::general_text(scale.low(), 5);
  const std::string high = compare::detail::general_text(scale.high(), 5);
  const int y = top + bar_height + 2 * margin;
  const int high_width = canvas::letter_width * static_cast<int>(high.size()) - 2;
  on.write(margin, y, low, ink);
  on.write(margin + width - high_width, y, high, ink);
}

}  // namespace detail

/// A tile for each plane, all on one colour scale, and a legend below. Small planes are magnified;
/// what would be too large for a picture is shrunk, each pixel the mean of what it stands for.
/// @throws octavo::error where there are too many planes for a picture.
inline report::picture draw_heat_maps(const plane_stack& stack) {
  const detail::tile_grid grid = detail::squarest_grid(stack);
  constexpr std::size_t most = report::picture_limit - std::size_t{detail::legend_height};
  if (grid.width() > most || grid.height() > most) {
    fail("show: ", stack.planes, " planes of ", stack.height, " x ", stack.width,
         " do not fit into a picture of ", report::picture_limit, " x ", report::picture_limit,
         " pixels");
  }
  const auto [least, greatest] = std::minmax_element(stack.values.begin(), stack.values.end());
  const colour_scale scale(*least, *greatest);
  const auto width = static_cast<int>(grid.width());
  const auto height = static_cast<int>(grid.height());
  canvas on(std::max(width, detail::least_width), height + detail::legend_height, detail::paper);
  on.fill(0, 0, width, height, detail::gap_colour);
  for (std::size_t plane = 0; plane < stack.planes; ++plane) {
    detail::draw_plane(on, stack, grid, plane, scale);
  }
  detail::draw_legend(on, height, scale);
  return on.picture();
}

/// How the numbers of three planes become red, green and blue.
struct photo_options {
  bool bgr = false;  ///< the first plane is blue
  /// Added to each plane in their order; what is then outside of 0..255 is clamped. Without: the
  /// least of all numbers becomes 0, the greatest 255.
  std::vector<double> mean = {};
};

/// Three planes as the photo they are, small ones magnified.
/// @throws octavo::error where there are not three planes, not three means, or too many pixels.
inline report::picture draw_photo(const plane_stack& stack, const photo_options& how) {
  constexpr std::size_t small = 256;
  if (stack.planes != 3) fail("show: ", stack.planes, " planes are no photo, expected 3");
  if (!how.mean.empty() && how.mean.size() != 3) {
    fail("show: ", how.mean.size(), " means, expected 3");
  }
  const std::size_t longest = std::max(stack.width, stack.height);
  if (longest > std::size_t{report::picture_limit}) {
    fail("show: a photo of ", stack.width, " x ", stack.height, " pixels, expected at most ",
         report::picture_limit, " along each side");
  }
  const auto [least, greatest] = std::minmax_element(stack.values.begin(), stack.values.end());
  const double low = *least / 2;
  const double span = *greatest / 2 - low;
  const auto byte_of = [&](std::size_t plane, double value) {
    const double level = how.mean.empty() ? (span > 0 ? (value / 2 - low) / span * 255 : 0)
                                          : value + how.mean[plane];
    return static_cast<std::uint8_t>(round_up(std::clamp(level, 0.0, 255.0)));
  };
  const std::size_t zoom = std::max<std::size_t>(1, small / longest);
  const auto side = static_cast<int>(zoom);
  canvas on(static_cast<int>(stack.width * zoom), static_cast<int>(stack.height * zoom),
            detail::paper);
  for (std::size_t y = 0; y < stack.height; ++y) {
    for (std::size_t x = 0; x < stack.width; ++x) {
      colour pixel;
      for (std::size_t plane = 0; plane < 3; ++plane) {
        pixel[how.bgr ? 2 - plane : plane] = byte_of(plane, stack.at(plane, y, x));
      }
      on.fill(static_cast<int>(x * zoom), static_cast<int>(y * zoom), side, side, pixel);
    }
  }
  return on.picture();
}

}  // namespace octavo::examples
