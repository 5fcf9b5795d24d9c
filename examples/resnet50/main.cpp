// SPDX-License-Identifier: MIT
// ResNet-50 in int8: quantize it (or load it quantized), run it, check it, look at it.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"
#include "check_output.hpp"
#include "execute.hpp"
#include "options.hpp"
#include "page.hpp"
#include "report.hpp"
#include "save.hpp"

namespace octavo::examples {
namespace {

/// Everything behind the preparation: what it is, the run, the check. Returns the exit status. The
/// network is used up.
int run_network(const options& wanted, prepared_network network, const tensor<float>& input,
                const std::vector<std::string>& labels) {
  quantized_model& model = network.model;
  print_network(wanted, model);
  print_memory(model);
  if (!wanted.save.empty()) save(network, wanted.save);
  for (const auto* output :
       {&wanted.tensor_out, &wanted.dump_all_tensor, &wanted.dump_float_tensor, &wanted.report}) {
    check_output(*output);
  }
  if (!wanted.dump_float_tensor.empty()) {
    dump_float(*network.source, input, wanted.dump_float_tensor);
  }

  tensor<std::int8_t> quantized(input.shape);
  reference::quantize(input.view(), model.thresholds[0], quantized.view());
  const bool synthetic = wanted.weights.empty() && wanted.model.empty();
  const bool checks = wanted.check.value_or(synthetic);
  const bool dumps = !wanted.dump_all_tensor.empty();
  const bool reports = !wanted.report.empty();
  const results made = execute(wanted, model, checks || dumps || reports, quantized);
  const std::vector<float> probabilities = softmax_of(model, made.logits);
  if (dumps) dump(model, made.tensors, wanted.dump_all_tensor);
  if (!wanted.tensor_out.empty()) write_floats(wanted.tensor_out, probabilities);

  bool equal = true;
  if (checks) {
    const bool reference_done = wanted.exec == executor::reference;
    equal = check(model, quantized, reference_done ? made.tensors : interpret(model, quantized));
  }
  if (reports) {
    std::optional<bool> outcome;
    if (checks) outcome = equal;
    write_page({wanted, network, input, made, probabilities, labels, outcome});
  }
  std::printf("top 5:\n");
  print_top5(probabilities, labels);
  return equal ? 0 : 1;
}

/// A saved model says itself which variant it is, and so how a picture is preprocessed.
int run_saved(const options& given, const std::vector<std::string>& labels) {
  prepared_network network{.model = io::load_model(given.model)};
  options wanted = given;
  wanted.variant = variant_of(network.model, given.model);
  return run_network(wanted, std::move(network), load_input(wanted), labels);
}

int run(const options& wanted) {
  if (wanted.print_map) {
    const auto net = networks::resnet50({.variant = wanted.variant});
    std::fputs(tpu::format(tpu::make_neuron_map(net), net).c_str(), stdout);
    return 0;
  }
  const std::vector<std::string> labels = read_labels(wanted.labels);
  if (!wanted.model.empty()) return run_saved(wanted, labels);
  const tensor<float> input = load_input(wanted);
  return run_network(wanted, prepare(wanted, input), input, labels);
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
