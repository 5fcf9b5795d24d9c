// SPDX-License-Identifier: MIT
/// @file
/// The requantization of one op as data: which policy of quant/fixed_point.hpp, and its integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/quant/fixed_point.hpp"

namespace octavo::inline v0 {

/// Which policy of quant/fixed_point.hpp a requantization uses.
enum class policy : std::uint8_t { rshift, rshift_half_away, multiplier_rshift, multiplier_q31 };

/// Shifts alone, no multipliers.
constexpr bool is_rshift(policy kind) {
  return kind == policy::rshift || kind == policy::rshift_half_away;
}

/// The requantization of one op: one entry for the whole layer, or one for each output channel.
struct requantization {
  policy kind = policy::rshift;
  std::vector<std::int32_t> multiplier = {};  ///< empty for the rshift policies
  std::vector<std::uint8_t> shift = {};       ///< 1 entry or one for each output channel

  std::size_t entries() const { return shift.size(); }

  /// The entry that output channel `oc` uses.
  std::size_t entry(int oc) const { return entries() == 1 ? 0 : static_cast<std::size_t>(oc); }

  friend bool operator==(const requantization&, const requantization&) = default;
};

/// One accumulator of output channel `oc` to int8.
inline std::int8_t requantize(const requantization& rule, std::int32_t acc, int oc) noexcept {
  const std::size_t entry = rule.entry(oc);
  const int shift = rule.shift[entry];
  switch (rule.kind) {
    case policy::rshift:
      return octavo::rshift{shift}(acc);
    case policy::rshift_half_away:
      return octavo::rshift_half_away{shift}(acc);
    case policy::multiplier_rshift:
      return octavo::multiplier_rshift{rule.multiplier[entry], shift}(acc);
    case policy::multiplier_q31:
      return octavo::multiplier_q31{rule.multiplier[entry], shift}(acc);
  }
  return 0;
}

namespace detail {

inline std::uint8_t checked_shift(int shift) {
  require(shift >= 0 && shift <= 62, "requantization: a shift is outside 0..62");
  return static_cast<std::uint8_t>(shift);
}

}  // namespace detail

/// One shift for the whole layer, ties up, as data; no multiplier.
/// @throws octavo::error where the shift is outside 0..62.
inline requantization to_requantization(const octavo::rshift& rule) {
  return {policy::rshift, {}, {detail::checked_shift(rule.shift)}};
}

/// One shift for the whole layer, ties away from zero, as data; no multiplier.
/// @throws octavo::error where the shift is outside 0..62.
inline requantization to_requantization(const octavo::rshift_half_away& rule) {
  return {policy::rshift_half_away, {}, {detail::checked_shift(rule.shift)}};
}

/// One multiplier and one shift for the whole layer, as data: the product is rounded once.
/// @throws octavo::error where the shift is outside 0..62.
inline requantization to_requantization(const octavo::multiplier_rshift& rule) {
  return {policy::multiplier_rshift, {rule.multiplier}, {detail::checked_shift(rule.shift)}};
}

/// One Q31 multiplier and one shift for the whole layer, as data: each of the two rounds.
/// @throws octavo::error where the shift is outside 0..62.
inline requantization to_requantization(const octavo::multiplier_q31& rule) {
  return {policy::multiplier_q31, {rule.multiplier}, {detail::checked_shift(rule.shift)}};
}

/// A policy for each output channel, as data: an entry for each of them.
/// @throws octavo::error where a shift is outside 0..62.
template <class Policy>
requantization to_requantization(const per_channel<Policy>& rules) {
  requantization all = to_requantization(Policy{});
  all.multiplier.clear();
  all.shift.clear();
  for (const Policy& rule : rules.policies) {
    const requantization one = to_requantization(rule);
    all.multiplier.insert(all.multiplier.end(), one.multiplier.begin(), one.multiplier.end());
    all.shift.push_back(one.shift[0]);
  }
  return all;
}

}  // namespace octavo::inline v0
