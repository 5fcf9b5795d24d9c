// SPDX-License-Identifier: MIT
/// @file
/// bench/run.sh --check: does the whole of ResNet-50 reach the share of the machine's peak, and the
/// lead on oneDNN, that it has to?
///
/// Other programs disturb every single figure. So Octavo and oneDNN take turns in short bursts with
/// the peak measured around and between them: the share of the peak is that of the calmest burst,
/// the lead the median over pairs of neighbours.
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>

#include "contest.hpp"

namespace octavo::bench {
namespace {

struct gate {
  int threads;
  double share;  ///< of the peak of as many threads
  double lead;   ///< oneDNN's time by Octavo's
};

constexpr gate gates[] = {{1, 0.80, 1.2}, {2, 0.75, 1.2}};

constexpr int least_rounds = 40;
constexpr int most_rounds = 160;      ///< where the machine is seldom quiet
constexpr std::size_t enough = 5;     ///< quiet bursts, to say anything
constexpr double same_network = 0.9;  ///< correlation of the logits: roundings differ, see onednn/

enum class verdict { met, missed, unknown };

const char* to_text(verdict v) {
  return v == verdict::met ? "met" : v == verdict::missed ? "MISSED" : "cannot tell";
}

/// A machine that was seldom quiet may be one on which nothing else could be reached.
verdict judge(double figure, double wanted, std::size_t quiet, std::size_t rounds) {
  if (quiet < enough) return verdict::unknown;
  if (figure >= wanted) return verdict::met;
  return 4 * quiet >= rounds ? verdict::missed : verdict::unknown;
}

verdict judge_share(const contest& held, const gate& wanted) {
  const std::vector<double> shares = held.quiet_shares();
  return judge(shares.empty() ? 0 : quantile(shares, 1), wanted.share, shares.size(),
               held.rounds().size());
}

/// Without a rival there is nothing to miss.
verdict judge_lead(const contest& held, const gate& wanted) {
  if (!held.has_rival()) return verdict::met;
  const std::vector<double> leads = held.quiet_leads();
  return judge(leads.empty() ? 0 : median(leads), wanted.lead, leads.size(), held.rounds().size());
}

/// A gate that is missed stays missed, however little is known of others.
verdict judge_all(const std::deque<contest>& held) {
  verdict all = verdict::met;
  for (std::size_t i = 0; i < held.size(); ++i) {
    for (const verdict v : {judge_share(held[i], gates[i]), judge_lead(held[i], gates[i])}) {
      if (v == verdict::missed) return v;
      if (v == verdict::unknown) all = v;
    }
  }
  return all;
}

void print_times(const contest& held, const std::string& name, burst round_of_bursts::*whose) {
  std::vector<double> all;
  std::vector<double> quiet;
  for (const round_of_bursts& each : held.rounds()) {
    all.push_back((each.*whose).seconds * 1e3);
    if (held.is_quiet(each, whose)) quiet.push_back(all.back());
  }
  std::printf("  %-14s %8.2f ms best, %8.2f ms median of all %zu bursts", name.c_str(),
              quantile(all, 0), median(all), all.size());
  if (quiet.empty()) {
    std::puts(", none was quiet");
  } else {
    std::printf(", %8.2f ms of the %zu quiet ones\n", median(quiet), quiet.size());
  }
}

void print_figure(const char* name, const std::vector<double>& quiet, double part,
                  const char* wanted, verdict v) {
  if (quiet.empty()) {
    std::printf("  %-14s        -   gate %s: %s\n", name, wanted, to_text(v));
    return;
  }
  std::printf("  %-14s %8.3f   gate %s: %s   (quartiles %.3f %.3f %.3f, best %.3f)\n", name,
              quantile(quiet, part), wanted, to_text(v), quantile(quiet, 0.25), median(quiet),
              quantile(quiet, 0.75), quantile(quiet, 1));
}

void print(const contest& held, const gate& wanted) {
  std::vector<double> peaks;
  for (const round_of_bursts& each : held.rounds()) peaks.push_back(each.ours.peak * 1e-9);
  std::printf("\n%d thread%s: peak %.1f GMAC/s, %.1f in the median burst\n", held.threads(),
              held.threads() == 1 ? "" : "s", quantile(peaks, 1), median(peaks));
  print_times(held, "octavo", contest::ours);
  if (held.has_rival()) print_times(held, rival_name(), contest::theirs);
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", wanted.share);
  print_figure("share of peak", held.quiet_shares(), 1, text, judge_share(held, wanted));
  std::snprintf(text, sizeof text, "%.2f", wanted.lead);
  if (held.has_rival()) {
    print_figure("lead", held.quiet_leads(), 0.5, text, judge_lead(held, wanted));
  }
}

void check_agreement(std::deque<contest>& held) {
  for (contest& each : held) {
    if (!each.has_rival()) continue;
    const double agreement = each.agreement();
    std::printf("logits' correlation with %s's, %d thread%s: %.4f\n", rival_name().c_str(),
                each.threads(), each.threads() == 1 ? "" : "s", agreement);
    require(agreement > same_network, "the rival computes another network");
  }
}

int check(int rounds) {
  const octavo::isa which = isa_from_environment();
  limit_rival(which);
  const quantized_network network = make_resnet50(networks::resnet_variant::caffe);
  std::deque<contest> held;
  for (const gate& each : gates) held.emplace_back(network, which, each.threads);
  std::printf(
      "ResNet-50, Caffe's strides, batch 1, rshift16, %s: %.2f vector dot products a cycle\n",
      std::string(to_string(which)).c_str(), held[0].peak().dots_per_cycle());
  if (rival_name().empty()) {
    std::puts("no oneDNN in this build: there is no lead to check");
  } else {
    std::printf("%s with %s\n", rival_name().c_str(), rival_isa().c_str());
  }
  check_agreement(held);
  for (int i = 0; i < most_rounds; ++i) {
    if (i >= rounds && (rounds < least_rounds || judge_all(held) != verdict::unknown)) break;
    for (contest& each : held) each.run_round();
  }
  for (std::size_t i = 0; i < held.size(); ++i) print(held[i], gates[i]);
  const verdict all = judge_all(held);
  std::printf("\ngates: %s\n", all == verdict::unknown
                                   ? "cannot tell, the machine was not quiet often enough"
                                   : to_text(all));
  return all == verdict::met ? 0 : all == verdict::missed ? 1 : 75;
}

}  // namespace
}  // namespace octavo::bench

/// gate [ROUNDS]: 0 gates met, 1 missed, 75 the machine was not quiet enough, 2 it did not run.
int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : octavo::bench::least_rounds;
  if (argc > 2 || rounds < 1) {
    std::fputs("usage: gate [ROUNDS]\n", stderr);
    return 2;
  }
  try {
    return octavo::bench::check(rounds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gate: %s\n", error.what());
    return 2;
  }
}
