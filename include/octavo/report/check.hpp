// SPDX-License-Identifier: MIT
/// @file
/// What a page's data must hold to before anything is drawn of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "octavo/core/error.hpp"
#include "octavo/core/real.hpp"
#include "octavo/report/data.hpp"

namespace octavo::inline v0::report {

namespace detail {

inline void check_graph(const graph& net, std::string_view what) {
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (!net[i].shape.is_valid()) fail("report: ", what, " graph: node ", i, " has no valid shape");
    if (net[i].kind != op::input && net[i].src.empty()) {
      fail("report: ", what, " graph: node ", i, " reads nothing and is no input");
    }
    for (const int src : net[i].src) {
      if (src < 0 || static_cast<std::size_t>(src) >= i) {
        fail("report: ", what, " graph: node ", i, " reads node ", src,
             ", expected an earlier one");
      }
    }
  }
  for (const int output : net.outputs) {
    if (output < 0 || static_cast<std::size_t>(output) >= net.size()) {
      fail("report: ", what, " graph: output ", output, ", expected one of ", net.size(), " nodes");
    }
  }
}

inline void check_count(std::size_t found, std::size_t expected, std::string_view what) {
  if (found == 0 || found == expected) return;
  fail("report: ", found, " ", what, ", expected none or one for each of ", expected, " nodes");
}

inline void check_layer(const layer_run& layer, std::size_t i) {
  const bool good = is_finite(layer.seconds) && layer.seconds >= 0 && layer.tensor_bytes >= 0 &&
                    layer.weight_bytes >= 0 && layer.multiply_adds >= 0;
  if (!good) fail("report: layer ", i, ": seconds, bytes and multiply-adds must be 0 or more");
}

inline void check_bars(const bars& of, std::size_t i) {
  if (of.empty()) return;
  const bool good = is_finite(of.lo) && is_finite(of.hi) && of.hi >= of.lo &&
                    std::all_of(of.counts.begin(), of.counts.end(),
                                [](std::int64_t count) { return count >= 0; });
  if (!good)
    fail("report: the histograms of tensor ", i, " need ends in order and no count below 0");
}

}  // namespace detail

/// @throws octavo::error saying what does not fit.
inline void check_report(const report_data& data) {
  detail::check_graph(data.network, "unfused");
  detail::check_graph(data.fused, "fused");
  detail::check_count(data.layers.size(), data.fused.size(), "layers");
  detail::check_count(data.tensors.size(), data.network.size(), "tensors");
  detail::check_count(data.ranges.size(), data.network.size(), "ranges");
  if (!is_finite(data.peak) || data.peak < 0) {
    fail("report: a peak of ", data.peak, " multiply-adds a second");
  }
  for (std::size_t i = 0; i < data.layers.size(); ++i) detail::check_layer(data.layers[i], i);
  for (std::size_t i = 0; i < data.ranges.size(); ++i) {
    if (!data.ranges[i]) continue;
    detail::check_bars(data.ranges[i]->activations, i);
    detail::check_bars(data.ranges[i]->weights_before, i);
    detail::check_bars(data.ranges[i]->weights_after, i);
  }
}

}  // namespace octavo::inline v0::report
