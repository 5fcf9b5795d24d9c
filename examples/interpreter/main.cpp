// SPDX-License-Identifier: MIT
// Runs a network that a .mlir or an .octavo file describes: the counterpart of
// mlir-tpu-interpreter.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "check_output.hpp"
#include "execute.hpp"
#include "float_file.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/mlir/load.hpp"
#include "octavo/io/model_file.hpp"
#include "options.hpp"
#include "top5.hpp"

namespace octavo::examples {
namespace {

/// The model as if read from a text in MLIR that returns its outputs, without softmax.
io::mlir_network as_in_mlir(quantized_model model) {
  std::vector<io::mlir_output> outputs;
  for (const int node : model.graph.outputs) {
    outputs.push_back({std::string(model.graph[static_cast<std::size_t>(node)].name.view())});
  }
  return {std::move(model), std::move(outputs)};
}

/// Refuses what a text does not begin with, as .npz and .onnx do: nobody means line 1, column 1.
void expect_text(const std::filesystem::path& path) {
  io::byte_source file(path);
  std::array<std::uint8_t, 4> first{};
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), first.size()));
  file.read(0, std::span(first).first(count), "the first bytes");
  for (const std::uint8_t byte : std::span(first).first(count)) {
    if (byte >= '\t') continue;
    fail(path.string(), ": is no Octavo model and no text in MLIR, expected one of them");
  }
}

/// MLIR, or the model that quantize and save_model() write.
io::mlir_network load_network(const std::filesystem::path& path) {
  if (io::is_model_file(path)) return as_in_mlir(io::load_model(path));
  expect_text(path);
  return io::load_mlir(path);
}

void print_summary(const io::mlir_network& network, const results& made) {
  for (std::size_t i = 0; i < made.outputs.size(); ++i) {
    const auto& [n, c, h, w] = made.outputs[i].shape;
    std::printf("%s: %dx%dx%dx%d, the largest:\n", in_quotes(network.outputs[i].name).c_str(), n, c,
                h, w);
    print_top5(made.outputs[i].values, {});
  }
}

void run(const options& wanted) {
  const io::mlir_network network = load_network(wanted.network);
  const graph& net = network.graph();
  tensor<float> input(net[sole_input(net)].shape);
  input.values = read_floats(wanted.tensor_in, input.shape);
  check_output(wanted.dump_all_tensor);
  check_output(wanted.tensor_out);
  const results made =
      network.is_quantized()
          ? run_quantized(wanted, std::get<quantized_model>(network.model), network.outputs, input)
          : run_float(wanted, std::get<float_model>(network.model), network.outputs, input);
  if (!wanted.dump_all_tensor.empty()) io::write_npz(wanted.dump_all_tensor, made.arrays);
  if (wanted.tensor_out.empty()) return print_summary(network, made);
  std::vector<float> all;
  for (const tensor<float>& each : made.outputs) {
    all.insert(all.end(), each.values.begin(), each.values.end());
  }
  write_floats(wanted.tensor_out, all);
}

}  // namespace
}  // namespace octavo::examples

int main(int argc, char** argv) {
  const octavo::examples::parsed_options parsed = octavo::examples::parse_options(argc, argv);
  if (parsed.exit_status) return *parsed.exit_status;
  try {
    octavo::examples::run(parsed.values);
    return 0;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "interpreter: %s\n", why.what());
    return 1;
  }
}
