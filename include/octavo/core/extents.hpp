// SPDX-License-Identifier: MIT
/// @file
/// Extents of arrays in files, which have any number of them, outermost first.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "octavo/core/error.hpp"

namespace octavo::inline v0::detail {

/// "(1, 64, 56, 56)"; "()" for a single number.
inline std::string shape_text(std::span<const std::int64_t> extents) {
  std::string list;
  for (const std::int64_t extent : extents) append_item(list, extent);
  return concat_text("(", list, ")");
}

/// Without leading and trailing extents of 1, which some formats write and others do not. Those in
/// between count: a 3 x 1 kernel is no 1 x 3 kernel.
inline std::vector<std::int64_t> without_outer_ones(std::vector<std::int64_t> extents) {
  while (!extents.empty() && extents.back() == 1) extents.pop_back();
  while (!extents.empty() && extents.front() == 1) extents.erase(extents.begin());
  return extents;
}

}  // namespace octavo::inline v0::detail
