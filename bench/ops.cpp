// SPDX-License-Identifier: MIT
/// @file
/// ops/<op>: every op alone, on tensors as ResNet-50 or MobileNet have them.
#include <functional>

#include "octavo/graph/builder.hpp"
#include "octavo/kernels.hpp"
#include "rows.hpp"
#include "single_op.hpp"
#include "timed.hpp"

namespace octavo::bench {
namespace {

using builder = graph_builder<std::vector<node>>;

constexpr shape stage2 = {1, 256, 56, 56};
constexpr shape conv1 = {1, 64, 112, 112};

/// A row of the op that `append` puts behind an input of this shape.
void add_op(const std::string& name, isa which, const shape& input,
            const std::function<tensor_id(builder&, tensor_id)>& append) {
  add_row("ops/" + name, [=](benchmark::State& state) {
    builder net;
    const tensor_id x = net.input("x", input);
    const tensor_id y = append(net, x);
    single_op measured(net.finish(y), which);
    peak_meter peak(measured.kernels(), {});
    run_timed(state, peak, {measured.multiply_adds(), measured.bytes()},
              [&] { return measured.run(); });
  });
}

/// quantize and dequantize are no ops of a graph.
void add_conversions(isa which) {
  constexpr shape image = {1, 3, 224, 224};
  add_row("ops/quantize", [=](benchmark::State& state) {
    tensor<float> src(image);
    for (std::size_t i = 0; i < src.values.size(); ++i) {
      src.values[i] = static_cast<float>(i % 255) - 127.0F;
    }
    tensor<std::int8_t> dst(image);
    const kernels fast(which);
    peak_meter peak(simd::kernels_for<>(which), {});
    run_timed(state, peak, {0, 5.0 * static_cast<double>(image.elements())},
              [&] { fast.quantize(src.view(), 120.0, dst.view()); });
  });
  add_row("ops/dequantize", [=](benchmark::State& state) {
    tensor<std::int8_t> src(image);
    fill_random(src.values.data(), src.values.size(), -128, 127);
    tensor<float> dst(image);
    const kernels fast(which);
    peak_meter peak(simd::kernels_for<>(which), {});
    run_timed(state, peak, {0, 5.0 * static_cast<double>(image.elements())},
              [&] { fast.dequantize(src.view(), 120.0, dst.view()); });
  });
}

}  // namespace

void add_op_rows(isa which) {
  add_op("relu", which, stage2, [](builder& b, tensor_id x) { return b.relu("y", x); });
  add_op("clip", which, stage2, [](builder& b, tensor_id x) { return b.clip("y", x, 0, 6); });
  add_op("leaky_relu", which, stage2,
         [](builder& b, tensor_id x) { return b.leaky_relu("y", x, 0.1); });
  add_op("scale", which, stage2, [](builder& b, tensor_id x) { return b.scale("y", x); });
  add_op("max_pool", which, conv1, [](builder& b, tensor_id x) {
    return b.max_pool("y", x, {.window = square(3, 2), .rounding = size_rounding::ceil});
  });
  add_op("avg_pool", which, {1, 2048, 7, 7},
         [](builder& b, tensor_id x) { return b.avg_pool("y", x, {.window = square(7)}); });
  add_op("add", which, stage2,
         [](builder& b, tensor_id x) { return b.add("y", x, b.relu("other", x)); });
  add_op("concat", which, {1, 128, 56, 56}, [](builder& b, tensor_id x) {
    return b.concat("y", {x, b.relu("other", x)});
  });
  add_op("fully_connected", which, {1, 2048, 1, 1},
         [](builder& b, tensor_id x) { return b.fully_connected("y", b.relu("x+", x), 1000); });
  add_op("depthwise_3x3", which, {1, 128, 56, 56}, [](builder& b, tensor_id x) {
    return b.conv2d("y", x, {.channels = 128, .window = square(3, 1, 1), .groups = 128});
  });
  add_op("depthwise_3x3_stride2", which, {1, 64, 112, 112}, [](builder& b, tensor_id x) {
    return b.conv2d("y", x, {.channels = 64, .window = square(3, 2, 1), .groups = 64});
  });
  add_conversions(which);
}

}  // namespace octavo::bench
