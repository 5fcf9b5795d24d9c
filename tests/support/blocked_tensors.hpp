// SPDX-License-Identifier: MIT
/// @file
/// NCHW tensors in the kernels' channel-blocked layout, by the plain formula of core/blocked.hpp
/// written out once more.
///
/// What is promised of bytes that are no element, and what tests put there:
/// * A border is zero as far as the op's padding reaches. Beyond it (another reader may pad more)
///   and around the sources of ops without padding, tests put garbage: no kernel may read it.
/// * Padding channels of a convolution's source may hold anything, since their weights are 0; where
///   the source is unsigned they hold 0..127 as its elements do, because their producer ended in a
///   relu too. Kernels without weights treat them as more channels.
/// * Padding channels of a convolution's destination become what zero parameters give: 0, then the
///   residual, then the floor. Borders of destinations stay as they are.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "octavo/core/align.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/core/window.hpp"
#include "octavo/simd/kernels.hpp"
#include "support/guarded.hpp"

namespace octavo::testing {

/// `values` with channels added until blocks are full: garbage() for each element.
template <class Garbage>
tensor<std::int8_t> with_full_blocks(const tensor<std::int8_t>& values, int block,
                                     const Garbage& garbage) {
  const shape& from = values.shape;
  tensor<std::int8_t> full(shape{from.n, align_up(from.c, block), from.h, from.w});
  const std::int64_t pixels = std::int64_t{from.h} * from.w;
  for (int n = 0; n < from.n; ++n) {
    for (int c = 0; c < full.shape.c; ++c) {
      std::int8_t* const to = &full.view()(n, c, 0, 0);
      for (std::int64_t i = 0; i < pixels; ++i) {
        to[i] = c < from.c ? (&values.view()(n, c, 0, 0))[i] : garbage();
      }
    }
  }
  return full;
}

class guarded_tensor {
 public:
  /// shape.c is a multiple of the block. Every byte, the border's too, is `value`. Behind them are
  /// `slack` bytes more.
  guarded_tensor(const shape& extents, int block, const padding& border, guard side,
                 std::int8_t value, std::size_t slack = 0)
      : shape_(extents), block_(block), border_(border), memory_(size() + slack, side) {
    REQUIRE(extents.c % block == 0);
    std::ranges::fill(memory_.values(), value);
  }

  void put(const tensor<std::int8_t>& values) {
    REQUIRE(values.shape == shape_);
    const auto from = values.view();
    for (int n = 0; n < shape_.n; ++n) {
      for (int c = 0; c < shape_.c; ++c) {
        for (int h = 0; h < shape_.h; ++h) {
          for (int w = 0; w < shape_.w; ++w) at(n, c, h, w) = from(n, c, h, w);
        }
      }
    }
  }

  /// Flips the sign bit of every byte: value becomes value + 128.
  void add_bias() const {
    for (std::int8_t& byte : bytes()) byte = static_cast<std::int8_t>(byte ^ -128);
  }

  /// Zeros `pad` pixels around every plane; the border is at least as wide.
  void clear_around(const padding& pad) {
    for (int n = 0; n < shape_.n; ++n) {
      for (int c = 0; c < shape_.c; ++c) {
        for (int h = -pad.top; h < shape_.h + pad.bottom; ++h) {
          for (int w = -pad.left; w < shape_.w + pad.right; ++w) {
            if (h < 0 || h >= shape_.h || w < 0 || w >= shape_.w) at(n, c, h, w) = 0;
          }
        }
      }
    }
  }

  std::span<std::int8_t> bytes() const { return memory_.values(); }
  std::vector<std::int8_t> copy() const { return {bytes().begin(), bytes().end()}; }

  int blocks() const { return shape_.c / block_; }
  std::int64_t row() const { return columns() * block_; }
  std::int64_t plane() const { return rows() * row(); }
  std::int64_t image() const { return blocks() * plane(); }

  /// At pixel (0, 0), border aside.
  simd::source as_source() const { return {origin(), image(), plane(), row(), block_}; }
  simd::destination as_destination() const { return {origin(), image(), plane(), row(), block_}; }

  /// Where the bytes differ from `expected`; empty where they do not.
  std::string difference_from(const std::vector<std::int8_t>& expected) const {
    const auto got = bytes();
    const auto [e, g] = std::ranges::mismatch(expected, got);
    if (e == expected.end()) return {};
    const std::int64_t i = g - got.begin();
    const std::int64_t pixel = i / block_;
    const std::int64_t line = pixel / columns();
    const std::int64_t plane_index = line / rows();
    return concat_text(
        "image ", plane_index / blocks(), " channel ", plane_index % blocks() * block_ + i % block_,
        " row ", line % rows() - border_.top, " column ", pixel % columns() - border_.left, " of ",
        shape_.n, "x", shape_.c, "x", shape_.h, "x", shape_.w, ": expected ", +*e, ", got ", +*g);
  }

 private:
  std::int64_t rows() const { return std::int64_t{border_.top} + shape_.h + border_.bottom; }
  std::int64_t columns() const { return std::int64_t{border_.left} + shape_.w + border_.right; }
  std::size_t size() const {
    return static_cast<std::size_t>(shape_.n * shape_.c * rows() * columns());
  }
  std::int8_t* origin() const { return &at(0, 0, 0, 0); }

  /// [n][c / block][top + h + bottom][left + w + right][block]
  std::int8_t& at(int n, int c, int h, int w) const {
    const std::int64_t plane_index = std::int64_t{n} * blocks() + c / block_;
    const std::int64_t line = plane_index * rows() + border_.top + h;
    const std::int64_t pixel = line * columns() + border_.left + w;
    return memory_.values()[static_cast<std::size_t>(pixel * block_ + c % block_)];
  }

  shape shape_;
  int block_;
  padding border_;
  guarded_bytes memory_;
};

}  // namespace octavo::testing
