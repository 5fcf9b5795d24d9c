// SPDX-License-Identifier: MIT
/// @file
/// How much work tests with many cases take on: less where the reference is slow.
#pragma once

#include <algorithm>

namespace octavo::testing {

#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
inline constexpr bool slow_build = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool slow_build = true;
#else
inline constexpr bool slow_build = false;
#endif
#else
inline constexpr bool slow_build = false;
#endif

/// Whether the processor is emulated, which tests/CMakeLists.txt says: a tenth as fast, or slower.
#if defined(OCTAVO_EMULATED_PROCESSOR)
inline constexpr bool slow_processor = true;
#else
inline constexpr bool slow_processor = false;
#endif

/// `full` cases (or multiply-adds) in an optimised build, a quarter of them in a slow one.
template <class Integer>
constexpr Integer effort(Integer full) {
  return slow_build ? std::max(Integer{1}, static_cast<Integer>(full / 4)) : full;
}

}  // namespace octavo::testing
