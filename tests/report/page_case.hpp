// SPDX-License-Identifier: MIT
/// @file
/// A small network with everything that a page shows, and how tests look at a page.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/report/page.hpp"

namespace octavo::testing {

/// How often `part` stands in `text`.
inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

/// What stands between <section id="..."> and its end.
inline std::string section_of(const std::string& page, const std::string& id) {
  const std::size_t from = page.find(concat_text("<section id=\"", id, "\">"));
  if (from == std::string::npos) return "";
  return page.substr(from, page.find("</section>", from) - from);
}

/// data -> conv -> relu -> conv -> add(relu, conv) -> fc; fused: 4 nodes.
inline graph small_graph() {
  graph_builder<std::vector<node>> b;
  const tensor_id data = b.input("data_quant", {1, 3, 8, 8});
  const tensor_id conv1 = b.conv2d("conv1", data, {.channels = 4, .window = square(3, 2, 1)});
  const tensor_id relu1 = b.relu("relu1", conv1);
  const tensor_id conv2 = b.conv2d("conv2", relu1, {.channels = 4});
  const tensor_id sum = b.add("sum", relu1, conv2);
  return b.finish(b.fully_connected("fc", sum, 10));
}

inline report::report_data full_data() {
  report::report_data data{.title = "A small network"};
  data.subtitle = "for a test";
  data.figures = {{"median of 3 runs", "1.00 ms"}};
  data.facts = {{"scheme", "rshift16"}};
  data.image = report::picture{2, 2, std::vector<std::uint8_t>(12, 200)};
  data.classes = {{"cat", 0.75, 0.5}, {"dog", 0.25, 0.125}};
  data.network = small_graph();
  data.fused = fuse(data.network);
  data.peak = 1e9;
  for (const node& each : data.fused) {
    data.layers.push_back({.kernel = "conv2d u8 14x32",
                           .isa = "avx2",
                           .layout = "c16 4x4",
                           .tensor_bytes = 256,
                           .weight_bytes = 1024,
                           .multiply_adds = multiply_adds(each, data.fused.view()),
                           .seconds = 1e-5});
  }
  data.tensors.assign(data.network.size(), {.cosine = 0.999,
                                            .euclid = 0.9,
                                            .sqnr_db = 30.0,
                                            .max_error = 0.25,
                                            .saturated_low = 0.125,
                                            .saturated_high = 0.25,
                                            .verdict = "good"});
  data.tensors[2].sqnr_db = 12.0;
  data.tensors[2].cosine = 0.98;  // below the limit
  data.tensors[3].sqnr_db = std::numeric_limits<double>::infinity();
  data.cosine_limit = 0.99;
  const report::bars some{.lo = 0, .hi = 3, .counts = {8, 4, 0, 1}};
  data.ranges.resize(data.network.size());
  data.ranges[1] = report::value_ranges{some, 2, 0.25, some, some};
  data.ranges[4] = report::value_ranges{.activations = some, .threshold = 3};
  return data;
}

}  // namespace octavo::testing
