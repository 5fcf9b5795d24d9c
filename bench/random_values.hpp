// SPDX-License-Identifier: MIT
/// @file
/// Bytes without a meaning, the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "synthetic_model.hpp"

namespace octavo::bench {

/// Values in [lowest, highest].
inline void fill_random(std::int8_t* values, std::size_t count, int lowest, int highest) {
  examples::random_source random(count);
  const auto range = static_cast<std::uint64_t>(highest - lowest + 1);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<std::int8_t>(lowest + static_cast<int>(random.next() % range));
  }
}

inline std::vector<std::int8_t> random_bytes(std::size_t count, int lowest, int highest) {
  std::vector<std::int8_t> values(count);
  fill_random(values.data(), count, lowest, highest);
  return values;
}

}  // namespace octavo::bench
