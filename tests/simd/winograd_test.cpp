// SPDX-License-Identifier: MIT
/// @file
/// Tests of simd/winograd.hpp and winograd_tiles.hpp, and of every instruction set's
/// conv2d_winograd against the reference: the same bytes as any other convolution's, to the limit
/// of where they are.

#include "octavo/simd/winograd.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "octavo/simd/winograd_tiles.hpp"
#include "random_conv2d.hpp"
#include "support/effort.hpp"

using namespace octavo::testing;
using octavo::padding;
using octavo::policy;
using octavo::shape;
using octavo::window;
using octavo::simd::conv2d_args;
using octavo::simd::filter_geometry;
using octavo::simd::filter_order;
using octavo::simd::packed_filter;
using octavo::simd::winograd;
using octavo::simd::winograd_tile;

namespace {

bool takes_winograd(const conv2d_case& c, const octavo::simd::kernel_table& kernels) {
  return octavo::simd::detail::choose_order(geometry_of(c), kernels) == filter_order::winograd;
}

int count_of_sets_that_take(const conv2d_case& c) {
  return static_cast<int>(std::ranges::count_if(
      all_kernels(), [&](const kernels_under_test& k) { return takes_winograd(c, k.table); }));
}

/// The value of a polynomial with these coefficients at 0, 1, -1, 2, -2 and infinity.
int value_at(int point, int a, int b, int c) {
  constexpr int at[] = {0, 1, -1, 2, -2};
  return point == 5 ? c : a + at[point] * (b + at[point] * c);
}

}  // namespace

TEST_CASE("conv2d_winograd: random shapes, pads, blocks, policies, residuals and fills") {
  int taken = 0;
  for (std::uint64_t seed = 1; seed <= effort(200U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    const conv2d_case c = random_winograd(rng);
    taken += count_of_sets_that_take(c);
    check_conv2d(c, rng);
  }
  CHECK(taken > effort(200));
}

TEST_CASE("conv2d_winograd: every number of rows and columns from 4 to 17") {
  for (int extent = 4; extent <= 17; ++extent) {
    CAPTURE(extent);
    random_source rng(static_cast<std::uint64_t>(extent));
    conv2d_case c = random_winograd(rng);
    c.src = {1, 64, extent, 21 - extent};
    c.channels = c.src_block = c.dst_block = 64;
    c.window.pad = {1, 1, 1, 1};
    CHECK(count_of_sets_that_take(c) > 0);
    check_conv2d(c, rng);
  }
}

TEST_CASE("conv2d_winograd: sums of 128 * (2^18 - 1), the largest that are exact") {
  conv2d_case c;
  c.src = {1, 228, 4, 4};
  c.channels = 64;
  c.window = octavo::square(3, 1, 1);
  for (const int sign : {-1, 1}) {
    CAPTURE(sign);
    random_source rng(3);
    conv2d_operands o = random_operands(c, rng);
    std::ranges::fill(o.src.values, std::int8_t{-128});
    std::ranges::fill(o.bias, 1000);
    // All weights of a channel together: those of -128 or 127, then one that makes up the rest.
    const int most = sign < 0 ? 128 : 127;
    const auto taps = static_cast<std::size_t>(c.taps());
    for (std::size_t oc = 0; oc < 64; ++oc) {
      int left = (1 << 18) - 1;
      for (std::size_t i = 0; i < taps; ++i) {
        const int size = std::min(most, left);
        o.weights.values[oc * taps + (sign < 0 ? i : taps - 1 - i)] =
            static_cast<std::int8_t>(sign * size);
        left -= size;
      }
      REQUIRE((left == 0 || sign > 0));
    }
    o.rule.shift[0] = 18;
    expect_reference(c, o);
    const int lowest = *std::ranges::min_element(o.expected.values);
    const int highest = *std::ranges::max_element(o.expected.values);
    CHECK((sign < 0 ? highest > 100 : lowest < -100));
    CHECK(octavo::simd::winograd_is_exact(o.weights.values, c.channels));
    c.winograd = true;
    CHECK(count_of_sets_that_take(c) > 0);
    check_conv2d(c, o);
    c.winograd = false;
    if (sign > 0) continue;
    o.weights.values[taps - 1] = 1;  // one more than allowed
    CHECK(!octavo::simd::winograd_is_exact(o.weights.values, c.channels));
  }
}

TEST_CASE("transform_filter: the values of the filter's polynomials at six points") {
  random_source rng(5);
  for (int round = 0; round < 200; ++round) {
    std::int8_t g[9];
    for (std::int8_t& w : g) w = static_cast<std::int8_t>(rng.integer(-128, 127));
    if (round == 0) std::ranges::fill(g, std::int8_t{-128});
    std::int16_t points[winograd::points];
    octavo::simd::transform_filter(g, points);
    for (int i = 0; i < winograd::points; ++i) {
      int rows[3];
      for (int y = 0; y < 3; ++y) rows[y] = value_at(i % 6, g[3 * y], g[3 * y + 1], g[3 * y + 2]);
      CHECK(points[i] == value_at(i / 6, rows[0], rows[1], rows[2]));
    }
  }
}

TEST_CASE("pack_filter: every weight's 36 points where filter_order says, zeros elsewhere") {
  for (const kernels_under_test& k : all_kernels()) {
    INFO(k.name);
    for (const int channels : {32, 48, 64, 90}) {
      CAPTURE(channels);
      conv2d_case c;
      c.src = {1, channels, 8, 8};
      c.channels = 100;
      c.window = octavo::square(3, 1, 1);
      c.winograd = true;
      if (!takes_winograd(c, k.table)) continue;
      random_source rng(7);
      const conv2d_operands o = random_operands(c, rng);
      const guarded_bytes memory = memory_for_filter(c, k.table, guard::before);
      const packed_filter f = octavo::simd::pack_filter(
          geometry_of(c), k.table, {o.weights.values, o.bias, o.rule}, memory.bytes());
      const int full = octavo::align_up(channels, 64);
      REQUIRE(f.quads * 4 == full);
      REQUIRE(f.panel_bytes() == std::int64_t{2} * 36 * full * f.panel);
      std::int64_t wrong = 0;
      for (int oc = 0; oc < f.channels; ++oc) {
        for (int ic = 0; ic < full; ++ic) {
          std::int8_t g[9] = {};
          if (oc < c.channels && ic < channels) {
            std::copy_n(&o.weights.values[static_cast<std::size_t>(oc * channels + ic) * 9], 9, g);
          }
          std::int16_t points[winograd::points];
          octavo::simd::transform_filter(g, points);
          for (int i = 0; i < winograd::points; ++i) {
            const std::int64_t pair = std::int64_t{i} * (full / 2) + ic / 2;
            const std::int64_t word = (pair * f.panel + oc % f.panel) * 2 + ic % 2;
            std::int16_t got;
            std::memcpy(&got, f.weights + oc / f.panel * f.panel_bytes() + 2 * word, sizeof got);
            wrong += got != points[i];
          }
        }
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("winograd_tile: every pixel of every image belongs to one tile") {
  for (int rows = 4; rows <= 14; ++rows) {
    for (int columns = 4; columns <= 14; ++columns) {
      conv2d_args args;
      args.filter.order = filter_order::winograd;
      args.out = {.images = 2, .blocks = 3, .rows = rows, .columns = columns};
      std::vector<int> written(static_cast<std::size_t>(2 * rows * columns));
      for (std::int64_t i = 0; i < args.work(); ++i) {
        const winograd_tile tile = winograd_tile::number(args, i);
        REQUIRE(tile.at.row >= 0);
        REQUIRE(tile.at.column >= 0);
        REQUIRE(tile.at.row + 4 <= rows);
        REQUIRE(tile.at.column + 4 <= columns);
        for (int y = tile.first.row; y < 4; ++y) {
          for (int x = tile.first.column; x < 4; ++x) {
            const std::int64_t row = tile.image * rows + tile.at.row + y;
            ++written[static_cast<std::size_t>(row * columns + tile.at.column + x)];
          }
        }
      }
      CHECK(std::ranges::count(written, 1) == std::ssize(written));
    }
  }
}

TEST_CASE("suits_winograd: 3x3 without stride or dilation, and a tile at least") {
  using octavo::simd::suits_winograd;
  const shape dst = {1, 64, 4, 4};
  CHECK(suits_winograd(octavo::square(3, 1, 1), dst));
  CHECK(!suits_winograd(octavo::square(3, 1, 1), {1, 64, 3, 4}));
  CHECK(!suits_winograd(octavo::square(3, 1, 1), {1, 64, 4, 3}));
  CHECK(!suits_winograd(octavo::square(3, 2, 1), dst));
  CHECK(!suits_winograd(octavo::square(5, 1, 2), dst));
  CHECK(!suits_winograd({.kh = 3, .kw = 3, .dilation_w = 2}, dst));
  CHECK(!suits_winograd({.kh = 3, .kw = 1}, dst));
  CHECK(!suits_winograd({.kh = 3, .kw = 3, .stride_w = 2}, dst));
}

TEST_CASE("favors_winograd: many channels, few pixels computed twice, weights below 1.25 MiB") {
  using octavo::simd::favors_winograd;
  const shape dst = {1, 64, 8, 8};
  CHECK(favors_winograd(dst, {128, 142, 3, 3}));  // 1308672 bytes of 1310720
  CHECK(!favors_winograd(dst, {128, 143, 3, 3}));
  CHECK(favors_winograd(dst, {32, 32, 3, 3}));
  CHECK(!favors_winograd(dst, {31, 64, 3, 3}));
  CHECK(!favors_winograd(dst, {64, 31, 3, 3}));
  CHECK(favors_winograd({1, 64, 6, 8}, {64, 64, 3, 3}));
  CHECK(!favors_winograd({1, 64, 5, 8}, {64, 64, 3, 3}));
}
