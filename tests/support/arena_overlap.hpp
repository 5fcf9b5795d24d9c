// SPDX-License-Identifier: MIT
/// @file
/// Whether the tensors of an arena plan collide, by comparing each with each.
#pragma once

#include <cstddef>

#include "octavo/graph/arena.hpp"

namespace octavo::testing {

/// Whether two tensors share both a byte and a moment.
constexpr bool overlap(const placement& a, const placement& b) {
  const bool same_bytes = a.offset < b.offset + b.size && b.offset < a.offset + a.size;
  return same_bytes && same_time(a, b);
}

/// Whether any two tensors of a plan collide.
template <class Nodes>
constexpr bool any_overlap(const arena_plan<Nodes>& plan) {
  for (std::size_t i = 0; i < plan.tensors.size(); ++i) {
    for (std::size_t k = i + 1; k < plan.tensors.size(); ++k) {
      if (overlap(plan.tensors[i], plan.tensors[k])) return true;
    }
  }
  return false;
}

}  // namespace octavo::testing
