// SPDX-License-Identifier: MIT
/// @file
/// Beyond which accumulators a requantization gives nothing new.
#pragma once

#include <cstdint>

#include "octavo/version.hpp"

namespace octavo::inline v0::simd {

namespace detail {

/// The least accumulator for which f is at least `value`, INT32_MAX where there is none. f is
/// monotone.
template <class F>
std::int32_t first_at_least(const F& f, int value) {
  std::int64_t low = INT32_MIN;
  std::int64_t high = INT32_MAX;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (f(static_cast<std::int32_t>(middle)) >= value) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return static_cast<std::int32_t>(low);
}

/// Accumulators beyond these give the same int8 as they do.
struct accumulator_bounds {
  std::int32_t lowest = INT32_MIN;
  std::int32_t highest = INT32_MAX;
};

template <class F>
accumulator_bounds bounds_of(const F& f) {
  const std::int32_t above_least = first_at_least(f, -127);
  return {above_least == INT32_MIN ? INT32_MIN : above_least - 1, first_at_least(f, 127)};
}

}  // namespace detail

}  // namespace octavo::inline v0::simd
