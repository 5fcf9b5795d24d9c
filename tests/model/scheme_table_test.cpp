// SPDX-License-Identifier: MIT
/// @file
/// Schemes layer by layer: their text, every error, and what the quantizer makes of them.

#include "octavo/model/scheme_table.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/model/validate.hpp"

namespace {

using namespace octavo;

template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const error& e) {
    return e.what();
  }
  return "no error";
}

std::string parse_error(std::string_view text) {
  return message_of([&] { parse_scheme_table(text, "s.txt"); });
}

/// data (4 pixels) -> conv (2 channels) -> relu -> fc (2 outputs)
float_model small_model() {
  graph_builder<std::vector<node>> net;
  tensor_id x = net.input("data", {1, 1, 2, 2});
  x = net.conv2d("conv", x, {.channels = 2});
  x = net.relu("conv_relu", x);
  x = net.fully_connected("fc", x, 2);
  float_model model{.graph = net.finish(x), .params = {4, float_params{}}};
  model.params[1] = {.weights = {0.7, -0.3}, .bias = {0.013, -0.4}};
  model.params[3].weights = {0.11, -0.5, 0.23, 0.9, -0.8, 0.4, 0.35, -0.02,
                             0.6,  0.1,  -0.7, 0.2, 0.3,  0.3, -0.9, 0.05};
  model.params[3].bias = {0.21, -0.17};
  return model;
}

const std::vector<double> thresholds = {1.1, 0.9, 0.9, 1.7};

}  // namespace

TEST_CASE("a scheme table is read line by line") {
  const scheme_table table =
      parse_scheme_table("# layers\r\nconv rshift8\n\n  fc\tmultiplier-q31 # the last\n");
  REQUIRE(table.size() == 2);
  CHECK(table[0].name == "conv");
  CHECK(table[0].scheme == scheme::rshift8);
  CHECK(table[1].name == "fc");
  CHECK(table[1].scheme == scheme::multiplier_q31);
  CHECK(table[1].where == "scheme table:4");
  CHECK(parse_scheme_table("").empty());
  CHECK(parse_scheme_table("\xEF\xBB\xBF"
                           "conv rshift8")[0]
            .name == "conv");
}

TEST_CASE("every wrong line of a scheme table names file and line") {
  CHECK(parse_error("conv\n") == "s.txt:1: 1 field, expected a layer's name and a scheme");
  CHECK(parse_error("conv rshift8 3\n") ==
        "s.txt:1: 3 fields, expected a layer's name and a scheme");
  CHECK(
      parse_error("\nconv int4\n").starts_with("s.txt:2: scheme 'int4', expected one of rshift8"));
  CHECK(parse_error("conv mixed\n").starts_with("s.txt:1: scheme 'mixed', expected one of"));
  CHECK(parse_error("conv rshift8\nfc rshift8\nconv rshift8\n") ==
        "s.txt:3: 'conv' has a scheme already, at s.txt:1");
  CHECK(parse_error("co\x01nv rshift8\n") == "s.txt:1: 'co\\x01nv' is no layer's name");
}

TEST_CASE("a scheme table cut off anywhere is refused, but for cuts that leave whole lines") {
  const std::string whole = "conv rshift8\nfc multiplier\n";
  std::vector<std::size_t> accepted;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string message = parse_error(whole.substr(0, size));
    if (message == "no error") {
      accepted.push_back(size);
    } else {
      CHECK(message.starts_with("s.txt:"));
    }
  }
  CHECK(accepted == std::vector<std::size_t>{0, 12, 13, 26, 27});
}

// Holding each name against all before it took minutes here.
TEST_CASE("a long scheme table is read in no time") {
  constexpr std::size_t lines = 200'000;
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) text += "layer" + std::to_string(i) + " rshift8\n";
  CHECK(parse_scheme_table(text).size() == lines);
  CHECK(parse_error(text + "layer7 rshift16\n") ==
        "s.txt:200001: 'layer7' has a scheme already, at s.txt:8");
}

TEST_CASE("a scheme table is for layers with weights that are there") {
  const graph net = small_model().graph;
  const auto schemes = [&](std::string_view text) {
    return schemes_of(net, parse_scheme_table(text, "s.txt"), scheme::rshift16);
  };
  CHECK(schemes("fc multiplier") == std::vector<scheme>{scheme::rshift16, scheme::rshift16,
                                                        scheme::rshift16, scheme::multiplier});
  CHECK(message_of([&] { schemes("conv rshift8\nconv2 rshift8"); }) ==
        "s.txt:2: the network has no layer 'conv2'");
  CHECK(message_of([&] { schemes("conv_relu rshift8"); }) ==
        "s.txt:1: 'conv_relu' is a relu, expected a layer with weights");
}

TEST_CASE("each layer of a mixed model has exactly the integers of its own scheme") {
  const float_model source = small_model();
  for (const scheme first : all_schemes) {
    for (const scheme last : all_schemes) {
      CAPTURE(to_string(first));
      CAPTURE(to_string(last));
      const std::vector<scheme> kinds = {last, first, last, last};
      const quantized_model mixed = quantize(source, thresholds, kinds);
      CHECK(mixed.scheme == (first == last ? first : scheme::mixed));
      CHECK(mixed.params[1] == quantize(source, thresholds, first).params[1]);
      CHECK(mixed.params[3] == quantize(source, thresholds, last).params[3]);
      validate(mixed);
    }
  }
}

TEST_CASE("an rshift8 layer of a mixed model keeps its bias in units of the output") {
  const quantized_model mixed = quantize(
      small_model(), thresholds,
      std::vector<scheme>{scheme::rshift8, scheme::rshift8, scheme::rshift8, scheme::multiplier});
  const op_params& conv = mixed.params[1];
  // round_up(0.013 * 128 / 0.9) = 2 and round_up(-0.4 * 128 / 0.9) = -57, times 2^7: the smallest
  // shift with 0.7 * 1.1 / 0.9 * 2^r >= 64
  REQUIRE(conv.requantize.shift == std::vector<std::uint8_t>{7});
  CHECK(conv.bias == std::vector<std::int32_t>{2 * 128, -57 * 128});
}

TEST_CASE("quantize wants a scheme for each node, none mixed") {
  const float_model source = small_model();
  const auto refused = [&](const std::vector<scheme>& kinds) {
    return message_of([&] { static_cast<void>(quantize(source, thresholds, kinds)); });
  };
  CHECK(refused({3, scheme::rshift8}) == "quantize: expected one scheme a node");
  CHECK(refused({4, scheme::mixed}) == "quantize: mixed is no scheme with rules of its own");
}
