// SPDX-License-Identifier: MIT
/// @file
/// The plainest parallel_for there is.
#pragma once

#include <thread>
#include <vector>

#include "octavo/simd/parallel.hpp"

namespace octavo::testing {

/// Threads that live for one op: slow, and easy to believe in. The first task is the caller's.
inline threading std_threads(int threads) {
  return {threads, [](int count, task_ref task) {
            std::vector<std::thread> running;
            for (int i = 1; i < count; ++i) running.emplace_back([task, i] { task(i); });
            task(0);
            for (std::thread& one : running) one.join();
          }};
}

}  // namespace octavo::testing
