// SPDX-License-Identifier: MIT
/// @file
/// peak/<isa>/<threads>: the machine's dot products, all other rows' measure.
#include "peak.hpp"

#include "octavo/simd/dispatch.hpp"
#include "rows.hpp"
#include "threads.hpp"
#include "timed.hpp"

namespace octavo::bench {

void add_peak_rows() {
  for (const isa which : available_isas()) {
    for (const int threads : {1, 2}) {
      const std::string name =
          concat_text("peak/", to_string(which), "/", threads, threads == 1 ? "thread" : "threads");
      add_row(name, [which, threads](benchmark::State& state) {
        peak_meter peak(simd::kernels_for<>(which), make_threads(threads));
        double best = 0;
        for (auto _ : state) {
          const double rate = peak.measure();
          state.SetIterationTime(0.2e-3);
          best = std::max(best, rate);
        }
        state.counters["GMAC/s"] = best * 1e-9;
        state.counters["dots_per_cycle"] = peak.dots_per_cycle();
      });
    }
  }
}

}  // namespace octavo::bench
