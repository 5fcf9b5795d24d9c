// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <CLI/CLI.hpp>
#include <string>

#include "add_choice.hpp"
#include "octavo/simd/parallel.hpp"
#include "parse_arguments.hpp"

namespace octavo::examples {
namespace {

networks::resnet_variant parse_variant(const std::string& text) {
  if (text == "caffe") return networks::resnet_variant::caffe;
  if (text == "torchvision") return networks::resnet_variant::torchvision;
  fail("'", text, "', expected caffe or torchvision");
}

executor parse_executor(const std::string& text) {
  if (text == "engine") return executor::engine;
  if (text == "int") return executor::reference;
  if (text == "float") return executor::emulation;
  fail("'", text, "', expected engine, int or float");
}

void add_network_options(CLI::App& app, options& to) {
  app.add_option("--weights", to.weights,
                 "Float weights (.npz, .safetensors or .caffemodel, torchvision's or Caffe's "
                 "names); without: synthetic ones");
  app.add_option("--model", to.model, "A quantized model written by --save, instead of --weights");
  add_choice(app, "--variant", to.variant, "Where the strides are: caffe (default) or torchvision",
             parse_variant);
  add_choice(app, "--scheme", to.scheme,
             "rshift8, rshift16 (default), rshift32, rshift-channel, multiplier, multiplier8 or "
             "multiplier-q31",
             parse_scheme);
  app.add_option("--calibration-table", to.calibration_table, "Thresholds: lines `name threshold`");
  app.add_option("--calibrate", to.calibrate,
                 "Calibrate on all pictures of this folder; without: on the input itself");
  add_choice(app, "--rule", to.rule, "max, kld (default), percentile or mse", parse_threshold_rule);
  app.add_flag("--relu-statistics", to.relu_statistics,
               "A convolution before a relu takes the relu's threshold");
}

void add_run_options(CLI::App& app, options& to) {
  app.add_option("--image", to.image, "Picture (PNG, JPEG, BMP); without: a generated one");
  add_choice(app, "--preprocess", to.preprocess,
             "How a picture becomes numbers: caffe or torchvision; without: as the variant",
             parse_variant);
  app.add_option("--tensor-in", to.tensor_in,
                 "Preprocessed input instead of a picture: float32, 1x3x224x224");
  app.add_option("--tensor-out", to.tensor_out, "Write the softmax here: float32, 1000 values");
  app.add_option("--labels", to.labels, "Names of the classes, one a line");
  add_choice(app, "--exec", to.exec,
             "engine (default); int: the reference; float: the exact emulation", parse_executor);
  add_choice(app, "--isa", to.isa,
             "The engine's instruction set; without: OCTAVO_ISA, or the best of this CPU",
             [](const std::string& text) { return require_available(parse_isa(text)); });
  app.add_option("--threads", to.threads, "The engine's threads; without: 1")
      ->check(CLI::Range(1, most_threads));
  app.add_flag_callback(
      "--check", [&to] { to.check = true; },
      "Run every executor and compare every tensor byte by byte, as with synthetic weights anyway");
  const auto leave_out = [&to] { to.check = false; };
  app.add_flag_callback("--no-check", leave_out, "Leave that out")->excludes("--check");
  app.add_option("--repeat", to.repeat,
                 "Run so often and print median and minimum time; without: 20, or 1 if not engine")
      ->check(CLI::Range(1, 1000000));
  app.add_flag("--describe", to.describe,
               "Print for every layer its kernel, layout, bytes and time");
  app.add_flag("--print-map", to.print_map, "Print the TPU's neuron map and nothing else");
  app.add_option("--dump-all-tensor", to.dump_all_tensor,
                 "Write every tensor and the int8 weights: .npz, float32");
  app.add_option("--dump-float-tensor", to.dump_float_tensor,
                 "Write every tensor of the float network: .npz, float32");
  app.add_option(
      "--save", to.save,
      "Write weight image, command buffer, maps, calibration table and quantized model to this "
      "folder");
  app.add_option("--report", to.report,
                 "Write a page about the run: HTML, one file, opens without a network");
}

}  // namespace

parsed_options parse_options(int argc, const char* const* argv) {
  parsed_options parsed;
  CLI::App app("ResNet-50 in int8, exactly. Without arguments: synthetic weights, checked.",
               "resnet50");
  add_network_options(app, parsed.values);
  add_run_options(app, parsed.values);
  // What a saved model holds already, or cannot give.
  for (const char* option : {"--weights", "--variant", "--scheme", "--calibration-table",
                             "--calibrate", "--rule", "--relu-statistics", "--dump-float-tensor"}) {
    app.get_option("--model")->excludes(option);
  }
  app.get_option("--tensor-in")->excludes("--image");
  app.get_option("--tensor-in")->excludes("--preprocess");
  app.get_option("--calibration-table")->excludes("--calibrate");
  parsed.exit_status = parse_arguments(app, [&] { app.parse(argc, argv); });
  return parsed;
}

}  // namespace octavo::examples
