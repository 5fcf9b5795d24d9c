// SPDX-License-Identifier: MIT
/// @file
/// What --save and the dump options write.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "network.hpp"
#include "octavo/io/dump.hpp"
#include "octavo/io/mlir/save.hpp"
#include "octavo/tpu/command_buffer.hpp"
#include "octavo/tpu/weight_image.hpp"
#include "threshold_table.hpp"

namespace octavo::examples {

/// Weight image, command buffer, maps, calibration table, model file, and the model as MLIR with
/// its weights. Each file appears whole or not at all.
inline void save(const prepared_network& network, const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) fail(folder.string(), ": cannot be made: ", code.message());
  const quantized_model& model = network.model;
  const tpu::weight_layout layout = tpu::layout_of(model.scheme);
  const auto write_text = [&](const char* name, const std::string& text) {
    io::write_file(folder / name, io::as_bytes(text));
  };
  io::write_file(folder / "ResNet-50-model.bin", tpu::write_weight_image(model, layout));
  io::write_file(folder / "cmdbuf.bin", tpu::write_command_buffer(model, layout));
  write_text("neuron_map.csv", tpu::to_csv(tpu::make_neuron_map(model.graph), model.graph));
  write_text("weight_map.csv", tpu::to_csv(tpu::make_weight_map(model.graph, layout), model.graph));
  io::write_calibration_table(folder / "calibration_table.txt", table_of(model));
  io::save_model(model, folder / "resnet50.octavo");
  io::save_mlir(model, folder / "resnet-50-quant-int8-addr2.mlir",
                {.weights = "ResNet-50-model.npz", .outputs = {{.name = "prob", .softmax = true}}});
  std::printf(
      "saved:        %s (weight image %s, command buffer, maps, calibration table, "
      "resnet50.octavo, MLIR)\n",
      folder.string().c_str(), std::string(to_string(layout)).c_str());
}

/// Every int8 tensor and the integers of the network.
inline void dump(const quantized_model& model, const activations& tensors,
                 const std::filesystem::path& path) {
  io::npz_arrays arrays;
  io::dump_tensors(model.graph, tensors, arrays);
  io::dump_params(model, arrays);
  io::write_npz(path, arrays);
  std::printf("dumped:       %s (%zu arrays)\n", path.string().c_str(), arrays.size());
}

/// Every tensor of the float network.
inline void dump_float(const float_model& source, const tensor<float>& input,
                       const std::filesystem::path& path) {
  io::npz_arrays arrays;
  const emulation::float_network network(source);
  network.run(input, [&](std::size_t i, const tensor<float>& values) {
    arrays[std::string(name_in_table(source.graph, i))] =
        io::make_npy_array(values.values, io::detail::dump_shape(source.graph[i]));
  });
  io::write_npz(path, arrays);
  std::printf("dumped:       %s (float, %zu arrays)\n", path.string().c_str(), arrays.size());
}

}  // namespace octavo::examples
