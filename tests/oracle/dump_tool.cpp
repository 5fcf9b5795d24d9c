// SPDX-License-Identifier: MIT
// dump_tool WEIGHTS.npz caffe|torchvision WIDTH CLASSES IMAGE SCHEME FOLDER
// Quantizes a ResNet-50 of any width and image size and writes what the independent implementation
// in spec.py compares: dump.npz, table.txt, image.bin and weight_map.csv.
#include <cstdio>
#include <cstdlib>

#include "octavo/calibrate/calibrate.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/io/calibration_table_file.hpp"
#include "octavo/io/dump.hpp"
#include "octavo/io/npz_state_dict.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/networks/resnet_names.hpp"
#include "octavo/reference/quantize.hpp"
#include "octavo/tpu/weight_image.hpp"
#include "synthetic_model.hpp"

namespace {

using namespace octavo;

tensor<float> random_input(const shape& extents) {
  examples::random_source random(11);
  tensor<float> input(extents);
  for (float& x : input.values) x = static_cast<float>(random.normal());
  return input;
}

void run(char** arguments) {
  const networks::resnet_options options = {.variant = arguments[2] == std::string_view("caffe")
                                                           ? networks::resnet_variant::caffe
                                                           : networks::resnet_variant::torchvision,
                                            .image = std::atoi(arguments[5]),
                                            .width = std::atoi(arguments[3]),
                                            .classes = std::atoi(arguments[4])};
  const scheme kind = parse_scheme(arguments[6]);
  const std::filesystem::path folder = arguments[7];

  const graph net = to_graph(networks::resnet50(options));
  const state_dict file = io::npz_state_dict(arguments[1]);
  const float_model source = load_float_model(net, file, networks::resnet_naming(file));
  const tensor<float> input = random_input(net[0].shape);
  const calibration_table table =
      calibrate(source, {1, [&](std::size_t) { return input; }}, {.rule = threshold_rule::max});
  const quantized_model model = quantize(source, propagate_thresholds(net, table), kind);
  tensor<std::int8_t> quantized(input.shape);
  reference::quantize(input.view(), model.thresholds[0], quantized.view());

  io::npz_arrays arrays;
  io::dump_tensors(net, interpret(model, quantized), arrays);
  io::dump_params(model, arrays);
  io::write_npz(folder / "dump.npz", arrays);
  io::write_calibration_table(folder / "table.txt", table);
  const tpu::weight_layout layout = tpu::layout_of(kind);
  io::write_file(folder / "image.bin", tpu::write_weight_image(model, layout));
  io::write_file(folder / "weight_map.csv",
                 io::as_bytes(tpu::to_csv(tpu::make_weight_map(net, layout), net)));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fputs("usage: dump_tool WEIGHTS.npz VARIANT WIDTH CLASSES IMAGE SCHEME FOLDER\n", stderr);
    return 2;
  }
  try {
    run(argv);
    return 0;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "dump_tool: %s\n", why.what());
    return 1;
  }
}
