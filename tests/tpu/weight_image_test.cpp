// SPDX-License-Identifier: MIT
/// @file
/// Tests of tpu/weight_image.hpp: whole images of a tiny model written out by hand.

#include "octavo/tpu/weight_image.hpp"

#include <doctest/doctest.h>

#include "octavo/graph/builder.hpp"

using octavo::policy;
using octavo::quantized_model;
using octavo::tpu::read_weight_image;
using octavo::tpu::weight_layout;
using octavo::tpu::write_weight_image;

namespace {

using bytes = std::vector<std::uint8_t>;

/// conv: 3 output and 2 input channels, windows of 2 rows. fc: 8 outputs of 3 * 1 * 2 inputs.
quantized_model tiny_model() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data", {1, 2, 2, 2});
  x = net.conv2d("conv", x, {.channels = 3, .window = {2, 1}});
  x = net.relu("relu", x);
  x = net.fully_connected("fc", x, 8);
  quantized_model model{.scheme = octavo::scheme::rshift8,
                        .graph = net.finish(x),
                        .thresholds = {1, 1, 1, 1},
                        .params = std::vector<octavo::op_params>(4)};
  // Weight 10 * oc + 2 * ic + kh of conv; weight k + 16 * oc of fc.
  for (const int oc : {0, 1, 2}) {
    for (const int k : {0, 1, 2, 3}) {
      model.params[1].weights.push_back(static_cast<std::int8_t>(10 * oc + k));
    }
  }
  for (int oc = 0; oc < 8; ++oc) {
    for (int k = 0; k < 6; ++k) {
      model.params[3].weights.push_back(static_cast<std::int8_t>(16 * oc + k));
    }
  }
  model.params[3].weights[47] = -2;
  model.params[1].bias = {2 * 8, -1 * 8, -128 * 8};
  model.params[3].bias = {4, 0, -4, 508, 0, 0, 0, -512};
  model.params[1].requantize = {policy::rshift, {}, {3}};
  model.params[3].requantize = {policy::rshift, {}, {2}};
  return model;
}

void append(bytes& image, const bytes& part) {
  image.insert(image.end(), part.begin(), part.end());
}

void pad(bytes& image, std::size_t count, std::uint8_t with = 0x80) {
  image.insert(image.end(), count, with);
}

/// fc's 48 weights as K x N: first input 0's weight of each output.
const bytes fc_by_input = {
    0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70,  //
    0x01, 0x11, 0x21, 0x31, 0x41, 0x51, 0x61, 0x71,  //
    0x02, 0x12, 0x22, 0x32, 0x42, 0x52, 0x62, 0x72,  //
    0x03, 0x13, 0x23, 0x33, 0x43, 0x53, 0x63, 0x73,  //
    0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74,  //
    0x05, 0x15, 0x25, 0x35, 0x45, 0x55, 0x65, 0xfe,
};

/// conv's 12 weights as O,(kh*kw),I: the two input channels of each pixel side by side.
const bytes conv_by_pixel = {0, 2, 1, 3, 10, 12, 11, 13, 20, 22, 21, 23};

}  // namespace

TEST_CASE("first layout: shift, 8-bit bias, filter as it is, each padded to 16 with 0x80") {
  bytes expected;
  append(expected, {2});  // fc's shift
  pad(expected, 15);
  append(expected, {1, 0, 0xff, 127, 0, 0, 0, 0x80});  // bias / 2^2
  pad(expected, 8);
  for (int oc = 0; oc < 8; ++oc) {
    for (int k = 0; k < 6; ++k) expected.push_back(static_cast<std::uint8_t>(16 * oc + k));
  }
  expected.back() = 0xfe;
  append(expected, {3});  // conv's shift
  pad(expected, 15);
  append(expected, {2, 0xff, 0x80});  // bias / 2^3
  pad(expected, 13);
  append(expected, {0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23});
  pad(expected, 4);
  CHECK(write_weight_image(tiny_model(), weight_layout::v1) == expected);
}

TEST_CASE("second layout: low bytes, high bytes, padded by elements; filters reordered") {
  quantized_model model = tiny_model();
  model.params[1].bias = {32767, -32768, 0x1234};
  bytes expected;
  append(expected,
         {0x04, 0x00, 0xfc, 0xfc, 0x00, 0x00, 0x00, 0x00});  // 4, 0, -4, 508, 0, 0, 0, -512
  append(expected, {0x00, 0x00, 0xff, 0x01, 0x00, 0x00, 0x00, 0xfe});
  pad(expected, 8);  // eight elements: 16 - 8, though they have 16 bytes
  REQUIRE(expected.size() == 24);
  append(expected, fc_by_input);
  append(expected, {0xff, 0x00, 0x34, 0x7f, 0x80, 0x12});
  pad(expected, 13);
  append(expected, conv_by_pixel);
  pad(expected, 4);
  CHECK(write_weight_image(model, weight_layout::v2) == expected);
}

TEST_CASE("third layout: records of bias, multiplier and shift, padded with 0xff") {
  quantized_model model = tiny_model();
  model.params[1].bias = {1, -2, 0x01020304};
  model.params[1].requantize = {
      policy::multiplier_rshift, {1, 0x12345678, 0x7fffffff}, {0, 62, 33}};
  bytes expected;
  for (const std::int32_t bias : {4, 0, -4, 508, 0, 0, 0, -512}) {  // one shift: in every record
    const auto bits = static_cast<std::uint32_t>(bias);
    for (const int at : {0, 8, 16, 24}) expected.push_back(static_cast<std::uint8_t>(bits >> at));
    append(expected, {1, 0, 0, 0, 2});  // rshift: the multiplier is 1
  }
  pad(expected, 8, 0xff);  // 72 -> 80
  append(expected, fc_by_input);
  append(expected, {0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0});
  append(expected, {0xfe, 0xff, 0xff, 0xff, 0x78, 0x56, 0x34, 0x12, 62});
  append(expected, {0x04, 0x03, 0x02, 0x01, 0xff, 0xff, 0xff, 0x7f, 33});
  pad(expected, 5, 0xff);  // 27 -> 32
  append(expected, conv_by_pixel);
  pad(expected, 4);
  CHECK(write_weight_image(model, weight_layout::per_channel) == expected);
}

TEST_CASE("a 1x1 convolution keeps its order in every layout") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data", {1, 3, 1, 1});
  x = net.conv2d("conv", x, {.channels = 2});
  quantized_model model{.scheme = octavo::scheme::rshift16,
                        .graph = net.finish(x),
                        .thresholds = {1, 1},
                        .params = std::vector<octavo::op_params>(2)};
  model.params[1] = {
      .weights = {1, 2, 3, 4, 5, 6}, .bias = {0, 0}, .requantize = {policy::rshift, {}, {0}}};
  for (const weight_layout layout :
       {weight_layout::v1, weight_layout::v2, weight_layout::per_channel}) {
    const bytes image = write_weight_image(model, layout);
    const bytes filter(image.end() - 16, image.end() - 10);
    CHECK(filter == bytes{1, 2, 3, 4, 5, 6});
  }
}

TEST_CASE("first layout: a bias that is no 8-bit number of output units is refused") {
  const auto message = [](int bias) {
    return octavo::concat_text("weight image v1: conv: channel 1: bias ", bias,
                               " is no 8-bit number of output units; quantize with rshift8");
  };
  for (const int bias : {7, -1, 128 * 8, -129 * 8, 9}) {
    quantized_model model = tiny_model();
    model.params[1].bias[1] = bias;
    CHECK_THROWS_WITH(write_weight_image(model, weight_layout::v1), message(bias).c_str());
  }
  for (const int bias : {127 * 8, -128 * 8, 0}) {
    quantized_model model = tiny_model();
    model.params[1].bias[1] = bias;
    CHECK_NOTHROW(write_weight_image(model, weight_layout::v1));
  }
}

TEST_CASE("second layout: a bias of more than 16 bits is refused") {
  for (const int bias : {32768, -32769}) {
    quantized_model model = tiny_model();
    model.params[3].bias[7] = bias;
    const std::string message = octavo::concat_text("weight image v2: fc: channel 7: bias ", bias,
                                                    " has more than 16 bits");
    CHECK_THROWS_WITH(write_weight_image(model, weight_layout::v2), message.c_str());
  }
}

TEST_CASE("reading gives back weights, biases and what the layout holds of the requantization") {
  const quantized_model model = tiny_model();
  for (const weight_layout layout :
       {weight_layout::v1, weight_layout::v2, weight_layout::per_channel}) {
    quantized_model other = model;
    for (const std::size_t i : {std::size_t{1}, std::size_t{3}}) {
      std::fill(other.params[i].weights.begin(), other.params[i].weights.end(), std::int8_t{-7});
      std::fill(other.params[i].bias.begin(), other.params[i].bias.end(), 0);
      if (layout == weight_layout::v1) other.params[i].requantize.shift = {0};
    }
    CHECK(read_weight_image(write_weight_image(model, layout), other, layout) == model);
  }
}
