// SPDX-License-Identifier: MIT
/// @file
/// Every requantization policy where it is easily wrong: at ties and beside them, where int8
/// saturates, at the ends of int32, of the shifts and of the multipliers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include "kit.hpp"
#include "octavo/quant/requantization.hpp"

namespace octavo::examples {

/// One accumulator each, with its own parameters.
struct requantize_table {
  std::vector<std::int32_t> acc = {};
  std::vector<std::int32_t> multiplier = {};  ///< empty for the rshift policies
  std::vector<std::int32_t> shift = {};
  std::vector<std::int8_t> dst = {};
};

/// Accumulators around every tie (k + 1/2) * 2^bits / multiplier that matters: of the results
/// around zero and around both ends of int8; and the ends of int32.
inline std::set<std::int32_t> telling_accumulators(std::int64_t multiplier, int bits) {
  std::set<std::int32_t> found = {
      0, 1, -1, 2, -2, 255, -255, 1 << 24, INT32_MIN, INT32_MIN + 1, INT32_MAX, INT32_MAX - 1};
  for (const std::int64_t k : {0, 1, 2, 3, 63, 126, 127, 128}) {
    // 2 k + 1 halves: below 2^9, so that with 2^62 halved the product would not fit; doubles would
    // do, but whole numbers leave nothing to explain.
    const std::int64_t half = bits == 0 ? 0 : std::int64_t{1} << (bits - 1);
    if (half > INT64_MAX / 512) continue;
    const std::int64_t tie = (2 * k + 1) * half / multiplier;
    for (const std::int64_t near : {tie - 1, tie, tie + 1}) {
      for (const std::int64_t acc : {near, -near}) {
        if (acc >= INT32_MIN && acc <= INT32_MAX) found.insert(static_cast<std::int32_t>(acc));
      }
    }
  }
  return found;
}

/// `bits`: of the whole shift, the 31 of Q31 included.
inline void append(requantize_table& table, policy kind, std::int32_t multiplier, int shift) {
  requantization rule{kind, {}, {static_cast<std::uint8_t>(shift)}};
  if (!is_rshift(kind)) rule.multiplier = {multiplier};
  const int bits = kind == policy::multiplier_q31 ? shift + 31 : shift;
  for (const std::int32_t acc : telling_accumulators(multiplier, bits)) {
    table.acc.push_back(acc);
    table.shift.push_back(shift);
    if (!is_rshift(kind)) table.multiplier.push_back(multiplier);
    table.dst.push_back(requantize(rule, acc, 0));
  }
}

inline requantize_table make_requantize_table(policy kind) {
  requantize_table table;
  std::vector<std::int32_t> multipliers = {1};
  std::vector<int> shifts;
  for (int shift = 0; shift <= 31; ++shift) shifts.push_back(shift);
  if (kind == policy::multiplier_rshift) {
    multipliers = {1, 2, 3, 127, 128, 255, 256, 0x5a82799a, 1 << 30, (1 << 30) + 1, INT32_MAX};
    shifts = {0, 1, 2, 7, 8, 9, 15, 16, 23, 30, 31, 32, 33, 38, 45, 60, 61, 62};
  } else if (kind == policy::multiplier_q31) {
    multipliers = {1 << 30, (1 << 30) + 1, 0x5a82799a, INT32_MAX - 1, INT32_MAX};
    shifts = {0, 1, 2, 3, 7, 8, 15, 16, 23, 24, 30, 31};
  }
  for (const std::int32_t multiplier : multipliers) {
    for (const int shift : shifts) append(table, kind, multiplier, shift);
  }
  return table;
}

inline void add_requantize_cases(conformance_kit& kit) {
  struct named_policy {
    policy kind;
    const char* name;
  };
  constexpr named_policy all[] = {{policy::rshift, "rshift"},
                                  {policy::rshift_half_away, "rshift_half_away"},
                                  {policy::multiplier_rshift, "multiplier_rshift"},
                                  {policy::multiplier_q31, "multiplier_q31"}};
  for (const named_policy& each : all) {
    const requantize_table table = make_requantize_table(each.kind);
    io::npz_arrays arrays = {{"policy", integers({static_cast<int>(each.kind)})},
                             {"acc", vector_of(table.acc)},
                             {"shift", vector_of(table.shift)},
                             {"dst", vector_of(table.dst)}};
    if (!is_rshift(each.kind)) arrays.emplace("multiplier", vector_of(table.multiplier));
    kit.add(concat_text("requantize_", each.name), "requantize",
            "ties and their neighbours, saturation, every extreme", arrays);
  }
}

}  // namespace octavo::examples
