// SPDX-License-Identifier: MIT
/// @file
/// octavo::kernels, the fast kernels on their own, against octavo::reference.
#include "octavo/kernels.hpp"

#include <array>
#include <limits>
#include <type_traits>

#include "engine_test_tools.hpp"
#include "octavo/reference/avg_pool.hpp"
#include "octavo/reference/concat.hpp"
#include "octavo/reference/conv2d.hpp"
#include "octavo/reference/fully_connected.hpp"
#include "octavo/reference/leaky_relu.hpp"
#include "octavo/reference/max_pool.hpp"
#include "octavo/reference/quantize.hpp"
#include "octavo/reference/relu.hpp"
#include "octavo/reference/scale.hpp"
#include "support/effort.hpp"

namespace octavo::testing {
namespace {

using view = tensor_view<const std::int8_t>;

/// Calls check(kernels, rng) for every instruction set, some times.
template <class Check>
void on_every_isa(const Check& check) {
  for (const isa which : available_isas()) {
    INFO(to_string(which));
    const kernels fast(which);
    CHECK(fast.isa() == which);
    for (int i = 0; i < effort(40); ++i) {
      INFO("seed " << i);
      random_source rng(static_cast<std::uint64_t>(i) + 500);
      check(fast, rng);
    }
  }
}

/// Calls run(policy or per_channel<policy>) with one that fits `channels` channels of `taps` taps.
template <class Run>
void with_random_policy(int channels, int taps, random_source& rng, const Run& run) {
  const int shift = usual_shift(taps);
  std::vector<rshift> shifts;
  std::vector<multiplier_q31> pairs;
  for (int i = 0; i < channels; ++i) {
    shifts.push_back({shift + rng.integer(-1, 1)});
    pairs.push_back({static_cast<std::int32_t>(rng.between(1 << 30, INT32_MAX)), shift - 1});
  }
  switch (rng.integer(0, 4)) {
    case 0:
      return run(rshift{shift});
    case 1:
      return run(rshift_half_away{shift});
    case 2:
      return run(multiplier_rshift{200, shift + 7});
    case 3:
      return run(per_channel<rshift>{shifts});
    default:
      return run(per_channel<multiplier_q31>{pairs});
  }
}

/// The pair of outputs of the fast and the slow op.
struct outputs {
  tensor<std::int8_t> fast;
  tensor<std::int8_t> slow;

  explicit outputs(const shape& extents) : fast(extents), slow(extents) {}
  void check() const { CHECK(difference(slow, fast) == ""); }
};

}  // namespace

TEST_CASE("conv2d, prepared or not, with each width of bias") {
  on_every_isa([](const kernels& fast, random_source& rng) {
    const tensor<std::int8_t> src = random_tensor(random_shape(rng), rng.pick(all_fills), rng);
    const conv2d_options options = random_conv(src.shape, rng);
    const conv_params conv = {options.window, options.groups, rng.one_in(2)};
    const window& w = conv.window;
    const tensor<std::int8_t> weights = random_tensor(
        {options.channels, src.shape.c / conv.groups, w.kh, w.kw}, rng.pick(all_fills), rng);
    const auto taps = static_cast<int>(weights.shape.elements_per_image());
    std::vector<std::int16_t> bias(rng.one_in(4) ? 0 : static_cast<std::size_t>(options.channels));
    for (std::int16_t& b : bias) b = static_cast<std::int16_t>(rng.integer(-3000, 3000));
    const filter<std::int16_t> filter = {weights.view(), bias};
    with_random_policy(options.channels, taps, rng, [&](const auto& requantize) {
      const packed_conv2d packed = fast.pack(src.shape, filter, conv, requantize);
      outputs dst(packed.dst_layout().shape);
      reference::conv2d(src.view(), filter, conv, requantize, dst.slow.view());
      fast.conv2d(src.view(), filter, conv, requantize, dst.fast.view());
      dst.check();
      const blocked_tensor in(src.view(), packed.src_layout());
      blocked_tensor out(packed.dst_layout());
      packed(in.view(), out.view());
      copy_to_nchw(out.view(), dst.fast.view());
      dst.check();
    });
  });
}

TEST_CASE("conv2d on a source that is promised to be 0..127") {
  on_every_isa([](const kernels& fast, random_source& rng) {
    tensor<std::int8_t> src = random_tensor({1, rng.integer(1, 70), 7, 9}, fill::uniform, rng);
    for (std::int8_t& x : src.values) x = static_cast<std::int8_t>(x & 127);
    const tensor<std::int8_t> weights =
        random_tensor({33, src.shape.c, 3, 3}, rng.pick(all_fills), rng);
    const filter<std::int32_t> filter = {weights.view(), {}};
    const conv_params conv = {.window = square(3, 1, 1)};
    const packed_conv2d packed =
        fast.pack({src.shape, source_values::non_negative}, filter, conv, rshift{11});
    outputs dst(packed.dst_layout().shape);
    reference::conv2d(src.view(), filter, conv, rshift{11}, dst.slow.view());
    blocked_tensor out(packed.dst_layout());
    const blocked_tensor in(src.view(), packed.src_layout());
    packed(in.view(), out.view());
    copy_to_nchw(out.view(), dst.fast.view());
    dst.check();
  });
}

TEST_CASE("a packed convolution with a residual, in any number of parts") {
  threading parts = {3, [](int count, task_ref task) {
                       for (int i = count - 1; i >= 0; --i) task(i);
                     }};
  on_every_isa([&](const kernels& fast, random_source& rng) {
    const tensor<std::int8_t> src = random_tensor(random_shape(rng), rng.pick(all_fills), rng);
    const conv2d_options options = random_conv(src.shape, rng);
    const conv_params conv = {options.window, options.groups, rng.one_in(2)};
    const tensor<std::int8_t> weights =
        random_tensor({options.channels, src.shape.c / conv.groups, conv.window.kh, conv.window.kw},
                      rng.pick(all_fills), rng);
    const filter<std::int32_t> filter = {weights.view(), {}};
    const int shift = usual_shift(static_cast<int>(weights.shape.elements_per_image()));
    const packed_conv2d packed = fast.pack(src.shape, filter, conv, rshift{shift});
    const shape& out_shape = packed.dst_layout().shape;
    const tensor<std::int8_t> residual = random_tensor(out_shape, rng.pick(all_fills), rng);
    const add_params sum = {{rng.integer(0, 127), rng.integer(0, 127)}, rng.integer(0, 8)};

    outputs dst(out_shape);
    conv_params plain = conv;
    plain.relu = false;
    tensor<std::int8_t> convolved(out_shape);
    reference::conv2d(src.view(), filter, plain, rshift{shift}, convolved.view());
    reference::add(convolved.view(), residual.view(), sum, conv.relu, dst.slow.view());
    const blocked_tensor in(src.view(), packed.src_layout());
    const blocked_tensor other(residual.view(), packed.dst_layout());
    blocked_tensor out(packed.dst_layout());
    packed(in.view(), residual_add{other.view(), sum}, out.view(), parts);
    copy_to_nchw(out.view(), dst.fast.view());
    dst.check();
    reference::conv2d(src.view(), filter, conv, rshift{shift}, dst.slow.view());
    packed(in.view(), out.view(), parts);
    copy_to_nchw(out.view(), dst.fast.view());
    dst.check();
  });
}

TEST_CASE("packed_conv2d refuses operands of another layout") {
  const kernels fast;
  const std::int8_t data[64] = {};
  const filter<std::int32_t> filter = {{data, {2, 2, 1, 1}}, {}};
  const packed_conv2d packed = fast.pack(shape{1, 2, 4, 4}, filter, {}, rshift{1});
  const blocked_tensor src(packed.src_layout());
  blocked_tensor dst(packed.dst_layout());
  const blocked_tensor wide(preferred_layout({1, 2, 4, 4}, {1, 1, 1, 1}));
  blocked_tensor small(preferred_layout({1, 2, 3, 4}));
  packed(src.view(), dst.view());
  const auto refused = [](const char* message, const auto& work) {
    CHECK_THROWS_WITH_AS(work(), message, error);
  };
  refused("conv2d: the source has not the packed layout", [&] { packed(wide.view(), dst.view()); });
  refused("conv2d: the destination has not the packed layout",
          [&] { packed(src.view(), small.view()); });
  refused("conv2d: the residual has not the packed layout", [&] {
    packed(src.view(), residual_add{wide.view(), {{1, 1}, 0}}, dst.view());
  });
  refused("conv2d: a multiplier is outside 0..127 or the shift outside 0..31", [&] {
    packed(src.view(), residual_add{dst.view(), {{1, 128}, 0}}, dst.view());
  });
  refused("conv2d: there is no residual", [&] {
    packed(src.view(), residual_add{{nullptr, packed.dst_layout()}, {{1, 1}, 0}}, dst.view());
  });
  refused("conv2d: threads need a parallel_for",
          [&] { packed(src.view(), dst.view(), {.threads = 4}); });
  refused("conv2d: needs at least one thread",
          [&] { packed(src.view(), dst.view(), {.threads = 0}); });
  for (const shape& wrong :
       {shape{-1, 2, 4, 4}, shape{1, 0, 4, 4}, shape{1, 1 << 20, 1 << 20, 1}}) {
    std::int8_t out[4] = {};
    const view bad = {data, wrong};
    const tensor_view<std::int8_t> to = {out, wrong};
    refused("clip: a shape is out of range", [&] { fast.relu(bad, to); });
    refused("add: a shape is out of range", [&] { fast.add(bad, bad, {{1, 1}, 1}, false, to); });
    refused("pool: a shape is out of range", [&] { fast.max_pool(bad, {}, to); });
    refused("leaky_relu: a shape is out of range", [&] { fast.leaky_relu(bad, {1, 1}, to); });
    refused("concat: a shape is out of range", [&] { fast.concat(bad, {1, 1}, 0, to); });
    refused("dequantize: a shape is out of range", [&] {
      fast.dequantize(bad, 1.0, tensor_view<float>{nullptr, wrong});
    });
  }
  refused("blocked_tensor: the source has the shape 1x2x4x3, expected 1x2x4x4", [&] {
    static_cast<void>(blocked_tensor(view{data, {1, 2, 4, 3}}, packed.src_layout()));
  });
}

TEST_CASE("quantize and dequantize") {
  on_every_isa([](const kernels& fast, random_source& rng) {
    const shape extents = {1, rng.integer(1, 3), rng.integer(1, 9), rng.integer(1, 9)};
    tensor<float> src(extents);
    for (float& x : src.values) x = static_cast<float>(rng.real() * 4);
    outputs dst(extents);
    reference::quantize(src.view(), 2.9, dst.slow.view());
    fast.quantize(src.view(), 2.9, dst.fast.view());
    dst.check();
    tensor<float> back(extents);
    fast.dequantize(dst.fast.view(), 2.9, back.view());
    reference::dequantize(dst.fast.view(), 2.9, src.view());
    CHECK(back.values == src.values);
    src.values.back() = std::numeric_limits<float>::infinity();
    CHECK_THROWS_WITH_AS(fast.quantize(src.view(), 2.9, dst.fast.view()),
                         "quantize: the source has a value that is not finite", error);
    CHECK_THROWS_WITH_AS(fast.quantize(back.view(), 0.0, dst.fast.view()),
                         "quantize: the threshold must be positive and finite", error);
  });
}

TEST_CASE("fully_connected and scale") {
  on_every_isa([](const kernels& fast, random_source& rng) {
    const tensor<std::int8_t> src = random_tensor(random_shape(rng), rng.pick(all_fills), rng);
    const auto k = static_cast<int>(src.shape.elements_per_image());
    const tensor<std::int8_t> weights = random_tensor({21, k, 1, 1}, fill::uniform, rng);
    const filter<std::int32_t> filter = {weights.view(), {}};
    const bool relu = rng.one_in(2);
    with_random_policy(21, k, rng, [&](const auto& requantize) {
      outputs dst({src.shape.n, 21, 1, 1});
      reference::fully_connected(src.view(), filter, relu, requantize, dst.slow.view());
      fast.fully_connected(src.view(), filter, relu, requantize, dst.fast.view());
      dst.check();
    });
    const tensor<std::int8_t> factors = random_tensor({1, src.shape.c, 1, 1}, fill::uniform, rng);
    const channel_scale<std::int32_t> scale = {factors.values, {}};
    with_random_policy(src.shape.c, 1, rng, [&](const auto& requantize) {
      outputs dst(src.shape);
      reference::scale(src.view(), scale, relu, requantize, dst.slow.view());
      fast.scale(src.view(), scale, relu, requantize, dst.fast.view());
      dst.check();
    });
  });
}

TEST_CASE("elementwise ops on tensors of any length") {
  on_every_isa([](const kernels& fast, random_source& rng) {
    const shape extents = {1, 1, rng.integer(1, 3), rng.integer(1, 150)};
    const tensor<std::int8_t> a = random_tensor(extents, rng.pick(all_fills), rng);
    const tensor<std::int8_t> b = random_tensor(extents, rng.pick(all_fills), rng);
    outputs dst(extents);
    reference::relu(a.view(), dst.slow.view());
    fast.relu(a.view(), dst.fast.view());
    dst.check();
    const int lo = rng.integer(-128, 127);
    const clip_params limits = {static_cast<std::int8_t>(lo),
                                static_cast<std::int8_t>(rng.integer(lo, 127))};
    reference::clip(a.view(), limits, dst.slow.view());
    fast.clip(a.view(), limits, dst.fast.view());
    dst.check();
    const multiplier_rshift slope = random_multiplier(1, rng.one_in(2), rng);
    reference::leaky_relu(a.view(), slope, dst.slow.view());
    fast.leaky_relu(a.view(), slope, dst.fast.view());
    dst.check();
    const add_params sum = {{rng.integer(0, 127), rng.integer(0, 127)}, rng.integer(0, 31)};
    const bool relu = rng.one_in(2);
    reference::add(a.view(), b.view(), sum, relu, dst.slow.view());
    fast.add(a.view(), b.view(), sum, relu, dst.fast.view());
    dst.check();
  });
}

TEST_CASE("pools and concat") {
  on_every_isa([](const kernels& fast, random_source& rng) {
    const tensor<std::int8_t> src = random_tensor(random_shape(rng), rng.pick(all_fills), rng);
    const pool_params pool = random_pool(src.shape, rng);
    builder net;
    const tensor_id in = net.input("data", src.shape);
    const tensor_id made = net.avg_pool("pool", in, pool);
    const graph as_graph = net.finish(made);
    outputs dst(net.shape_of(made));
    reference::max_pool(src.view(), pool, dst.slow.view());
    fast.max_pool(src.view(), pool, dst.fast.view());
    dst.check();
    std::vector<pool_divisor> divisors;
    for (const int divisor : divisors_of(as_graph[1], src.shape)) {
      divisors.push_back({divisor, random_multiplier(divisor, rng.one_in(3), rng)});
    }
    reference::avg_pool(src.view(), pool, divisors, dst.slow.view());
    fast.avg_pool(src.view(), pool, divisors, dst.fast.view());
    dst.check();
    outputs joined({src.shape.n, src.shape.c + 5, src.shape.h, src.shape.w});
    const multiplier_rshift rule = random_multiplier(1, rng.one_in(2), rng);
    reference::concat(src.view(), rule, 3, joined.slow.view());
    fast.concat(src.view(), rule, 3, joined.fast.view());
    joined.check();
  });
}

TEST_CASE("operands that do not fit are errors") {
  const kernels fast;
  const std::int8_t data[64] = {};
  std::int8_t out[64] = {};
  const view src = {data, {1, 2, 4, 4}};
  const filter<std::int32_t> filter = {{data, {2, 2, 1, 1}}, {}};
  const auto refused = [](const char* message, const auto& work) {
    CHECK_THROWS_WITH_AS(work(), message, error);
  };
  refused("conv2d: dst has the shape 1x2x4x3, expected 1x2x4x4", [&] {
    fast.conv2d(src, filter, {}, rshift{1}, {out, {1, 2, 4, 3}});
  });
  refused(
      "conv2d: the weights' channels are not those of source and groups: weights 2x2x1x1, source "
      "1x2x4x4, groups 2",
      [&] {
        fast.conv2d(src, filter, {.groups = 2}, rshift{1}, {out, {1, 2, 4, 4}});
      });
  refused("conv2d: the weights are not the window's: weights 2x2x1x1, window 3x3", [&] {
    fast.conv2d(src, filter, {.window = square(3, 1, 1)}, rshift{1}, {out, {1, 2, 4, 4}});
  });
  refused("requantization: a shift is outside 0..62", [&] {
    fast.conv2d(src, filter, {}, rshift{256}, {out, {1, 2, 4, 4}});
  });
  refused("conv2d: a shift is out of range", [&] {
    fast.conv2d(src, filter, {}, rshift{32}, {out, {1, 2, 4, 4}});
  });
  const std::int32_t huge[2] = {INT32_MAX, 0};
  refused("conv2d: channel 0: bias 2147483647 may overflow the int32 accumulator", [&] {
    fast.conv2d(src, octavo::filter<std::int32_t>{filter.weights, huge}, {}, rshift{1},
                {out, {1, 2, 4, 4}});
  });
  refused("conv2d: needs one bias for each output channel, or none: has 1, expected 2", [&] {
    fast.conv2d(src, octavo::filter<std::int32_t>{filter.weights, std::span(huge, 1)}, {},
                rshift{1}, {out, {1, 2, 4, 4}});
  });
  refused("clip: needs lo <= hi", [&] { fast.clip(src, {3, 2}, {out, src.shape}); });
  refused("clip: dst has the shape 1x2x4x3, expected 1x2x4x4", [&] {
    fast.clip(src, {2, 3}, {out, {1, 2, 4, 3}});
  });
  refused("add: a multiplier is outside 0..127 or the shift outside 0..31", [&] {
    fast.add(src, src, {{128, 1}, 3}, false, {out, src.shape});
  });
  refused("pool: dst has the shape 1x2x3x2, expected 1x2x2x2", [&] {
    fast.max_pool(src, {.window = square(2, 2)}, {out, {1, 2, 3, 2}});
  });
  refused("pool: dst has the shape 1x1x60x60, expected 1x2x2x2", [&] {
    fast.avg_pool(src, {.window = square(2, 2)}, {}, {out, {1, 1, 60, 60}});
  });
  refused("avg_pool: a divisor that occurs has no entry", [&] {
    fast.avg_pool(src, {.window = square(2, 2)}, std::array{pool_divisor{9, {1, 1}}},
                  {out, {1, 2, 2, 2}});
  });
  refused(
      "concat: the source does not fit the destination: source 1x2x4x4, first channel 1, "
      "destination 1x2x4x4",
      [&] {
        fast.concat(src, {1, 0}, 1, {out, {1, 2, 4, 4}});
      });
}

}  // namespace octavo::testing
