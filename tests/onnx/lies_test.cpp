// SPDX-License-Identifier: MIT
/// @file
/// ONNX models whose parts are exchanged at random: refused in a sentence, or imported and run.

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "octavo/graph/check.hpp"
#include "octavo/interpreter.hpp"
#include "onnx/onnx_recipe.hpp"
#include "support/random.hpp"

using namespace octavo_test;
using octavo::testing::random_source;

namespace {

template <class T>
const T& one_of(const std::vector<T>& list, random_source& rng) {
  return list[static_cast<std::size_t>(rng.integer(0, static_cast<int>(list.size()) - 1))];
}

const std::vector<std::string> types = {"Add",
                                        "AveragePool",
                                        "BatchNormalization",
                                        "Clip",
                                        "Concat",
                                        "Conv",
                                        "Dropout",
                                        "Flatten",
                                        "Gemm",
                                        "QuantizeLinear",
                                        "GlobalAveragePool",
                                        "Identity",
                                        "LeakyRelu",
                                        "MatMul",
                                        "MaxPool",
                                        "DequantizeLinear",
                                        "ReduceMean",
                                        "Relu",
                                        "Reshape",
                                        "Softmax",
                                        "Squeeze",
                                        "Constant",
                                        "QLinearConv",
                                        "QLinearMatMul"};

const std::vector<std::string> attributes = {
    "axes",      "axis",         "kernel_shape",      "pads",  "strides", "dilations", "group",
    "ceil_mode", "keepdims",     "count_include_pad", "alpha", "beta",    "transB",    "auto_pad",
    "epsilon",   "output_dtype", "value_ints",        "min",   "max"};

const std::vector<std::int64_t> numbers = {-1, 0,       1,         2,         3,
                                           4,  1 << 24, INT32_MAX, INT64_MIN, INT64_MAX};

void add_attribute(::onnx::NodeProto& node, random_source& rng) {
  const std::string& name = one_of(attributes, rng);
  switch (rng.integer(0, 3)) {
    case 0:
      return set_integer(node, name, one_of(numbers, rng));
    case 1:
      return set_real(node, name, rng.one_in(4) ? std::numeric_limits<float>::infinity() : 0.5F);
    case 2:
      return set_text(node, name, rng.one_in(2) ? "SAME_UPPER" : "VALID");
    default:
      break;
  }
  set_integers(node, name, {});
  ::onnx::AttributeProto& made = *node.mutable_attribute(node.attribute_size() - 1);
  for (int count = rng.integer(0, 5); count > 0; --count) made.add_ints(one_of(numbers, rng));
}

/// The names of all tensors, and one of none.
std::vector<std::string> names_in(const ::onnx::GraphProto& graph) {
  std::vector<std::string> names = {"", "nobody", graph.input(0).name()};
  for (const auto& each : graph.initializer()) names.push_back(each.name());
  for (const auto& each : graph.node()) names.push_back(each.output(0));
  return names;
}

void lie(onnx_recipe& recipe, random_source& rng) {
  const std::vector<std::string> names = names_in(recipe.graph());
  ::onnx::NodeProto& node =
      *recipe.graph().mutable_node(rng.integer(0, recipe.graph().node_size() - 1));
  ::onnx::TensorProto& array =
      *recipe.graph().mutable_initializer(rng.integer(0, recipe.graph().initializer_size() - 1));
  switch (rng.integer(0, 5)) {
    case 0:
      return node.set_op_type(one_of(types, rng));
    case 1:
      return add_attribute(node, rng);
    case 2:
      return node.add_input(one_of(names, rng));
    case 3:
      if (node.input_size() > 0) {
        node.set_input(rng.integer(0, node.input_size() - 1), one_of(names, rng));
      }
      return;
    case 4:
      if (array.dims_size() > 0) array.set_dims(0, one_of(numbers, rng));
      return;
    default:
      return recipe.output(one_of(names, rng));
  }
}

bool runs_as_float(const octavo::io::onnx::model& model) {
  try {
    const octavo::float_model made = octavo::io::float_model_of(model);
    check(made.graph);
    CHECK(made.params.size() == made.graph.size());
    return true;
  } catch (const octavo::error&) {
    return false;
  }
}

bool runs_as_int8(const octavo::io::onnx::model& model) {
  try {
    const octavo::quantized_model made = octavo::io::quantized_model_of(model);
    std::int64_t values = 0;
    for (const octavo::node& each : made.graph) values += each.shape.elements();
    if (values > 1 << 20) return true;
    const octavo::tensor<std::int8_t> image(made.graph[0].shape);
    CHECK(interpret(made, image).size() == made.graph.size());
    return true;
  } catch (const octavo::error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("parts exchanged at random: refused, or a network that can be run") {
  random_source rng(9);
  for (const onnx_recipe& good : {float_recipe(), int8_recipe()}) {
    int accepted = 0;
    int parsed = 0;
    for (int attempt = 0; attempt < 10000; ++attempt) {
      CAPTURE(attempt);
      onnx_recipe recipe = good;
      for (int lies = rng.integer(1, 3); lies > 0; --lies) lie(recipe, rng);
      try {
        const octavo::io::onnx::model model = recipe.parse();
        ++parsed;
        accepted += runs_as_float(model);
        accepted += runs_as_int8(model);
      } catch (const octavo::error&) {
      }
    }
    MESSAGE(parsed << " of 10000 are well-formed graphs, " << accepted << " are networks");
    CHECK(parsed > 3000);
    CHECK(accepted > 300);
    CHECK(accepted < 5000);
  }
}
