// SPDX-License-Identifier: MIT
/// @file
/// Two ways to execute a kernel, which must give the same bytes: its work in one go, and cut at
/// random places and executed in random order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "octavo/simd/kernels.hpp"
#include "support/guarded.hpp"
#include "support/random.hpp"

namespace octavo::testing {

/// One of the runs that every kernel is put through.
struct run_style {
  guard side;
  std::int8_t poison;  ///< what the destination holds before
  bool in_pieces;
};

inline constexpr run_style all_run_styles[] = {
    {guard::behind, 0x55, false},
    {guard::before, -86, true},
};

inline constexpr int run_lanes = 2;

/// Disjoint ranges that cover [0, work), in random order and lanes.
inline std::vector<simd::work_range> random_pieces(std::int64_t work, random_source& rng) {
  std::vector<simd::work_range> pieces;
  for (std::int64_t begin = 0; begin < work;) {
    const std::int64_t longest = std::min<std::int64_t>(work - begin, rng.one_in(2) ? 3 : work);
    const std::int64_t end = begin + rng.between(1, longest);
    pieces.push_back({begin, end, rng.integer(0, run_lanes - 1)});
    begin = end;
  }
  pieces.push_back({work / 2, work / 2});  // an empty one
  for (std::size_t i = pieces.size(); i > 1; --i) {
    const auto other = static_cast<std::size_t>(rng.integer(0, static_cast<int>(i) - 1));
    std::swap(pieces[i - 1], pieces[other]);
  }
  return pieces;
}

template <class Args>
void run_kernel(void (*kernel)(const Args&, simd::work_range) noexcept, const Args& args,
                bool in_pieces) {
  if (!in_pieces) return kernel(args, {0, args.work()});
  random_source rng(static_cast<std::uint64_t>(args.work()));
  for (const simd::work_range& piece : random_pieces(args.work(), rng)) kernel(args, piece);
}

}  // namespace octavo::testing
