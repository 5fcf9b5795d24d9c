// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/dump.hpp: names, shapes and numbers of what a run leaves for NumPy.

#include "octavo/io/dump.hpp"

#include <doctest/doctest.h>

#include "io/io_test_tools.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/model/fuse.hpp"
#include "octavo/model/validate.hpp"

using octavo::policy;
using octavo::quantized_model;
using octavo::io::element_type;
using octavo::io::npy_array;
using octavo::io::npz_arrays;

namespace {

/// conv: 2 channels, 1x2 windows over 2 channels; then relu, fc of 3, scale.
quantized_model small_model() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data_quant", {1, 2, 1, 3});
  x = net.conv2d("conv", x, {.channels = 2, .window = {1, 2}});
  x = net.relu("conv_relu", x);
  x = net.fully_connected("fc", x, 3);
  x = net.scale("scale", x);
  quantized_model model{.scheme = octavo::scheme::mixed,
                        .graph = net.finish(x),
                        .thresholds = {1, 1, 1, 1, 1},
                        .params = std::vector<octavo::op_params>(5)};
  model.params[1] = {.weights = {1, -1, 0, 0, 2, 0, -128, 0},
                     .bias = {16, -24},
                     .requantize = {policy::rshift, {}, {3}}};
  model.params[3] = {.weights = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0},
                     .bias = {100, -32768, 32767},
                     .requantize = {policy::rshift, {}, {0}}};
  model.params[4] = {
      .weights = {1, 2, 3},
      .bias = {0, 0, 0},
      .requantize = {policy::multiplier_q31, {INT32_MAX, 1 << 30, 1073741825}, {0, 1, 31}}};
  validate(model);
  return model;
}

npz_arrays params_dump(const quantized_model& model) {
  npz_arrays arrays;
  dump_params(model, arrays);
  return arrays;
}

std::vector<std::string> names_of(const npz_arrays& arrays) {
  std::vector<std::string> names;
  for (const auto& [name, array] : arrays) names.push_back(name);
  return names;
}

using extents = std::vector<std::int64_t>;
using floats = std::vector<float>;
using ints = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("weights: the names of the parts") {
  CHECK(names_of(params_dump(small_model())) ==
        std::vector<std::string>{"conv_quant_int8_0", "conv_quant_int8_1", "conv_quant_int8_rshift",
                                 "fc_quant_int8_0", "fc_quant_int8_1", "fc_quant_int8_rshift",
                                 "scale_quant_int8_0", "scale_quant_int8_1",
                                 "scale_quant_int8_multiplier", "scale_quant_int8_rshift"});
}

TEST_CASE("weights: filters are float32 in OIHW, a fully connected layer's N x K") {
  const npz_arrays arrays = params_dump(small_model());
  const npy_array& conv = arrays.at("conv_quant_int8_0");
  CHECK(conv.type == element_type::float32);
  CHECK(conv.shape == extents{2, 2, 1, 2});
  CHECK(conv.as<float>() == floats{1, -1, 0, 0, 2, 0, -128, 0});
  const npy_array& fc = arrays.at("fc_quant_int8_0");
  CHECK(fc.type == element_type::float32);
  CHECK(fc.shape == extents{3, 4});
  CHECK(fc.as<float>() == floats{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0});
  CHECK(arrays.at("scale_quant_int8_0").shape == extents{1, 3, 1, 1});
}

TEST_CASE("weights: biases, shifts and multipliers are int32, which float32 could not hold") {
  const npz_arrays arrays = params_dump(small_model());
  const struct {
    const char* name;
    ints values;
  } rows[] = {{"conv_quant_int8_1", {16, -24}},
              {"conv_quant_int8_rshift", {3}},
              {"fc_quant_int8_1", {100, -32768, 32767}},
              {"fc_quant_int8_rshift", {0}},
              {"scale_quant_int8_1", {0, 0, 0}},
              {"scale_quant_int8_rshift", {0, 1, 31}},
              {"scale_quant_int8_multiplier", {INT32_MAX, 1 << 30, 1073741825}}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const npy_array& array = arrays.at(row.name);
    CHECK(array.type == element_type::int32);
    CHECK(array.shape == extents{static_cast<std::int64_t>(row.values.size())});
    CHECK(array.as<std::int32_t>() == row.values);
  }
}

TEST_CASE("rshift8: the bias as it is stored, in units of the output") {
  quantized_model model = small_model();
  model.scheme = octavo::scheme::rshift8;
  model.params[3].bias = {100, -128, 127};
  model.params[4] = {
      .weights = {1, 2, 3}, .bias = {4, 0, -512}, .requantize = {policy::rshift, {}, {2}}};
  const npz_arrays arrays = params_dump(model);
  CHECK(arrays.at("conv_quant_int8_1").as<std::int32_t>() == ints{2, -3});  // 16, -24 / 2^3
  CHECK(arrays.at("fc_quant_int8_1").as<std::int32_t>() == ints{100, -128, 127});
  CHECK(arrays.at("scale_quant_int8_1").as<std::int32_t>() == ints{1, 0, -128});
  for (const auto& [name, array] : arrays) CHECK_FALSE(name.ends_with("_multiplier"));
}

TEST_CASE("tensors: one float32 array for each op under its name") {
  const quantized_model model = small_model();
  octavo::tensor<std::int8_t> input(model.graph[0].shape);
  input.values = {-128, 127, 0, 1, 64, -1};
  npz_arrays arrays;
  dump_tensors(model.graph, interpret(model, input), arrays);
  CHECK(names_of(arrays) ==
        std::vector<std::string>{"conv", "conv_relu", "data_quant", "fc", "scale"});
  for (const auto& [name, array] : arrays) CHECK(array.type == element_type::float32);
  CHECK(arrays.at("data_quant").shape == extents{1, 2, 1, 3});
  CHECK(arrays.at("data_quant").as<float>() == floats{-128, 127, 0, 1, 64, -1});
  // Channel 0: (x0 - x1 + 16) / 8 = -239 / 8 = -29.875 and 143 / 8 = 17.875.
  // Channel 1: (2 * x0 - 128 * x1' - 24) / 8: (-256 - 128 - 24) / 8 = -51, then saturation.
  CHECK(arrays.at("conv").shape == extents{1, 2, 1, 2});
  CHECK(arrays.at("conv").as<float>() == floats{-30, 18, -51, -128});
  CHECK(arrays.at("conv_relu").as<float>() == floats{0, 18, 0, 0});
  CHECK(arrays.at("fc").shape == extents{1, 3});
  CHECK(arrays.at("fc").as<float>() == floats{100, -128, 127});
  CHECK(arrays.at("scale").shape == extents{1, 3, 1, 1});
}

TEST_CASE("tensors: no zero is negative") {
  const quantized_model model = small_model();
  octavo::tensor<std::int8_t> input(model.graph[0].shape);
  npz_arrays arrays;
  dump_tensors(model.graph, interpret(model, input), arrays);
  for (const auto& [name, array] : arrays) {
    for (const float value : array.as<float>()) CHECK_FALSE((value == 0 && std::signbit(value)));
  }
}

TEST_CASE("tensors: a fused graph names what remains") {
  const quantized_model model = small_model();
  const octavo::graph fused = octavo::fuse(model, octavo::fusion::relu);
  const octavo::tensor<std::int8_t> input(model.graph[0].shape);
  npz_arrays arrays;
  dump_tensors(fused, interpret(model, fused, input), arrays);
  CHECK(names_of(arrays) == std::vector<std::string>{"conv_relu", "data_quant", "fc", "scale"});
}

TEST_CASE("a dump's file depends on its arrays alone") {
  const octavo_test::temporary_folder folder;
  const npz_arrays arrays = params_dump(small_model());
  write_npz(folder / "a.npz", arrays);
  write_npz(folder / "b.npz", arrays);
  CHECK(octavo::io::read_file(folder / "a.npz") == octavo::io::read_file(folder / "b.npz"));
  CHECK(octavo::io::npz_reader(folder / "a.npz").read_all() == arrays);
}
