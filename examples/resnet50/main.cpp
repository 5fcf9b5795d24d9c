// SPDX-License-Identifier: MIT
// ResNet-50 in int8: quantize it (or load it quantized), run it, check it, look at it.
#include <chrono>
#include <cstdio>

#include "octavo/emulation/quantized.hpp"
#include "octavo/interpreter.hpp"
#include "options.hpp"
#include "report.hpp"
#include "save.hpp"

namespace octavo::examples {
namespace {

activations execute(executor with, const quantized_model& model, const tensor<std::int8_t>& input) {
  return with == executor::reference ? interpret(model, input) : emulation::emulate(model, input);
}

/// Runs `repeat` times, prints the time, returns the last run's tensors.
activations timed(executor with, const quantized_model& model, const tensor<std::int8_t>& input,
                  int repeat) {
  activations tensors;
  std::vector<double> seconds;
  for (int i = 0; i < repeat; ++i) {
    const auto start = std::chrono::steady_clock::now();
    tensors = execute(with, model, input);
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  const char* name = with == executor::reference ? "reference" : "float emulation";
  std::printf("time:         %.3f s median, %.3f s minimum of %d (%s, one thread)\n",
              seconds[seconds.size() / 2], seconds[0], repeat, name);
  return tensors;
}

void write_floats(const std::filesystem::path& path, const std::vector<float>& values) {
  io::byte_vector bytes;
  for (const float value : values) io::append_little(bytes, value);
  io::write_file(path, bytes);
}

int run(options wanted) {
  if (wanted.print_map) {
    const auto net = networks::resnet50({.variant = wanted.variant});
    std::fputs(tpu::format(tpu::make_neuron_map(net), net).c_str(), stdout);
    return 0;
  }
  const std::vector<std::string> labels = read_labels(wanted.labels);
  prepared_network network;
  if (!wanted.model.empty()) {
    network.model = io::load_model(wanted.model);
    wanted.variant = variant_of(network.model, wanted.model);
  }
  const tensor<float> input = load_input(wanted);
  if (wanted.model.empty()) network = prepare(wanted, input);
  const quantized_model& model = network.model;
  print_network(wanted, model);
  print_memory(model.graph);
  if (!wanted.save.empty()) save(network, wanted.save);
  if (!wanted.dump_float_tensor.empty()) {
    dump_float(*network.source, input, wanted.dump_float_tensor);
  }

  tensor<std::int8_t> quantized(input.shape);
  reference::quantize(input.view(), model.thresholds[0], quantized.view());
  const activations tensors = timed(wanted.exec, model, quantized, wanted.repeat);
  const std::vector<float> probabilities = softmax_of(model, tensors);
  if (!wanted.dump_all_tensor.empty()) dump(model, tensors, wanted.dump_all_tensor);
  if (!wanted.tensor_out.empty()) write_floats(wanted.tensor_out, probabilities);

  const bool synthetic = wanted.weights.empty() && wanted.model.empty();
  bool equal = true;
  if (wanted.check || synthetic) {
    const bool reference_done = wanted.exec == executor::reference;
    const activations other =
        execute(reference_done ? executor::emulation : executor::reference, model, quantized);
    equal = reference_done ? print_comparison(model.graph, tensors, other)
                           : print_comparison(model.graph, other, tensors);
  }
  std::printf("top 5:\n");
  print_top5(probabilities, labels);
  return equal ? 0 : 1;
}

}  // namespace
}  // namespace octavo::examples

int main(int argc, char** argv) {
  const octavo::examples::parsed_options parsed = octavo::examples::parse_options(argc, argv);
  if (parsed.exit_status) return *parsed.exit_status;
  try {
    return octavo::examples::run(parsed.values);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "resnet50: %s\n", why.what());
    return 1;
  }
}
