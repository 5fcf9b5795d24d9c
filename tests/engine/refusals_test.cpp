// SPDX-License-Identifier: MIT
/// @file
/// Operands that octavo::kernels and eigen_threads refuse, beyond those of kernels_test.cpp.
#include <array>
#include <string>

#include "engine_test_tools.hpp"
#include "octavo/eigen_threads.hpp"
#include "octavo/kernels.hpp"

namespace octavo::testing {
namespace {

template <class Work>
void refused(const std::string& message, const Work& work) {
  CHECK_THROWS_WITH_AS(work(), message.c_str(), error);
}

struct operands {
  std::array<std::int8_t, 64> data = {};
  std::array<std::int8_t, 64> out = {};
  kernels fast = kernels();
  tensor_view<const std::int8_t> src = {data.data(), {1, 2, 4, 4}};
  filter<std::int32_t> pointwise = {{data.data(), {2, 2, 1, 1}}, {}};

  tensor_view<std::int8_t> dst(const shape& extents) { return {out.data(), extents}; }
};

}  // namespace

TEST_CASE("kernels: convolutions that do not fit") {
  operands o;
  const shape same = {1, 2, 4, 4};
  refused("conv2d: a shape is out of range", [&] {
    o.fast.conv2d({o.data.data(), {1, 2, 0, 4}}, o.pointwise, {}, rshift{1}, o.dst(same));
  });
  refused("conv2d: a shape is out of range", [&] {
    const filter<std::int32_t> none = {{o.data.data(), {0, 2, 1, 1}}, {}};
    o.fast.conv2d(o.src, none, {}, rshift{1}, o.dst(same));
  });
  const std::string channels = "conv2d: the weights' channels are not those of source and groups: ";
  refused(channels + "weights 2x2x1x1, source 1x2x4x4, groups 0",
          [&] { o.fast.conv2d(o.src, o.pointwise, {.groups = 0}, rshift{1}, o.dst(same)); });
  refused(channels + "weights 3x1x1x1, source 1x2x4x4, groups 2", [&] {
    const filter<std::int32_t> uneven = {{o.data.data(), {3, 1, 1, 1}}, {}};
    o.fast.conv2d(o.src, uneven, {.groups = 2}, rshift{1}, o.dst({1, 3, 4, 4}));
  });
  refused("graph: conv2d: the kernel is larger than the padded input", [&] {
    const filter<std::int32_t> wide = {{o.data.data(), {2, 2, 1, 5}}, {}};
    o.fast.conv2d(o.src, wide, {.window = {1, 5}}, rshift{1}, o.dst(same));
  });
  refused("conv2d: the padded source has more than 2^31 elements", [&] {
    const window padded = {1, 1, 1 << 14, 1 << 14, 1, 1, {1 << 14, 1 << 14, 1 << 14, 1 << 14}};
    static_cast<void>(o.fast.pack(o.src.shape, o.pointwise, {.window = padded}, rshift{1}));
  });
  refused("conv2d: the destination would be too large", [&] {  // before it reads the weights
    const filter<std::int32_t> many = {{o.data.data(), {extent_limit, 2, 1, 1}}, {}};
    static_cast<void>(o.fast.pack(o.src.shape, many, {.window = square(1, 1, 4)}, rshift{1}));
  });
  refused("conv2d: expected one shift, or one for each output channel", [&] {
    const std::array rules = {rshift{1}, rshift{1}, rshift{1}};
    o.fast.conv2d(o.src, o.pointwise, {}, per_channel<rshift>{rules}, o.dst(same));
  });
  refused("conv2d: a multiplier is out of range", [&] {
    o.fast.conv2d(o.src, o.pointwise, {}, multiplier_q31{(1 << 30) - 1, 1}, o.dst(same));
  });
  refused("scale: needs one weight for each channel", [&] {
    const channel_scale<std::int32_t> three = {std::span(o.data).first(3), {}};
    o.fast.scale(o.src, three, false, rshift{1}, o.dst(same));
  });
  refused("conv2d: dst has the shape 1x1x2x1, expected 1x2x1x1", [&] {
    const filter<std::int32_t> rows = {{o.data.data(), {2, 32, 1, 1}}, {}};
    o.fast.fully_connected(o.src, rows, false, rshift{1}, o.dst({1, 1, 2, 1}));
  });
}

TEST_CASE("kernels: elementwise operands, pools and joins that do not fit") {
  operands o;
  const shape same = {1, 2, 4, 4};
  const tensor_view<const std::int8_t> other = {o.data.data(), {1, 2, 2, 8}};
  refused("add: b has the shape 1x2x2x8, expected 1x2x4x4",
          [&] { o.fast.add(o.src, other, {}, false, o.dst(same)); });
  refused("add: dst has the shape 1x2x2x8, expected 1x2x4x4",
          [&] { o.fast.add(o.src, o.src, {}, false, o.dst(other.shape)); });
  refused("add: a multiplier is outside 0..127 or the shift outside 0..31", [&] {
    o.fast.add(o.src, o.src, {{1, 1}, 32}, false, o.dst(same));
  });
  refused("clip: dst has the shape 1x2x2x8, expected 1x2x4x4",
          [&] { o.fast.relu(o.src, o.dst(other.shape)); });
  refused("leaky_relu: dst has the shape 1x2x2x8, expected 1x2x4x4", [&] {
    o.fast.leaky_relu(o.src, {1, 1}, o.dst(other.shape));
  });
  refused("leaky_relu: a multiplier or its shift is out of range", [&] {
    o.fast.leaky_relu(o.src, {0, 1}, o.dst(same));
  });
  refused("concat: a multiplier or its shift is out of range", [&] {
    o.fast.concat(o.src, {1, 63}, 0, o.dst(same));
  });
  const std::string join = "concat: the source does not fit the destination: source 1x2x4x4, ";
  for (const shape& wrong : {shape{2, 2, 2, 4}, shape{1, 2, 2, 4}, shape{1, 4, 4, 2}}) {
    refused(octavo::concat_text(join, "first channel 0, destination ", wrong), [&] {
      o.fast.concat(o.src, {1, 0}, 0, o.dst(wrong));
    });
  }
  refused(join + "first channel -1, destination 1x4x4x4", [&] {
    o.fast.concat(o.src, {1, 0}, -1, o.dst({1, 4, 4, 4}));
  });
  refused("avg_pool: a multiplier or its shift is out of range", [&] {
    const std::array divisors = {pool_divisor{4, {0, 1}}};
    o.fast.avg_pool(o.src, {.window = square(2, 2)}, divisors, o.dst({1, 2, 2, 2}));
  });
  refused("pool: dst has the shape 1x2x40x40, expected 1x2x2x2", [&] {  // far too many divisors
    const std::array divisors = {pool_divisor{4, {1, 1}}};
    o.fast.avg_pool(o.src, {.window = square(2, 2)}, divisors, o.dst({1, 2, 40, 40}));
  });
  refused("graph: pool: a pool's padding must be smaller than its kernel", [&] {
    o.fast.max_pool(o.src, {.window = square(2, 2, 2)}, o.dst({1, 2, 4, 4}));
  });
}

TEST_CASE("kernels: a refused call writes nothing") {
  operands o;
  o.out.fill(7);
  const std::array<std::int8_t, 64> before = o.out;
  CHECK_THROWS_AS(o.fast.conv2d(o.src, o.pointwise, {}, rshift{1}, o.dst({1, 2, 4, 3})), error);
  CHECK_THROWS_AS(o.fast.add(o.src, o.src, {{1, 1}, 32}, false, o.dst({1, 2, 4, 4})), error);
  CHECK_THROWS_AS(o.fast.concat(o.src, {1, 0}, 1, o.dst({1, 2, 4, 4})), error);
  CHECK(o.out == before);
}

TEST_CASE("kernels: an instruction set that is not there") {
  for (int i = 0; i < isa_count; ++i) {
    const auto which = static_cast<isa>(i);
    if (is_available(which)) {
      CHECK(kernels(which).isa() == which);
      continue;
    }
    const std::string start =
        concat_text("isa ", to_string(which),
                    is_compiled(which) ? ": this CPU lacks it" : ": not in this build");
    try {
      static_cast<void>(kernels(which));
      CHECK(false);
    } catch (const error& why) {
      CHECK(std::string(why.what()).starts_with(start));
    }
  }
}

TEST_CASE("eigen_threads: at least one; one needs no pool") {
  refused("eigen_threads: needs at least one thread", [] { static_cast<void>(eigen_threads(0)); });
  CHECK(eigen_threads(1).threads == 1);
  CHECK(!eigen_threads(1).run);
  CHECK(eigen_threads(3).threads == 3);
}

}  // namespace octavo::testing
