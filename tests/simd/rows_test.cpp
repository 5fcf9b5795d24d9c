// SPDX-License-Identifier: MIT
/// @file
/// The elementwise kernels of every instruction set against the reference: add, clip, lookup.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "octavo/quant/params.hpp"
#include "octavo/reference/add.hpp"
#include "octavo/reference/clip.hpp"
#include "octavo/reference/leaky_relu.hpp"
#include "support/blocked_tensors.hpp"
#include "support/compare.hpp"
#include "support/effort.hpp"
#include "support/isa_list.hpp"
#include "support/work_pieces.hpp"

using namespace octavo::testing;
using octavo::add_params;
using octavo::clip_params;
using octavo::padding;
using octavo::shape;
using octavo::simd::rows_args;

namespace {

using image = octavo::tensor<std::int8_t>;
using rows_kernel = void (*octavo::simd::kernel_table::*)(const rows_args&,
                                                          octavo::simd::work_range) noexcept;

/// Two sources of one shape, three borders: rows lie differently far apart in each tensor.
struct rows_case {
  image a = {};
  image b = {};  ///< empty for ops with one source
  int block = 16;
  padding borders[3] = {};  ///< of a, b, dst
  add_params add = {};
  clip_params clip = {-128, 127};
  const std::int8_t* table = nullptr;
  image expected = {};
};

std::string rows_difference(const rows_case& c, const octavo::simd::kernel_table& kernels,
                            rows_kernel kernel, const run_style& style) {
  const shape& extents = c.a.shape;
  const bool binary = !c.b.values.empty();
  guarded_tensor a(extents, c.block, c.borders[0], style.side, 3);
  guarded_tensor b(binary ? extents : shape{1, 16, 1, 1}, binary ? c.block : 16, c.borders[1],
                   style.side, -5);
  guarded_tensor dst(extents, c.block, c.borders[2], style.side, style.poison);
  guarded_tensor expected(extents, c.block, c.borders[2], style.side, style.poison);
  a.put(c.a);
  if (binary) b.put(c.b);
  expected.put(c.expected);
  rows_args args;
  args.a = a.as_source();
  if (binary) args.b = b.as_source();
  args.dst = dst.as_destination();
  args.row_bytes = std::int64_t{extents.w} * c.block;
  args.out = {extents.n, dst.blocks(), extents.h, 1};
  args.add = c.add;
  args.clip = c.clip;
  args.table = c.table;
  const auto a_before = a.copy();
  const auto b_before = b.copy();
  run_kernel(kernels.*kernel, args, style.in_pieces);
  if (a.copy() != a_before || b.copy() != b_before) return "a source has changed";
  return dst.difference_from(expected.copy());
}

void check_rows(const rows_case& c, rows_kernel kernel) {
  CAPTURE(to_text(c.a.shape));
  CAPTURE(c.block);
  for (const kernels_under_test& k : all_kernels()) {
    INFO(k.name);
    for (const run_style& style : all_run_styles) {
      CHECK(rows_difference(c, k.table, kernel, style) == "");
    }
  }
}

void check_add(rows_case c, bool relu) {
  INFO("add ", c.add.multiplier[0], " ", c.add.multiplier[1], " shift ", c.add.shift);
  c.expected = image(c.a.shape);
  c.clip.lo = relu ? 0 : -128;
  octavo::reference::add(c.a.view(), c.b.view(), c.add, relu, c.expected.view());
  check_rows(c, &octavo::simd::kernel_table::add);
}

void check_clip(rows_case c) {
  INFO("clip ", +c.clip.lo, " ", +c.clip.hi);
  c.expected = image(c.a.shape);
  octavo::reference::clip(c.a.view(), c.clip, c.expected.view());
  check_rows(c, &octavo::simd::kernel_table::clip);
}

void check_lookup(rows_case c, const std::vector<std::int8_t>& table) {
  c.table = table.data();
  c.expected = c.a;
  for (std::int8_t& value : c.expected.values) {
    value = table[static_cast<std::size_t>(value + 128)];
  }
  check_rows(c, &octavo::simd::kernel_table::lookup);
}

std::vector<std::int8_t> random_table(random_source& rng) {
  std::vector<std::int8_t> table(256);
  fill_with(table, fill::uniform, rng);
  return table;
}

/// Rows of `bytes` bytes in some block, the tensors' borders all different.
rows_case random_rows(int bytes, random_source& rng) {
  rows_case c;
  while (true) {
    c.block = 16 << rng.integer(0, 2);
    if (bytes % c.block == 0) break;
  }
  const shape extents = {rng.integer(1, 2), c.block * rng.integer(1, 3), rng.integer(1, 3),
                         bytes / c.block};
  c.a = random_tensor(extents, rng.pick(all_fills), rng);
  for (padding& border : c.borders) {
    border = {rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2)};
  }
  return c;
}

rows_case with_second(rows_case c, random_source& rng) {
  c.b = random_tensor(c.a.shape, rng.pick(all_fills), rng);
  return c;
}

/// All 65536 pairs of int8.
rows_case all_pairs() {
  rows_case c;
  c.block = 64;
  c.a = c.b = image(shape{1, 64, 64, 16});
  for (std::size_t i = 0; i < 65536; ++i) {
    c.a.values[i] = static_cast<std::int8_t>(i % 256);
    c.b.values[i] = static_cast<std::int8_t>(i / 256);
  }
  return c;
}

}  // namespace

TEST_CASE("add, clip and lookup: rows of 16 to 400 bytes, a different stride in each tensor") {
  std::uint64_t seed = 0;
  for (int bytes = 16; bytes <= 400; bytes += 16) {
    for (int i = 0; i < effort(16); ++i) {
      CAPTURE(++seed);
      random_source rng(seed);
      rows_case c = random_rows(bytes, rng);
      const auto lo = static_cast<std::int8_t>(rng.integer(-128, 127));
      c.clip = {lo, static_cast<std::int8_t>(rng.integer(lo, 127))};
      check_clip(c);
      check_lookup(c, random_table(rng));
      c.add = {{rng.integer(0, 127), rng.integer(0, 127)}, rng.integer(0, 31)};
      check_add(with_second(c, rng), rng.one_in(2));
    }
  }
}

TEST_CASE("add: every shift and all pairs of int8") {
  constexpr std::int32_t multipliers[][2] = {{127, 127}, {1, 1},   {127, 0},
                                             {0, 127},   {97, 64}, {85, 1}};
  rows_case c = all_pairs();
  for (int shift = 0; shift <= 31; ++shift) {
    for (std::size_t i = 0; i < std::size(multipliers); ++i) {
      if (slow_build && i != static_cast<std::size_t>(shift) % std::size(multipliers)) continue;
      c.add = {{multipliers[i][0], multipliers[i][1]}, shift};
      check_add(c, shift % 2 == 1);
    }
  }
}

TEST_CASE("add: multipliers of zero give zero, and the relu keeps it") {
  rows_case c = all_pairs();
  for (const int shift : {0, 7, 31}) {
    c.add = {{0, 0}, shift};
    check_add(c, false);
    check_add(c, true);
  }
}

TEST_CASE("clip: limits at the ends, equal, and relu's") {
  rows_case c = all_pairs();
  c.b = {};
  for (const clip_params limits : {clip_params{-128, 127},
                                   {0, 127},
                                   {0, 0},
                                   {-128, -128},
                                   {127, 127},
                                   {-1, 0},
                                   {-100, 99},
                                   {0, 126}}) {
    c.clip = limits;
    check_clip(c);
  }
}

TEST_CASE("lookup: leaky_relu's table") {
  const octavo::multiplier_rshift slope{77, 8};
  rows_case c = all_pairs();
  c.b = {};
  std::vector<std::int8_t> table(256);
  for (int x = -128; x < 128; ++x) {
    table[static_cast<std::size_t>(x + 128)] = x < 0 ? slope(x) : static_cast<std::int8_t>(x);
  }
  c.table = table.data();
  c.expected = image(c.a.shape);
  octavo::reference::leaky_relu(c.a.view(), slope, c.expected.view());
  check_rows(c, &octavo::simd::kernel_table::lookup);
}
