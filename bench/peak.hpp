// SPDX-License-Identifier: MIT
/// @file
/// What the machine can do at best: its dot products a second, and the clock they are counted by.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "octavo/simd/parallel.hpp"

namespace octavo::bench {

using stopwatch = std::chrono::steady_clock;

inline double seconds_between(stopwatch::time_point start, stopwatch::time_point end) {
  return std::chrono::duration<double>(end - start).count();
}

/// Seconds that work() takes.
template <class Work>
double seconds_of(const Work& work) {
  const auto start = stopwatch::now();
  work();
  return seconds_between(start, stopwatch::now());
}

namespace detail {

/// Additions a second where each needs the one before.
inline double chain_of_additions() {
  constexpr int chain = 64;
  constexpr int loops = 500;
  std::int64_t sum = 0;
  std::int64_t step = 1;  // from a register: some CPUs add constants in no time
  const double seconds = seconds_of([&] {
    for (int i = 0; i < loops; ++i) {
#if defined(__GNUC__)
#pragma GCC unroll 64
#endif
      for (int k = 0; k < chain; ++k) {
        sum += step;
        asm volatile("" : "+r"(sum), "+r"(step));
      }
    }
  });
  return double{chain} * loops / seconds;
}

}  // namespace detail

/// Cycles a second, by a chain of additions that takes a cycle for each. Wide vectors lower the
/// clock of many CPUs for a while: to know the clock that a burst of dot products had, call it
/// right behind one.
inline double measure_clock() {
  double best = 0;
  for (int i = 0; i < 5; ++i) best = std::max(best, detail::chain_of_additions());
  return best;
}

/// Short bursts of independent dot products, on as many threads as what is measured beside them.
class peak_meter {
 public:
  peak_meter(const simd::kernel_table& kernels, threading with)
      : kernels_(kernels), with_(std::move(with)) {
    constexpr std::int64_t trial = 4096;
    const double seconds = seconds_of([&] { kernels_.dot_burst(trial); });
    rounds_ = std::max<std::int64_t>(
        trial, static_cast<std::int64_t>(burst_seconds / seconds * static_cast<double>(trial)));
  }

  /// Multiply-adds a second during one burst of about burst_seconds.
  double measure() {
    const double rate = with_.threads > 1 ? burst_of_threads() : burst_of_one();
    best_ = std::max(best_, rate);
    return rate;
  }

  /// The same of the calling thread alone.
  double measure_one() const { return burst_of_one(); }

  /// The best of a few bursts.
  double measure_best_of(int bursts) {
    double best = 0;
    for (int i = 0; i < bursts; ++i) best = std::max(best, measure());
    return best;
  }

  double best() const { return best_; }  ///< of all bursts so far
  void forget() { best_ = 0; }

  const simd::kernel_table& kernels() const { return kernels_; }
  const threading& threads() const { return with_; }

  /// Vector dot products that the calling thread does in a cycle, the median of many bursts. Near
  /// a whole number where nobody shares the core.
  double dots_per_cycle() const {
    std::vector<double> dots;
    for (int i = 0; i < 51; ++i) {
      const double rate = burst_of_one();
      dots.push_back(rate / measure_clock() / (kernels_.vector_bytes * kernels_.step_quads));
    }
    std::nth_element(dots.begin(), dots.begin() + 25, dots.end());
    return dots[25];
  }

 private:
  static constexpr double burst_seconds = 0.2e-3;

  double burst_of_one() const {
    std::int64_t products = 0;
    const double seconds = seconds_of([&] { products = kernels_.dot_burst(rounds_); });
    return static_cast<double>(products) / seconds;
  }

  /// Threads wait for each other before they start: how long they take to wake up is not a matter
  /// of dot products.
  double burst_of_threads() {
    struct lap {
      stopwatch::time_point start, end;
      std::int64_t products;
    };
    std::vector<lap> laps(static_cast<std::size_t>(with_.threads));
    std::atomic<int> waiting = with_.threads;
    const auto burst = [&](int part) {
      lap& mine = laps[static_cast<std::size_t>(part)];
      --waiting;
      while (waiting.load() > 0) {
      }
      mine.start = stopwatch::now();
      mine.products = kernels_.dot_burst(rounds_);
      mine.end = stopwatch::now();
    };
    with_.run(with_.threads, task_ref(burst));
    lap all = laps[0];
    for (std::size_t i = 1; i < laps.size(); ++i) {
      all.start = std::min(all.start, laps[i].start);
      all.end = std::max(all.end, laps[i].end);
      all.products += laps[i].products;
    }
    return static_cast<double>(all.products) / seconds_between(all.start, all.end);
  }

  const simd::kernel_table& kernels_;
  threading with_;
  std::int64_t rounds_ = 0;
  double best_ = 0;
};

}  // namespace octavo::bench
