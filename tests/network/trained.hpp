// SPDX-License-Identifier: MIT
/// @file
/// What tests with trained weights share: the folder that OCTAVO_TEST_DATA names, runs, classes.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "octavo/emulation/float_network.hpp"

namespace octavo::testing {

/// The data folder, or an empty path after saying that the test was skipped for want of `file`.
inline std::filesystem::path data_folder(const std::string& file) {
  const char* folder = std::getenv("OCTAVO_TEST_DATA");
  const std::filesystem::path data(folder != nullptr ? folder : "");
  if (std::filesystem::exists(data / file)) return data;
  MESSAGE("skipped: OCTAVO_TEST_DATA names no folder with " << file << " in it");
  return {};
}

inline std::vector<float> logits_of(const emulation::float_network& network,
                                    const tensor<float>& input) {
  std::vector<float> logits;
  network.run(input, [&](std::size_t, const tensor<float>& values) { logits = values.values; });
  return logits;
}

template <class T>
std::size_t top1(const std::vector<T>& logits) {
  return static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

/// The five largest, the first of equal ones first.
template <class T>
std::vector<std::size_t> top5(const std::vector<T>& logits) {
  std::vector<std::size_t> order(logits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
  order.resize(5);
  return order;
}

}  // namespace octavo::testing
