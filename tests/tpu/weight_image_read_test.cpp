// SPDX-License-Identifier: MIT
/// @file
/// Tests of tpu/weight_image.hpp: every scheme there and back, and images that lie.

#include <doctest/doctest.h>

#include "octavo/graph/builder.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/tpu/weight_image.hpp"
#include "support/every_op.hpp"
#include "support/random.hpp"

using octavo::policy;
using octavo::quantized_model;
using octavo::scheme;
using octavo::tpu::layout_of;
using octavo::tpu::make_weight_map;
using octavo::tpu::read_weight_image;
using octavo::tpu::weight_layout;
using octavo::tpu::weight_part;
using octavo::tpu::write_weight_image;

namespace {

using bytes = std::vector<std::uint8_t>;

/// Random weights on the graph with every op, with one dead channel, under a scheme.
quantized_model random_quantized(scheme kind) {
  octavo::testing::random_source rng(11);
  octavo::float_model model{octavo::testing::every_op_graph(), {}};
  std::vector<double> thresholds(model.graph.size(), 1);
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    octavo::float_params params;
    if (has_weights(model.graph[i].kind)) {
      const auto count = static_cast<std::size_t>(weights_shape(model.graph, i).elements());
      for (std::size_t k = 0; k < count; ++k) params.weights.push_back(rng.real());
      for (int c = 0; c < model.graph[i].shape.c; ++c) params.bias.push_back(rng.real());
      const std::size_t each = count / params.bias.size();
      std::fill_n(params.weights.begin(), each, 0.0);
    }
    model.params.push_back(params);
  }
  return quantize(model, thresholds, kind);
}

/// The model with other numbers where the image is to bring its own.
quantized_model scrambled(quantized_model model, weight_layout layout) {
  for (octavo::op_params& params : model.params) {
    std::fill(params.weights.begin(), params.weights.end(), std::int8_t{99});
    std::fill(params.bias.begin(), params.bias.end(), 12345);
    if (layout == weight_layout::v2) continue;
    octavo::requantization& r = params.requantize;
    if (layout == weight_layout::per_channel && r.entries() == 1) continue;
    std::fill(r.shift.begin(), r.shift.end(), std::uint8_t{1});
    std::fill(r.multiplier.begin(), r.multiplier.end(), INT32_MAX);
  }
  return model;
}

/// Offset in the image of one part of the op called `name`.
std::size_t at(const quantized_model& model, std::string_view name, weight_part part) {
  const auto map = make_weight_map(model.graph, layout_of(model.scheme));
  return static_cast<std::size_t>(map.find(model.graph.find(name), part)->offset);
}

/// Writes little-endian.
void put(bytes& image, std::size_t offset, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    image[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

/// An image of a per-channel scheme whose record of conv's channel 1 can be spoilt.
struct record_case {
  explicit record_case(scheme kind)
      : model(random_quantized(kind)),
        image(write_weight_image(model, weight_layout::per_channel)),
        record(at(model, "conv", weight_part::channel_records) + 9) {}

  quantized_model read() const {
    return read_weight_image(image, model, weight_layout::per_channel);
  }

  quantized_model model;
  bytes image;
  std::size_t record;
};

}  // namespace

TEST_CASE("every scheme comes back from its layout as it was") {
  for (const scheme kind : octavo::all_schemes) {
    CAPTURE(to_string(kind));
    const quantized_model model = random_quantized(kind);
    const weight_layout layout = layout_of(kind);
    const bytes image = write_weight_image(model, layout);
    CHECK(read_weight_image(image, scrambled(model, layout), layout) == model);
    CHECK(write_weight_image(read_weight_image(image, model, layout), layout) == image);
  }
}

TEST_CASE("a 32-bit scheme with one shift a layer fits the third layout") {
  const quantized_model model = random_quantized(scheme::rshift32);
  const bytes image = write_weight_image(model, weight_layout::per_channel);
  CHECK(read_weight_image(image, model, weight_layout::per_channel) == model);
}

TEST_CASE("an image of another size is refused, whatever the size") {
  for (const scheme kind : {scheme::rshift8, scheme::rshift16, scheme::multiplier}) {
    const quantized_model model = random_quantized(kind);
    const weight_layout layout = layout_of(kind);
    const bytes image = write_weight_image(model, layout);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, image.size() - 1, image.size() + 1, image.size() + 16}) {
      bytes other = image;
      other.resize(size);
      const std::string message = octavo::concat_text("weight image ", to_string(layout), ": has ",
                                                      size, " bytes, expected ", image.size());
      CHECK_THROWS_WITH(read_weight_image(other, model, layout), message.c_str());
    }
  }
}

TEST_CASE("first layout: a shift above 31 is refused") {
  const quantized_model model = random_quantized(scheme::rshift8);
  const bytes image = write_weight_image(model, weight_layout::v1);
  for (const int shift : {32, 63, 64, 128, 255}) {
    bytes other = image;
    other[at(model, "conv", weight_part::shift)] = static_cast<std::uint8_t>(shift);
    // Biases of 0: what 2^shift does to another one is the next case.
    std::fill_n(other.begin() + static_cast<std::ptrdiff_t>(at(model, "conv", weight_part::bias)),
                4, std::uint8_t{0});
    CHECK_THROWS_WITH(read_weight_image(other, model, weight_layout::v1),
                      "model: conv: a shift is out of range");
  }
}

TEST_CASE("first layout: a bias times 2^shift that leaves the accumulator is refused") {
  const quantized_model model = random_quantized(scheme::rshift8);
  bytes image = write_weight_image(model, weight_layout::v1);
  const std::size_t bias = at(model, "conv", weight_part::bias);
  image[at(model, "conv", weight_part::shift)] = 30;
  image[bias] = 2;  // 2^31
  CHECK_THROWS_WITH(read_weight_image(image, model, weight_layout::v1),
                    "weight image v1: conv: channel 0: bias 2 times 2^shift has more than 32 bits");
  image[bias] = 0xfd;  // -3 * 2^30
  CHECK_THROWS_WITH(
      read_weight_image(image, model, weight_layout::v1),
      "weight image v1: conv: channel 0: bias -3 times 2^shift has more than 32 bits");
  image[bias] = 0xfe;  // -2^31 has 32 bits, but the sum does not fit
  std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(bias) + 1, 3, std::uint8_t{0});
  CHECK_THROWS_WITH(read_weight_image(image, model, weight_layout::v1),
                    "model: conv: channel 0: bias -2147483648 may overflow the int32 accumulator");
}

TEST_CASE("third layout: multipliers and shifts out of range are refused") {
  record_case one(scheme::multiplier);
  for (const std::uint32_t multiplier : {0U, 0x80000000U, 0xFFFFFFFFU}) {
    put(one.image, one.record + 4, multiplier);
    CHECK_THROWS_WITH(one.read(), "model: conv: a multiplier is out of range");
  }
  put(one.image, one.record + 4, 1);
  CHECK_NOTHROW(one.read());
  for (const int shift : {63, 64, 255}) {
    one.image[one.record + 8] = static_cast<std::uint8_t>(shift);
    CHECK_THROWS_WITH(one.read(), "model: conv: a shift is out of range");
  }
  one.image[one.record + 8] = 62;
  CHECK_NOTHROW(one.read());
}

TEST_CASE("third layout: a Q31 multiplier has at least 2^30, its shift at most 31") {
  record_case one(scheme::multiplier_q31);
  put(one.image, one.record + 4, (1U << 30) - 1);
  CHECK_THROWS_WITH(one.read(), "model: conv: a multiplier is out of range");
  put(one.image, one.record + 4, 1U << 30);
  CHECK_NOTHROW(one.read());
  one.image[one.record + 8] = 32;
  CHECK_THROWS_WITH(one.read(), "model: conv: a shift is out of range");
}

TEST_CASE("third layout: a bias beyond the bound is refused") {
  for (const scheme kind : {scheme::multiplier, scheme::rshift_channel, scheme::rshift32}) {
    record_case one(kind);
    put(one.image, one.record, 0x80000000U);
    CHECK_THROWS_WITH(
        one.read(), "model: conv: channel 1: bias -2147483648 may overflow the int32 accumulator");
  }
}

TEST_CASE("third layout: rshift has the multiplier 1 in every record") {
  for (const scheme kind : {scheme::rshift_channel, scheme::rshift32}) {
    for (const std::uint32_t multiplier : {0U, 2U, 0x01000001U}) {
      record_case one(kind);
      put(one.image, one.record + 4, multiplier);
      CHECK_THROWS_AS(one.read(), octavo::error);
    }
  }
}

TEST_CASE("third layout: a layer with one shift must find it in every record") {
  record_case one(scheme::rshift32);
  const std::int32_t bias = one.model.params[1].bias[1];
  one.image[one.record + 8] ^= 1;
  const std::string message =
      octavo::concat_text("weight image per_channel: conv: channel 1: bias ", bias,
                          " has a record that the model's policy cannot hold");
  CHECK_THROWS_WITH(one.read(), message.c_str());
}
