// SPDX-License-Identifier: MIT
/// @file
/// A picture to draw on, and the few letters that numbers need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "colour_scale.hpp"
#include "octavo/report/png.hpp"

namespace octavo::examples {

namespace detail {

inline constexpr std::string_view glyph_letters = "0123456789-+.e";

/// 3 x 5 pixels of each letter, row by row from the top.
inline constexpr std::string_view glyph_pixels[] = {
    "####.##.##.####",  // 0
    ".#.##..#..#.###",  // 1
    "##...#.#.#..###",  // 2
    "##...#.#...###.",  // 3
    "#.##.####..#..#",  // 4
    "####..##...###.",  // 5
    ".###..####.####",  // 6
    "###..#.#..#..#.",  // 7
    "####.#####.####",  // 8
    "####.####..###.",  // 9
    "......###......",  // -
    "....#.###.#....",  // +
    ".............#.",  // .
    "...####.###..##",  // e
};

}  // namespace detail

/// Pixels from the top left corner.
class canvas {
 public:
  static constexpr int letter_width = 8;    ///< from one letter to the next
  static constexpr int letter_height = 10;  ///< pixels of a glyph are 2 x 2

  /// One colour all over. Sides in 1..report::picture_limit.
  canvas(int width, int height, colour background) : made_{width, height, {}} {
    made_.rgb.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    for (std::int64_t i = 0; i < std::int64_t{width} * height; ++i) {
      made_.rgb.insert(made_.rgb.end(), background.begin(), background.end());
    }
  }

  const report::picture& picture() const { return made_; }

  /// A rectangle; what lies outside of the picture is left out.
  void fill(int x, int y, int width, int height, colour with) {
    for (int row = y; row < y + height; ++row) {
      for (int column = x; column < x + width; ++column) set(column, row, with);
    }
  }

  /// A number: of other letters nothing is drawn.
  void write(int x, int y, std::string_view text, colour with) {
    for (const char letter : text) {
      const std::size_t which = detail::glyph_letters.find(letter);
      for (int i = 0; which != std::string_view::npos && i < 15; ++i) {
        if (detail::glyph_pixels[which][static_cast<std::size_t>(i)] != '#') continue;
        fill(x + 2 * (i % 3), y + 2 * (i / 3), 2, 2, with);
      }
      x += letter_width;
    }
  }

 private:
  void set(int x, int y, colour with) {
    if (x < 0 || y < 0 || x >= made_.width || y >= made_.height) return;
    const std::size_t at =
        3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(made_.width) +
             static_cast<std::size_t>(x));
    for (std::size_t i = 0; i < 3; ++i) made_.rgb[at + i] = with[i];
  }

  report::picture made_;
};

}  // namespace octavo::examples
