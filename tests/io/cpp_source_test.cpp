// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/cpp_source.hpp: the text of a small model, hostile names, refusals. That every op
/// and policy compiles and gives the bytes of interpret() is io/cpp_source_compile_test.py's.

#include "octavo/io/cpp_source.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "io/io_test_tools.hpp"
#include "octavo/graph/builder.hpp"
#include "support/every_op.hpp"
#include "support/random_model.hpp"

using namespace octavo_test;
using octavo::quantized_model;
using octavo::io::to_cpp_source;
using octavo::io::cpp::append_lines;
using octavo::io::cpp::bias_type;
using octavo::io::cpp::identifier;
using octavo::io::cpp::to_expression;

namespace {

/// Two layers whose numbers stand in the text below.
quantized_model two_layers() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const octavo::tensor_id data = net.input("data", {1, 1, 2, 3});
  const octavo::tensor_id conv = net.conv2d("conv", data, {.channels = 2, .window = {1, 2}});
  const octavo::tensor_id relu = net.relu("conv/relu", conv);
  quantized_model model{.scheme = octavo::scheme::mixed,
                        .graph = net.finish({net.fully_connected("fc", relu, 1), relu}),
                        .thresholds = {0.5, 1, 1, 2.25},
                        .params = std::vector<octavo::op_params>(4)};
  model.params[1].weights = {1, -2, 127, -128};
  model.params[1].bias = {5, -200};
  model.params[1].requantize = {octavo::policy::multiplier_rshift, {7, 0x12345678}, {0, 62}};
  model.params[3].weights = {1, 2, 3, 4, 5, 6, 7, 8};
  model.params[3].bias = {0};
  model.params[3].requantize = {octavo::policy::rshift, {}, {3}};
  return model;
}

constexpr std::string_view two_layers_text =
    R"(// Written by octavo::io::to_cpp_source from a quantized model: change that one.
//
// Scheme mixed, 12 weights, 24 multiply-adds. Ops bear the numbers that they have in the model's
// graph. Compile it with NDEBUG defined: asserts check every call otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <octavo/core/tensor.hpp>
#include <octavo/reference/conv2d.hpp>
#include <octavo/reference/fully_connected.hpp>
#include <span>

namespace two_layers {

// Tensors are NCHW, and the int8 q in them stands for q * threshold / 128.
inline constexpr octavo::shape input_shape = {1, 1, 2, 3};
inline constexpr double input_threshold = 0.5;
inline constexpr std::size_t output_count = 2;
inline constexpr octavo::shape output_shapes[output_count] = {{1, 1, 1, 1}, {1, 2, 2, 2}};
inline constexpr double output_thresholds[output_count] = {2.25, 1.0};

// All the memory that a run needs. It is the caller's, who owes it nothing between two runs.
inline constexpr std::size_t arena_bytes = 16;
inline constexpr std::size_t input_offset = 0;
inline constexpr std::size_t output_offsets[output_count] = {0, 8};

/// Where the image goes before each run. The run overwrites it.
constexpr octavo::tensor_view<std::int8_t> input(
    std::span<std::int8_t, arena_bytes> arena) noexcept {
  return {arena.data() + input_offset, input_shape};
}

/// Where a run leaves its results.
constexpr octavo::tensor_view<const std::int8_t> output(
    std::span<const std::int8_t, arena_bytes> arena, std::size_t index = 0) noexcept {
  return {arena.data() + output_offsets[index], output_shapes[index]};
}

// 1 'conv' conv2d: weights {2, 1, 1, 2}, multiplier_rshift for each channel
inline constexpr std::int8_t n1_conv_weights[4] = {
    1, -2,
    127, -128,
};
inline constexpr std::int16_t n1_conv_bias[2] = {
    5, -200,
};
inline constexpr octavo::multiplier_rshift n1_conv_requantize[2] = {
    {7, 0}, {305419896, 62},
};

// 3 'fc' fully_connected: weights {1, 8, 1, 1}, no bias, rshift for the layer
inline constexpr std::int8_t n3_fc_weights[8] = {
    1, 2, 3, 4, 5, 6, 7, 8,
};

/// Runs the network on what lies in input(arena).
constexpr void run(std::span<std::int8_t, arena_bytes> arena) noexcept {
  // 0 'data' input
  const octavo::tensor_view<std::int8_t> n0_data = input(arena);

  // 1 'conv' conv2d, 2 'conv/relu' relu
  const octavo::tensor_view<std::int8_t> n2_conv_relu = {arena.data() + 8, {1, 2, 2, 2}};
  octavo::reference::conv2d(
      n0_data,
      octavo::filter<std::int16_t>{{n1_conv_weights, {2, 1, 1, 2}}, n1_conv_bias},
      {.window = {.kw = 2}, .relu = true},
      octavo::per_channel<octavo::multiplier_rshift>{n1_conv_requantize},
      n2_conv_relu);

  // 3 'fc' fully_connected
  const octavo::tensor_view<std::int8_t> n3_fc = {arena.data() + 0, {1, 1, 1, 1}};
  octavo::reference::fully_connected(
      n2_conv_relu,
      octavo::filter<std::int8_t>{{n3_fc_weights, {1, 8, 1, 1}}, {}},
      /*relu=*/false,
      octavo::rshift{3},
      n3_fc);
}

}  // namespace two_layers
)";

std::string namespace_refusal(const std::string& name) {
  return message_of([&] { to_cpp_source(two_layers(), {.name_space = name}); });
}

std::string model_refusal(const quantized_model& model) {
  return message_of([&] { to_cpp_source(model); });
}

/// `text` behind "  ", broken in front of "    ".
std::string in_lines(std::string_view text) {
  std::string made = "before\n";
  append_lines(made, "  ", text, "    ");
  return made;
}

}  // namespace

TEST_CASE("the text of a small model, whole") {
  CHECK(to_cpp_source(two_layers(), {.name_space = "two_layers"}) == two_layers_text);
}

TEST_CASE("names become identifiers of their own") {
  CHECK(identifier(7, "conv1") == "n7_conv1");
  CHECK(identifier(0, "int") == "n0_int");
  CHECK(identifier(3, "fire2/squeeze1x1") == "n3_fire2_squeeze1x1");
  CHECK(identifier(4, "_a__b.-c_") == "n4_a_b_c");  // two underscores in a row are C++'s own
  CHECK(identifier(5, "\\*/\"'") == "n5");
  CHECK(identifier(6, "9") == "n6_9");
  CHECK(identifier(8, std::string(63, 'x')) == "n8_" + std::string(24, 'x'));
  CHECK(identifier(8, std::string(23, 'x') + ".y") == "n8_" + std::string(23, 'x'));
}

TEST_CASE("a name stays inside its comment") {
  quantized_model model = two_layers();
  for (const std::string_view name : {"\\", "a\\", "?\?/", "*/", "/*", "//", "\"", "R\"("}) {
    model.graph.nodes[1].name = name;
    model.graph.nodes[3].name = "n1_conv_weights";  // an identifier of the text
    const std::string text = to_cpp_source(model, {.name_space = "two_layers"});
    CAPTURE(name);
    CHECK(text.find("// 1 '" + std::string(name) + "' conv2d, 2 'conv/relu' relu\n") != text.npos);
    CHECK(text.find("\\\n") == text.npos);
    CHECK(text.find("?\?/\n") == text.npos);
    // As many lines as without: none was broken or joined.
    CHECK(std::count(text.begin(), text.end(), '\n') ==
          std::count(two_layers_text.begin(), two_layers_text.end(), '\n'));
  }
}

TEST_CASE("a comment names every op that a fused one computes, clips too") {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const octavo::tensor_id data = net.input("data", {1, 2, 3, 3});
  const octavo::tensor_id x = net.clip("copy", net.conv2d("conv", data, {.channels = 2}), 0, 6);
  const octavo::tensor_id sum = net.relu("relu", net.add("sum", data, x));
  const octavo::tensor_id last = net.fully_connected("fc", sum, 2);
  octavo::testing::random_source rng(1);
  quantized_model model = random_model(net.finish(net.clip("relu6", last, 0, 6)), {}, rng);
  model.params[2].clip = {-128, 127};
  model.params[6].clip = {0, 127};
  const std::string text = to_cpp_source(model);
  CHECK(text.find("// 1 'conv' conv2d, 2 'copy' clip, 3 'sum' add, 4 'relu' relu\n") != text.npos);
  CHECK(text.find("// 5 'fc' fully_connected, 6 'relu6' clip\n") != text.npos);
  CHECK(text.find("reference::clip") == text.npos);
  CHECK(text.find("/*relu=*/false") == text.npos);
  model.params[2].clip = {-128, 126};
  model.params[6].clip = {-128, 127};
  const std::string other = to_cpp_source(model);
  CHECK(other.find("  octavo::reference::clip(n1_conv, {.lo = -128, .hi = 126}, n2_copy);\n") !=
        other.npos);
  CHECK(other.find("// 3 'sum' add, 4 'relu' relu\n") != other.npos);
  CHECK(other.find("/*relu=*/false") != other.npos);  // fc's
}

TEST_CASE("lines are broken at blanks, in front of what would be too long") {
  const std::string word(97, 'x');
  CHECK(in_lines("a b c") == "before\n  a b c\n");
  CHECK(in_lines(word + "x") == "before\n  " + word + "x\n");  // 100 characters
  CHECK(in_lines("a " + word.substr(2)) == "before\n  a " + word.substr(2) + "\n");  // 99
  CHECK(in_lines("a " + word.substr(1)) == "before\n  a " + word.substr(1) + "\n");  // 100
  CHECK(in_lines("a " + word) == "before\n  a\n    " + word + "\n");
}

TEST_CASE("values as expressions: what has its default is left out") {
  CHECK(to_expression(octavo::square(1)) == "octavo::square(1)");
  CHECK(to_expression(octavo::square(3, 2)) == "octavo::square(3, /*stride=*/2, /*pad=*/0)");
  CHECK(to_expression(octavo::window{3, 1, 2, 3, 4, 5, {1, 0, 6, 7}}) ==
        "{.kh = 3, .stride_h = 2, .stride_w = 3, .dilation_h = 4, .dilation_w = 5, "
        ".pad = {.top = 1, .bottom = 6, .right = 7}}");
  CHECK(to_expression(octavo::conv_params{octavo::square(3), 4, true}) ==
        "{.window = octavo::square(3), .groups = 4, .relu = true}");
  CHECK(to_expression(octavo::pool_params{octavo::square(2), octavo::size_rounding::ceil, true}) ==
        "{.window = octavo::square(2), .rounding = octavo::size_rounding::ceil, "
        ".count_padding = true}");
}

TEST_CASE("a bias has the narrowest type") {
  using values = std::vector<std::int32_t>;
  CHECK(bias_type(values{-128, 127}) == "std::int8_t");
  CHECK(bias_type(values{0, 128}) == "std::int16_t");
  CHECK(bias_type(values{-129, 0}) == "std::int16_t");
  CHECK(bias_type(values{-32768, 32767}) == "std::int16_t");
  CHECK(bias_type(values{32768, 0}) == "std::int32_t");
  CHECK(bias_type(values{0, -32769}) == "std::int32_t");
}

TEST_CASE("names of namespaces that are refused") {
  CHECK(namespace_refusal("net_2") == "");
  for (const char* name : {"", "2net", "_net", "a-b", "a b", "a::b", "a;", "net\n", "n\xC3\xA9"}) {
    CAPTURE(name);
    check_message(namespace_refusal(name), "expected a letter, then letters, digits");
  }
  check_message(namespace_refusal("a__b"), "namespace 'a__b', expected no two underscores");
  for (const char* name : {"int", "xor_eq", "co_await", "std", "octavo"}) {
    CAPTURE(name);
    check_message(namespace_refusal(name), "expected no word of C++, nor std or octavo");
  }
}

TEST_CASE("models that are refused") {
  CHECK(model_refusal(two_layers()) == "");
  quantized_model model = two_layers();
  model.params[1].weights.pop_back();
  CHECK(model_refusal(model) == "model: conv: the number of weights is 3, expected 4 (2x1x1x2)");
  model = two_layers();
  model.thresholds[0] = std::numeric_limits<double>::infinity();
  CHECK(model_refusal(model) == "model: data: its threshold is not a positive finite number");
  model = two_layers();
  model.graph.nodes[1].name = "a\nb";
  check_message(model_refusal(model), "a name has printable ASCII characters");

  octavo::graph_builder<std::vector<octavo::node>> net;
  const octavo::tensor_id a = net.input("a", {1, 1, 2, 2});
  octavo::testing::random_source rng(1);
  const octavo::graph two_inputs = net.finish(net.add("sum", a, net.input("b", {1, 1, 2, 2})));
  check_message(model_refusal(octavo::testing::random_model(two_inputs, {}, rng)),
                "has more than one input");
}
