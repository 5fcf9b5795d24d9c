// SPDX-License-Identifier: MIT
/// @file
/// Nothing outside of a caller's buffers is touched: each begins behind a page that nobody may
/// access, or ends in front of one, through octavo::kernels and octavo::engine, on every
/// instruction set. A byte too many crashes the test. The kernels' own blocked operands:
/// tests/simd.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine_test_tools.hpp"
#include "octavo/kernels.hpp"
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
#include "support/guarded.hpp"
#include "support/std_threads.hpp"

namespace octavo::testing {
namespace {

/// Values in a row, nothing before or behind them.
template <class T>
class guarded_values {
 public:
  guarded_values(std::size_t count, guard side) : memory_(count * sizeof(T), side) {}
  guarded_values(const std::vector<T>& values, guard side) : guarded_values(values.size(), side) {
    std::ranges::copy(values, span().begin());
  }

  std::span<T> span() const {
    return {reinterpret_cast<T*>(memory_.bytes().data()), memory_.bytes().size() / sizeof(T)};
  }
  T* data() const { return span().data(); }

 private:
  guarded_bytes memory_;
};

/// An NCHW tensor.
template <class T>
struct guarded_nchw {
  octavo::shape shape;
  guarded_values<T> values;

  guarded_nchw(const octavo::shape& extents, guard side)
      : shape(extents), values(static_cast<std::size_t>(extents.elements()), side) {}
  guarded_nchw(const tensor<T>& from, guard side) : shape(from.shape), values(from.values, side) {}

  tensor_view<T> view() const { return {values.data(), shape}; }
  tensor_view<const T> read() const { return {values.data(), shape}; }
};

constexpr guard both_sides[] = {guard::before, guard::behind};

/// Calls check(kernels, side, rng, i) for every instruction set and side, `count` times.
template <class Check>
void on_every_side(int count, const Check& check) {
  for (const isa which : available_isas()) {
    INFO(to_string(which));
    const kernels fast(which);
    for (const guard side : both_sides) {
      INFO((side == guard::before ? "guarded before" : "guarded behind"));
      for (int i = 0; i < count; ++i) {
        INFO("number " << i);
        random_source rng(static_cast<std::uint64_t>(i) + 77);
        check(fast, side, rng, i);
      }
    }
  }
}

/// Runs both: run(op, dst view) with the fast kernels on guarded memory and the reference on a
/// tensor of its own.
template <class Fast, class Slow>
void check_op(const shape& dst, guard side, const Fast& run_fast, const Slow& run_slow) {
  const guarded_nchw<std::int8_t> fast(dst, side);
  tensor<std::int8_t> slow(dst);
  run_slow(slow.view());
  run_fast(fast.view());
  CHECK(std::ranges::equal(fast.values.span(), slow.values));
}

/// Around every multiple of a vector's bytes.
constexpr int most_elements = 150;

shape row_of(int count) { return {1, 1, 1, count}; }

guarded_nchw<std::int8_t> some_source(const shape& extents, guard side, random_source& rng) {
  return {random_tensor(extents, fill::uniform, rng), side};
}

}  // namespace

TEST_CASE("guard pages: ops on rows of every length") {
  on_every_side(most_elements, [](const kernels& fast, guard side, random_source& rng, int i) {
    const shape extents = row_of(i + 1);
    const auto a = some_source(extents, side, rng);
    const auto b = some_source(extents, side, rng);
    const add_params sum = {{100, 90}, 7};
    const multiplier_rshift slope = {77, 8};
    check_op(
        extents, side, [&](auto dst) { fast.relu(a.read(), dst); },
        [&](auto dst) { reference::relu(a.read(), dst); });
    check_op(
        extents, side,
        [&](auto dst) {
          fast.clip(a.read(), {-5, 60}, dst);
        },
        [&](auto dst) {
          reference::clip(a.read(), {-5, 60}, dst);
        });
    check_op(
        extents, side, [&](auto dst) { fast.leaky_relu(a.read(), slope, dst); },
        [&](auto dst) { reference::leaky_relu(a.read(), slope, dst); });
    check_op(
        extents, side, [&](auto dst) { fast.add(a.read(), b.read(), sum, i % 2 == 0, dst); },
        [&](auto dst) { reference::add(a.read(), b.read(), sum, i % 2 == 0, dst); });
    const shape joined = {1, 2, 1, i + 1};
    check_op(
        joined, side,
        [&](auto dst) {
          fast.concat(a.read(), slope, 0, dst);
          fast.concat(b.read(), slope, 1, dst);
        },
        [&](auto dst) {
          reference::concat(a.read(), slope, 0, dst);
          reference::concat(b.read(), slope, 1, dst);
        });
  });
}

TEST_CASE("guard pages: quantize and dequantize rows of every length") {
  on_every_side(most_elements, [](const kernels& fast, guard side, random_source& rng, int i) {
    const shape extents = row_of(i + 1);
    tensor<float> real(extents);
    for (float& value : real.values) value = static_cast<float>(2 * rng.real());
    const guarded_nchw<float> src(real, side);
    check_op(
        extents, side, [&](auto dst) { fast.quantize(src.read(), 1.5, dst); },
        [&](auto dst) { reference::quantize(src.read(), 1.5, dst); });
    const auto ints = some_source(extents, side, rng);
    const guarded_nchw<float> back(extents, side);
    fast.dequantize(ints.read(), 1.5, back.view());
    reference::dequantize(ints.read(), 1.5, real.view());
    CHECK(std::ranges::equal(back.values.span(), real.values));
  });
}

TEST_CASE("guard pages: convolutions, their weights and biases") {
  on_every_side(effort(60), [](const kernels& fast, guard side, random_source& rng, int i) {
    const shape in = {1, rng.one_in(2) ? rng.integer(1, 5) : rng.integer(15, 35), rng.integer(1, 4),
                      i % 40 + 1};
    const auto src = some_source(in, side, rng);
    const conv2d_options options = random_conv(in, rng);
    const conv_params conv = {options.window, options.groups, rng.one_in(2)};
    const shape extents = {options.channels, in.c / conv.groups, conv.window.kh, conv.window.kw};
    const auto weights = some_source(extents, side, rng);
    std::vector<std::int16_t> numbers(static_cast<std::size_t>(options.channels));
    for (std::int16_t& b : numbers) b = static_cast<std::int16_t>(rng.integer(-3000, 3000));
    const guarded_values<std::int16_t> bias(numbers, side);
    const filter<std::int16_t> filter = {weights.read(), bias.span()};
    const rshift rule = {usual_shift(extents.elements_per_image())};
    const packed_conv2d packed = fast.pack(in, filter, conv, rule);
    check_op(
        packed.dst_layout().shape, side,
        [&](auto dst) { fast.conv2d(src.read(), filter, conv, rule, dst); },
        [&](auto dst) { reference::conv2d(src.read(), filter, conv, rule, dst); });
  });
}

TEST_CASE("guard pages: fully connected layers and scales") {
  on_every_side(70, [](const kernels& fast, guard side, random_source& rng, int i) {
    const shape in = {rng.integer(1, 3), i + 1, 1, 1};
    const auto src = some_source(in, side, rng);
    const shape extents = {rng.integer(1, 40), in.c, 1, 1};
    const auto weights = some_source(extents, side, rng);
    const filter<std::int32_t> filter = {weights.read(), {}};
    const rshift rule = {usual_shift(in.c)};
    check_op(
        {in.n, extents.n, 1, 1}, side,
        [&](auto dst) { fast.fully_connected(src.read(), filter, true, rule, dst); },
        [&](auto dst) { reference::fully_connected(src.read(), filter, true, rule, dst); });
    const auto factors = some_source({1, in.c, 1, 1}, side, rng);
    const channel_scale<std::int32_t> scale = {factors.values.span(), {}};
    check_op(
        in, side, [&](auto dst) { fast.scale(src.read(), scale, false, rshift{7}, dst); },
        [&](auto dst) { reference::scale(src.read(), scale, false, rshift{7}, dst); });
  });
}

TEST_CASE("guard pages: pools") {
  on_every_side(effort(60), [](const kernels& fast, guard side, random_source& rng, int i) {
    const shape in = {1, rng.integer(1, 35), rng.integer(1, 4), i % 40 + 1};
    const auto src = some_source(in, side, rng);
    const pool_params pool = random_pool(in, rng);
    builder net;
    const graph made = net.finish(net.avg_pool("pool", net.input("data", in), pool));
    check_op(
        made[1].shape, side, [&](auto dst) { fast.max_pool(src.read(), pool, dst); },
        [&](auto dst) { reference::max_pool(src.read(), pool, dst); });
    std::vector<pool_divisor> entries;
    for (const int divisor : divisors_of(made[1], in)) entries.push_back({divisor, {255, 9}});
    const guarded_values<pool_divisor> divisors(entries, side);
    check_op(
        made[1].shape, side,
        [&](auto dst) { fast.avg_pool(src.read(), pool, divisors.span(), dst); },
        [&](auto dst) { reference::avg_pool(src.read(), pool, divisors.span(), dst); });
  });
}

namespace {

/// An engine whose image, outputs, tensors and packed weights all lie between guarded pages.
void check_engine_between_pages(const quantized_model& model, const prepare_options& options,
                                guard side, int threads) {
  const graph& net = model.graph;
  const tensor<std::int8_t> image = input_of(net);
  const activations expected = interpret(model, image);
  // Both begin at a cache line as well: they end where the size is one.
  const guarded_bytes packed(static_cast<std::size_t>(packed_bytes(model, options)), side);
  REQUIRE(packed.bytes().size() % cache_line == 0);
  const auto prepared = std::make_shared<const prepared_model>(model, options, packed.bytes());
  const guarded_bytes memory(static_cast<std::size_t>(prepared->engine_bytes()), side);
  REQUIRE(memory.bytes().size() % cache_line == 0);
  engine run(prepared, {.threading = std_threads(threads), .memory = memory.bytes()});
  const auto check_outputs = [&] {
    for (std::size_t i = 0; i < run.output_count(); ++i) {
      const auto& values = expected[static_cast<std::size_t>(net.outputs[i])].values;
      const guarded_nchw<std::int8_t> dst(run.output_shape(i), side);
      run.output(i, dst.view());
      CHECK(std::ranges::equal(dst.values.span(), values));
      const guarded_nchw<float> real(run.output_shape(i), side);
      run.output(i, real.view());
      tensor<float> slow(run.output_shape(i));
      reference::dequantize({values.data(), slow.shape}, run.output_threshold(i), slow.view());
      CHECK(std::ranges::equal(real.values.span(), slow.values));
    }
  };
  const guarded_nchw<std::int8_t> nchw(image, side);
  run.run(nchw.read());
  check_outputs();
  const guarded_values<std::int8_t> last(to_nhwc(image), side);
  run.run(nhwc_view<const std::int8_t>{last.data(), image.shape});
  check_outputs();
  tensor<float> real(image.shape);
  reference::dequantize(image.view(), run.input_threshold(), real.view());
  const guarded_nchw<float> floats(real, side);
  run.run(floats.read());
  check_outputs();
  const guarded_values<float> floats_last(to_nhwc(real), side);
  run.run(nhwc_view<const float>{floats_last.data(), image.shape});
  check_outputs();
  // Pixels of which the table makes those int8.
  const auto channels = static_cast<std::size_t>(image.shape.c);
  const pixel_table table(std::vector<double>(channels, 128),
                          std::vector<double>(channels, run.input_threshold() / 128),
                          run.input_threshold());
  const guarded_nchw<std::uint8_t> pixels(image.shape, side);
  std::ranges::transform(image.values, pixels.values.span().begin(),
                         [](std::int8_t x) { return static_cast<std::uint8_t>(x + 128); });
  run.run(pixels.read(), table);
  check_outputs();
}

}  // namespace

TEST_CASE("guard pages: engines") {
  for (int seed = 0; seed < effort(40); ++seed) {
    INFO("seed " << seed);
    random_source rng(static_cast<std::uint64_t>(seed) + 300);
    const graph net = random_graph(rng.integer(1, 5), rng);
    const quantized_model model = random_model(net, {.kind = rng.pick(all_policies)}, rng);
    for (std::size_t i = static_cast<std::size_t>(seed) % 3; i < all_ways().size(); i += 3) {
      INFO(all_ways()[i].name);
      for (const guard side : both_sides) {
        check_engine_between_pages(model, all_ways()[i].options, side, rng.integer(1, 3));
      }
    }
  }
}

TEST_CASE("guard pages: an image of 3 channels and every width, as pictures have it") {
  for (int width = 1; width <= 40; ++width) {
    INFO("width " << width);
    builder net;
    const tensor_id data = net.input("data", {2, 3, 2, width});
    const graph made =
        net.finish(net.conv2d("conv", data, {.channels = 5, .window = square(3, 2, 1)}));
    const quantized_model model = plain_model(made);
    for (const isa which : available_isas()) {
      INFO(to_string(which));
      for (const guard side : both_sides) {
        check_engine_between_pages(model, {.isa = which}, side, 1);
      }
    }
  }
}

}  // namespace octavo::testing
