// SPDX-License-Identifier: MIT
/// @file
/// How a row is measured: runs in groups, each followed by a group of the rival's and a burst of
/// the machine's peak, which do not count as the row's time.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <vector>

#include "peak.hpp"
#include "rival.hpp"
#include "statistics.hpp"

namespace octavo::bench {

/// What one run of a row does.
struct work_done {
  double multiply_adds = 0;
  double bytes = 0;  ///< read and written, each tensor once
};

/// Seconds of one run: what it says itself, or what the clock says.
template <class Work>
double seconds_of_run(const Work& work) {
  if constexpr (std::is_same_v<decltype(work()), double>) {
    return work();
  } else {
    return seconds_of(work);
  }
}

/// Runs long enough together that the clock's grain and the last peak burst do not matter.
template <class Work>
class run_group {
 public:
  explicit run_group(const Work& work) : work_(work) {
    seconds_of_run(work_);
    const double once = std::min(seconds_of_run(work_), seconds_of_run(work_));
    count_ = static_cast<std::int64_t>(std::clamp(0.3e-3 / once, 1.0, 1000.0));
  }

  std::int64_t count() const { return count_; }

  /// Seconds of one run of the group.
  double run() {
    double seconds = 0;
    if constexpr (std::is_same_v<decltype(work_()), double>) {
      for (std::int64_t i = 0; i < count_; ++i) seconds += work_();
    } else {
      seconds = seconds_of([&] {
        for (std::int64_t i = 0; i < count_; ++i) work_();
      });
    }
    return seconds / static_cast<double>(count_);
  }

 private:
  const Work& work_;
  std::int64_t count_ = 1;
};

inline void report_times(benchmark::State& state, const std::vector<double>& seconds,
                         const work_done& done, double peak) {
  const double least = quantile(seconds, 0);
  state.counters["min_us"] = least * 1e6;
  state.counters["median_us"] = median(seconds) * 1e6;
  if (done.bytes > 0) state.counters["bytes/s"] = done.bytes / least;
  if (done.multiply_adds > 0) {
    state.counters["GMAC/s"] = done.multiply_adds / least * 1e-9;
    state.counters["peak_GMAC/s"] = peak * 1e-9;
    state.counters["share"] = done.multiply_adds / least / peak;
  }
}

inline void report_rival(benchmark::State& state, const std::vector<double>& ours,
                         const std::vector<double>& theirs) {
  std::vector<double> leads;
  for (std::size_t i = 0; i < theirs.size(); ++i) leads.push_back(theirs[i] / ours[i]);
  state.counters["rival_min_us"] = quantile(theirs, 0) * 1e6;
  state.counters["rival_median_us"] = median(theirs) * 1e6;
  state.counters["lead"] = median(leads);
}

/// Times `work`, which returns nothing, or the seconds that count.
template <class Work>
void run_timed(benchmark::State& state, peak_meter& peak, const work_done& done, const Work& work,
               const rival& against = {}) {
  // The threads of whoever ran last spin for a while, those of the next one have to wake up.
  const auto hand_over_to = [&](const auto& next) {
    if (peak.threads().threads == 1) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(15));
    next();
  };
  const auto nothing = [] {};
  const std::function<void()> rival_run = against ? against.run : nothing;
  run_group group(work);
  run_group rival_group(rival_run);
  std::vector<double> ours;
  std::vector<double> theirs;
  peak.forget();
  while (state.KeepRunningBatch(group.count())) {
    ours.push_back(group.run());
    const double seconds = ours.back() * static_cast<double>(group.count());
    state.SetIterationTime(seconds);
    peak.measure_best_of(seconds > 5e-3 ? 5 : 1);  // long groups are few
    if (!against) continue;
    hand_over_to(rival_run);
    theirs.push_back(rival_group.run());
    hand_over_to(work);
  }
  report_times(state, ours, done, peak.best());
  if (against) report_rival(state, ours, theirs);
}

/// Registers a row. `body` is called as body(state) whenever the row is run.
template <class Body>
benchmark::internal::Benchmark* add_row(const std::string& name, Body body) {
  return benchmark::RegisterBenchmark(name.c_str(), body)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace octavo::bench
