// SPDX-License-Identifier: MIT
/// @file
/// How an engine asks for threads. It has none of its own: the caller gives a parallel_for.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "octavo/core/error.hpp"
#include "octavo/core/function_ref.hpp"
#include "octavo/simd/kernels.hpp"

namespace octavo::inline v0 {

/// A task that a parallel_for runs: called with each index once.
using task_ref = function_ref<int>;

/// Runs task(0) .. task(count - 1) in any order, at once where it can, and returns when all are
/// done. The tasks do not throw.
using parallel_for = std::function<void(int count, task_ref task)>;

/// Parts that an op is cut into at most: threads beyond these share them, and find next to nothing
/// to do.
inline constexpr int most_threads = 64;

/// Where a run's threads come from. The results do not depend on it.
struct threading {
  int threads = 1;                ///< parts that each op is cut into, up to most_threads
  octavo::parallel_for run = {};  ///< needed for more than one
};

namespace detail {

inline void check_threading(const threading& with, std::string_view where) {
  if (with.threads < 1) fail(where, ": needs at least one thread");
  if (with.threads > 1 && !with.run) fail(where, ": threads need a parallel_for");
}

/// Parts of an op that may be computed at the same time.
inline int lanes_of(const threading& with) {
  return with.threads < most_threads ? with.threads : most_threads;
}

/// Calls part(work_range) on equal shares of `work` rows.
template <class Part>
void run_parts(const threading& with, std::int64_t work, const Part& part) {
  const int lanes = lanes_of(with);
  const int parts = with.run && work > 1 ? static_cast<int>(work < lanes ? work : lanes) : 1;
  if (parts <= 1) return part(simd::work_range{0, work});
  const auto share = [&](int index) {
    part(simd::work_range{work * index / parts, work * (index + 1) / parts, index});
  };
  with.run(parts, task_ref(share));
}

}  // namespace detail
}  // namespace octavo::inline v0
