// SPDX-License-Identifier: MIT
/// @file
/// Where the memory plan decides otherwise: the last padding that is a border, and the inputs that
/// just have blocks of 4.
#include "engine_test_tools.hpp"

namespace octavo::testing {
namespace {

using octavo::detail::border_fits;

// 16 times the image and 64 KiB pixels
static_assert(border_fits({1, 1, 1, 1}, {65551, 0, 0, 0}));
static_assert(!border_fits({1, 1, 1, 1}, {65552, 0, 0, 0}));
static_assert(border_fits({1, 1, 1, 1}, {0, 30000, 0, 35551}));
static_assert(!border_fits({1, 1, 1, 1}, {0, 30000, 0, 35552}));
static_assert(border_fits({1, 1, 100, 10}, {0, 0, 7900, 0}));
static_assert(border_fits({1, 1, 100, 10}, {0, 0, 8053, 0}));
static_assert(!border_fits({1, 1, 100, 10}, {0, 0, 8054, 0}));
static_assert(!border_fits({1, 1, 1, 1}, {extent_limit, extent_limit, extent_limit, extent_limit}));

int input_block(const graph& net) { return plan_memory(fuse(net)).layouts[0].block; }

graph one_conv(int channels, const conv2d_options& conv) {
  builder net;
  return net.finish(net.conv2d("conv", net.input("data", {2, channels, 6, 5}), conv));
}

}  // namespace

TEST_CASE("a narrow input that is also the residual of a fused add is not narrow") {
  for (int channels = 1; channels <= 5; ++channels) {
    for (const bool first : {false, true}) {
      INFO(channels << " channels, conv " << (first ? "first" : "second"));
      builder net;
      const tensor_id data = net.input("data", {2, channels, 6, 5});
      const tensor_id conv =
          net.conv2d("conv", data, {.channels = channels, .window = square(3, 1, 1)});
      const tensor_id sum = first ? net.add("sum", conv, data) : net.add("sum", data, conv);
      const graph made = net.finish(net.relu("relu", sum));
      REQUIRE(fuse(made).size() == 2);
      CHECK(input_block(made) == 16);
      check_every_way(made);
    }
  }
}

TEST_CASE("a narrow input that convolutions alone read, with groups, and read twice") {
  CHECK(input_block(one_conv(3, {.channels = 6, .groups = 3})) == 16);
  CHECK(input_block(one_conv(3, {.channels = 3, .groups = 3})) == 16);
  CHECK(input_block(one_conv(1, {.channels = 1})) == 1);
  CHECK(input_block(one_conv(2, {.channels = 1})) == 2);
  CHECK(input_block(one_conv(4, {.channels = 4, .groups = 2})) == 16);
  CHECK(input_block(one_conv(3, {.channels = 4, .window = {3, 3, 1, 1, 2, 1}})) == 3);
  CHECK(input_block(one_conv(3, {.channels = 4, .window = {3, 3, 1, 1, 1, 2}})) == 16);
  for (const int channels : {1, 2, 3, 4}) {
    check_every_way(
        one_conv(channels, {.channels = 20, .window = {3, 5, 2, 3, 2, 1, {1, 2, 0, 3}}}));
  }
  for (const int groups : {1, 2, 4}) {
    INFO(groups << " groups");
    for (const int channels : {4, 8, 64}) {
      check_every_way(one_conv(
          4, {.channels = channels, .window = {3, 2, 2, 1, 1, 2, {2, 0, 1, 3}}, .groups = groups}));
    }
  }
  check_every_way(one_conv(1, {.channels = 1, .window = square(3, 1, 1)}));
  builder net;
  const tensor_id data = net.input("data", {2, 3, 6, 5});
  const tensor_id a = net.conv2d("a", data, {.channels = 20, .window = square(5, 1, 2)});
  const tensor_id b = net.conv2d("b", data, {.channels = 20, .window = square(1)});
  const graph made = net.finish({net.add("sum", a, b), data});
  CHECK(input_block(made) == 3);
  check_every_way(made);
}

TEST_CASE("the last padding that is a border, and the first that is not") {
  for (const int pad : {65551, 65552}) {
    INFO("pad " << pad);
    builder edge;
    const tensor_id data = edge.input("data", {1, 1, 1, 1});
    const window far = {1, 1, pad, 1, 1, 1, {pad, 0, 0, 0}};
    const graph made = edge.finish(edge.conv2d("conv", data, {.channels = 2, .window = far}));
    const engine planned(plain_model(made));
    CHECK(planned.kernel_name(1) == (pad == 65551 ? "conv2d" : "reference"));
    CHECK((planned.model().model() != nullptr) == (pad == 65552));
    check_every_way(made);
  }
}

TEST_CASE("room for the node that needs the reference most, wherever it stands") {
  const window far = {1, 1, 1000, 1000, 1, 1, {1000, 1000, 1000, 1000}};
  for (const bool large_first : {false, true}) {
    builder net;
    const tensor_id data = net.input("data", {1, 50, 9, 9});
    const tensor_id x = net.max_pool("pool", data, {.window = square(5, 4)});
    const tensor_id a = net.conv2d("a", large_first ? data : x, {.channels = 3, .window = far});
    const tensor_id b = net.conv2d("b", large_first ? x : data, {.channels = 3, .window = far});
    const graph made = net.finish({a, b});
    CHECK(plan_memory(made).scratch == align_up(50 * 9 * 9, 64) + 64);
    check_every_way(made);
  }
}

TEST_CASE("a clip is read as unsigned from its lowest value 0 on, and not from -1") {
  for (const int lo : {-1, 0, 1}) {
    builder net;
    const tensor_id clip = net.clip("clip", net.input("data", {1, 40, 5, 5}), -1, 1);
    const graph made = net.finish(net.conv2d("conv", clip, {.channels = 40}));
    quantized_model model = plain_model(made);
    model.params[1].clip = {static_cast<std::int8_t>(lo), 90};
    const engine planned(model);
    CHECK(planned.model().plan().is_non_negative(1) == (lo >= 0));
    std::set<std::string> seen;
    check_every_way(model, input_of(made), seen);
  }
}

TEST_CASE("a fully connected layer beside a convolution that pads their source") {
  builder net;
  const tensor_id data = net.input("data", {3, 20, 4, 5});
  const tensor_id x = net.relu("relu", net.conv2d("conv", data, {.channels = 35}));
  const tensor_id padded =
      net.conv2d("padded", x, {.channels = 9, .window = {3, 3, 1, 1, 1, 1, {3, 1, 0, 2}}});
  const tensor_id fc = net.fully_connected("fc", x, 50);
  const tensor_id pool = net.max_pool("pool", x, {.window = square(3, 2, 1)});
  const tensor_id average = net.avg_pool("average", x, {.window = square(2, 1, 1)});
  check_every_way(net.finish({padded, fc, pool, average, net.add("twice", x, x), x}));
}

}  // namespace octavo::testing
