// SPDX-License-Identifier: MIT
/// @file
/// Must not compile with OCTAVO_BAD: a bias of floats.
// expect: filter: a bias is a signed integer of at most 32 bits

#include "octavo/quant/params.hpp"

#if defined(OCTAVO_BAD)
using bias = float;
#else
using bias = std::int16_t;
#endif

octavo::filter<bias> filter = {};
