// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/mlir: what a quantized network's text means, worked out by hand.

#include <doctest/doctest.h>

#include "mlir/mlir_recipe.hpp"
#include "octavo/interpreter.hpp"

using namespace octavo_test;
using octavo::op_params;
using octavo::policy;
using octavo::quantized_model;
using octavo::scheme;
using octavo::io::make_npy_array;
using octavo::io::npz_arrays;

namespace {

std::string with_text(std::string_view from, std::string_view to) {
  return replaced(small_text(), from, to);
}

constexpr std::string_view conv_quant = "padding = \"SAME\", quant = \"INT8\"";

/// The conv of the small text in another scheme, with `arrays` in its weights.
op_params conv_params(npz_arrays arrays, const std::string& quant) {
  for (auto& [name, array] : small_weights()) arrays.emplace(name, std::move(array));
  const weights_folder folder(arrays);
  const std::string text = with_text(conv_quant, "padding = \"SAME\", " + quant);
  return folder.model(text).params[1];
}

npz_arrays floats(const std::string& name, const std::vector<float>& values) {
  return {{name, make_npy_array(values, {static_cast<std::int64_t>(values.size())})}};
}

}  // namespace

TEST_CASE("the original's text: what is not said follows from the rules") {
  const weights_folder folder;
  const octavo::io::mlir_network net = folder.read(small_text());
  CHECK(net.is_quantized());
  CHECK(std::get<quantized_model>(net.model) == small_model());
  CHECK(net.graph() == small_model().graph);
  REQUIRE(net.outputs.size() == 1);
  CHECK(net.outputs[0] == octavo::io::mlir_output{"prob", true});
}

TEST_CASE("a text in a file, its weights beside it") {
  const weights_folder folder;
  octavo::io::write_file(folder / "net.mlir", octavo::io::as_bytes(small_text()));
  const auto net = octavo::io::load_mlir(folder / "net.mlir");
  CHECK(std::get<quantized_model>(net.model) == small_model());
}

TEST_CASE("thresholds: f32 is rounded to float32, f64 is not; one of two places will do") {
  const weights_folder folder;
  const std::string twice = with_text("threshold_y = 2.0 : f32} : (tensor<1x2x4x4xf32>)",
                                      "threshold_y = 0.1 : f32} : (tensor<1x2x4x4xf32>)");
  const std::string one = replaced(twice, ", threshold = 2.0 : f32", "");
  CHECK(folder.model(one).thresholds[0] == double{0.1F});
  CHECK(folder.model(replaced(one, "0.1 : f32", "0.1 : f64")).thresholds[0] == 0.1);
  CHECK(folder.model(replaced(one, "0.1 : f32", "0.1")).thresholds[0] == 0.1);
  const std::string other =
      with_text(", threshold_y = 2.0 : f32} : (tensor<1x2x4x4xf32>)", "} : (tensor<1x2x4x4xf32>)");
  CHECK(folder.model(other).thresholds[0] == 2);
}

TEST_CASE("padding: SAME is the smallest from 1 on, VALID and nothing are none, or four pads") {
  const weights_folder folder;
  const auto window_of = [&](std::string_view padding, std::string_view extents) {
    // The conv alone: what it writes is the result.
    std::string text(small_text().substr(0, small_text().find("    %7")));
    text = replaced(text, "padding = \"SAME\"", padding);
    text = replaced(text, "1x3x4x4xf32", extents);
    const std::string type = "tensor<" + std::string(extents) + ">";
    text += "%8 = \"tpu.dequantization\"(%6) {name = \"r\"} : (" + type + ") -> " + type +
            "\n\"func.return\"(%8) : (" + type +
            ") -> ()\n}) {sym_name = \"tpu_func\", "
            "function_type = (tensor<1x2x4x4xf32>) -> " +
            type + "} : () -> ()}) : () -> ()";
    return folder.model(text).graph[1].window;
  };
  CHECK(window_of("padding = \"SAME\"", "1x3x4x4xf32") == octavo::square(3, 1, 1));
  CHECK(window_of("padding = \"SAME\"", "1x3x6x6xf32") == octavo::square(3, 1, 2));
  CHECK(window_of("padding = \"VALID\"", "1x3x2x2xf32") == octavo::square(3));
  CHECK(window_of("group = 1 : i32", "1x3x2x2xf32") == octavo::square(3));
  CHECK(window_of("pad_top = 1 : i32, pad_right = 2 : i32", "1x3x3x4xf32") ==
        octavo::window{3, 3, 1, 1, 1, 1, {1, 0, 0, 2}});
  CHECK(window_of("pad_left = 1 : i32, pad_bottom = 2 : i32, dilation_w_factor = 2 : i32",
                  "1x3x4x1xf32") == octavo::window{3, 3, 1, 1, 1, 2, {0, 1, 2, 0}});
}

TEST_CASE("SAME: a kernel of 1 has no padding in its direction") {
  const std::string_view text =
      "func @tpu_func(%a: tensor<1x1x5x8xf32>) -> tensor<1x1x5x8xf32> {\n%0 = \"tpu.input\"(%a) "
      "{name = \"d\"} : (tensor<1x1x5x8xf32>) -> tensor<1x1x5x8xf32>\n%1 = \"tpu.pool_2d\"(%0) "
      "{name = \"p\", pool = \"MAX\", filter_height = 1, filter_width = 5, padding = \"SAME\"} : "
      "(tensor<1x1x5x8xf32>) -> tensor<1x1x5x8xf32>\nreturn %1 : tensor<1x1x5x8xf32>\n}";
  const auto net = octavo::io::mlir::read(text, "f", ".");
  CHECK(net.graph()[1].window == octavo::window{1, 5, 1, 1, 1, 1, {0, 2, 0, 2}});
}

TEST_CASE("SAME: pool1 of the original, whose text cannot say more") {
  // 112 -> 56 with a 3x3 window of stride 2: by a padding of 1, though Caffe rounds up instead.
  const auto text = [](std::string_view rule, int out) {
    const std::string in = "tensor<1x1x112x112xf32>";
    const std::string result = octavo::concat_text("tensor<1x1x", out, "x", out, "xf32>");
    return "func @tpu_func(%a: " + in + ") -> " + result +
           " {\n%0 = \"tpu.input\"(%a) {name = \"d\"} : (" + in + ") -> " + in +
           "\n%1 = \"tpu.pool_2d\"(%0) {name = \"pool1\", pool = \"MAX\", "
           "filter_height = 3, filter_width = 3, stride_h = 2, stride_w = 2, " +
           std::string(rule) + "} : (" + in + ") -> " + result + "\nreturn %1 : " + result + "\n}";
  };
  const auto pool_of = [&](std::string_view rule, int out) {
    const auto net = octavo::io::mlir::read(text(rule, out), "f", ".");
    return std::get<octavo::float_model>(net.model).graph[1];
  };
  CHECK(pool_of("padding = \"SAME\"", 56).window == octavo::square(3, 2, 1));
  CHECK(pool_of("padding = \"SAME\"", 57).window == octavo::square(3, 2, 2));
  // Without padding there are 55 positions: SAME is never none where a kernel has a neighbour.
  CHECK(
      message_of([&] { pool_of("padding = \"SAME\"", 55); })
          .ends_with("found tensor<1x1x55x55xf32> behind padding SAME, expected extents that some "
                     "padding below the kernel gives"));
  CHECK(pool_of("ceil_mode", 56).rounding == octavo::size_rounding::ceil);
  CHECK(pool_of("ceil_mode = true", 56).window == octavo::square(3, 2));
  CHECK(pool_of("ceil_mode = false, padding = \"VALID\"", 55).rounding ==
        octavo::size_rounding::floor);
}

TEST_CASE("schemes: what quant alone means, and what scheme and policy add") {
  const octavo::io::npz_arrays three = floats("conv_rshift", {1, 2, 3});
  const auto per_channel = [&](const std::string& quant) {
    npz_arrays arrays = three;
    for (auto& [name, array] : small_weights()) arrays.emplace(name, std::move(array));
    const weights_folder folder(arrays);
    std::string text = with_text(conv_quant, "padding = \"SAME\", " + quant);
    text = replaced(text, "\"conv_rshift\"} : (memref<2147483648xf32>) -> tensor<1xi32>",
                    "\"conv_rshift\"} : (memref<2147483648xf32>) -> tensor<3xf32>");
    text = replaced(text, "tensor<3xf32>, tensor<1xi32>) -> tensor<1x3x4x4xf32>",
                    "tensor<3xf32>, tensor<3xf32>) -> tensor<1x3x4x4xf32>");
    return folder.model(text);
  };
  const quantized_model channels = per_channel("quant = \"INT8_PER_CHANNEL\"");
  CHECK(channels.params[1].requantize == octavo::requantization{policy::rshift, {}, {1, 2, 3}});
  CHECK(channels.scheme == scheme::mixed);  // fc is rshift16
  const std::string half_away =
      "quant = \"INT8\", scheme = \"rshift16\", policy = \"rshift-half-away\"";
  CHECK(conv_params({}, half_away).requantize.kind == policy::rshift_half_away);
  // A bias of rshift8 is stored in units of the output.
  const op_params rshift8 =
      conv_params(floats("conv_1", {1, -128, 127}), "quant = \"INT8\", scheme = \"rshift8\"");
  CHECK(rshift8.bias == std::vector<std::int32_t>{1 << 7, -128 << 7, 127 << 7});
  const op_params rshift32 =
      conv_params(floats("conv_1", {1, -65536, 65536}), "quant = \"INT8\", scheme = \"rshift32\"");
  CHECK(rshift32.bias == std::vector<std::int32_t>{1, -65536, 65536});
}

TEST_CASE("multipliers: shift, then multiplier; without a scheme the pair of roundings") {
  npz_arrays arrays = small_weights();
  arrays["fc_m"] = make_npy_array(std::vector<std::int32_t>{INT32_MAX, 1 << 30}, {2});
  arrays["fc_rshift"] = make_npy_array(std::vector<std::int32_t>{31, 0}, {2});
  const weights_folder folder(arrays);
  std::string text = with_text(
      "tensor<2x3xf32>\n    %13 = \"tpu.load_weight\"(%0) {name = \"fc_rshift\"} : "
      "(memref<2147483648xf32>) -> tensor<1xi32>",
      "tensor<2x3xf32>\n    %13 = \"tpu.load_weight\"(%0) {name = \"fc_rshift\"} : "
      "(memref<2147483648xf32>) -> tensor<2xf32>\n    %m = \"tpu.load_weight\"(%0) {name = "
      "\"fc_m\"} : (memref<2147483648xf32>) -> tensor<2xf32>");
  text = replaced(text, "(%11, %12, %13) {name = \"fc\", quant = \"INT8\"",
                  "(%11, %12, %13, %m) {name = \"fc\", quant = \"INT8_MULTIPLIER\"");
  text = replaced(text, "tensor<2x3xf32>, tensor<1xi32>)",
                  "tensor<2x3xf32>, tensor<2xf32>, tensor<2xf32>)");
  const octavo::requantization q31 = {policy::multiplier_q31, {INT32_MAX, 1 << 30}, {31, 0}};
  CHECK(folder.model(text).params[6].requantize == q31);
  CHECK(folder.model(text).scheme == scheme::mixed);
  const std::string one = replaced(text, "quant = \"INT8_MULTIPLIER\"",
                                   "quant = \"INT8_MULTIPLIER\", scheme = \"multiplier\"");
  const octavo::requantization rule = {policy::multiplier_rshift, {INT32_MAX, 1 << 30}, {31, 0}};
  CHECK(folder.model(one).params[6].requantize == rule);
}

TEST_CASE("integers in the text are taken as they are") {
  const weights_folder folder;
  std::string text = with_text("name = \"sum\"",
                               "multiplier = [1 : i32, 127 : i32], rshift = 31, "
                               "name = \"sum\"");
  text = replaced(text, "name = \"mean\"",
                  "divisor = array<i64: 4>, multiplier = [7], "
                  "rshift = [62 : i64], name = \"mean\"");
  const quantized_model model = folder.model(text);
  CHECK(model.params[4].add == octavo::add_params{{1, 127}, 31});
  CHECK(model.params[5].divisors == std::vector<octavo::pool_divisor>{{4, {7, 62}}});
}

TEST_CASE("weights may lie in a folder below") {
  const weights_folder folder;
  std::filesystem::create_directory(folder / "sub");
  std::filesystem::rename(folder / "w.npz", folder / "sub/w.npz");
  CHECK(folder.model(with_text("\"w.npz\"", "\"sub/w.npz\"")) == small_model());
}
