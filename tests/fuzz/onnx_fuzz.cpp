// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes io/onnx.hpp: the file, and both importers.

#include "octavo/io/onnx.hpp"
#include "small_run.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
namespace onnx_io = octavo::io::onnx;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  feed([&] { return octavo::io::parse_onnx(bytes, "x.onnx"); },
       [](const onnx_io::model& file) {
         feed([&] { return octavo::io::float_model_of(file); },
              [](const octavo::float_model& model) {
                expect(model.params.size() == model.graph.size(), "parameters for each op");
              });
         feed([&] { return octavo::io::quantized_model_of(file); }, run_small);
       });
  return 0;
}
