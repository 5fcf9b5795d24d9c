// SPDX-License-Identifier: MIT
/// @file
/// The dense convolution of every instruction set against the reference.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>

#include "random_conv2d.hpp"
#include "support/effort.hpp"

using namespace octavo::testing;
using octavo::add_params;
using octavo::padding;
using octavo::policy;

TEST_CASE("conv2d: random shapes, windows, groups, blocks, policies and fills") {
  for (std::uint64_t seed = 1; seed <= effort(500U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    const conv2d_case c = random_conv2d(rng, effort(1'000'000));
    check_conv2d(c, rng);
  }
}

TEST_CASE("conv2d: narrow sources, biased and not") {
  for (std::uint64_t seed = 1; seed <= effort(300U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed + 9000);
    const conv2d_case c = random_narrow(rng, effort(1'000'000));
    check_conv2d(c, rng);
  }
}

TEST_CASE(
    "conv2d: every number of columns up to 40 and every block, around the tiles' boundaries") {
  std::uint64_t seed = 1000;
  for (int columns = 1; columns <= 40; ++columns) {
    for (const int dst_block : block_sizes) {
      for (const int stride : {1, 2, 3}) {
        if (slow_build && (columns + stride) % 3 != 0) continue;
        CAPTURE(++seed);
        random_source rng(seed);
        conv2d_case c = {.src = {1, 9, 1, columns * stride}, .channels = 70};
        c.window = {.kw = 1 + stride, .stride_w = stride, .pad = {0, 1, 0, stride - 1}};
        c.src_block = seed % 4 == 0 ? 16 : 64;
        c.dst_block = dst_block;
        c.signed_source = seed % 2 == 0;
        randomize_epilogue(c, rng);
        REQUIRE(c.dst().w == columns);
        check_conv2d(c, rng);
      }
    }
  }
}

TEST_CASE("conv2d: all fills of source and weights, signed and not") {
  std::uint64_t seed = 2000;
  for (const fill source : all_fills) {
    for (const fill weights : all_fills) {
      for (const bool signed_source : {true, false}) {
        CAPTURE(++seed);
        random_source rng(seed);
        conv2d_case c = {.src = {1, 70, 3, 17}, .channels = 33};
        c.window = octavo::square(3, 1, 1);
        c.dst_block = 32;
        c.signed_source = signed_source;
        c.source = source;
        c.weights = weights;
        c.kind = policy::multiplier_rshift;
        c.per_channel = true;
        check_conv2d(c, rng);
        c.kind = policy::rshift;
        c.extremes = true;
        check_conv2d(c, rng);
      }
    }
  }
}

TEST_CASE("conv2d: a deep accumulator of extreme products") {
  for (const bool signed_source : {true, false}) {
    for (const fill source : {fill::lowest, fill::highest}) {
      for (const fill weights : {fill::lowest, fill::highest}) {
        for (const bool extremes : {false, true}) {  // the bias, too, is the largest that fits
          random_source rng(2500);
          conv2d_case c = {.src = {1, 600, 5, 5}, .channels = 5};
          c.window = {.kh = 5, .kw = 5};
          c.dst_block = 16;
          c.signed_source = signed_source;
          c.source = source;
          c.weights = weights;
          c.extremes = extremes;
          c.per_channel = true;
          for (const policy kind : all_policies) {
            c.kind = kind;
            check_conv2d(c, rng);
          }
        }
      }
    }
  }
}

TEST_CASE("conv2d: the ends of every policy's shifts and multipliers") {
  for (const policy kind : all_policies) {
    const int most = kind == policy::multiplier_rshift ? 62 : kind == policy::rshift ? 30 : 31;
    const std::int32_t least = kind == policy::multiplier_q31 ? 1 << 30 : 1;
    for (const int shift : {0, 1, most - 1, most}) {
      for (const std::int32_t multiplier : {least, least + 1, INT32_MAX}) {
        random_source rng(3000);
        conv2d_case c = {.src = {1, 5, 2, 9}, .channels = 18};
        c.dst_block = 16;
        c.kind = kind;
        conv2d_operands o = random_operands(c, rng);
        o.rule.shift = {static_cast<std::uint8_t>(shift)};
        if (!octavo::is_rshift(kind)) o.rule.multiplier = {multiplier};
        for (const std::int32_t bias : {0, 1, -1, 300'000'000, -300'000'000, 1'073'600'000}) {
          CAPTURE(shift);
          CAPTURE(multiplier);
          CAPTURE(bias);
          o.bias.assign(18, bias);
          expect_reference(c, o);
          check_conv2d(c, o);
        }
      }
    }
  }
}

TEST_CASE("conv2d: an added residual with every shift") {
  constexpr std::int32_t multipliers[][2] = {{0, 0},   {127, 127}, {127, 0}, {0, 127},
                                             {1, 126}, {100, 3},   {64, 64}, {1, 1}};
  for (int shift = 0; shift <= 31; ++shift) {
    for (const auto& m : multipliers) {
      CAPTURE(shift);
      random_source rng(static_cast<std::uint64_t>(4000 + shift));
      conv2d_case c = {.src = {1, 6, 1, 15}, .channels = 30};
      c.dst_block = block_sizes[shift % 3];
      c.add = add_params{{m[0], m[1]}, shift};
      c.residual_operand = shift / 2 % 2;
      c.relu = shift / 4 % 2 == 1;
      check_conv2d(c, rng);
    }
  }
}
