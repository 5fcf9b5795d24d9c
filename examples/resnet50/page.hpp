// SPDX-License-Identifier: MIT
/// @file
/// What --report writes: the run as a page to look at.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agreement.hpp"
#include "execute.hpp"
#include "octavo/compare/network_comparison.hpp"
#include "octavo/compare/tolerance.hpp"
#include "octavo/emulation/float_network.hpp"
#include "octavo/engine/fused_plan.hpp"
#include "octavo/report/page.hpp"
#include "report.hpp"
#include "value_ranges.hpp"

namespace octavo::examples {

/// All that a page is made of.
struct run_record {
  const options& wanted;
  const prepared_network& network;
  const tensor<float>& input;
  const results& made;
  const std::vector<float>& probabilities;
  const std::vector<std::string>& labels;
  std::optional<bool> equal = {};  ///< whether all ways of running it gave the same bytes
};

/// The pixels that the network sees.
inline std::optional<report::picture> framed_picture(const options& wanted) {
  if (!wanted.tensor_in.empty()) return {};
  const framing where;
  image seen = centre_crop(resize_shorter_side(load_picture(wanted), where.shorter_side),
                           where.crop, where.crop);
  return report::picture{seen.width, seen.height, std::move(seen.rgb)};
}

/// The float network's probabilities.
inline std::vector<float> softmax_of_floats(std::vector<float> logits) {
  const float largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit - largest));
  for (float& logit : logits) {
    logit = static_cast<float>(std::exp(static_cast<double>(logit - largest)) / sum);
  }
  return logits;
}

/// The classes among either network's first five, in the order of the int8 network.
inline std::vector<report::class_score> scores_of(const run_record& run,
                                                  const std::vector<float>& real) {
  std::vector<std::size_t> classes = top5_of(run.probabilities);
  for (const std::size_t c : top5_of(real)) {
    if (std::find(classes.begin(), classes.end(), c) == classes.end()) classes.push_back(c);
  }
  std::stable_sort(classes.begin(), classes.end(), [&](std::size_t a, std::size_t b) {
    return run.probabilities[a] > run.probabilities[b];
  });
  std::vector<report::class_score> scores;
  for (const std::size_t c : classes) {
    report::class_score score{
        .label = c < run.labels.size() ? run.labels[c] : concat_text("class ", c),
        .quantized = static_cast<double>(run.probabilities[c])};
    if (!real.empty()) score.real = static_cast<double>(real[c]);
    scores.push_back(std::move(score));
  }
  return scores;
}

/// Histograms of the tensors that have a threshold of their own, and of the weights.
inline std::vector<std::optional<report::value_ranges>> ranges_of(const run_record& run) {
  const float_model& source = *run.network.source;
  const tensor_histograms seen =
      run.network.histograms
          ? *run.network.histograms
          : collect_histograms(source, {1, [&](std::size_t) { return run.input; }});
  return value_ranges_of(source, run.network.model, seen);
}

inline std::string calibration_text(const options& wanted) {
  if (!wanted.model.empty()) return "in the model";
  if (!wanted.calibration_table.empty()) return wanted.calibration_table.filename().string();
  return concat_text(wanted.calibrate.empty() ? "the input itself" : "a folder of pictures",
                     ", rule ", to_string(wanted.rule));
}

/// Names of files without their folders: a page may go to people whom those do not concern.
inline std::string short_source(const options& wanted) {
  if (!wanted.model.empty()) return wanted.model.filename().string();
  return wanted.weights.empty() ? source_of(wanted) : wanted.weights.filename().string();
}

inline void describe_run(const run_record& run, report::report_data& page) {
  const options& wanted = run.wanted;
  const quantized_model& model = run.network.model;
  const std::string scheme(to_string(model.scheme));
  page.title = "ResNet-50 in int8";
  page.subtitle = concat_text(strides_of(wanted), ", scheme ", scheme);
  const auto products = static_cast<double>(multiply_adds(model.graph));
  page.facts = {{"network", concat_text("ResNet-50, ", strides_of(wanted))},
                {"work", report::with_unit(products, "") + " multiply-adds"},
                {"weights", short_source(wanted)},
                {"thresholds", calibration_text(wanted)},
                {"scheme", scheme}};
  const std::string image = !wanted.tensor_in.empty() ? wanted.tensor_in.filename().string()
                            : wanted.image.empty()    ? "generated"
                                                      : wanted.image.filename().string();
  page.facts.push_back({"input", image});
  if (run.equal) {
    page.facts.push_back({"check", *run.equal ? "every way of running it gives the same bytes"
                                              : "DIFFERENT: ways of running it disagree"});
  }
}

/// Time, speed and share of the peak, large.
inline void add_speed(const run_record& run, report::report_data& page) {
  std::vector<double> seconds = run.made.time.seconds;
  std::sort(seconds.begin(), seconds.end());
  page.figures.push_back(
      {concat_text("median of ", seconds.size(), seconds.size() == 1 ? " run" : " runs"),
       report::with_unit(seconds[seconds.size() / 2], "s")});
  if (run.wanted.exec != executor::engine) {
    page.facts.push_back({"executor", run.wanted.exec == executor::reference
                                          ? "the integer reference"
                                          : "the float emulation"});
    return;
  }
  const std::string isa(run.made.time.layers.at(0).isa);
  page.subtitle += concat_text(", ", isa);
  page.facts.push_back({"executor", concat_text("engine, ", isa, ", ", run.wanted.threads,
                                                run.wanted.threads == 1 ? " thread" : " threads")});
  page.facts.push_back({"layers", concat_text("each at its quickest of ", seconds.size())});
  page.peak = run.made.time.peak;
  page.facts.push_back({"peak", report::with_unit(page.peak, "MAC/s")});
  const double rate = static_cast<double>(multiply_adds(run.network.model.graph)) / seconds[0];
  page.figures.push_back({"speed, at its quickest", report::with_unit(rate, "MAC/s")});
  page.figures.push_back({"of the CPU's peak", report::percent_text(rate / page.peak)});
}

/// Every tensor of the run beside the float network's, and whether both see the same.
/// @returns the float network's probabilities
inline std::vector<float> add_agreement(const run_record& run, report::report_data& page) {
  const quantized_model& model = run.network.model;
  const auto output = static_cast<std::size_t>(model.graph.outputs[0]);
  compare::network_comparison seen(model, compare::regression_tolerance(model.scheme));
  std::vector<float> real;
  emulation::float_network(*run.network.source)
      .run(run.input, [&](std::size_t i, const tensor<float>& written) {
        seen.add(i, written.values, run.made.tensors[i].values);
        if (i == output) real = softmax_of_floats(written.values);
      });
  add_comparison(seen.to_report(), model.scheme, page);
  const bool same = top5_of(real)[0] == top5_of(run.probabilities)[0];
  page.figures.push_back({"likeliest class", same ? "as in float" : "not as in float"});
  return real;
}

inline report::report_data page_data(const run_record& run) {
  const quantized_model& model = run.network.model;
  report::report_data page{.network = model.graph,
                           .fused = plan_fused(model, fusion::relu_add, 0).net};
  describe_run(run, page);
  add_speed(run, page);
  page.image = framed_picture(run.wanted);
  page.layers = run.made.time.layers;
  std::vector<float> real;
  if (run.network.source) {
    real = add_agreement(run, page);
    page.ranges = ranges_of(run);
  }
  page.classes = scores_of(run, real);
  return page;
}

/// Whole or not at all.
inline void write_page(const run_record& run) {
  const std::string page = report::make_page(page_data(run));
  io::write_file(run.wanted.report, io::as_bytes(page));
  std::printf("report:       %s (%zu bytes)\n", run.wanted.report.string().c_str(), page.size());
}

}  // namespace octavo::examples
