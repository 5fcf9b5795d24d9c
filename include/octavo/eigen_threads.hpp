// SPDX-License-Identifier: MIT
/// @file
/// Threads for an engine from Eigen's pool. Opt-in: needs Eigen and a threads library.
#pragma once

#include <memory>
#include <unsupported/Eigen/CXX11/ThreadPool>

#include "octavo/simd/parallel.hpp"

namespace octavo::inline v0 {

/// A parallel_for of `threads` threads, the calling one among them. Copies share one pool, which
/// lives as long as any of them.
///
///     octavo::engine net(model, {}, {.threading = octavo::eigen_threads(2)});
///
/// @throws octavo::error where threads < 1.
inline threading eigen_threads(int threads) {
  require(threads >= 1, "eigen_threads: needs at least one thread");
  if (threads == 1) return {};
  const auto pool = std::make_shared<Eigen::ThreadPool>(threads - 1);
  return {threads, [pool](int count, task_ref task) {
            struct {
              Eigen::Barrier done;
              task_ref task;
            } shared{Eigen::Barrier(static_cast<unsigned>(count - 1)), task};
            for (int i = 1; i < count; ++i) {
              // Two words, which std::function holds without allocating.
              pool->Schedule([&shared, i] {
                shared.task(i);
                shared.done.Notify();
              });
            }
            task(0);
            shared.done.Wait();
          }};
}

}  // namespace octavo::inline v0
