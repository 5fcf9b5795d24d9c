// SPDX-License-Identifier: MIT
/// @file
/// The ops without weights, and the ways into int8 and out of it.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/model/validate.hpp"
#include "octavo/quant/scale.hpp"
#include "octavo/reference/quantize.hpp"
#include "octavo/reference/softmax.hpp"
#include "op_case.hpp"

namespace octavo::examples {

/// The graph's last node with these integers, on uniform sources.
inline void add_plain(conformance_kit& kit, const std::string& name, std::string_view about,
                      const graph& net, op_params params, random_source& rng, bool relu = false) {
  quantized_model model{.scheme = scheme::mixed, .graph = net};
  model.thresholds.assign(net.size(), 1);
  model.params.resize(net.size());
  model.params.back() = std::move(params);
  validate(model);
  node op_node = net[net.size() - 1];
  op_node.relu = relu;
  std::vector<tensor<std::int8_t>> src;
  for (std::size_t i = 0; i + 1 < net.size(); ++i) {
    src.push_back(some_tensor(net[i].shape, content::uniform, rng));
  }
  add_op(kit, name, about, model, op_node, src);
}

/// Every int8 once.
inline constexpr shape all_values = {1, 4, 8, 8};

inline void add_maps(conformance_kit& kit) {
  const auto one = [&](const std::string& name, std::string_view about, const op_params& params,
                       const auto& append) {
    graph_builder<std::vector<node>> net;
    const tensor_id x = net.input("src", all_values);
    const graph made = net.finish(append(net, x));
    quantized_model model{.scheme = scheme::mixed, .graph = made, .thresholds = {1, 1}};
    model.params = {{}, params};
    validate(model);
    tensor<std::int8_t> every(all_values);
    for (int i = 0; i < 256; ++i)
      every.values[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
    add_op(kit, name, about, model, made[1], {every});
  };
  one("relu", "every int8", {}, [](auto& net, tensor_id x) { return net.relu("dst", x); });
  int count = 0;
  for (const clip_params& limits :
       {clip_params{0, 6}, clip_params{-128, 127}, clip_params{5, 5}, clip_params{-100, -3}}) {
    one(concat_text("clip_", ++count), "every int8; relu6 is one", {.clip = limits},
        [](auto& net, tensor_id x) { return net.clip("dst", x, -1, 1); });
  }
  count = 0;
  for (const multiplier_rshift& slope :
       {to_multiplier_rshift(0.25), to_multiplier_rshift(0.01), multiplier_rshift{128, 7},
        multiplier_rshift{INT32_MAX, 20}, multiplier_rshift{1, 62}}) {
    one(concat_text("leaky_relu_", ++count), "every int8", {.multipliers = {slope}},
        [](auto& net, tensor_id x) { return net.leaky_relu("dst", x, 0.25); });
  }
}

struct pool_entry {
  const char* name;
  shape src;
  pool_params params;
};

inline constexpr pool_entry pool_entries[] = {
    {"2x2", {1, 5, 6, 8}, {square(2, 2)}},
    {"3x3_floor", {1, 3, 8, 8}, {square(3, 2)}},
    {"3x3_ceil", {1, 3, 8, 8}, {square(3, 2), size_rounding::ceil}},
    {"ceil_drops_a_window", {1, 3, 5, 5}, {square(2, 2, 1), size_rounding::ceil}},
    // The last one starts at 6 of 2 + 5: beyond 5, and yet it is not dropped.
    {"ceil_keeps_a_window", {1, 3, 5, 5}, {{4, 4, 3, 3, 1, 1, {2, 2, 1, 1}}, size_rounding::ceil}},
    {"four_pads", {2, 3, 7, 6}, {{3, 4, 1, 2, 1, 1, {0, 1, 2, 3}}}},
    {"whole_map", {2, 17, 7, 7}, {square(7)}},
    {"wide", {1, 35, 3, 67}, {{2, 3, 1, 1, 1, 1, {1, 0, 0, 2}}, size_rounding::ceil}},
};

inline void add_pools(conformance_kit& kit, random_source& rng) {
  for (const pool_entry& entry : pool_entries) {
    graph_builder<std::vector<node>> net;
    const tensor_id src = net.input("src", entry.src);
    add_plain(kit, concat_text("max_pool_", entry.name), "padding never counts",
              net.finish(net.max_pool("dst", src, entry.params)), {}, rng);
    for (const bool count_padding : {false, true}) {
      graph_builder<std::vector<node>> average;
      const tensor_id from = average.input("src", entry.src);
      pool_params pool = entry.params;
      pool.count_padding = count_padding;
      const graph made = average.finish(average.avg_pool("dst", from, pool));
      op_params params;
      for (const int divisor : divisors_of(made[1], entry.src)) {
        params.divisors.push_back(choose_pool_divisor(1.5, 1, divisor));
      }
      add_plain(kit, concat_text("avg_pool_", entry.name, count_padding ? "_count_padding" : ""),
                "an entry for each divisor that occurs", made, params, rng);
    }
  }
}

inline void add_sums(conformance_kit& kit, random_source& rng) {
  constexpr add_params sums[] = {{{64, 64}, 7},   {{127, 3}, 6},    {{1, 1}, 0},   {{0, 127}, 5},
                                 {{127, 127}, 1}, {{127, 127}, 31}, {{100, 77}, 8}};
  int count = 0;
  for (const add_params& sum : sums) {
    graph_builder<std::vector<node>> net;
    const tensor_id a = net.input("a", {1, 9, 5, 7});
    const tensor_id b = net.input("b", {1, 9, 5, 7});
    ++count;
    add_plain(kit, concat_text("add_", count), "multiplier[i] is that of src[i]",
              net.finish(net.add("dst", a, b)), {.add = sum}, rng, count % 2 == 0);
  }
}

inline void add_concats(conformance_kit& kit, random_source& rng) {
  graph_builder<std::vector<node>> net;
  const tensor_id a = net.input("a", {2, 5, 3, 4});
  const tensor_id b = net.input("b", {2, 1, 3, 4});
  const tensor_id c = net.input("c", {2, 17, 3, 4});
  const graph made = net.finish(net.concat("dst", {a, b, c}));
  add_plain(kit, "concat", "one requantized, one copied, one saturated", made,
            {.multipliers = {to_multiplier_rshift(0.7), to_multiplier_rshift(1.0),
                             to_multiplier_rshift(3.0)}},
            rng);
}

/// Values on, just below and just above ties of the threshold, beyond both ends, and small ones.
inline std::vector<float> telling_floats(double threshold) {
  std::vector<float> values = {0,
                               -0.0F,
                               1e-30F,
                               -1e-30F,
                               1e30F,
                               -1e30F,
                               std::numeric_limits<float>::max(),
                               std::numeric_limits<float>::denorm_min()};
  for (int q = -130; q <= 130; ++q) {
    const auto tie = static_cast<float>((q + 0.5) * threshold / 128);
    values.push_back(tie);
    values.push_back(std::nextafter(tie, -1e30F));
    values.push_back(std::nextafter(tie, 1e30F));
  }
  return values;
}

inline void add_real_numbers(conformance_kit& kit, random_source& rng) {
  // With 3, src * (128 / threshold) misses ties; with the least double above 480, src = 1.875 gives
  // the largest one below 1/2, to which 1/2 cannot be added; with 1e5, exp must not overflow.
  const double above_480 = std::nextafter(480.0, 481.0);
  int count = 0;
  for (const double threshold : {128.0, 1.0, 161.008056641, 0.0123, 3.0, above_480, 1e5}) {
    ++count;
    const std::vector<float> values = telling_floats(threshold);
    const shape extents = {1, static_cast<int>(values.size()), 1, 1};
    tensor<std::int8_t> dst(extents);
    reference::quantize({values.data(), extents}, threshold, dst.view());
    const io::npy_array scale = vector_of(std::vector<double>{threshold});
    kit.add(concat_text("quantize_", count), "quantize",
            "float32 to int8: ties and their neighbours",
            {{"src", vector_of(values)}, {"threshold", scale}, {"dst", vector_of(dst.values)}});
    tensor<float> real(extents);
    reference::dequantize(std::as_const(dst).view(), threshold, real.view());
    kit.add(
        concat_text("dequantize_", count), "dequantize", "int8 to float32",
        {{"src", vector_of(dst.values)}, {"threshold", scale}, {"dst", vector_of(real.values)}});
    const tensor<std::int8_t> logits = some_tensor({2, 10, 1, 1}, content::uniform, rng);
    tensor<float> p(logits.shape);
    reference::softmax(logits.view(), threshold, p.view());
    kit.add(concat_text("softmax_", count), "softmax", "the last bit follows the C library's exp",
            {{"src", nchw_of(logits.view())},
             {"threshold", scale},
             {"dst", nchw_of(std::as_const(p).view())}});
  }
}

inline void add_other_cases(conformance_kit& kit) {
  random_source rng(2);
  add_maps(kit);
  add_pools(kit, rng);
  add_sums(kit, rng);
  add_concats(kit, rng);
  add_real_numbers(kit, rng);
}

}  // namespace octavo::examples
