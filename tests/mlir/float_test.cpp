// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/mlir: networks in floating point, batch normalization and scales folded.

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "mlir/mlir_recipe.hpp"
#include "octavo/io/npz_state_dict.hpp"
#include "octavo/model/state_dict.hpp"

using namespace octavo_test;
using octavo::float_model;
using octavo::float_params;
using octavo::io::make_npy_array;

namespace {

constexpr std::string_view image = "tensor<1x2x2x2xf32>";

/// A function that does `operations` to the input %in and returns `result`. Arrays of the weights
/// file are loaded as %NAME; those of `w` are a filter of 2x2x1x1, the others two numbers.
std::string text_of(std::string_view operations, std::string_view result,
                    std::string_view type = image) {
  std::string text = octavo::concat_text(
      "func.func @tpu_func(%a: ", image, ") -> ", type, " {\n",
      "%f = \"tpu.load_file\"() {filename = \"w.npz\"} : () -> memref<2147483648xf32>\n",
      "%in = \"tpu.input\"(%a) {name = \"data\", threshold_y = 1.0} : (", image, ") -> ", image,
      "\n");
  for (const std::string_view name : {"w", "b", "mean", "var", "factor", "gamma", "beta"}) {
    text += octavo::concat_text("%", name, " = \"tpu.load_weight\"(%f) {name = \"", name,
                                "\"} : (memref<2147483648xf32>) -> tensor<",
                                name == "w"        ? "2x2x1x1"
                                : name == "factor" ? "1"
                                                   : "2",
                                "xf32>\n");
  }
  return octavo::concat_text(text, operations, "return ", result, " : ", type, "\n}\n");
}

/// "%x = op(operands) {name = "x", more}" on images; operands behind the first are arrays.
std::string op_text(std::string_view name, std::string_view op, std::string_view operands,
                    std::string_view more = "") {
  std::string types(image);
  std::size_t at = operands.find(", ");
  for (; at != std::string_view::npos; at = operands.find(", ", at + 1)) {
    const bool filter = operands.substr(at + 2, 2) == "%w";
    const bool factor = operands.substr(at + 2) == "%factor";
    types += filter ? ", tensor<2x2x1x1xf32>" : factor ? ", tensor<1xf32>" : ", tensor<2xf32>";
  }
  return octavo::concat_text("%", name, " = \"tpu.", op, "\"(", operands, ") {name = \"", name,
                             "\"", more, "} : (", types, ") -> ", image, "\n");
}

octavo::io::npz_arrays arrays() {
  const auto two = [](float a, float b) { return make_npy_array(std::vector<float>{a, b}, {2}); };
  return {{"w", make_npy_array(std::vector<float>{1, -0.1F, 3, 0.7F}, {2, 2, 1, 1})},
          {"b", two(0.5F, -3)},
          {"mean", two(0.3F, -0.9F)},
          {"var", two(0.25F, 7)},
          {"factor", make_npy_array(std::vector<float>{4}, {1})},
          {"gamma", two(1.1F, -0.3F)},
          {"beta", two(0.01F, 5)}};
}

class float_folder : public weights_folder {
 public:
  float_folder() : weights_folder(arrays()) {}
  float_model model(std::string_view text) const { return std::get<float_model>(read(text).model); }
};

/// What load_float_model() makes of the same arrays.
float_params folded(const octavo::layer_names& names, const float_folder& folder) {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const auto in = net.input("data", {1, 2, 2, 2});
  const octavo::graph made = net.finish(net.conv2d("conv", in, {.channels = 2}));
  const octavo::state_dict file = octavo::io::npz_state_dict(folder / "w.npz");
  const auto naming = [&](const octavo::node&) { return names; };
  return octavo::load_float_model(made, file, naming).params[1];
}

void check_equal(const float_params& got, const float_params& wanted) {
  CHECK(got.weights == wanted.weights);
  CHECK(got.bias == wanted.bias);
}

std::vector<std::string> names_of(const float_model& model) {
  std::vector<std::string> names;
  for (const octavo::node& each : model.graph) names.emplace_back(each.name.view());
  return names;
}

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a convolution with its bias, and without") {
  const float_folder folder;
  float_model model = folder.model(text_of(op_text("conv", "conv_2d", "%in, %w, %b"), "%conv"));
  CHECK(names_of(model) == names{"data", "conv"});
  CHECK(model.params[1].weights == std::vector<double>{1, double{-0.1F}, 3, double{0.7F}});
  CHECK(model.params[1].bias == std::vector<double>{0.5, -3});
  model =
      folder.model(text_of(op_text("conv", "conv_2d", "%in, %w", ", quant = \"NONE\""), "%conv"));
  CHECK(model.params[1].bias == std::vector<double>{0, 0});
}

TEST_CASE("batch norm and scale fold into the convolution, which takes the scale's name") {
  const float_folder folder;
  const float_model model =
      folder.model(text_of(op_text("conv", "conv_2d", "%in, %w, %b") +
                               op_text("bn", "batch_norm", "%conv, %mean, %var, %factor") +
                               op_text("scale_conv", "scale", "%bn, %gamma, %beta") +
                               op_text("r", "relu", "%scale_conv"),
                           "%r"));
  CHECK(names_of(model) == names{"data", "scale_conv", "r"});
  check_equal(model.params[1], folded({.weights = "w",
                                       .bias = "b",
                                       .gamma = "gamma",
                                       .beta = "beta",
                                       .mean = "mean",
                                       .variance = "var",
                                       .norm_scale = "factor"},
                                      folder));
  // By hand, channel 0: s = 1.1 / sqrt(0.25 / 4 + 1e-5), in doubles of the float32 numbers.
  const double s = double{1.1F} / std::sqrt(0.25 / 4 + 1e-5);
  CHECK(model.params[1].weights[0] == s);
  CHECK(model.params[1].bias[0] == double{0.01F} + (0.5 - double{0.3F} / 4) * s);
}

TEST_CASE("a batch norm alone, with its own epsilon, and a scale alone") {
  const float_folder folder;
  const std::string conv = op_text("conv", "conv_2d", "%in, %w, %b");
  float_model model = folder.model(
      text_of(conv + op_text("bn", "batch_norm", "%conv, %mean, %var", ", variance_epsilon = 0.75"),
              "%bn"));
  CHECK(names_of(model) == names{"data", "bn"});
  CHECK(model.params[1].weights[0] == 1);  // 0.25 + 0.75
  CHECK(model.params[1].bias[0] == 0.5 - double{0.3F});
  model = folder.model(text_of(conv + op_text("s", "scale", "%conv, %gamma"), "%s"));
  CHECK(names_of(model) == names{"data", "s"});
  CHECK(model.params[1].weights[2] == 3 * double{-0.3F});
  CHECK(model.params[1].bias[1] == -3 * double{-0.3F});
}

TEST_CASE("what others read too is not folded into") {
  const float_folder folder;
  const float_model model = folder.model(
      text_of(op_text("conv", "conv_2d", "%in, %w, %b") +
                  op_text("bn", "batch_norm", "%conv, %mean, %var") +
                  op_text("s", "scale", "%bn, %gamma, %beta") +
                  octavo::concat_text("%e = \"tpu.eltwise\"(%s, %conv) {name = \"e\"} : (", image,
                                      ", ", image, ") -> ", image, "\n"),
              "%e"));
  CHECK(names_of(model) == names{"data", "conv", "s", "e"});
  CHECK(model.graph[2].kind == octavo::op::scale);
  CHECK(model.params[1].bias == std::vector<double>{0.5, -3});
  const double scale = double{1.1F} / std::sqrt(0.25 + 1e-5);
  CHECK(model.params[2].weights[0] == scale);
  CHECK(model.params[2].bias[0] == double{0.01F} + (0 - double{0.3F}) * scale);
}

TEST_CASE("a scale of what has no weights is a layer of its own") {
  const float_folder folder;
  const float_model model =
      folder.model(text_of(op_text("s", "scale", "%in, %gamma, %beta"), "%s"));
  CHECK(names_of(model) == names{"data", "s"});
  CHECK(model.params[1].weights == std::vector<double>{double{1.1F}, double{-0.3F}});
  CHECK(model.params[1].bias == std::vector<double>{double{0.01F}, 5});
}

TEST_CASE("two batch norms in a row, each read by one scale or none") {
  const float_folder folder;
  const float_model model = folder.model(text_of(
      op_text("conv", "conv_2d", "%in, %w") + op_text("bn1", "batch_norm", "%conv, %mean, %var") +
          op_text("bn2", "batch_norm", "%bn1, %mean, %var") +
          op_text("s", "scale", "%bn2, %gamma, %beta"),
      "%s"));
  CHECK(names_of(model) == names{"data", "s"});
  const octavo::batch_norm_channel first = {1, 0, double{0.3F}, 0.25, 1e-5};
  const octavo::batch_norm_channel second = {double{1.1F}, double{0.01F}, double{0.3F}, 0.25, 1e-5};
  const octavo::folded_channel a = octavo::fold(first, 0);
  const octavo::folded_channel b = octavo::fold(second, a.bias);
  CHECK(model.params[1].weights[0] == 1 * a.scale * b.scale);
  CHECK(model.params[1].bias[0] == b.bias);
}

TEST_CASE("every op without weights") {
  const float_folder folder;
  const std::string two = octavo::concat_text("(", image, ", ", image, ") -> ");
  const float_model model = folder.model(text_of(
      op_text("leaky", "relu", "%in", ", negative_slope = 0.25 : f32") +
          op_text("clip", "clip", "%leaky", ", min = -1.0, max = 6.0") +
          "%add = \"tpu.eltwise\"(%clip, %in) {name = \"add\"} : " + two + std::string(image) +
          "\n%cat = \"tpu.concat\"(%add, %in) {name = \"cat\"} : " + two +
          "tensor<1x4x2x2xf32>\n%max = \"tpu.pool_2d\"(%cat) {name = \"max\", pool = \"MAX\", "
          "filter_height = 2, filter_width = 1} : (tensor<1x4x2x2xf32>) -> tensor<1x4x1x2xf32>\n"
          "%avg = \"tpu.pool_2d\"(%max) {name = \"avg\", pool = \"AVE\", filter_height = 1, "
          "filter_width = 2, pad_right = 1, count_padding} : (tensor<1x4x1x2xf32>) -> "
          "tensor<1x4x1x2xf32>\n%flat = \"tpu.reshape\"(%avg) {name = \"flat\"} : "
          "(tensor<1x4x1x2xf32>) -> tensor<1x8xf32>\n%prob = \"tpu.softmax\"(%flat) {name = "
          "\"prob\"} : (tensor<1x8xf32>) -> tensor<1x8xf32>\n",
      "%prob", "tensor<1x8xf32>"));
  octavo::graph_builder<std::vector<octavo::node>> net;
  const auto in = net.input("data", {1, 2, 2, 2});
  auto x = net.leaky_relu("leaky", in, 0.25);
  x = net.clip("clip", x, -1, 6);
  x = net.add("add", x, in);
  x = net.concat("cat", {x, in});
  x = net.max_pool("max", x, {.window = {.kh = 2, .kw = 1}});
  x = net.avg_pool("avg", x,
                   {.window = {.kh = 1, .kw = 2, .pad = {0, 0, 0, 1}}, .count_padding = true});
  CHECK(model.graph == net.finish(x));
}

TEST_CASE("results without a softmax bear the node's name") {
  const float_folder folder;
  const auto net = folder.read(text_of(op_text("r", "relu", "%in"), "%r"));
  CHECK(net.outputs == std::vector<octavo::io::mlir_output>{{"r", false}});
  CHECK_FALSE(net.is_quantized());
}

TEST_CASE("what is wrong with weights is said with its place") {
  const float_folder folder;
  const std::string conv = op_text("conv", "conv_2d", "%in, %w, %b");
  const auto refusal = [&](const std::string& operations, std::string_view result) {
    return folder.message(text_of(operations, result));
  };
  CHECK(refusal(conv + op_text("bn", "batch_norm", "%conv, %mean, %beta, %b"), "%bn") ==
        "f.mlir:12:117: found tensor<2xf32> for '%b', expected 1 numbers");
  CHECK(refusal(op_text("conv", "conv_2d", "%in, %w, %factor"), "%conv") ==
        "f.mlir:11:102: found tensor<1xf32> for '%factor', expected 2 numbers");
  CHECK(refusal(conv + op_text("bn", "batch_norm", "%conv, %mean, %b"), "%bn") ==
        "f.mlir:12:7: found the variance -3 and the epsilon 1.0000000000000001e-05 for channel 1, "
        "expected neither negative and a positive sum");
  CHECK(refusal(op_text("conv", "conv_2d", "%in, %w", ", scheme = \"rshift16\""), "%conv") ==
        "f.mlir:11:57: found the attribute 'scheme' of tpu.conv_2d, expected none without a "
        "tpu.quantization");
  CHECK(refusal(op_text("r", "relu", "%in", ", rshift = [1]"), "%r") ==
        "f.mlir:11:44: found the attribute 'rshift' of tpu.relu, expected none where there are no "
        "integers");
  CHECK(refusal(op_text("r", "relu", "%in", ", quant = \"INT8\""), "%r") ==
        "f.mlir:11:43: found 'INT8' for 'quant', expected NONE without a tpu.quantization");
  CHECK(refusal(op_text("d", "dequantization", "%in"), "%d") ==
        "f.mlir:11:6: found tpu.dequantization, expected a tpu.quantization before it");
  CHECK(refusal(op_text("r", "relu", "%a"), "%r") ==
        "f.mlir:11:17: found '%a', an argument of the function, expected a tensor");
}

TEST_CASE("a folded layer's new name is a name that a graph may have") {
  const float_folder folder;
  std::string operations =
      op_text("conv", "conv_2d", "%in, %w") + op_text("s", "scale", "%conv, %gamma");
  const auto refusal = [&](const std::string& name) {
    return folder.message(
        text_of(replaced(operations, "{name = \"s\"", "{name = \"" + name + "\""), "%s"));
  };
  CHECK(refusal("a b") ==
        "f.mlir:12:6: graph: a b: a name has printable ASCII characters, no blanks, no commas");
  CHECK(refusal(std::string(64, 'a')) == "f.mlir:12:6: name: longer than a graph's names may be");
  CHECK(refusal("conv") == "f.mlir:12:41: found the name 'conv' a second time, expected a new one");
}

TEST_CASE("numbers that are not finite") {
  auto broken = arrays();
  broken["b"] = make_npy_array(std::vector<float>{0, std::numeric_limits<float>::infinity()}, {2});
  const weights_folder folder(broken);
  check_message(folder.message(text_of(op_text("conv", "conv_2d", "%in, %w, %b"), "%conv")),
                "w.npz: array 'b': element 1 is inf, expected a finite number");
}
