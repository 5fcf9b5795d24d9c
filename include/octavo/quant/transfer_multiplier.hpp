// SPDX-License-Identifier: MIT
/// @file
/// The fields of a multiplier in the order in which files have them.
#pragma once

#include "octavo/quant/fixed_point.hpp"

namespace octavo::inline v0::detail {

/// Calls s.number(field, name) for each; `m`, a multiplier_rshift, is constant where the stream
/// writes.
template <class Stream, class Multiplier>
void transfer_multiplier(Stream& s, Multiplier& m) {
  s.number(m.multiplier, "multiplier");
  s.number(m.shift, "shift");
}

}  // namespace octavo::inline v0::detail
