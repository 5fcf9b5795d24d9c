// SPDX-License-Identifier: MIT
/// @file
/// Rounding sizes up to what a layout asks for.
#pragma once

#include "octavo/version.hpp"

namespace octavo::inline v0 {

/// The smallest multiple of `alignment` that is not below `size`. size >= 0, alignment >= 1.
template <class Integer>
constexpr Integer align_up(Integer size, Integer alignment) {
  return (size + alignment - 1) / alignment * alignment;
}

static_assert(align_up(0, 16) == 0 && align_up(1, 16) == 16 && align_up(16, 16) == 16);

}  // namespace octavo::inline v0
