// SPDX-License-Identifier: MIT
/// @file
/// Random convolutions of every form that the kernels know: what their tests and the soak draw.
#pragma once

#include <algorithm>
#include <cstdint>

#include "conv2d_case.hpp"
#include "support/random_graph.hpp"

namespace octavo::testing {

inline constexpr int block_sizes[] = {64, 32, 16};

inline padding random_border(random_source& rng) {
  return {rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2)};
}

inline void randomize_fills(conv2d_case& c, random_source& rng) {
  c.signed_source = rng.one_in(2);
  c.source = rng.one_in(2) ? fill::uniform : rng.pick(all_fills);
  c.weights = rng.one_in(2) ? fill::uniform : rng.pick(all_fills);
}

inline void randomize_epilogue(conv2d_case& c, random_source& rng) {
  c.kind = rng.one_in(3) ? policy::rshift : rng.pick(all_policies);
  c.per_channel = rng.one_in(2);
  c.extremes = rng.one_in(3);
  c.relu = rng.one_in(2);
  c.residual_operand = rng.integer(-1, 1);
  const int shift = rng.one_in(2) ? rng.integer(5, 8) : rng.integer(0, 31);
  c.add = {{rng.integer(0, 127), rng.integer(0, 127)}, shift};
}

/// Halves extents until the reference is done in reasonable time.
inline void shrink(conv2d_case& c, std::int64_t limit, random_source& rng) {
  for (int i = 0; c.multiply_adds() > limit && i < 100; ++i) {
    int& extent = *rng.pick<int*>({&c.src.h, &c.src.w, &c.src.n, &c.src.w});
    if (extent > 1) {
      extent = (extent + 1) / 2;
      c.window = random_conv_window(c.src, rng);
    } else if (c.groups == 1) {
      c.channels = (c.channels + 1) / 2;
    }
  }
}

/// Groups with one output channel each and several such groups a panel, groups that straddle
/// panels, and channel multipliers. What the depthwise kernel would take gets two outputs a group.
inline void randomize_channels(conv2d_case& c, random_source& rng) {
  const int most = rng.one_in(2) ? 40 : 200;
  c.src.c = rng.integer(1, most);
  c.channels = rng.integer(1, most);
  if (rng.one_in(3)) {
    c.groups = rng.integer(2, 12);
    const int group_ic = rng.integer(1, std::max(1, most / c.groups));
    int group_oc = rng.integer(1, std::max(1, most / c.groups));
    if (group_ic == 1 && group_oc == 1) group_oc = 2;
    c.src.c = c.groups * group_ic;
    c.channels = c.groups * group_oc;
  }
  c.src_block = rng.pick(block_sizes);
  c.dst_block = rng.pick(block_sizes);
}

/// Of about `limit` multiply-adds at most.
inline conv2d_case random_conv2d(random_source& rng, std::int64_t limit) {
  conv2d_case c;
  randomize_channels(c, rng);
  c.src.n = rng.one_in(2) ? 1 : rng.integer(2, 3);
  c.src.h = rng.integer(1, 9);
  c.src.w = rng.one_in(3) ? rng.integer(1, 70) : rng.integer(1, 20);
  c.window = random_conv_window(c.src, rng);
  shrink(c, limit, rng);
  c.src_extra = random_border(rng);
  c.dst_border = random_border(rng);
  randomize_fills(c, rng);
  randomize_epilogue(c, rng);
  return c;
}

/// All channels of a pixel together, as in a network's input, and so the columns of a window.
inline conv2d_case random_narrow(random_source& rng, std::int64_t limit) {
  conv2d_case c = random_conv2d(rng, limit);
  c.groups = 1;
  c.src.c = c.src_block = rng.integer(1, 4);
  if (rng.one_in(2)) c.src.w += rng.integer(0, 40);
  c.window = random_conv_window(c.src, rng);
  if (rng.one_in(4)) c.window = square(7, 2, 3);
  c.window.dilation_w = 1;
  if (c.dst().w < 1 || c.dst().h < 1) c.window = {};
  c.biased = c.signed_source && rng.one_in(2);
  return c;
}

inline conv2d_case random_depthwise(random_source& rng) {
  conv2d_case c;
  c.src = {rng.integer(1, 3), rng.integer(2, rng.one_in(2) ? 40 : 200), rng.integer(1, 9),
           rng.integer(1, 20)};
  c.window = random_conv_window(c.src, rng);
  c.channels = c.groups = c.src.c;
  c.src_block = c.dst_block = rng.pick(block_sizes);
  c.src_extra = {rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2)};
  c.dst_border = {rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2)};
  c.signed_source = rng.one_in(2);
  c.source = rng.pick(all_fills);
  c.weights = rng.pick(all_fills);
  c.kind = rng.pick(all_policies);
  c.per_channel = rng.one_in(2);
  c.extremes = rng.one_in(2);
  c.relu = rng.one_in(2);
  c.residual_operand = rng.integer(-1, 1);
  c.add = {{rng.integer(0, 127), rng.integer(0, 127)}, rng.integer(0, rng.one_in(2) ? 9 : 31)};
  return c;
}

/// Larger than a tile of winograd, and padded as its kernel wants it.
inline conv2d_case random_winograd(random_source& rng) {
  conv2d_case c;
  c.winograd = true;
  c.src = {rng.integer(1, 2), rng.integer(1, 70), rng.integer(4, 13), rng.integer(4, 13)};
  c.channels = rng.integer(1, 70);
  c.window = {.kh = 3, .kw = 3};
  for (int* pad :
       {&c.window.pad.top, &c.window.pad.left, &c.window.pad.bottom, &c.window.pad.right}) {
    *pad = rng.integer(1, 2);
  }
  c.src_block = rng.pick(block_sizes);
  c.dst_block = rng.pick(block_sizes);
  c.src_extra = {rng.integer(0, 1), rng.integer(0, 1), rng.integer(0, 1), rng.integer(0, 1)};
  c.dst_border = {rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2)};
  c.signed_source = rng.one_in(2);
  c.source = rng.one_in(2) ? fill::uniform : rng.pick(all_fills);
  c.weights = rng.one_in(2) ? fill::uniform : rng.pick(all_fills);
  c.kind = rng.one_in(2) ? policy::rshift : rng.pick(all_policies);
  c.per_channel = rng.one_in(2);
  c.extremes = rng.one_in(3);
  c.relu = rng.one_in(2);
  c.residual_operand = rng.integer(-1, 1);
  c.add = {{rng.integer(0, 127), rng.integer(0, 127)}, rng.integer(5, 8)};
  return c;
}

}  // namespace octavo::testing
