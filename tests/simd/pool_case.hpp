// SPDX-License-Identifier: MIT
/// @file
/// One pool through the kernels of every instruction set.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "support/blocked_tensors.hpp"
#include "support/compare.hpp"
#include "support/isa_list.hpp"
#include "support/random_graph.hpp"
#include "support/work_pieces.hpp"

namespace octavo::testing {

struct pool_case {
  pool_params params = {};
  int block = 64;  ///< divides the channels: kernels without weights know no padding channels
  padding src_border = {};
  padding dst_border = {};
  tensor<std::int8_t> src = {};
  tensor<std::int8_t> expected = {};
};

inline std::string to_text(const pool_case& c) {
  const octavo::window& w = c.params.window;
  return concat_text("pool ", to_text(c.src.shape), " to ", to_text(c.expected.shape), ", kernel ",
                     w.kh, "x", w.kw, " stride ", w.stride_h, "x", w.stride_w, " pad ", w.pad.top,
                     " ", w.pad.left, " ", w.pad.bottom, " ", w.pad.right, ", block ", c.block,
                     c.params.rounding == size_rounding::ceil ? ", ceil" : ", floor",
                     c.params.count_padding ? ", padding counts" : "");
}

inline shape pooled_shape(const shape& src, const pool_params& params) {
  return window_shape(src, src.c, params.window, params.rounding);
}

/// Everything but `expected`, which has its shape.
inline pool_case random_pool_case(random_source& rng) {
  constexpr int blocks[] = {64, 32, 16};
  pool_case c;
  c.block = rng.pick(blocks);
  const shape extents = {rng.integer(1, 3), c.block * rng.integer(1, 3), rng.integer(1, 9),
                         rng.integer(1, 20)};
  c.params = random_pool(extents, rng);
  c.src_border = {rng.integer(0, 3), rng.integer(0, 3), rng.integer(0, 3), rng.integer(0, 3)};
  c.dst_border = {rng.integer(0, 3), rng.integer(0, 3), rng.integer(0, 3), rng.integer(0, 3)};
  c.src = random_tensor(extents, rng.pick(all_fills), rng);
  c.expected = tensor<std::int8_t>(pooled_shape(extents, c.params));
  return c;
}

using pool_kernel = void (*simd::kernel_table::*)(const simd::pool_args&,
                                                  simd::work_range) noexcept;

/// How the output, or the source after the run, differs from what it must be. The source's border
/// holds garbage.
inline std::string pool_difference(const pool_case& c, const simd::pool_rule* rules,
                                   const simd::kernel_table& kernels, pool_kernel kernel,
                                   const run_style& style) {
  guarded_tensor src(c.src.shape, c.block, c.src_border, style.side, 125);
  src.put(c.src);
  guarded_tensor dst(c.expected.shape, c.block, c.dst_border, style.side, style.poison);
  guarded_tensor expected(c.expected.shape, c.block, c.dst_border, style.side, style.poison);
  expected.put(c.expected);
  simd::pool_args args;
  args.src = src.as_source();
  args.dst = dst.as_destination();
  args.block = c.block;
  args.window = c.params.window;
  args.src_rows = c.src.shape.h;
  args.src_columns = c.src.shape.w;
  args.out = {c.src.shape.n, dst.blocks(), c.expected.shape.h, c.expected.shape.w};
  args.rules = rules;
  args.count_padding = c.params.count_padding;
  const auto before = src.copy();
  run_kernel(kernels.*kernel, args, style.in_pieces);
  if (src.copy() != before) return "the source has changed";
  return dst.difference_from(expected.copy());
}

inline void check_pool(const pool_case& c, const simd::pool_rule* rules, pool_kernel kernel) {
  INFO(to_text(c));
  for (const kernels_under_test& k : all_kernels()) {
    INFO(k.name);
    for (const run_style& style : all_run_styles) {
      CHECK(pool_difference(c, rules, k.table, kernel, style) == "");
    }
  }
}

}  // namespace octavo::testing
