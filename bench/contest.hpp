// SPDX-License-Identifier: MIT
/// @file
/// Octavo and its rival on one network, in turn, with the machine's peak measured in between.
#pragma once

#include <algorithm>
#include <thread>
#include <vector>

#include "octavo/engine.hpp"
#include "peak.hpp"
#include "resnet50_model.hpp"
#include "rival.hpp"
#include "statistics.hpp"
#include "threads.hpp"

namespace octavo::bench {

/// A few runs of one of them, one after the other.
struct burst {
  double seconds = 0;  ///< of a run, the median
  double spread = 0;   ///< the slowest run but one by the fastest
  double peak = 0;     ///< multiply-adds a second: the best that was measured between the runs
};

/// A burst of each.
struct round_of_bursts {
  burst ours;
  burst theirs;  ///< nothing without a rival
};

class contest {
 public:
  contest(const quantized_network& network, octavo::isa which, int threads)
      : input_(network.input),
        products_(static_cast<double>(multiply_adds(network.model.graph))),
        net_(network.model, {.isa = which}, {.threading = make_threads(threads)}),
        rival_(rival_network(network.model, input_, threads)),
        peak_(net_.model().plan().kernels(), net_.threading()) {}

  void run_round() {
    round_of_bursts done;
    done.ours = run_burst([&] { net_.run(input_); }, true);
    // Between the rival's runs its threads still spin, and no peak can be measured.
    if (rival_) done.theirs = run_burst(rival_.run, false);
    best_.ours = better(best_.ours, done.ours);
    // Threads that share one CPU have a lower peak than they should.
    best_.ours.peak = std::max(best_.ours.peak, threads() * peak_.measure_one());
    best_.theirs = better(best_.theirs, done.theirs);
    rounds_.push_back(done);
  }

  /// How well the logits of both agree: 1 where they are the same.
  double agreement() {
    net_.run(input_);
    rival_.run();
    return correlation(net_.output().values, rival_.logits());
  }

  int threads() const { return net_.threading().threads; }
  bool has_rival() const { return static_cast<bool>(rival_); }
  const std::vector<round_of_bursts>& rounds() const { return rounds_; }
  const peak_meter& peak() const { return peak_; }

  /// Whether nothing disturbed a burst: its runs are alike, and neither they nor the peak are far
  /// from the best. Not nearer than the clocks that a CPU chooses by itself: the share is that of
  /// the peak at the clock of the burst.
  bool is_quiet(const round_of_bursts& each, burst round_of_bursts::*whose) const {
    const burst& own = each.*whose;
    const burst& best = best_.*whose;
    return own.spread <= 1.06 && own.seconds <= 1.35 * best.seconds && own.peak >= 0.7 * best.peak;
  }

  double share(const burst& each) const { return products_ / each.seconds / each.peak; }

  static constexpr auto ours = &round_of_bursts::ours;
  static constexpr auto theirs = &round_of_bursts::theirs;

  /// Shares of the peak in Octavo's quiet bursts.
  std::vector<double> quiet_shares() const {
    std::vector<double> shares;
    for (const round_of_bursts& each : rounds_) {
      if (is_quiet(each, ours)) shares.push_back(share(each.ours));
    }
    return shares;
  }

  /// The rival's time by Octavo's, where both of the neighbours were quiet.
  std::vector<double> quiet_leads() const {
    std::vector<double> leads;
    for (const round_of_bursts& each : rounds_) {
      if (has_rival() && is_quiet(each, ours) && is_quiet(each, theirs)) {
        leads.push_back(each.theirs.seconds / each.ours.seconds);
      }
    }
    return leads;
  }

 private:
  static constexpr int runs_of_burst = 5;

  /// The threads of whoever ran last go to sleep.
  void rest() const {
    if (threads() > 1) std::this_thread::sleep_for(std::chrono::milliseconds(15));
  }

  template <class Work>
  burst run_burst(const Work& work, bool measure_peak) {
    burst done;
    std::vector<double> seconds;
    rest();
    work();  // wakes threads, fills the caches, and lets the clock fall to what such work allows
    for (int i = 0; i < runs_of_burst; ++i) {
      seconds.push_back(seconds_of(work));
      if (measure_peak) done.peak = std::max(done.peak, peak_.measure_best_of(3));
    }
    done.seconds = median(seconds);
    done.spread = quantile(seconds, 0.75) / quantile(seconds, 0);
    return done;
  }

  static burst better(const burst& a, const burst& b) {
    return {a.seconds == 0 ? b.seconds : std::min(a.seconds, b.seconds), 0,
            std::max(a.peak, b.peak)};
  }

  const tensor<std::int8_t>& input_;
  double products_;
  engine net_;
  rival rival_;
  peak_meter peak_;
  std::vector<round_of_bursts> rounds_ = {};
  round_of_bursts best_ = {};  ///< the best figures of all rounds
};

}  // namespace octavo::bench
