// SPDX-License-Identifier: MIT
/// @file
/// Tests of tpu/weight_layout.hpp: the addresses of ResNet-50's parameters in the three layouts.

#include "octavo/tpu/weight_layout.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/networks/resnet.hpp"

using octavo::scheme;
using octavo::tpu::layout_of;
using octavo::tpu::make_weight_map;
using octavo::tpu::row_name;
using octavo::tpu::weight_layout;
using octavo::tpu::weight_part;
using octavo::tpu::weight_row;

namespace {

constexpr auto net = octavo::networks::resnet50();

using row_list = octavo::inline_vector<weight_row, 162>;
constexpr auto v1 = make_weight_map<row_list>(net, weight_layout::v1);
constexpr auto v2 = make_weight_map<row_list>(net, weight_layout::v2);
constexpr auto channel = make_weight_map<row_list>(net, weight_layout::per_channel);

/// Address of one part of one op, -1 where the image has none.
template <class Map>
constexpr std::int64_t address(const Map& map, std::string_view name, weight_part part) {
  const weight_row* row = map.find(net.find(name), part);
  return row == nullptr ? -1 : row->offset;
}

// First layout: 54 layers of shift, bias and filter.
static_assert(v1.rows.size() == 3 * 54 && v1.size == 25531344);
static_assert(address(v1, "fc1000", weight_part::shift) == 0);
static_assert(address(v1, "fc1000", weight_part::bias) == 0x10);
static_assert(address(v1, "fc1000", weight_part::filter) == 0x400);
static_assert(address(v1, "scale5c_branch2c", weight_part::shift) == 0x1f4400);
static_assert(address(v1, "scale5c_branch2c", weight_part::bias) == 0x1f4410);
static_assert(address(v1, "scale5c_branch2c", weight_part::filter) == 0x1f4c10);
static_assert(address(v1, "scale_conv1", weight_part::shift) == 0x1856ec0);
static_assert(address(v1, "scale_conv1", weight_part::bias) == 0x1856ed0);
static_assert(address(v1, "scale_conv1", weight_part::filter) == 0x1856f10);
static_assert(v1.rows[161].bytes == 9408 && v1.rows[161].end() == v1.size);
static_assert(address(v1, "fc1000", weight_part::channel_records) == -1);

// Second: no shift, bias in 16 bits.
static_assert(v2.rows.size() == 2 * 54 && v2.size == 25558040);
static_assert(address(v2, "scale_conv1", weight_part::bias) == 0x185d6d8);
static_assert(v2.find(net.find("scale_conv1"), weight_part::bias)->bytes == 128);
static_assert(address(v2, "scale_conv1", weight_part::filter) == 0x185d758);
static_assert(v2.rows[107].bytes == 9408 && v2.rows[107].end() == v2.size);
static_assert(address(v2, "fc1000", weight_part::bias) == 0);
static_assert(v2.find(net.find("fc1000"), weight_part::bias)->size == 2008);
static_assert(address(v2, "fc1000", weight_part::filter) == 2008);
static_assert(address(v2, "fc1000", weight_part::shift) == -1);

// Third: nine bytes a channel.
static_assert(channel.rows.size() == 2 * 54 && channel.size == 25750960);
static_assert(address(channel, "fc1000", weight_part::channel_records) == 0);
static_assert(channel.find(net.find("fc1000"), weight_part::channel_records)->bytes == 9000);
static_assert(address(channel, "fc1000", weight_part::filter) == 9008);
static_assert(address(channel, "fc1000", weight_part::bias) == -1);

/// Rows one behind the other from address 0, so that none overlaps another.
template <class Map>
constexpr bool has_no_gap(const Map& map) {
  std::int64_t next = 0;
  for (const weight_row& row : map.rows) {
    if (row.offset != next || row.bytes <= 0 || row.size < row.bytes) return false;
    next = row.end();
  }
  return next == map.size;
}

/// Everything is aligned to 16, or to 8 behind the one bias that the second layout pads oddly.
template <class Map>
constexpr bool is_aligned(const Map& map, std::int64_t alignment) {
  for (const weight_row& row : map.rows) {
    if (row.offset % alignment != 0) return false;
  }
  return true;
}

static_assert(has_no_gap(v1) && has_no_gap(v2) && has_no_gap(channel));
static_assert(is_aligned(v1, 16) && is_aligned(channel, 16));
static_assert(is_aligned(v2, 8) && !is_aligned(v2, 16));

/// A graph whose layers have 8, 17 and 3 channels; the last one is a scale layer.
octavo::graph odd_graph() {
  octavo::graph_builder<std::vector<octavo::node>> made;
  octavo::tensor_id x = made.input("data", {1, 4, 5, 5});
  x = made.conv2d("a", x, {.channels = 8, .window = octavo::square(3), .groups = 2});
  x = made.relu("a_relu", x);
  x = made.fully_connected("b", x, 17);
  x = made.scale("c", x);
  return made.finish(x);
}

}  // namespace

TEST_CASE("layers lie in reverse order, their parts in ascending order: first layout") {
  // c: 17 weights. b: 17 x (8 * 3 * 3) = 1224. a: 8 x (4 / 2) * 3 * 3 = 144.
  const auto map = make_weight_map(odd_graph(), weight_layout::v1);
  CHECK(map.rows == std::vector<weight_row>{{4, weight_part::shift, 0, 1, 16},
                                            {4, weight_part::bias, 16, 17, 32},
                                            {4, weight_part::filter, 48, 17, 32},
                                            {3, weight_part::shift, 80, 1, 16},
                                            {3, weight_part::bias, 96, 17, 32},
                                            {3, weight_part::filter, 128, 1224, 1232},
                                            {1, weight_part::shift, 1360, 1, 16},
                                            {1, weight_part::bias, 1376, 8, 16},
                                            {1, weight_part::filter, 1392, 144, 144}});
  CHECK(map.size == 1536);
}

TEST_CASE("second layout: a bias is padded by its number of elements") {
  // 17 elements: 34 bytes and 16 - 1 more. 8 elements: 16 bytes and 8 more.
  const auto map = make_weight_map(odd_graph(), weight_layout::v2);
  CHECK(map.rows == std::vector<weight_row>{{4, weight_part::bias, 0, 34, 49},
                                            {4, weight_part::filter, 49, 17, 32},
                                            {3, weight_part::bias, 81, 34, 49},
                                            {3, weight_part::filter, 130, 1224, 1232},
                                            {1, weight_part::bias, 1362, 16, 24},
                                            {1, weight_part::filter, 1386, 144, 144}});
}

TEST_CASE("third layout: nine bytes a channel, padded to 16") {
  const auto map = make_weight_map(odd_graph(), weight_layout::per_channel);
  CHECK(map.rows == std::vector<weight_row>{{4, weight_part::channel_records, 0, 153, 160},
                                            {4, weight_part::filter, 160, 17, 32},
                                            {3, weight_part::channel_records, 192, 153, 160},
                                            {3, weight_part::filter, 352, 1224, 1232},
                                            {1, weight_part::channel_records, 1584, 72, 80},
                                            {1, weight_part::filter, 1664, 144, 144}});
}

TEST_CASE("padding of a 16-bit bias: none at multiples of 16") {
  const auto size_of_bias = [](int channels) {
    octavo::graph_builder<std::vector<octavo::node>> made;
    octavo::tensor_id x = made.input("data", {1, 1, 1, 1});
    x = made.conv2d("conv", x, {.channels = channels});
    return make_weight_map(made.finish(x), weight_layout::v2).rows[0].size;
  };
  CHECK(size_of_bias(1) == 17);
  CHECK(size_of_bias(8) == 24);
  CHECK(size_of_bias(15) == 31);
  CHECK(size_of_bias(16) == 32);
  CHECK(size_of_bias(17) == 49);
  CHECK(size_of_bias(64) == 128);
  CHECK(size_of_bias(1000) == 2008);
}

TEST_CASE("each scheme has a layout that holds it without loss") {
  static_assert(layout_of(scheme::rshift8) == weight_layout::v1);
  static_assert(layout_of(scheme::rshift16) == weight_layout::v2);
  for (const scheme kind : {scheme::rshift32, scheme::rshift_channel, scheme::multiplier,
                            scheme::multiplier8, scheme::multiplier_q31}) {
    CHECK(layout_of(kind) == weight_layout::per_channel);
  }
  CHECK(to_string(weight_layout::v1) == "v1");
  CHECK(to_string(weight_layout::v2) == "v2");
  CHECK(to_string(weight_layout::per_channel) == "per_channel");
}

TEST_CASE("rows have names, and are printed with them") {
  CHECK(row_name({.part = weight_part::shift}, "fc1000") == "fc1000_quant_int8_rshift");
  CHECK(row_name({.part = weight_part::bias}, "fc1000") == "fc1000_quant_int8_1");
  CHECK(row_name({.part = weight_part::filter}, "fc1000") == "fc1000_quant_int8_0");
  CHECK(row_name({.part = weight_part::channel_records}, "fc1000") == "fc1000_per_channel");
  const octavo::graph odd = odd_graph();
  CHECK(to_csv(make_weight_map(odd, weight_layout::per_channel), odd) ==
        "c_per_channel,0x00000000\n"
        "c_quant_int8_0,0x000000a0\n"
        "b_per_channel,0x000000c0\n"
        "b_quant_int8_0,0x00000160\n"
        "a_per_channel,0x00000630\n"
        "a_quant_int8_0,0x00000680\n");
}
