// SPDX-License-Identifier: MIT
/// @file
/// A small quantized network as text, its weights, and the model that it is: what tests of readers
/// change one thing of.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/io_test_tools.hpp"
#include "octavo/graph/builder.hpp"
#include "octavo/io/mlir.hpp"
#include "octavo/model/validate.hpp"

namespace octavo_test {

/// A file beside this one: its lines are longer than those of programs may be.
inline std::string text_file(const std::string& name) {
  const octavo::io::byte_vector bytes = octavo::io::read_file(OCTAVO_MLIR_TEXTS "/" + name);
  return {bytes.begin(), bytes.end()};
}

/// As the original system writes it: no scheme, no integers of ops without weights, SAME and VALID.
inline const std::string& small_text() {
  static const std::string text = text_file("small.mlir");
  return text;
}

/// The text's weights: all float32, as the original system keeps them.
inline octavo::io::npz_arrays small_weights() {
  const auto floats = [](std::vector<float> values, std::vector<std::int64_t> extents) {
    return octavo::io::make_npy_array(values, std::move(extents));
  };
  std::vector<float> filter(54);
  for (std::size_t i = 0; i < filter.size(); ++i) filter[i] = static_cast<float>(i) - 27;
  return {{"conv_0", floats(filter, {3, 2, 3, 3})},
          {"conv_1", floats({100, -32767, 32767}, {3})},
          {"conv_rshift", floats({7}, {1})},
          {"fc_0", floats({1, -2, 3, -128, 127, 0}, {2, 3})},
          {"fc_rshift", floats({0}, {1})}};
}

/// What the text means, worked out by hand.
inline octavo::quantized_model small_model() {
  using namespace octavo;
  graph_builder<std::vector<node>> net;
  tensor_id x = net.input("data_quant", {1, 2, 4, 4});
  x = net.conv2d("conv", x, {.channels = 3, .window = square(3, 1, 1)});
  x = net.relu("relu", x);
  x = net.max_pool("max", x, {.window = square(2, 2)});
  x = net.add("sum", x, x);
  x = net.avg_pool("mean", x, {.window = square(2)});
  x = net.fully_connected("fc", x, 2);
  quantized_model model{.scheme = scheme::rshift16,
                        .graph = net.finish(x),
                        .thresholds = {2, 1, 1, 1, 2, 2, 8},
                        .params = std::vector<op_params>(7)};
  for (int i = 0; i < 54; ++i) model.params[1].weights.push_back(static_cast<std::int8_t>(i - 27));
  model.params[1].bias = {100, -32767, 32767};
  model.params[1].requantize = {policy::rshift, {}, {7}};
  model.params[4].add = {{64, 64}, 7};         // 1/2 * 2^7 = 64
  model.params[5].divisors = {{4, {128, 9}}};  // 1/4 * 2^9 = 128
  model.params[6] = {
      .weights = {1, -2, 3, -128, 127, 0}, .bias = {0, 0}, .requantize = {policy::rshift, {}, {0}}};
  validate(model);
  return model;
}

/// The text with `to` in the place of `from`, which stands in it once.
inline std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CAPTURE(std::string(from));
  REQUIRE(at != std::string_view::npos);
  REQUIRE(text.find(from, at + 1) == std::string_view::npos);
  std::string made(text);
  return made.replace(at, from.size(), to);
}

/// A folder with w.npz in it.
class weights_folder : public temporary_folder {
 public:
  explicit weights_folder(const octavo::io::npz_arrays& arrays = small_weights()) {
    octavo::io::write_npz(*this / "w.npz", arrays);
  }

  octavo::io::mlir_network read(std::string_view text) const {
    return octavo::io::mlir::read(text, "f.mlir", path());
  }
  octavo::quantized_model model(std::string_view text) const {
    return std::get<octavo::quantized_model>(read(text).model);
  }
  std::string message(std::string_view text) const {
    return message_of([&] { read(text); });
  }
};

}  // namespace octavo_test
