// SPDX-License-Identifier: MIT
/// @file
/// Tests of simd/pack.hpp: where every weight goes, what lies elsewhere, and the accumulators'
/// bounds.

#include "octavo/simd/pack.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "octavo/quant/fixed_point.hpp"
#include "octavo/quant/requantization.hpp"
#include "support/effort.hpp"
#include "support/guarded.hpp"
#include "support/isa_list.hpp"
#include "support/random.hpp"
#include "support/random_model.hpp"

using namespace octavo::testing;
using octavo::policy;
using octavo::requantization;
using octavo::simd::filter_geometry;
using octavo::simd::filter_order;
using octavo::simd::kernel_table;
using octavo::simd::packed_filter;
using octavo::simd::quad;

namespace {

constexpr std::size_t canary_bytes = 64;
constexpr auto canary = std::byte{0x5a};

/// A layer's geometry and parameters, packed into memory that ends in canaries.
struct packed_layer {
  filter_geometry layer = {};
  std::vector<std::int8_t> weights = {};
  std::vector<std::int32_t> bias = {};
  requantization rule = {};
  guarded_bytes memory{0, guard::before};
  packed_filter filter = {};

  std::size_t bytes() const { return memory.bytes().size() - canary_bytes; }
};

packed_layer pack(const filter_geometry& layer, const kernel_table& kernels, policy kind,
                  std::byte poison) {
  random_source rng(11);
  const auto bytes = static_cast<std::size_t>(octavo::simd::packed_bytes(layer, kernels, kind));
  packed_layer p{.layer = layer, .memory = {bytes + canary_bytes, guard::before}};
  p.weights.resize(static_cast<std::size_t>(layer.weights.elements()));
  fill_with(p.weights, fill::uniform, rng);
  p.rule.kind = kind;
  for (int oc = 0; oc < layer.weights.n; ++oc) {
    append_entry(p.rule, layer.weights.elements_per_image(), false, rng);
    p.bias.push_back(rng.integer(-100'000, 100'000));
  }
  std::ranges::fill(p.memory.bytes(), poison);
  std::ranges::fill(p.memory.bytes().last(canary_bytes), canary);
  p.filter = octavo::simd::pack_filter(layer, kernels, {p.weights, p.bias, p.rule},
                                       p.memory.bytes().first(bytes));
  return p;
}

filter_geometry random_geometry(random_source& rng) {
  constexpr int blocks[] = {64, 32, 16};
  filter_geometry layer;
  layer.groups = rng.one_in(2) ? 1 : rng.integer(2, 20);
  const int most = std::max(1, 150 / layer.groups);
  const int group_ic = rng.integer(1, most);
  const int group_oc = rng.integer(1, most);
  layer.weights = {layer.groups * group_oc, group_ic, rng.integer(1, 3), rng.integer(1, 3)};
  layer.dst_block = rng.pick(blocks);
  layer.src_block = rng.pick(blocks);
  layer.signed_source = rng.one_in(2);
  return layer;
}

filter_geometry depthwise_geometry(int channels, int block) {
  return {{channels, 1, 3, 2}, channels, block, block, true};
}

std::string layer_text(const filter_geometry& layer) {
  return octavo::concat_text(layer.weights.n, "x", layer.weights.c, "x", layer.weights.h, "x",
                             layer.weights.w, " groups ", layer.groups, " blocks ", layer.src_block,
                             " to ", layer.dst_block);
}

/// The tables under test, and one whose dot products take two quads: packing needs no kernels.
std::vector<kernels_under_test> all_packings() {
  std::vector<kernels_under_test> list = all_kernels();
  kernels_under_test pairs = list.back();
  pairs.name += " in steps of two quads";
  pairs.table.step_quads = 2;
  list.push_back(pairs);
  return list;
}

/// work(layer, kernels, policy) for random layers and every instruction set.
template <class Work>
void for_layers(int count, const Work& work) {
  const std::vector<kernels_under_test> packings = all_packings();
  for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(count); ++seed) {
    CAPTURE(seed);
    random_source rng(seed);
    const filter_geometry layer =
        rng.one_in(6) ? depthwise_geometry(rng.integer(2, 100), 16) : random_geometry(rng);
    INFO(layer_text(layer));
    for (const kernels_under_test& k : packings) {
      INFO(k.name);
      work(layer, k.table, all_policies[seed % 4]);
    }
  }
}

/// A run of quads that a panel reads from one block of the source.
struct quad_run {
  int begin;
  int end;
  std::int64_t place;  ///< of its first weight
};

/// The runs of a panel, each in whole steps; the last one, empty, is where the panel's weights end.
std::vector<quad_run> runs_of(const packed_filter& f, int block_quads, int step, int panel) {
  std::vector<quad_run> runs;
  const int end = f.first_quad(panel) + f.quads;
  std::int64_t place = panel * f.panel_bytes();
  for (int q = f.first_quad(panel); q < end; ++q) {
    if (runs.empty() || q % block_quads == 0) runs.push_back({q, q, place});
    runs.back().end = q + 1;
    if ((q - runs.back().begin) % step == 0) {
      place += std::int64_t{f.kh} * f.kw * step * f.panel * quad;
    }
  }
  runs.push_back({end, end, place});
  return runs;
}

/// The place of a weight: [panel][source block][kh][kw][step][oc of the panel][ic of the step].
std::int64_t dense_place(const packed_filter& f, const std::vector<quad_run>& runs, int step,
                         int oc, int ic, int tap) {
  const int q = ic / quad;
  const auto run = std::ranges::find_if(runs, [&](const quad_run& r) { return q < r.end; });
  const int steps_of_tap = (run->end - run->begin + step - 1) / step;
  const int steps_before = tap * steps_of_tap + (q - run->begin) / step;
  const int lane = (q - run->begin) % step * quad + ic % quad;
  return run->place + (std::int64_t{steps_before} * f.panel + oc % f.panel) * step * quad + lane;
}

std::vector<std::int8_t> expected_depthwise(const packed_layer& p) {
  const packed_filter& f = p.filter;
  const int taps = f.kh * f.kw;
  std::vector<std::int8_t> expected(static_cast<std::size_t>(taps * f.channels));
  for (int oc = 0; oc < p.layer.weights.n; ++oc) {
    for (int tap = 0; tap < taps; ++tap) {
      expected[static_cast<std::size_t>(tap * f.channels + oc)] =
          p.weights[static_cast<std::size_t>(oc * taps + tap)];
    }
  }
  return expected;
}

/// The weights' bytes as filter_order describes them. Behind a panel that has fewer steps than the
/// longest one, the memory keeps what it held.
std::vector<std::int8_t> expected_dense(const packed_layer& p, int step, std::int8_t before) {
  const packed_filter& f = p.filter;
  const int taps = f.kh * f.kw;
  std::vector<std::int8_t> expected(static_cast<std::size_t>(f.panels() * f.panel_bytes()), before);
  for (int panel = 0; panel < f.panels(); ++panel) {
    const auto runs = runs_of(f, p.layer.src_block / quad, step, panel);
    std::fill(expected.begin() + runs.front().place, expected.begin() + runs.back().place,
              std::int8_t{0});
    for (int oc = panel * f.panel; oc < (panel + 1) * f.panel && oc < p.layer.weights.n; ++oc) {
      const int first_ic = oc / f.group_oc * f.group_ic;
      for (int i = 0; i < f.group_ic * taps; ++i) {
        const std::int64_t place = dense_place(f, runs, step, oc, first_ic + i / taps, i % taps);
        expected[static_cast<std::size_t>(place)] =
            p.weights[static_cast<std::size_t>(oc * f.group_ic * taps + i)];
      }
    }
  }
  return expected;
}

/// floor(acc * m / 2^shift + 1/2), or either of its kin, before the saturation.
std::int64_t unsaturated(const requantization& rule, std::int32_t acc) {
  const int shift = rule.shift[0];
  switch (rule.kind) {
    case policy::rshift:
      return octavo::shift_round_up(acc, shift);
    case policy::rshift_half_away:
      return octavo::shift_half_away(acc, shift);
    case policy::multiplier_rshift:
      return octavo::shift_round_up(std::int64_t{acc} * rule.multiplier[0], shift);
    case policy::multiplier_q31:
      return octavo::shift_round_up(std::int64_t{acc} * rule.multiplier[0], 31);
  }
  return 0;
}

/// Clamping to the bounds changes no int8, they are as tight as can be, and what lies between fits
/// 32 bits.
void check_bounds(const requantization& rule) {
  CAPTURE(static_cast<int>(rule.kind));
  CAPTURE(+rule.shift[0]);
  const std::int32_t m = rule.multiplier.empty() ? 1 : rule.multiplier[0];
  CAPTURE(m);
  const auto f = [&](std::int32_t acc) { return octavo::requantize(rule, acc, 0); };
  const auto [lowest, highest] = octavo::simd::detail::bounds_of(f);
  REQUIRE(lowest < highest);
  for (const std::int64_t centre : {std::int64_t{INT32_MIN}, std::int64_t{lowest}, std::int64_t{0},
                                    std::int64_t{highest}, std::int64_t{INT32_MAX}}) {
    for (std::int64_t i = centre - 3; i <= centre + 3; ++i) {
      const auto acc = static_cast<std::int32_t>(
          std::clamp(i, std::int64_t{INT32_MIN}, std::int64_t{INT32_MAX}));
      CHECK(f(acc) == f(std::clamp(acc, lowest, highest)));
    }
  }
  const bool low_is_tight = f(lowest) == -128 && f(lowest + 1) > -128;
  const bool high_is_tight = f(highest) == 127 && f(highest - 1) < 127;
  CHECK((lowest == INT32_MIN || low_is_tight));
  CHECK((highest == INT32_MAX || high_is_tight));
  CHECK(unsaturated(rule, lowest) >= INT32_MIN);
  CHECK(unsaturated(rule, highest) <= INT32_MAX);
}

}  // namespace

TEST_CASE("pack_filter writes packed_bytes() bytes, all of them, and none behind") {
  for_layers(
      effort(200), [](const filter_geometry& layer, const kernel_table& kernels, policy kind) {
        const packed_layer first = pack(layer, kernels, kind, std::byte{0x00});
        const packed_layer second = pack(layer, kernels, kind, std::byte{0xff});
        CHECK(first.bytes() % octavo::cache_line == 0);
        CHECK(std::ranges::count(first.memory.bytes().last(canary_bytes), canary) == canary_bytes);
        const auto a = first.memory.bytes();
        const auto b = second.memory.bytes();
        std::size_t unwritten = 0;
        for (std::size_t i = 0; i < a.size(); ++i) unwritten += a[i] != b[i];
        // Up to the next cache line behind a depthwise filter's weights.
        const bool leaves_gaps = kernels.step_quads > 1 && !layer.is_depthwise();
        if (!leaves_gaps) CHECK(unwritten < (layer.is_depthwise() ? octavo::cache_line : 1));
      });
}

TEST_CASE("pack_filter: every weight where filter_order says, zeros elsewhere") {
  for_layers(effort(200),
             [](const filter_geometry& layer, const kernel_table& kernels, policy kind) {
               const packed_layer p = pack(layer, kernels, kind, std::byte{0x77});
               const bool dense = p.filter.order == filter_order::dense;
               const auto expected =
                   dense ? expected_dense(p, kernels.step_quads, 0x77) : expected_depthwise(p);
               REQUIRE(expected.size() <= p.bytes());
               REQUIRE(p.filter.weights == p.memory.values().data());
               CHECK(std::ranges::equal(expected, std::span(p.filter.weights, expected.size())));
             });
}

TEST_CASE("panels read the quads of their groups, no more of them than the widest panel needs") {
  for_layers(
      effort(400), [](const filter_geometry& layer, const kernel_table& kernels, policy kind) {
        const packed_filter f = octavo::simd::detail::plan_filter(layer, kernels, kind);
        if (f.order == filter_order::depthwise) return;
        CHECK(f.panels() * f.panel == octavo::align_up(layer.weights.n, layer.dst_block));
        CHECK(layer.dst_block % f.panel == 0);
        int most = 0;
        for (int panel = 0; panel < f.panels(); ++panel) {
          int begin = f.source_quads;
          int end = 0;
          for (int oc = panel * f.panel; oc < (panel + 1) * f.panel && oc < layer.weights.n; ++oc) {
            const int first_ic = oc / f.group_oc * f.group_ic;
            begin = std::min(begin, first_ic / quad);
            end = std::max(end, (first_ic + f.group_ic - 1) / quad + 1);
          }
          most = std::max(most, end - begin);
          CHECK(f.first_quad(panel) >= 0);
          CHECK(f.first_quad(panel) <= begin);
          CHECK(f.first_quad(panel) + f.quads >= end);
          CHECK(f.first_quad(panel) + f.quads <= f.source_quads);
        }
        CHECK(f.quads == most);
        CHECK(f.weight_quads >= f.quads);
        if (kernels.step_quads == 1) CHECK(f.weight_quads == f.quads);
      });
}

TEST_CASE("parameters of every channel, aligned; zeros for padding channels") {
  for_layers(
      effort(100), [](const filter_geometry& layer, const kernel_table& kernels, policy kind) {
        const packed_layer p = pack(layer, kernels, kind, std::byte{0x77});
        const packed_filter& f = p.filter;
        const bool bounded = kind != policy::rshift;
        REQUIRE((f.lowest != nullptr) == bounded);
        REQUIRE((f.highest != nullptr) == bounded);
        REQUIRE((f.multiplier != nullptr) == !octavo::is_rshift(kind));
        for (const std::int32_t* array : {f.bias, f.shift, f.lowest, f.highest, f.multiplier}) {
          if (array == nullptr) continue;
          CHECK(octavo::is_aligned(array));
          const std::span padding(array + layer.weights.n, array + f.channels);
          CHECK(std::ranges::count(padding, 0) == std::ssize(padding));
        }
        for (int oc = 0; oc < layer.weights.n; ++oc) {
          const auto channel = static_cast<std::size_t>(oc);
          CHECK(f.shift[oc] == p.rule.shift[channel]);
          if (f.multiplier != nullptr) CHECK(f.multiplier[oc] == p.rule.multiplier[channel]);
        }
      });
}

TEST_CASE(
    "accumulators start from the bias, half a unit where shifts round, and the offset's share") {
  for_layers(effort(100),
             [](const filter_geometry& layer, const kernel_table& kernels, policy kind) {
               const packed_layer p = pack(layer, kernels, kind, std::byte{0x77});
               const auto taps = static_cast<std::size_t>(layer.weights.elements_per_image());
               const bool offset = layer.signed_source && p.filter.order == filter_order::dense;
               for (std::size_t oc = 0; oc < p.bias.size(); ++oc) {
                 std::int64_t start = p.bias[oc];
                 const int shift = p.rule.shift[oc];
                 if (kind == policy::rshift && shift > 0) start += std::int64_t{1} << (shift - 1);
                 for (std::size_t i = 0; i < taps && offset; ++i) {
                   start -= std::int64_t{kernels.source_offset} * p.weights[oc * taps + i];
                 }
                 CHECK(p.filter.bias[oc] == start);
               }
             });
}

TEST_CASE("the share of a signed source may wrap around 32 bits") {
  const std::vector<std::int8_t> weights(100'000, -128);
  const auto start =
      octavo::simd::detail::starting_value(2'000'000'000, policy::rshift, 5, 128, weights);
  CHECK(start == 2'000'000'016LL + 100'000LL * 128 * 128 - (1LL << 32));
}

TEST_CASE("bounds_of: nothing changes beyond them, and no product leaves 32 bits") {
  for (const policy kind : all_policies) {
    const int most = kind == policy::multiplier_rshift ? 62 : 31;
    for (int shift = 0; shift <= most; ++shift) {
      requantization rule;
      rule.kind = kind;
      rule.shift = {static_cast<std::uint8_t>(shift)};
      if (octavo::is_rshift(kind)) {
        check_bounds(rule);
        continue;
      }
      random_source rng(static_cast<std::uint64_t>(shift));
      const std::int32_t least = kind == policy::multiplier_q31 ? 1 << 30 : 1;
      for (const std::int32_t m : {least, least + 1, least + 2, 1 << 30, INT32_MAX,
                                   rng.integer(least, INT32_MAX), rng.integer(least, INT32_MAX)}) {
        rule.multiplier = {m};
        check_bounds(rule);
      }
    }
  }
}
