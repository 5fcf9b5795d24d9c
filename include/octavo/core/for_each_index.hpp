// SPDX-License-Identifier: MIT
/// @file
/// Independent pieces of work on a few threads, for preparation and measuring: images of a set.
/// (Kernels have simd/parallel.hpp.)
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"

namespace octavo::inline v0 {

namespace detail {

/// Hands out 0, 1, 2 ... in order until all are out or one has failed. An index that is out is
/// always worked on, so that the failure of the least one is found whatever the threads do.
class index_queue {
 public:
  explicit index_queue(std::size_t count) : count_(count) {}

  template <class Work>
  void drain(std::size_t worker, const Work& work) {
    while (!stopped_) {
      const std::size_t index = next_.fetch_add(1);
      if (index >= count_) return;
#if defined(__cpp_exceptions)
      try {
        work(worker, index);
      } catch (...) {
        keep(index, std::current_exception());
      }
#else
      work(worker, index);
#endif
    }
  }

  void rethrow_failure() const {
#if defined(__cpp_exceptions)
    if (failure_) std::rethrow_exception(failure_);
#endif
  }

 private:
  void keep(std::size_t index, std::exception_ptr why) {
    stopped_ = true;
    const std::lock_guard lock(mutex_);
    if (failure_ && failed_ < index) return;
    failed_ = index;
    failure_ = std::move(why);
  }

  std::size_t count_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_ = {};
  std::size_t failed_ = 0;  ///< the least index that failed, where there is a failure
  std::exception_ptr failure_ = {};
};

}  // namespace detail

/// As many workers as for_each_index() uses: at least one, at most one an index.
inline std::size_t workers_for(std::size_t count, int threads) {
  if (threads < 1) fail("threads: ", threads, ", expected at least 1");
  return std::clamp<std::size_t>(count, 1, static_cast<std::size_t>(threads));
}

/// Calls work(worker, index) once for every index below `count`, each worker (0 up to
/// workers_for(count, threads) - 1) on a thread of its own, the first on the caller's. What a
/// worker has is its own; what workers share they must guard.
/// Where calls throw, indices behind the first that did may be left out, and the exception of the
/// least index is thrown again here: the same one whatever the number of threads.
template <class Work>
void for_each_index(std::size_t count, int threads, const Work& work) {
  const std::size_t workers = workers_for(count, threads);
  detail::index_queue queue(count);
  std::vector<std::jthread> others;  // joined even where one cannot be started
  others.reserve(workers - 1);
  for (std::size_t worker = 1; worker < workers; ++worker) {
    others.emplace_back([&queue, &work, worker] { queue.drain(worker, work); });
  }
  queue.drain(0, work);
  others.clear();
  queue.rethrow_failure();
}

}  // namespace octavo::inline v0
