// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: shifts for each channel as plain numbers.
// expect: per_channel: needs a policy

#include "octavo/quant/fixed_point.hpp"

#if defined(OCTAVO_BAD)
using shift = int;
#else
using shift = octavo::rshift;
#endif

constexpr shift shifts[2] = {{1}, {2}};
constexpr octavo::per_channel<shift> requantize = {shifts};

static_assert(requantize.policies.size() == 2);
