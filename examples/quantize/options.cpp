// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <thread>

#include "add_choice.hpp"
#include "known_network.hpp"
#include "parse_arguments.hpp"

namespace octavo::examples {
namespace {

/// Pictures that may go through the network at once, each on a thread of its own.
constexpr int most_at_once = 1024;

part_kind parse_round(const std::string& text) {
  if (text == "ranges") return part_kind::ranges;
  if (text == "histograms") return part_kind::histograms;
  fail(in_quotes(text), ", expected ranges or histograms");
}

std::string parse_net(const std::string& text) { return std::string(networks::find(text).name); }

std::string parse_preprocess(const std::string& text) {
  preset_named(text, 224);
  return text;
}

void add_inputs(CLI::App& app, options& to) {
  app.add_option("--model", to.model,
                 "Float weights: .npz, .safetensors or .caffemodel; or a float network: .onnx");
  add_choice(app, "--net", to.net, "The network they belong to: resnet50-torchvision, ...",
             parse_net);
  add_choice(app, "--preprocess", to.preprocess,
             "How pictures are prepared for a network that is none of these: caffe, squeezenet or "
             "torchvision",
             parse_preprocess);
  app.add_option("--images", to.images, "Folder of pictures to calibrate on");
  app.add_option("--evaluate", to.evaluate, "Folder of pictures whose classes are known");
  app.add_option("--int8", to.int8, "With --evaluate: the quantized model");
  app.add_option("--labels", to.labels,
                 "With --evaluate: lines `path class`; without: one picture or one subfolder for "
                 "each class, in the order of the names");
  app.add_option("--count", to.count, "Only so many of the pictures, evenly chosen")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 40U));
}

void add_quantizer_options(CLI::App& app, options& to) {
  add_choice(app, "--scheme", to.scheme,
             "rshift8, rshift16, rshift32, rshift-channel, multiplier, multiplier8 or "
             "multiplier-q31",
             parse_scheme);
  app.add_option("--layer-schemes", to.layer_schemes,
                 "Other schemes for single layers: lines `name scheme`");
  add_choice(app, "--calibrate", to.rule.rule,
             "Rule for thresholds: max, percentile, kld or mse (default)", parse_threshold_rule);
  app.add_option("--percentile", to.rule.percentile,
                 "Of rule percentile: so many per cent do not saturate; without: 99.99")
      ->check(CLI::Range(0.0001, 100.0));
  app.add_option("--kld-step", to.rule.kld_step,
                 "Of rule kld: bins between candidates; without: 128")
      ->check(CLI::Range(1, 128));
  app.add_flag("--relu-statistics", to.relu_statistics,
               "A layer or add before a relu or relu6 takes its threshold");
  add_choice(
      app, "--corrections", to.corrections,
      "all, none, or some of equalize,full-range,largest,snap,bias,weights; without: all that can "
      "be had",
      parse_corrections);
  app.add_option("--table", to.table, "Thresholds from this table, as they are");
  app.add_option("--histograms", to.histograms, "Thresholds from merged histograms");
}

void add_sharing_options(CLI::App& app, options& to) {
  add_choice(app, "--shard", to.shard, "i/n: only the i-th of n shares of the pictures",
             parse_shard);
  add_choice(app, "--round", to.round, "Only one pass of the calibration: ranges, then histograms",
             parse_round);
  app.add_option("--ranges", to.ranges, "With --round histograms: the merged ranges");
  app.add_option("--part", to.part, "Where the partial result goes");
  app.add_option("--merge", to.merge, "Join partial results: all shards of one whole");
}

void add_outputs(CLI::App& app, options& to) {
  app.add_option("-o,--out", to.out, "Folder for what is made; with --merge a file");
  app.add_option("--report", to.report, "Write a page about the network: HTML, one file");
  app.add_option("--save-float", to.save_float,
                 "Write the float network as it was quantized, equalized perhaps: .npz");
  app.add_option("--csv", to.csv, "With --evaluate: write a line for each picture");
  app.add_option("--compare-images", to.compare_images,
                 "Compare int8 with float on so many of the pictures; without: 4")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 40U));
  app.add_flag("--skip-damaged", to.skip_damaged,
               "With --evaluate: count damaged pictures instead of stopping");
  app.add_option("--threads", to.threads,
                 "Pictures at once; without: as many as the machine has. No figure depends on it")
      ->check(CLI::Range(1, most_at_once));
}

/// What whoever leaves it out may not know.
std::string what_for(const std::string& option) {
  if (option == "--net") {
    return ", the network that the weights belong to (--help); a network of your own comes as "
           ".onnx";
  }
  if (option == "--scheme")
    return ": multiplier and rshift-channel are the most exact (--help lists all)";
  if (option == "--out") return ", the folder for what is made";
  if (option == "--images") return ", a folder of pictures to calibrate on";
  return "";
}

/// `mode` is what was asked for; empty where the program just quantizes.
[[noreturn]] void refuse(const std::string& mode, const std::string& why) {
  if (mode.empty()) throw CLI::ValidationError(why);
  throw CLI::ValidationError(mode, why);
}

/// Fails unless each of `names` was given.
void need(const CLI::App& app, const std::string& mode, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (app.count(name) == 0) refuse(mode, "needs " + name + what_for(name));
  }
}

/// Fails where an option was given that is not one of `names`.
void allow(const CLI::App& app, const std::string& mode, const std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    const bool known = std::find(names.begin(), names.end(), name) != names.end();
    if (option->count() > 0 && !known) refuse(mode, "takes no " + name);
  }
}

/// Weights need to be told which network they belong to; a network does not.
void check_model(const CLI::App& app, const std::string& mode, const options& given) {
  if (!holds_network(given.model)) return need(app, mode, {"--net"});
  for (const char* option : {"--net", "--save-float"}) {
    if (app.count(option) > 0)
      throw CLI::ValidationError("--model *.onnx", concat_text("takes no ", option));
  }
}

/// What each of the program's four jobs needs and takes.
void check_job(const CLI::App& app, const options& given) {
  if (!given.merge.empty()) return allow(app, "--merge", {"--merge", "--out"});
  if (!given.evaluate.empty()) {
    need(app, "--evaluate", {"--int8"});
    if (app.count("--shard") > 0) need(app, "--shard", {"--part"});
    if (!given.model.empty()) check_model(app, "--model", given);
    return allow(app, "--evaluate",
                 {"--evaluate", "--int8", "--model", "--net", "--preprocess", "--labels", "--count",
                  "--csv", "--skip-damaged", "--threads", "--shard", "--part"});
  }
  if (given.round) {
    need(app, "--round", {"--model"});
    check_model(app, "--round", given);
    need(app, "--round", {"--images", "--part"});
    if (given.round == part_kind::histograms) need(app, "--round histograms", {"--ranges"});
    return allow(app, "--round",
                 {"--round", "--model", "--net", "--preprocess", "--images", "--count", "--ranges",
                  "--shard", "--part", "--threads"});
  }
  need(app, "", {"--model"});
  check_model(app, "", given);
  need(app, "", {"--scheme", "--out"});
  if (given.table.empty() && given.histograms.empty()) {
    need(app, "without --table or --histograms", {"--images"});
  }
  const correction_set corrections = corrections_of(given);
  if (given.images.empty() && corrections.need_pictures()) {
    throw CLI::ValidationError("--corrections", to_text(corrections) + " needs --images");
  }
  if (!given.histograms.empty() && corrections.equalize) {
    throw CLI::ValidationError("--corrections",
                               "equalize comes before histograms: use the weights "
                               "that --save-float wrote in all rounds");
  }
  allow(
      app, "",
      {"--model", "--net", "--preprocess", "--images", "--count", "--scheme", "--layer-schemes",
       "--calibrate", "--percentile", "--kld-step", "--relu-statistics", "--corrections", "--table",
       "--histograms", "--out", "--report", "--save-float", "--compare-images", "--threads"});
}

}  // namespace

parsed_options parse_options(int argc, const char* const* argv) {
  parsed_options parsed;
  options& to = parsed.values;
  to.threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, most_at_once);
  CLI::App app(
      "Makes an int8 network of a float one (--model), or finds out how often it is right "
      "(--evaluate); both also in shares on several machines (--shard, --merge).",
      "quantize");
  add_inputs(app, to);
  add_quantizer_options(app, to);
  add_sharing_options(app, to);
  add_outputs(app, to);
  for (const char* option : {"--calibrate", "--percentile", "--kld-step"}) {
    app.get_option("--table")->excludes(option);
  }
  app.get_option("--table")->excludes("--histograms");
  parsed.exit_status = parse_arguments(app, [&] {
    app.parse(argc, argv);
    check_job(app, to);
  });
  return parsed;
}

}  // namespace octavo::examples
