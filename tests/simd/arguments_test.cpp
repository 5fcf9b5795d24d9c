// SPDX-License-Identifier: MIT
/// @file
/// Tests of simd/arguments.hpp: what it makes of tensors equals what these tests write out, and the
/// two ways to see images or rows as more pixels of one row change no byte.

#include "octavo/simd/arguments.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "conv2d_case.hpp"
#include "octavo/reference/fully_connected.hpp"
#include "support/effort.hpp"
#include "support/random_graph.hpp"

using namespace octavo::testing;
using octavo::blocked_layout;
using octavo::blocked_view;
using octavo::padding;
using octavo::simd::conv2d_args;
using octavo::simd::packed_filter;

namespace {

using source_view = blocked_view<const std::int8_t>;
using destination_view = blocked_view<std::int8_t>;

template <class T>
bool same(const octavo::simd::operand<T>& a, const octavo::simd::operand<T>& b) {
  return a.data == b.data && a.image == b.image && a.plane == b.plane && a.row == b.row &&
         a.pixel == b.pixel;
}

bool same(const octavo::simd::extent& a, const octavo::simd::extent& b) {
  return a.images == b.images && a.blocks == b.blocks && a.rows == b.rows && a.columns == b.columns;
}

bool same(const octavo::simd::window_rows& a, const octavo::simd::window_rows& b) {
  return a.stride == b.stride && a.dilation == b.dilation && a.top == b.top &&
         a.src_rows == b.src_rows && a.skips == b.skips;
}

padding sum(const padding& a, const padding& b) {
  return {a.top + b.top, a.left + b.left, a.bottom + b.bottom, a.right + b.right};
}

/// A case's operands and packed filter for one instruction set, in the library's own terms.
struct prepared_case {
  prepared_case(const conv2d_case& c, const conv2d_operands& o,
                const octavo::simd::kernel_table& kernels)
      : src(blocked_source(c, o, kernels, guard::behind)),
        residual(blocked_residual(c, o, guard::behind)),
        dst(o.expected.shape, c.dst_block, c.dst_border, guard::behind, 0x55),
        expected(o.expected.shape, c.dst_block, c.dst_border, guard::behind, 0x55),
        memory(memory_for_filter(c, kernels, guard::behind)),
        filter(octavo::simd::pack_filter(geometry_of(c), kernels,
                                         {o.weights.values, o.bias, o.rule}, memory.bytes())) {
    expected.put(o.expected);
    src_view = {src.bytes().data(),
                {c.src, c.src_block, sum(c.window.pad, c.src_extra), is_biased(c, kernels)}};
    dst_view = {dst.bytes().data(), {c.dst(), c.dst_block, c.dst_border}};
    residual_view = {residual.bytes().data(), {c.dst(), c.dst_block, c.src_extra}};
  }

  /// Writes into the rows above and below the source's images.
  void fill_padding_rows(std::int8_t value) {
    const blocked_layout& at = src_view.layout;
    const auto row = static_cast<std::size_t>(at.row());
    const auto plane = static_cast<std::size_t>(at.plane());
    const auto top = static_cast<std::size_t>(at.border.top);
    const auto bottom = static_cast<std::size_t>(at.border.bottom);
    for (std::size_t i = 0; i + plane <= src.bytes().size(); i += plane) {
      const auto bytes = src.bytes().subspan(i, plane);
      std::ranges::fill(bytes.first(top * row), value);
      std::ranges::fill(bytes.last(bottom * row), value);
    }
  }

  guarded_tensor src;
  guarded_tensor residual;
  guarded_tensor dst;
  guarded_tensor expected;
  guarded_bytes memory;
  packed_filter filter;
  source_view src_view = {};
  destination_view dst_view = {};
  source_view residual_view = {};
};

conv2d_args arguments_of(const conv2d_case& c, const prepared_case& p) {
  conv2d_args args = octavo::simd::conv2d_arguments(p.filter, {c.window, c.groups, c.relu},
                                                    p.src_view, p.dst_view);
  if (c.residual_operand >= 0) {
    octavo::simd::add_residual(args, c.add, c.residual_operand, p.residual_view);
  }
  return args;
}

padding random_padding(random_source& rng) {
  return {rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2), rng.integer(0, 2)};
}

conv2d_case random_case(random_source& rng) {
  constexpr int blocks[] = {64, 32, 16};
  conv2d_case c;
  c.src = {rng.integer(1, 3), rng.integer(1, 70), rng.integer(1, 6), rng.integer(1, 9)};
  c.channels = rng.integer(1, 70);
  if (rng.one_in(4)) c.groups = c.channels = c.src.c;
  c.src_block = rng.pick(blocks);
  c.dst_block = c.groups > 1 ? c.src_block : rng.pick(blocks);
  c.window = random_conv_window(c.src, rng);
  c.src_extra = random_padding(rng);
  c.dst_border = random_padding(rng);
  if (rng.one_in(4)) {
    c.groups = 1;
    c.src.c = c.src_block = rng.integer(1, 4);
    c.window.dilation_w = 1;
    if (c.dst().w < 1) c.window = {};
    c.biased = rng.one_in(2);
  }
  c.relu = rng.one_in(2);
  if (c.groups == 1) c.residual_operand = rng.integer(-1, 1);
  c.add = {{rng.integer(0, 127), rng.integer(0, 127)}, 7};
  return c;
}

}  // namespace

TEST_CASE("conv2d_arguments and add_residual: as written out in conv2d_case.hpp") {
  for (std::uint64_t seed = 1; seed <= effort(200U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    const conv2d_case c = random_case(rng);
    const conv2d_operands o = random_operands(c, rng);
    const prepared_case p(c, o, all_kernels().front().table);
    const conv2d_args got = arguments_of(c, p);
    const conv2d_args expected = make_args(c, p.filter, p.src, p.dst);
    CHECK(same(got.src, expected.src));
    CHECK(same(got.dst, expected.dst));
    CHECK(same(got.out, expected.out));
    CHECK(got.tap_row == expected.tap_row);
    CHECK(got.tap_column == expected.tap_column);
    CHECK(got.src_block == expected.src_block);
    CHECK(same(got.rows, expected.rows));
    CHECK(got.src_biased == is_biased(c, all_kernels().front().table));
    CHECK(got.dst_block == expected.dst_block);
    CHECK(got.floor == expected.floor);
    CHECK(got.filter.weights == p.filter.weights);
    CHECK((got.residual.data != nullptr) == (c.residual_operand >= 0));
    if (c.residual_operand < 0) continue;
    CHECK(same(got.residual, p.residual.as_source()));
    CHECK(got.add.multiplier[1] == c.add.multiplier[c.residual_operand]);
    CHECK(got.add.multiplier[0] == c.add.multiplier[1 - c.residual_operand]);
    CHECK(got.add.shift == c.add.shift);
  }
}

TEST_CASE("window_rows::inside: the rows of the window that lie in the image, as counted") {
  for (std::uint64_t seed = 1; seed <= effort(2000U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    const int kh = rng.integer(1, 7);
    const octavo::simd::window_rows rows = {rng.integer(1, 4), rng.integer(1, 3),
                                            rng.integer(0, 20), rng.integer(1, 9), true};
    for (int out_row = 0; out_row < 12; ++out_row) {
      std::vector<int> inside;
      for (int tap = 0; tap < kh; ++tap) {
        const int row = out_row * rows.stride - rows.top + tap * rows.dilation;
        if (row >= 0 && row < rows.src_rows) inside.push_back(tap);
      }
      const octavo::simd::tap_range got = rows.inside(kh, out_row);
      const bool none = inside.empty();
      CHECK(got.begin == (none ? 0 : inside.front()));
      CHECK(got.end == (none ? 1 : inside.back() + 1));
    }
  }
}

TEST_CASE("Rows of the padding are not read where they would add nothing") {
  int left_out = 0;
  for (std::uint64_t seed = 1; seed <= effort(200U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    conv2d_case c = random_case(rng);
    c.groups = 1;
    c.signed_source = rng.one_in(4);
    c.src_extra = {};
    // One row of output, at which the window covers image and padding.
    padding& pad = c.window.pad;
    pad.top = rng.integer(0, 3);
    pad.bottom = rng.integer(0, 3);
    c.window.dilation_h = 1;
    c.window.kh = c.src.h + pad.top + pad.bottom;
    const conv2d_operands o = random_operands(c, rng);
    for (const kernels_under_test& k : all_kernels()) {
      INFO(k.name);
      prepared_case p(c, o, k.table);
      const conv2d_args args = arguments_of(c, p);
      if (!args.rows.skips) continue;
      ++left_out;
      p.fill_padding_rows(77);
      run_kernel(k.table.conv2d, args, true);
      CHECK(p.dst.difference_from(p.expected.copy()) == "");
    }
  }
  CHECK(left_out > 20);
}

TEST_CASE("merge_pixels changes how much work there is and no byte") {
  int merged = 0;
  for (std::uint64_t seed = 1; seed <= effort(200U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    conv2d_case c = random_case(rng);
    c.groups = 1;
    c.residual_operand = rng.integer(-1, 1);
    if (rng.one_in(2)) c.window = {};
    if (rng.one_in(2)) c.window.stride_h = rng.integer(1, 2);
    if (rng.one_in(3)) {  // rows without a gap, and padding above and below
      c.window = {.kh = 3, .pad = {.top = rng.integer(1, 2), .bottom = rng.integer(1, 2)}};
      c.signed_source = false;
    }
    for (padding* border : {&c.src_extra, &c.dst_border}) {
      if (!rng.one_in(4)) border->left = border->right = 0;
    }
    const conv2d_operands o = random_operands(c, rng);
    for (const kernels_under_test& k : all_kernels()) {
      INFO(k.name);
      const prepared_case p(c, o, k.table);
      conv2d_args args = arguments_of(c, p);
      const auto pixels_of = [](const octavo::simd::extent& out) {
        const std::int64_t missing = out.last_columns == 0 ? 0 : out.columns - out.last_columns;
        return out.images * (std::int64_t{out.rows} * out.columns - missing);
      };
      const std::int64_t pixels = pixels_of(args.out);
      const std::int64_t work = args.work();
      octavo::simd::merge_pixels(args, k.table.tile_pixels);
      CHECK(pixels_of(args.out) == pixels);
      merged += args.work() != work;
      run_kernel(k.table.conv2d, args, true);
      CHECK(p.dst.difference_from(p.expected.copy()) == "");
    }
  }
  CHECK(merged > 20);
}

TEST_CASE("extent::at: every row once, band by band, in a band block by block") {
  octavo::simd::extent out = {.images = 2, .blocks = 3, .rows = 7};
  for (out.band = 0; out.band <= 8; ++out.band) {
    CAPTURE(out.band);
    std::int64_t i = 0;
    const int band = out.band == 0 ? out.rows : out.band;
    for (int image = 0; image < out.images; ++image) {
      for (int first = 0; first < out.rows; first += band) {
        const int end = std::min(first + band, out.rows);
        for (int block = 0; block < out.blocks; ++block) {
          for (int row = first; row < end; ++row) {
            const auto at = out.at(i++);
            CHECK(at.image == image);
            CHECK(at.block == block);
            CHECK(at.row == row);
            CHECK(at.end_row == end);
          }
        }
      }
    }
    CHECK(i == out.work());
  }
}

TEST_CASE("share_rows: a band for each thread where the image outweighs half the filter") {
  conv2d_args args;
  args.out = {.blocks = 4, .rows = 9, .columns = 9};
  args.filter = {.kh = 3, .kw = 3, .channels = 64, .panel = 16, .weight_quads = 4};
  const std::int64_t weights = args.filter.panels() * args.filter.panel_bytes();
  REQUIRE(weights > 0);
  const auto shared = [&](std::int64_t image_bytes, int threads) {
    conv2d_args made = args;
    octavo::simd::share_rows(made, image_bytes, 6, threads);
    return made.out;
  };
  CHECK(shared(weights / 2, 2).band == 0);
  CHECK(shared(weights / 2 + 1, 1).band == 0);
  CHECK(shared(weights / 2 + 1, 2).band == 5);
  CHECK(shared(weights, 3).band == 3);
  CHECK(shared(weights, 100).band == 1);

  // 81 merged pixels are 14 tiles, and a thread's part of those is a row.
  args.out = {.blocks = 4, .rows = 2, .columns = 48, .last_columns = 33};
  CHECK(same(shared(weights, 2), {1, 4, 2, 42}));
  CHECK(shared(weights, 2).last_columns == 39);
  CHECK(shared(weights, 2).band == 1);
  CHECK(same(shared(weights, 4), {1, 4, 4, 24}));
  CHECK(shared(weights, 4).last_columns == 9);
  CHECK(same(shared(weights, 100), {1, 4, 14, 6}));
}

TEST_CASE("share_rows changes the order of rows and no byte") {
  for (std::uint64_t seed = 1; seed <= effort(200U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    conv2d_case c = random_case(rng);
    c.groups = 1;
    c.residual_operand = rng.integer(-1, 1);
    const conv2d_operands o = random_operands(c, rng);
    for (const kernels_under_test& k : all_kernels()) {
      INFO(k.name);
      const prepared_case p(c, o, k.table);
      conv2d_args args = arguments_of(c, p);
      octavo::simd::merge_pixels(args, k.table.tile_pixels);
      octavo::simd::share_rows(args, std::int64_t{1} << 40, k.table.tile_pixels, rng.integer(2, 5));
      REQUIRE(args.out.band > 0);
      run_kernel(k.table.conv2d, args, true);
      CHECK(p.dst.difference_from(p.expected.copy()) == "");
    }
  }
}

TEST_CASE("merge_pixels: images of one pixel as pixels of a convolution with the image as window") {
  for (std::uint64_t seed = 1; seed <= effort(100U); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    conv2d_case c = random_case(rng);
    c.src.n = rng.integer(1, 20);
    c.groups = 1;
    c.residual_operand = -1;
    c.window = {.kh = c.src.h, .kw = c.src.w};
    conv2d_operands o = random_operands(c, rng);
    octavo::tensor<std::int8_t> values(c.dst());
    const octavo::tensor_view<const std::int8_t> weights = {
        o.weights.values.data(), {c.channels, static_cast<int>(c.taps()), 1, 1}};
    octavo::reference::fully_connected(
        o.src.view(), octavo::filter<std::int32_t>{weights, o.bias}, c.relu,
        [&](std::int32_t acc, int oc) { return octavo::requantize(o.rule, acc, oc); },
        values.view());
    o.expected = with_full_blocks(values, c.dst_block, [] { return std::int8_t{0}; });
    for (const kernels_under_test& k : all_kernels()) {
      INFO(k.name);
      const prepared_case p(c, o, k.table);
      conv2d_args args = arguments_of(c, p);
      octavo::simd::merge_pixels(args, k.table.tile_pixels);
      CHECK(args.out.columns == c.src.n);
      run_kernel(k.table.conv2d, args, true);
      CHECK(p.dst.difference_from(p.expected.copy()) == "");
    }
  }
}

TEST_CASE("rows_arguments and pool_arguments: strides of the tensors, extents of the output") {
  const blocked_layout in = {{2, 40, 5, 6}, 16, {1, 2, 3, 4}};
  const blocked_layout out = {{2, 40, 2, 3}, 16, {0, 1, 0, 2}};
  std::vector<std::int8_t> memory(static_cast<std::size_t>(in.bytes()));
  const std::int8_t* const src = memory.data();
  std::int8_t* const dst = memory.data();
  const auto rows = octavo::simd::rows_arguments({src, in}, {dst, in});
  CHECK(rows.row_bytes == 6 * 16);
  CHECK(same(rows.out, {2, 3, 5, 6}));
  CHECK(rows.a.row == (2 + 6 + 4) * 16);
  CHECK(rows.a.plane == (1 + 5 + 3) * rows.a.row);
  CHECK(rows.a.image == 3 * rows.a.plane);
  CHECK(rows.dst.row == rows.a.row);
  const octavo::pool_params pool = {octavo::square(2, 2), octavo::size_rounding::floor, true};
  const auto args = octavo::simd::pool_arguments(pool, {src, in}, {dst, out});
  CHECK(same(args.out, {2, 3, 2, 3}));
  CHECK(args.src_rows == 5);
  CHECK(args.src_columns == 6);
  CHECK(args.block == 16);
  CHECK(args.count_padding);
  CHECK(args.window == pool.window);
  CHECK(args.dst.row == (1 + 3 + 2) * 16);
}
