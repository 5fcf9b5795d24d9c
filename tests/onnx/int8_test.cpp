// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/onnx/quantized_model.hpp: where scales change, and models that are refused.

#include <doctest/doctest.h>

#include <limits>

#include "io/io_test_tools.hpp"
#include "octavo/interpreter.hpp"
#include "onnx/onnx_recipe.hpp"

using namespace octavo_test;
using octavo::op;
using recipe = onnx_recipe;

namespace {

octavo::quantized_model import(const recipe& made) {
  return octavo::io::quantized_model_of(made.parse());
}

template <class Spoil>
void check_refused(const Spoil& spoil, std::string_view part) {
  check_message(int8_message(int8_recipe(), spoil), part);
}

/// The values of the op called `name` where every pixel of the image is 64 (on 0.5: 32).
std::vector<std::int8_t> values_of(const octavo::quantized_model& model, const char* name) {
  octavo::tensor<std::int8_t> image(model.graph[0].shape);
  image.values.assign(image.values.size(), 64);
  const octavo::activations tensors = interpret(model, image);
  const int index = model.graph.find(name);
  REQUIRE(index >= 0);
  return tensors[static_cast<std::size_t>(index)].values;
}

/// The convolution's result on scale 1, and behind a DequantizeLinear an op and scale 0.5.
recipe with_other_scale(const char* type) {
  recipe made = int8_recipe();
  made.floats("half", {}, {0.5F});
  made.find_node("conv_r").set_output(0, "one_r");
  ::onnx::NodeProto node = made.find_node("relu");
  // conv_q .. conv_r are nodes 6 and 7; three more go behind them.
  ::onnx::GraphProto rest = made.graph();
  made.graph().mutable_node()->DeleteSubrange(8, made.graph().node_size() - 8);
  node.set_op_type(type);
  node.set_name("other");
  node.set_input(0, "one_r");
  node.set_output(0, "other");
  made.graph().add_node()->CopyFrom(node);
  made.node("QuantizeLinear", {"other", "half", "zero"}, "half_q");
  made.node("DequantizeLinear", {"half_q", "half", "zero"}, "conv_r");
  for (int i = 8; i < rest.node_size(); ++i) made.graph().add_node()->CopyFrom(rest.node(i));
  return made;
}

}  // namespace

TEST_CASE("integers stay what they are, thresholds are 128 times the scale") {
  const octavo::quantized_model model = import(int8_recipe());
  CHECK(model.scheme == octavo::scheme::mixed);
  REQUIRE(model.graph.size() == 5);
  CHECK(model.params[1].weights == std::vector<std::int8_t>{1, -2, 3, -128});
  CHECK(model.params[1].bias == std::vector<std::int32_t>{7, -9});
  CHECK(model.thresholds == std::vector<double>{64, 128, 128, 96, 256});
  // 0.5 * 0.25 / 1 and 0.5 * 0.125 / 1: 2^-3 and 2^-4.
  CHECK(model.params[1].requantize.multiplier == std::vector<std::int32_t>{1 << 30, 1 << 30});
  CHECK(model.params[1].requantize.shift == std::vector<std::uint8_t>{33, 34});
  // The fully connected layer: K x N in the file; a real bias in units of 0.75 * 0.5, ties up.
  CHECK(model.params[4].weights == std::vector<std::int8_t>{10, 30, 20, 40});
  CHECK(model.params[4].bias == std::vector<std::int32_t>{3, -8});
  CHECK(model.params[4].requantize.shift.size() == 1);
}

TEST_CASE("what the integers give") {
  const octavo::quantized_model model = import(int8_recipe());
  // (64 * 1 - 64 * 2 + 7) / 8 = -7.125; (64 * 3 - 64 * 128 - 9) / 16 < -128.
  CHECK(values_of(model, "conv")[0] == -7);
  CHECK(values_of(model, "conv")[9] == -128);
  CHECK(values_of(model, "relu")[0] == 0);
}

TEST_CASE("relu on another scale: its input's integers, then a concat of one") {
  recipe made = with_other_scale("Relu");
  made.find_array("w").set_int32_data(1, 2);
  const octavo::quantized_model model = import(made);
  const int other = model.graph.find("other");
  const int requantized = model.graph.find("half_q");
  REQUIRE(other >= 0);
  REQUIRE(requantized >= 0);
  CHECK(model.graph[static_cast<std::size_t>(other)].kind == op::relu);
  CHECK(model.graph[static_cast<std::size_t>(requantized)].kind == op::concat);
  CHECK(model.thresholds[static_cast<std::size_t>(other)] == 128);
  CHECK(model.thresholds[static_cast<std::size_t>(requantized)] == 64);
  // (64 + 128 + 7) / 8 = 24.875: 25 on the scale 1 is 50 on 0.5.
  CHECK(values_of(model, "conv")[0] == 25);
  CHECK(values_of(model, "half_q")[0] == 50);
}

TEST_CASE("clip on another scale: its limits are rounded on the result's") {
  recipe made = with_other_scale("Clip");
  made.floats("lo", {}, {0.25F});
  made.floats("hi", {}, {20.3F});
  made.find_node("other").add_input("lo");
  made.find_node("other").add_input("hi");
  made.find_array("w").set_int32_data(1, 2);
  const octavo::quantized_model model = import(made);
  CHECK(model.graph.find("other_requantize") >= 0);
  CHECK(values_of(model, "other")[0] == 41);  // 20.3 / 0.5 = 40.6
  CHECK(values_of(model, "other")[9] == 1);   // 0.25 / 0.5: ties go up
}

TEST_CASE("max pool between a convolution and its QuantizeLinear takes the result's scale") {
  recipe made = int8_recipe();
  ::onnx::NodeProto& pool = made.find_node("relu");
  pool.set_op_type("MaxPool");
  set_integers(pool, "kernel_shape", {2, 2});
  const octavo::quantized_model model = import(made);
  CHECK(model.graph[2].kind == op::max_pool);
  CHECK(model.thresholds[1] == 128);
  CHECK(values_of(model, "relu")[0] == -7);
}

TEST_CASE("an int8 input has the scale with which it is read") {
  recipe made = int8_recipe();
  made.graph().mutable_node()->DeleteSubrange(0, 1);
  made.graph().mutable_input(0)->set_name("image_q");
  made.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      ::onnx::TensorProto::INT8);
  CHECK(import(made).thresholds[0] == 64);
}

TEST_CASE("asymmetric quantization is refused by that name") {
  const char* const only = "only symmetric int8 quantization is supported";
  check_refused([](recipe& r) { r.find_array("zero").set_int32_data(0, 3); }, only);
  check_refused(
      [](recipe& r) { r.find_array("zero").set_data_type(::onnx::TensorProto::UINT8); },
      "m.onnx: QuantizeLinear 'image_q': its zero point is uint8, expected int8: only symmetric");
  check_refused([](recipe& r) { r.find_node("conv_q").mutable_input()->RemoveLast(); },
                "QuantizeLinear 'conv_q': makes uint8: only symmetric");
  check_refused(
      [](recipe& r) {
        r.find_array("w").set_data_type(::onnx::TensorProto::UINT8);
        r.find_array("w").set_int32_data(1, 2);
        r.find_array("w").set_int32_data(3, 2);
      },
      "DequantizeLinear 'w_r': 'w' holds uint8, expected int8 weights or an int32 bias");
  check_refused(
      [](recipe& r) {
        r.integers("w_zero", {2}, ::onnx::TensorProto::INT8, {0, -1});
        r.find_node("w_r").add_input("w_zero");
      },
      "DequantizeLinear 'w_r': the zero point 'w_zero' is not 0, expected 0");
  check_refused(
      [](recipe& r) {
        r.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
            ::onnx::TensorProto::UINT8);
      },
      "the input holds uint8: only symmetric int8");
}

TEST_CASE("scales that lie") {
  check_refused([](recipe& r) { r.find_array("conv_s").set_float_data(0, 0); },
                "QuantizeLinear 'conv_q': the scale 'conv_s' holds 0, expected positive numbers");
  check_refused([](recipe& r) { r.find_array("conv_s").set_float_data(0, -1); },
                "the scale 'conv_s' holds -1");
  check_refused([](recipe& r) { r.find_array("conv_s").set_float_data(0, std::nanf("")); },
                "'conv_s': element 0 is nan");
  check_refused([](recipe& r) { r.find_node("conv_r").set_input(1, "mean_s"); },
                "DequantizeLinear 'conv_r': reads 'conv_q' on the scale 0.75, but it is on 1");
  check_refused([](recipe& r) { r.find_node("conv_q").set_input(1, "w_s"); },
                "has 2 scales, expected one for the whole tensor");
  check_refused([](recipe& r) { r.find_node("w_r").clear_attribute(); },
                "Conv 'conv': 'w' has 2 scales along axis 1, expected one, or 2 along axis 0");
  check_refused([](recipe& r) { r.find_array("b_s").set_float_data(1, 0.07F); },
                "the bias of channel 1 has the scale 0.0700");
  check_refused([](recipe& r) { r.find_array("fc_b").set_float_data(1, 1e9F); },
                "the bias of channel 1 is 1000000000, which does not fit the int32 accumulator");
  check_refused([](recipe& r) { r.find_array("b").set_int32_data(0, INT32_MAX); },
                "channel 0: bias 2147483647 may overflow the int32 accumulator");
  check_refused([](recipe& r) { r.find_array("conv_s").set_float_data(0, 1e-30F); },
                "scale: too large");
  check_refused([](recipe& r) { r.find_node("image_q").set_input(1, "conv"); },
                "which this node or a later one writes");
  check_refused([](recipe& r) { r.find_node("mean_q").set_input(1, "conv_q"); },
                "the scale 'conv_q' is no initializer");
}

TEST_CASE("forms of QDQ that our ops do not have") {
  check_refused([](recipe& r) { r.find_node("conv").set_input(0, "image"); },
                "Conv 'conv': reads 'image', which no QuantizeLinear and DequantizeLinear have");
  check_refused([](recipe& r) { r.find_node("conv").set_input(0, "image_q"); },
                "Conv 'conv': reads the int8 tensor 'image_q'; expected one behind a Dequantize");
  check_refused([](recipe& r) { r.find_node("conv").set_input(1, "fc_b"); },
                "its weights 'fc_b' are no int8 initializer behind a DequantizeLinear");
  check_refused(
      [](recipe& r) {
        r.find_node("fc_q").set_input(0, "flat");
        r.output("fc");
      },
      "the output 'fc' is real numbers that no QuantizeLinear rounds");
  check_refused([](recipe& r) { r.output("relu"); },
                "Relu 'relu': writes 'relu', which several nodes read before a QuantizeLinear");
  check_refused(
      [](recipe& r) { r.find_node("relu").set_op_type("LeakyRelu"); },
      "LeakyRelu 'relu': reads 'conv', which no QuantizeLinear and DequantizeLinear have");
  check_refused([](recipe& r) { r.find_node("relu").set_op_type("Sigmoid"); },
                "Sigmoid 'relu': is not supported; a quantized model may have Add");
  check_refused([](recipe& r) { set_real(r.find_node("fc"), "alpha", 0.5F); },
                "Gemm 'fc': alpha or beta is not 1");
  check_message(int8_message(with_other_scale("LeakyRelu"), [](recipe&) {}),
                "LeakyRelu 'other': changes the scale from 1 to 0.5, which is not supported");
  check_refused([](recipe& r) { r.find_node("image_r").set_input(0, "image"); },
                "reads real numbers, expected int8");
  check_refused([](recipe& r) { r.find_node("conv_q").set_input(0, "image_q"); },
                "reads a tensor that is int8 already");
}

TEST_CASE("a row of ops that waits for a QuantizeLinear has an end") {
  check_refused(
      [](recipe& r) {
        ::onnx::GraphProto rest = r.graph();
        r.graph().clear_node();
        std::string before = "image";
        for (int i = 0; i < 100; ++i) {
          const std::string next = octavo::concat_text("same", i);
          r.node("Relu", {before}, next);
          before = next;
        }
        for (const ::onnx::NodeProto& each : rest.node()) r.graph().add_node()->CopyFrom(each);
        r.find_node("image_q").set_input(0, before);
      },
      "Relu 'same64': is one of more than 64 nodes in a row before a QuantizeLinear");
}

TEST_CASE("QLinear ops of too few operands, or an unknown one") {
  const auto instead = [](const char* type, int operands, const char* domain = "") {
    return [=](recipe& r) {
      ::onnx::NodeProto& node = r.find_node("mean");
      node.set_op_type(type);
      node.set_domain(domain);
      node.clear_input();
      for (int i = 0; i < operands; ++i) node.add_input("conv_q");
    };
  };
  check_refused(instead("QLinearConv", 6),
                "QLinearConv 'mean': the number of inputs is 6, expected 7..9");
  check_refused(instead("QLinearConv", 10), "the number of inputs is 10, expected 7..9");
  check_refused(instead("QLinearConv", 8),
                "QLinearConv 'mean': the zero point 'conv_q' is no initializer");
  for (const int operands : {0, 1, 2, 3, 4, 6}) {
    check_refused(instead("QLinearConcat", operands, "com.microsoft"),
                  ", expected two, and three for each operand");
  }
  check_refused(instead("QLinearSigmoid", 5, "com.microsoft"),
                "com.microsoft.QLinearSigmoid 'mean': is not supported");
  check_refused(instead("QLinearAdd", 7), "QLinearAdd 'mean': is not supported");
}
