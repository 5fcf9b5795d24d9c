// SPDX-License-Identifier: MIT
/// @file
/// The most probable classes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

namespace octavo::examples {

/// The five most probable classes; of equal ones the first.
inline std::vector<std::size_t> top5_of(const std::vector<float>& probabilities) {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t shown = std::min<std::size_t>(5, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
      [&](std::size_t a, std::size_t b) {
        return probabilities[a] != probabilities[b] ? probabilities[a] > probabilities[b] : a < b;
      });
  order.resize(shown);
  return order;
}

inline void print_top5(const std::vector<float>& probabilities,
                       const std::vector<std::string>& labels) {
  for (const std::size_t c : top5_of(probabilities)) {
    std::printf("  %4zu  %.4f  %s\n", c, static_cast<double>(probabilities[c]),
                c < labels.size() ? labels[c].c_str() : "");
  }
}

}  // namespace octavo::examples
