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
  double peak = 0;     ///< multiply-adds a second: the best of what was measured around the runs
  double worst_peak = 0;
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
    if (rival_) done.theirs = run_burst(rival_.run, threads() == 1);
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

  /// What the machine does when it is near its best. Not the very best of all figures: a CPU's
  /// clock may rise for a moment.
  double good_peak() const {
    std::vector<double> peaks;
    for (const round_of_bursts& each : rounds_) peaks.push_back(each.ours.peak);
    return quantile(std::move(peaks), 0.9);
  }

  /// Whether nothing disturbed a burst: its worst peak is near what the machine can do.
  bool is_quiet(const burst& each) const { return each.worst_peak >= 0.97 * good_peak(); }

  double share(const burst& each) const { return products_ / each.seconds / each.peak; }

  /// Shares of the peak in Octavo's quiet bursts.
  std::vector<double> quiet_shares() const {
    std::vector<double> shares;
    for (const round_of_bursts& each : rounds_) {
      if (is_quiet(each.ours)) shares.push_back(share(each.ours));
    }
    return shares;
  }

  /// The rival's time by Octavo's, where both of the neighbours were quiet.
  std::vector<double> quiet_leads() const {
    std::vector<double> leads;
    for (const round_of_bursts& each : rounds_) {
      if (has_rival() && is_quiet(each.ours) && is_quiet(each.theirs)) {
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
  burst run_burst(const Work& work, bool peak_between_runs) {
    std::vector<double> peaks;
    std::vector<double> seconds;
    const auto measure_peak = [&] { peaks.push_back(peak_.measure_best_of(3)); };
    rest();
    measure_peak();
    work();  // its data are in the caches now
    for (int i = 0; i < runs_of_burst; ++i) {
      seconds.push_back(seconds_of(work));
      if (peak_between_runs) measure_peak();
    }
    rest();
    measure_peak();
    return {median(seconds), *std::max_element(peaks.begin(), peaks.end()),
            *std::min_element(peaks.begin(), peaks.end())};
  }

  const tensor<std::int8_t>& input_;
  double products_;
  engine net_;
  rival rival_;
  peak_meter peak_;
  std::vector<round_of_bursts> rounds_ = {};
};

}  // namespace octavo::bench
