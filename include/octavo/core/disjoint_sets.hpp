// SPDX-License-Identifier: MIT
/// @file
/// Disjoint sets of numbers that can be joined (union-find).
#pragma once

#include <cstddef>
#include <numeric>
#include <vector>

#include "octavo/version.hpp"

namespace octavo::inline v0 {

/// The numbers from 0 on, each in one set.
class disjoint_sets {
 public:
  /// Adds so many new numbers, each in a set of its own, and gives them.
  std::vector<int> make(int count) {
    std::vector<int> made(static_cast<std::size_t>(count));
    std::iota(made.begin(), made.end(), static_cast<int>(parent_.size()));
    parent_.insert(parent_.end(), made.begin(), made.end());
    return made;
  }

  /// The member that stands for the set of `number`: the same for all members until a join.
  int find(int number) {
    int& parent = parent_[static_cast<std::size_t>(number)];
    while (parent_[static_cast<std::size_t>(parent)] != parent) {
      parent = parent_[static_cast<std::size_t>(parent)];
    }
    return parent;
  }

  void join(int a, int b) { parent_[static_cast<std::size_t>(find(a))] = find(b); }

  std::size_t size() const { return parent_.size(); }

 private:
  std::vector<int> parent_;
};

}  // namespace octavo::inline v0
