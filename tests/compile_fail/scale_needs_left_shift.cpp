// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: a scale beyond every multiplier.
// expect: scale: too large, it would need a left shift

#include "octavo/quant/scale.hpp"

#if defined(OCTAVO_BAD)
constexpr double scale = 0x1p31;
#else
constexpr double scale = 0x1p31 - 1;
#endif

constexpr octavo::multiplier_rshift requantize = octavo::to_multiplier_rshift(scale);

static_assert(requantize.shift == 0);
