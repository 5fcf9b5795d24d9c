// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/onnx/float_model.hpp: what a graph becomes, and models that are refused.

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "io/io_test_tools.hpp"
#include "octavo/graph/check.hpp"
#include "onnx/onnx_recipe.hpp"

using namespace octavo_test;
using octavo::op;
using recipe = onnx_recipe;

namespace {

octavo::float_model import(const recipe& made, int batch = 1) {
  return octavo::io::float_model_of(made.parse(), {.batch = batch});
}

std::vector<op> kinds_of(const octavo::graph& net) {
  std::vector<op> kinds;
  for (const octavo::node& each : net) kinds.push_back(each.kind);
  return kinds;
}

template <class Spoil>
void check_refused(const Spoil& spoil, std::string_view part) {
  check_message(float_message(float_recipe(), spoil), part);
}

/// A Relu between the convolution and its batch norm reads the convolution too.
recipe read_twice() {
  recipe made = float_recipe();
  made.node("Relu", {"conv"}, "second");
  made.output("second");
  return made;
}

}  // namespace

TEST_CASE("batch norm is folded, flatten and softmax are dropped") {
  const octavo::float_model model = import(float_recipe(), 3);
  CHECK(kinds_of(model.graph) ==
        std::vector<op>{op::input, op::conv2d, op::relu, op::max_pool, op::fully_connected});
  CHECK(model.graph[0].shape == octavo::shape{3, 2, 4, 5});
  CHECK(model.graph[1].name.view() == "conv");
  CHECK(model.graph[3].shape == octavo::shape{3, 3, 2, 2});
  CHECK(model.graph.outputs[0] == 4);
  check(model.graph);
  // gamma = beta = mean = var = 1, 2, 4.
  const double s = 2 / std::sqrt(2 + double{1e-5F});
  CHECK(model.params[1].weights[4] == 5 * s);
  CHECK(model.params[1].bias[1] == 2 + (-0.5 - 2) * s);
}

TEST_CASE("a batch norm behind what others read stands alone") {
  const octavo::float_model model = import(read_twice());
  CHECK(model.graph.find("norm") >= 0);
  CHECK(kinds_of(model.graph)[2] == op::scale);
  CHECK(model.params[1].weights[4] == 5);
  CHECK(model.graph.outputs.size() == 2);
}

TEST_CASE("an Identity does not hide that others read a tensor") {
  recipe made = float_recipe();
  made.graph().mutable_node()->SwapElements(1, 6);
  made.graph().mutable_node()->RemoveLast();
  made.graph().mutable_node()->RemoveLast();
  made.graph().clear_node();
  set_integers(made.node("Conv", {"image", "w", "b"}, "conv"), "pads", {0, 0, 0, 0});
  made.node("Identity", {"conv"}, "same");
  made.node("BatchNormalization", {"same", "gamma", "beta", "mean", "var"}, "norm");
  made.node("Add", {"conv", "norm"}, "prob");
  CHECK(kinds_of(import(made).graph) == std::vector<op>{op::input, op::conv2d, op::scale, op::add});
}

TEST_CASE("a constant that is added becomes the bias") {
  recipe made = float_recipe();
  made.find_node("fc").mutable_input()->RemoveLast();
  made.find_node("fc").set_output(0, "product");
  made.graph().mutable_node()->RemoveLast();
  made.node("Add", {"fc_b", "product"}, "fc");
  made.node("Softmax", {"fc"}, "prob");
  const octavo::float_model model = import(made);
  CHECK(model.params.back().bias == std::vector<double>{1, -1});
}

TEST_CASE("names: odd letters, too long, twice, none") {
  recipe made = float_recipe();
  made.find_node("relu").set_name("conv");
  made.find_node("pool").set_name("a,b c\xC3\xA4/" + std::string(80, 'x') + "end");
  made.find_node("fc").set_name("");
  const octavo::float_model model = import(made);
  CHECK(model.graph[2].name.view() == "conv_2");
  CHECK(model.graph[3].name.length == 63);
  CHECK(model.graph[3].name.view().ends_with("xend"));
  CHECK(model.graph[4].name.view() == "fc");
  recipe odd = float_recipe();
  odd.find_node("relu").set_name("a,b c\xC3\xA4");
  CHECK(import(odd).graph[2].name.view() == "a_b_c__");
}

TEST_CASE("ops and attributes that are not supported") {
  check_refused(
      [](recipe& r) { r.find_node("relu").set_op_type("Sigmoid"); },
      "m.onnx: Sigmoid 'relu': is not supported; a float model may have Add, AveragePool");
  check_refused(
      [](recipe& r) { r.find_node("relu").set_op_type("QuantizeLinear"); },
      "m.onnx: QuantizeLinear 'relu': is of a model that is quantized already, expected one in "
      "floating point; octavo::io::quantized_model_of() is for such a model");
  check_refused([](recipe& r) { r.find_node("relu").set_domain("evil.ops"); },
                "evil.ops.Relu 'relu': is not supported");
  check_refused([](recipe& r) { set_integer(r.find_node("relu"), "secret", 1); },
                "Relu 'relu': attribute 'secret' is not supported");
  check_refused([](recipe& r) { set_text(r.find_node("pool"), "ceil_mode", "1"); },
                "attribute ceil_mode is not an integer");
  check_refused(
      [](recipe& r) {
        set_integers(r.find_node("pool"), "dilations", {2, 1});
      },
      "a pool with dilations is not supported");
  check_refused(
      [](recipe& r) {
        r.find_node("pool").add_output("where");
        r.output("where");
      },
      "output 'where' is read; only the first one is supported");
  check_refused([](recipe& r) { set_integer(r.find_node("fc"), "transA", 1); },
                "attribute transA is 1; only 0 is supported");
  check_refused([](recipe& r) { set_integer(r.find_node("norm"), "training_mode", 1); },
                "attribute training_mode is 1; only 0 is supported");
  check_refused(
      [](recipe& r) {
        r.output("fc");
        r.find_node("prob").set_op_type("Softmax");
        r.node("Relu", {"prob"}, "behind");
      },
      "Softmax 'prob': is supported as the network's last op alone");
}

TEST_CASE("windows that lie") {
  const auto conv_pads = [](dims values) {
    return [values](recipe& r) {
      r.find_node("conv").clear_attribute();
      set_integers(r.find_node("conv"), "pads", values);
    };
  };
  check_refused(conv_pads({0, -1, 0, 0}), "Conv 'conv': pads is -1, expected 0..16777216");
  check_refused(conv_pads({0, 0, 0, std::int64_t{1} << 40}),
                "pads is 1099511627776, expected 0..16777216");
  check_refused(conv_pads({1, 1}),
                "attribute pads has 2 numbers, expected 4: only two-dimensional");
  check_refused(
      [](recipe& r) {
        set_integers(r.find_node("conv"), "strides", {0, 1});
      },
      "strides is 0, expected 1..16777216");
  check_refused(
      [](recipe& r) {
        set_integers(r.find_node("conv"), "dilations", {1, 1 << 24});
      },
      "the kernel is larger than the padded input");
  check_refused(
      [](recipe& r) {
        set_integers(r.find_node("conv"), "kernel_shape", {3, 3});
      },
      "kernel_shape is (3, 3), but its weights have the shape (3, 2, 1, 2)");
  check_refused([](recipe& r) { set_integer(r.find_node("conv"), "group", 2); },
                "in 2 groups, but the input has 2 channels");
  check_refused([](recipe& r) { set_integer(r.find_node("conv"), "group", INT64_MIN); },
                "group is -9223372036854775808");
  check_refused([](recipe& r) { set_text(r.find_node("conv"), "auto_pad", "SAME"); },
                "auto_pad is 'SAME', expected NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  check_refused(
      [&](recipe& r) {
        conv_pads({0, 1, 0, 0})(r);
        set_text(r.find_node("conv"), "auto_pad", "VALID");
      },
      "has both pads and auto_pad");
  check_refused([](recipe& r) { r.find_node("pool").clear_attribute(); }, "has no kernel_shape");
  check_refused(
      [](recipe& r) {
        set_integers(r.find_node("pool"), "pads", {2, 0, 0, 0});
      },
      "a pool's padding must be smaller than its kernel");
}

TEST_CASE("weights that lie") {
  check_refused([](recipe& r) { r.find_array("w").set_float_data(3, std::nanf("")); },
                "m.onnx: Conv 'conv': 'w': element 3 is nan, expected a finite number");
  check_refused(
      [](recipe& r) {
        r.find_array("b").set_float_data(0, std::numeric_limits<float>::infinity());
      },
      "'b': element 0 is inf");
  check_refused([](recipe& r) { r.find_array("var").set_float_data(1, -2); },
                "BatchNormalization 'norm': the variance of channel 1 is -2");
  check_refused([](recipe& r) { r.find_array("gamma").set_dims(0, 1); },
                "initializer 'gamma': float_data has 3 elements, expected 1");
  check_refused([](recipe& r) { r.find_node("norm").set_input(1, "fc_b"); },
                "scale 'fc_b' has the shape (2), expected (3)");
  check_refused([](recipe& r) { r.find_node("conv").set_input(1, "image"); },
                "the weights 'image' is no initializer");
  check_refused([](recipe& r) { r.find_node("conv").set_input(1, "fc_w"); },
                "its weights have the shape (12, 2), expected four extents");
  check_refused([](recipe& r) { r.find_node("conv").set_input(0, "w"); },
                "'w' is a constant, expected a tensor");
  check_refused(
      [](recipe& r) {
        r.find_node("conv").mutable_input()->RemoveLast();
        r.find_node("conv").mutable_input()->RemoveLast();
      },
      "the number of inputs is 1, expected 2..3");
  check_refused(
      [](recipe& r) {
        r.find_array("w").set_dims(0, 12);
        r.find_array("w").set_dims(1, 1);
        r.find_array("w").set_dims(3, 1);
      },
      "in 1 groups, but the input has 2 channels");
  check_refused([](recipe& r) { set_integer(r.find_node("fc"), "transB", 1); },
                "'fc_w' has the shape (12, 2), but the input has 12 values an image");
  check_refused([](recipe& r) { r.find_node("fc").set_input(0, "pool"); },
                "its left operand is N x C x H x W, expected N x K");
  check_refused(
      [](recipe& r) {
        r.array("huge", {INT64_C(1) << 40, 0, 1, 1}, ::onnx::TensorProto::FLOAT);
        r.find_node("conv").set_input(1, "huge");
      },
      "its shape is (1099511627776, 0, 1, 1), expected at most 2^31 elements");
}

TEST_CASE("shapes that lie") {
  const auto image_dim = [](int axis, std::int64_t value) {
    return [axis, value](recipe& r) {
      r.graph()
          .mutable_input(0)
          ->mutable_type()
          ->mutable_tensor_type()
          ->mutable_shape()
          ->mutable_dim(axis)
          ->set_dim_value(value);
    };
  };
  check_refused(image_dim(1, 3), "but the input has 3 channels");
  check_refused(image_dim(2, 0), "input 'image' has the shape (-1, 2, 0, 5)");
  check_refused(image_dim(2, -7), "input 'image' has the shape (-1, 2, -7, 5)");
  check_refused(image_dim(3, std::numeric_limits<std::int64_t>::max()), "expected 1..16777216");
  check_refused(image_dim(2, 1 << 24),
                "Gemm 'fc': 'fc_w' has the shape (12, 2), but the input has");
  check_refused(image_dim(1, 1 << 24), "but the input has 16777216 channels");
  check_refused([](recipe& r) { set_integer(r.find_node("flat"), "axis", 2); },
                "axis is 2; only 1 is supported");
  check_refused([](recipe& r) { set_integer(r.find_node("flat"), "axis", 9); },
                "axis 9 is outside a tensor of 4 extents");
  const auto reshape = [](std::vector<std::int64_t> to) {
    return [to](recipe& r) {
      ::onnx::TensorProto& made =
          r.array("to", {static_cast<std::int64_t>(to.size())}, ::onnx::TensorProto::INT64);
      made.mutable_int64_data()->Add(to.begin(), to.end());
      r.find_node("flat").set_op_type("Reshape");
      r.find_node("flat").add_input("to");
    };
  };
  CHECK(float_message(float_recipe(), reshape({1, -1})).empty());
  CHECK(float_message(float_recipe(), reshape({0, 12})).empty());
  check_refused(reshape({3, 4}), "makes (3, 4) of (1, 3, 2, 2); only N x K is supported");
  check_refused(reshape({-1, -1}), "the new shape is (-1, -1), expected N x K");
  check_refused(reshape({-5, 12}), "expected N x K");
  check_refused(reshape({12, 12}), "has more elements than the tensor");
  check_refused(reshape({INT64_MAX, INT64_MAX}), "expected N x K");
  check_refused(reshape({1, 1, 1, 1, 1, 1, 1, 1, 1, 12}), "expected N x K");
}
