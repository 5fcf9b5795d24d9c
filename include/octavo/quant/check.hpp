// SPDX-License-Identifier: MIT
/// @file
/// Refuses integers with which an op could not be executed exactly. Every message begins with
/// `where`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "octavo/core/error.hpp"
#include "octavo/quant/choose.hpp"
#include "octavo/quant/params.hpp"
#include "octavo/quant/requantization.hpp"

namespace octavo::inline v0::detail {

inline void expect(bool rule, std::string_view where, std::string_view message) {
  if (!rule) fail(where, ": ", message);
}

inline void check_requantization(const requantization& r, int channels, std::string_view where) {
  expect(r.kind <= policy::multiplier_q31, where, "there is no such policy");
  expect(r.entries() == 1 || r.entries() == static_cast<std::size_t>(channels), where,
         "expected one shift, or one for each output channel");
  expect(r.multiplier.size() == (is_rshift(r.kind) ? 0 : r.entries()), where,
         is_rshift(r.kind) ? "the rshift policies have no multipliers"
                           : "expected a multiplier a shift");
  const int largest_shift = r.kind == policy::multiplier_rshift ? 62 : 31;
  for (const int shift : r.shift) expect(shift <= largest_shift, where, "a shift is out of range");
  const int least = r.kind == policy::multiplier_q31 ? 1 << 30 : 1;
  for (const int m : r.multiplier) expect(m >= least, where, "a multiplier is out of range");
}

/// SPECIFICATION 1.2: |bias| + K * 128 * 128 + 2^(shift-1) < 2^31 for every output channel, where K
/// is `taps`.
inline void check_accumulators(std::span<const std::int32_t> bias, const requantization& r,
                               std::int64_t taps, std::string_view where) {
  for (std::size_t oc = 0; oc < bias.size(); ++oc) {
    const int shift = r.multiplier.empty() ? r.shift[r.entry(static_cast<int>(oc))] : 0;
    if (accumulator_fits(bias[oc], taps, shift)) continue;
    fail(where, ": channel ", oc, ": bias ", bias[oc], " may overflow the int32 accumulator");
  }
}

inline void check_multiplier(const multiplier_rshift& m, std::string_view where) {
  expect(m.multiplier >= 1 && m.shift >= 0 && m.shift <= 62, where,
         "a multiplier or its shift is out of range");
}

inline void check_add(const add_params& params, std::string_view where) {
  const auto& [m, shift] = params;
  expect(m[0] >= 0 && m[0] <= 127 && m[1] >= 0 && m[1] <= 127 && shift >= 0 && shift <= 31, where,
         "a multiplier is outside 0..127 or the shift outside 0..31");
}

}  // namespace octavo::inline v0::detail
