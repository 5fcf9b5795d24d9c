// SPDX-License-Identifier: MIT
// onnx_tool float MODEL.onnx BATCH IN.npz OUT.npz   runs the float network
// onnx_tool int8 MODEL.onnx BATCH IN.npz OUT.npz    runs the model's own integers, four times
// onnx_tool refuse float|int8 MODEL.onnx...         prints a line for each: why it is refused
//
// IN has one array `x`; OUT has every op's tensor and, of an int8 model, its integers and scales.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "octavo/emulation/float_network.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/engine.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/io/dump.hpp"
#include "octavo/io/model_file.hpp"
#include "octavo/io/onnx.hpp"

namespace {

using namespace octavo;

template <class T>
tensor<T> read_input(const char* path, const shape& extents) {
  io::npz_reader file{std::filesystem::path(path)};
  tensor<T> input(extents);
  input.values = file.read("x").as<T>("x");
  require(input.values.size() == static_cast<std::size_t>(extents.elements()), "x: wrong size");
  return input;
}

io::npz_arrays run_float(const io::onnx::model& file, const io::onnx::options& how,
                         const char* input) {
  const float_model model = io::float_model_of(file, how);
  io::npz_arrays arrays;
  const auto keep = [&](std::size_t i, const tensor<float>& values) {
    const auto& [n, c, h, w] = values.shape;
    arrays[std::string(model.graph[i].name.view())] =
        io::make_npy_array(values.values, {n, c, h, w});
  };
  emulation::float_network(model).run(read_input<float>(input, model.graph[0].shape), keep);
  arrays["outputs"] = io::detail::int_array(model.graph.outputs);
  return arrays;
}

/// By the reference, the emulation and the engine, and the reference again from the model's file.
activations run_every_way(const quantized_model& model, const tensor<std::int8_t>& input) {
  activations tensors = interpret(model, input);
  require(emulation::emulate(model, input) == tensors, "the emulation gives other bytes");
  require(interpret(io::deserialize(io::serialize(model), "copy"), input) == tensors,
          "the model's file gives other bytes");
  engine net(model);
  net.run(input);
  for (std::size_t i = 0; i < net.output_count(); ++i) {
    const auto output = static_cast<std::size_t>(model.graph.outputs[i]);
    require(net.output(i) == tensors[output], "the engine gives other bytes");
  }
  return tensors;
}

io::npz_arrays run_int8(const io::onnx::model& file, const io::onnx::options& how,
                        const char* input) {
  const quantized_model model = io::quantized_model_of(file, how);
  require(model.scheme == scheme::mixed, "the scheme is not mixed");
  io::npz_arrays arrays;
  io::dump_params(model, arrays);
  io::dump_tensors(model.graph,
                   run_every_way(model, read_input<std::int8_t>(input, model.graph[0].shape)),
                   arrays);
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    arrays[concat_text(model.graph[i].name, "_threshold")] =
        io::make_npy_array(std::vector<double>{model.thresholds[i]}, {1});
  }
  arrays["outputs"] = io::detail::int_array(model.graph.outputs);
  return arrays;
}

void refuse(std::string_view kind, const char* path) {
  try {
    const io::onnx::model file = io::load_onnx(path);
    if (kind == "float") {
      io::float_model_of(file);
    } else {
      io::quantized_model_of(file);
    }
    std::printf("%s: accepted\n", path);
  } catch (const error& why) {
    std::printf("%s\n", why.what());
  }
}

int run(int count, char** arguments) {
  const std::string_view how = count > 1 ? arguments[1] : "";
  if (how == "refuse" && count > 3) {
    for (int i = 3; i < count; ++i) refuse(arguments[2], arguments[i]);
    return 0;
  }
  if ((how != "float" && how != "int8") || count != 6) {
    std::fputs("usage: onnx_tool float|int8 MODEL.onnx BATCH IN.npz OUT.npz\n", stderr);
    std::fputs("       onnx_tool refuse float|int8 MODEL.onnx...\n", stderr);
    return 2;
  }
  const io::onnx::model file = io::load_onnx(arguments[2]);
  const io::onnx::options options = {.batch = std::atoi(arguments[3])};
  const auto run_model = how == "float" ? run_float : run_int8;
  io::write_npz(arguments[5], run_model(file, options, arguments[4]));
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run(count, arguments);
  } catch (const octavo::error& why) {
    std::fprintf(stderr, "onnx_tool: %s\n", why.what());
    return 1;
  }
}
