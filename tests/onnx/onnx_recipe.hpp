// SPDX-License-Identifier: MIT
/// @file
/// Small ONNX models for tests, made with protobuf, that a test then spoils.
#pragma once

#include <doctest/doctest.h>
#include <onnx/onnx_pb.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/onnx.hpp"

namespace octavo_test {

using dims = std::initializer_list<std::int64_t>;

/// Builds a model part by part. Parts can be looked up by name and changed.
class onnx_recipe {
 public:
  ::onnx::ModelProto model = {};

  explicit onnx_recipe(int opset = 13) {
    model.set_ir_version(8);
    ::onnx::OperatorSetIdProto* const microsoft = model.add_opset_import();
    microsoft->set_domain("com.microsoft");
    microsoft->set_version(1);
    model.add_opset_import()->set_version(opset);
  }

  ::onnx::GraphProto& graph() { return *model.mutable_graph(); }

  void input(const std::string& name, dims extents, int type = ::onnx::TensorProto::FLOAT) {
    describe(*graph().add_input(), name, extents, type);
  }
  void output(const std::string& name) {
    describe(*graph().add_output(), name, {}, ::onnx::TensorProto::FLOAT);
  }

  /// Named as its output.
  ::onnx::NodeProto& node(const std::string& type, std::initializer_list<std::string> inputs,
                          const std::string& output, const std::string& domain = "") {
    ::onnx::NodeProto& made = *graph().add_node();
    made.set_op_type(type);
    made.set_name(output);
    made.set_domain(domain);
    for (const std::string& name : inputs) made.add_input(name);
    made.add_output(output);
    return made;
  }
  ::onnx::NodeProto& find_node(const std::string& name) {
    for (::onnx::NodeProto& each : *graph().mutable_node()) {
      if (each.name() == name) return each;
    }
    FAIL("no node ", name);
    return *graph().mutable_node(0);
  }

  ::onnx::TensorProto& array(const std::string& name, dims extents, int type) {
    ::onnx::TensorProto& made = *graph().add_initializer();
    made.set_name(name);
    made.set_data_type(type);
    for (const std::int64_t extent : extents) made.add_dims(extent);
    return made;
  }
  ::onnx::TensorProto& floats(const std::string& name, dims extents,
                              const std::vector<float>& values) {
    ::onnx::TensorProto& made = array(name, extents, ::onnx::TensorProto::FLOAT);
    made.mutable_float_data()->Add(values.begin(), values.end());
    return made;
  }
  ::onnx::TensorProto& integers(const std::string& name, dims extents, int type,
                                const std::vector<int>& values) {
    ::onnx::TensorProto& made = array(name, extents, type);
    made.mutable_int32_data()->Add(values.begin(), values.end());
    return made;
  }
  ::onnx::TensorProto& find_array(const std::string& name) {
    for (::onnx::TensorProto& each : *graph().mutable_initializer()) {
      if (each.name() == name) return each;
    }
    FAIL("no initializer ", name);
    return *graph().mutable_initializer(0);
  }

  std::string bytes() const { return model.SerializeAsString(); }
  octavo::io::onnx::model parse() const {
    return octavo::io::parse_onnx(octavo::io::as_bytes(bytes()), "m.onnx");
  }

 private:
  static void describe(::onnx::ValueInfoProto& value, const std::string& name, dims extents,
                       int type) {
    value.set_name(name);
    ::onnx::TypeProto::Tensor& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    tensor.mutable_shape();
    for (const std::int64_t extent : extents) {
      ::onnx::TensorShapeProto::Dimension& dim = *tensor.mutable_shape()->add_dim();
      if (extent >= 0) dim.set_dim_value(extent);
      if (extent < 0) dim.set_dim_param("N");
    }
  }
};

inline void set_integer(::onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  ::onnx::AttributeProto& made = *node.add_attribute();
  made.set_name(name);
  made.set_type(::onnx::AttributeProto::INT);
  made.set_i(value);
}
inline void set_integers(::onnx::NodeProto& node, const std::string& name, dims values) {
  ::onnx::AttributeProto& made = *node.add_attribute();
  made.set_name(name);
  made.set_type(::onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) made.add_ints(value);
}
inline void set_real(::onnx::NodeProto& node, const std::string& name, float value) {
  ::onnx::AttributeProto& made = *node.add_attribute();
  made.set_name(name);
  made.set_type(::onnx::AttributeProto::FLOAT);
  made.set_f(value);
}
inline void set_text(::onnx::NodeProto& node, const std::string& name, const std::string& value) {
  ::onnx::AttributeProto& made = *node.add_attribute();
  made.set_name(name);
  made.set_type(::onnx::AttributeProto::STRING);
  made.set_s(value);
}

/// image 1x2x4x5 -> conv (3 channels, 1x2) -> norm -> relu -> pool 2x2 -> flat -> fc (2) -> prob.
inline onnx_recipe float_recipe() {
  onnx_recipe made;
  made.input("image", {-1, 2, 4, 5});
  made.floats("w", {3, 2, 1, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  made.floats("b", {3}, {0.5F, -0.5F, 0});
  for (const char* const part : {"gamma", "beta", "mean", "var"}) {
    made.floats(part, {3}, {1, 2, 4});
  }
  made.floats("fc_w", {12, 2}, std::vector<float>(24, 0.25F));
  made.floats("fc_b", {2}, {1, -1});
  set_integers(made.node("Conv", {"image", "w", "b"}, "conv"), "pads", {0, 0, 0, 0});
  made.node("BatchNormalization", {"conv", "gamma", "beta", "mean", "var"}, "norm");
  made.node("Relu", {"norm"}, "relu");
  ::onnx::NodeProto& pool = made.node("MaxPool", {"relu"}, "pool");
  set_integers(pool, "kernel_shape", {2, 2});
  set_integers(pool, "strides", {2, 2});
  made.node("Flatten", {"pool"}, "flat");
  made.node("Gemm", {"flat", "fc_w", "fc_b"}, "fc");
  made.node("Softmax", {"fc"}, "prob");
  made.output("prob");
  return made;
}

/// image 1x2x3x3 -> quantized -> conv (2 channels, 1x1, relu) -> mean -> fc (2), in QDQ form.
inline onnx_recipe int8_recipe() {
  onnx_recipe made;
  constexpr int int8 = ::onnx::TensorProto::INT8;
  made.input("image", {1, 2, 3, 3});
  made.integers("zero", {}, int8, {0});
  made.floats("image_s", {}, {0.5F});
  made.floats("w_s", {2}, {0.25F, 0.125F});
  made.floats("b_s", {2}, {0.125F, 0.0625F});
  made.floats("conv_s", {}, {1});
  made.floats("mean_s", {}, {0.75F});
  made.floats("fc_w_s", {}, {0.5F});
  made.floats("fc_s", {}, {2});
  made.integers("w", {2, 2, 1, 1}, int8, {1, -2, 3, -128});
  made.integers("b", {2}, ::onnx::TensorProto::INT32, {7, -9});
  made.integers("fc_w", {2, 2}, int8, {10, 20, 30, 40});
  made.floats("fc_b", {2}, {1, -3});
  made.node("QuantizeLinear", {"image", "image_s", "zero"}, "image_q");
  made.node("DequantizeLinear", {"image_q", "image_s", "zero"}, "image_r");
  set_integer(made.node("DequantizeLinear", {"w", "w_s"}, "w_r"), "axis", 0);
  set_integer(made.node("DequantizeLinear", {"b", "b_s"}, "b_r"), "axis", 0);
  made.node("Conv", {"image_r", "w_r", "b_r"}, "conv");
  made.node("Relu", {"conv"}, "relu");
  made.node("QuantizeLinear", {"relu", "conv_s", "zero"}, "conv_q");
  made.node("DequantizeLinear", {"conv_q", "conv_s", "zero"}, "conv_r");
  made.node("GlobalAveragePool", {"conv_r"}, "mean");
  made.node("QuantizeLinear", {"mean", "mean_s", "zero"}, "mean_q");
  made.node("DequantizeLinear", {"mean_q", "mean_s", "zero"}, "mean_r");
  made.node("Flatten", {"mean_r"}, "flat");
  made.node("DequantizeLinear", {"fc_w", "fc_w_s"}, "fc_w_r");
  made.node("Gemm", {"flat", "fc_w_r", "fc_b"}, "fc");
  made.node("QuantizeLinear", {"fc", "fc_s", "zero"}, "fc_q");
  made.node("DequantizeLinear", {"fc_q", "fc_s", "zero"}, "logits");
  made.output("logits");
  return made;
}

/// The message with which a model is refused as a float one; empty where it is not.
template <class Spoil>
std::string float_message(onnx_recipe recipe, const Spoil& spoil) {
  spoil(recipe);
  try {
    octavo::io::float_model_of(recipe.parse());
  } catch (const octavo::error& why) {
    return why.what();
  }
  return {};
}

/// The same, as a quantized one.
template <class Spoil>
std::string int8_message(onnx_recipe recipe, const Spoil& spoil) {
  spoil(recipe);
  try {
    octavo::io::quantized_model_of(recipe.parse());
  } catch (const octavo::error& why) {
    return why.what();
  }
  return {};
}

}  // namespace octavo_test
