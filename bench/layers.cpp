// SPDX-License-Identifier: MIT
/// @file
/// layers/<variant>/<layer>/conv and .../fused: every distinct layer of ResNet-50 with weights, by
/// the name of the first layer of its shape and stride; alone, and with the relu and add behind it.
#include <cmath>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/kernels.hpp"
#include "octavo/networks/resnet.hpp"
#include "random_values.hpp"
#include "rows.hpp"
#include "single_op.hpp"
#include "timed.hpp"

namespace octavo::bench {
namespace {

/// What a row measures; equal values are the same work.
struct layer_case {
  shape src;
  shape weights;
  window slide;
  bool relu = false;
  bool residual = false;

  friend bool operator==(const layer_case&, const layer_case&) = default;
};

/// One layer with operands of random values, in the kernels' layout, hot in the caches.
class packed_layer {
 public:
  packed_layer(const layer_case& layer, isa which)
      : residual_wanted_(layer.residual),
        conv_(pack(layer, which)),
        src_(random_tensor(conv_.src_layout(), 0)),
        residual_(random_tensor(conv_.dst_layout(), 0)),
        dst_(conv_.dst_layout()) {}

  void run() {
    if (residual_wanted_) {
      conv_(src_.view(), {residual_.view(), {{64, 64}, 7}}, dst_.view());
    } else {
      conv_(src_.view(), dst_.view());
    }
  }

  work_done work(const layer_case& layer) const {
    const std::int64_t out = dst_.layout().shape.elements();
    const std::int64_t weights = layer.weights.elements();
    return {static_cast<double>(out * layer.weights.elements_per_image()),
            static_cast<double>(layer.src.elements() + weights + out * (residual_wanted_ ? 2 : 1))};
  }

 private:
  static packed_conv2d pack(const layer_case& layer, isa which) {
    const std::vector<std::int8_t> weights =
        random_bytes(static_cast<std::size_t>(layer.weights.elements()), -127, 127);
    const std::vector<std::int16_t> bias(static_cast<std::size_t>(layer.weights.n), 100);
    // Products of such values have a deviation of 73 * 73: this shift leaves 40 of their sum's.
    const double taps = static_cast<double>(layer.weights.elements_per_image());
    const rshift requantize{
        static_cast<int>(std::lround(std::log2(73 * 73 / 40.0 * std::sqrt(taps))))};
    // Every source but the network's input comes from a relu, or from a pool of such values.
    return kernels(which).pack(conv2d_source(layer.src, source_values::non_negative),
                               filter<std::int16_t>{{weights.data(), layer.weights}, bias},
                               {.window = layer.slide, .relu = layer.relu}, requantize);
  }

  static blocked_tensor random_tensor(const blocked_layout& layout, int lowest) {
    tensor<std::int8_t> values(layout.shape);
    fill_random(values.values.data(), values.values.size(), lowest, 127);
    return blocked_tensor(values.view(), layout);
  }

  bool residual_wanted_;
  packed_conv2d conv_;
  blocked_tensor src_;
  blocked_tensor residual_;
  blocked_tensor dst_;
};

rival rival_of(const layer_case& layer) {
  return rival_convolution({layer.src, layer.weights, layer.slide, layer.relu, layer.residual}, 1);
}

void run_layer(benchmark::State& state, const layer_case& layer, isa which) {
  packed_layer packed(layer, which);
  peak_meter peak(simd::kernels_for<>(which), {});
  run_timed(
      state, peak, packed.work(layer), [&] { packed.run(); }, rival_of(layer));
}

/// A source of three channels has a layout of its own, which an engine chooses.
void run_first_layer(benchmark::State& state, const layer_case& layer, isa which) {
  graph_builder<std::vector<node>> builder;
  tensor_id x = builder.input("image", layer.src);
  x = builder.conv2d("conv", x, {.channels = layer.weights.n, .window = layer.slide});
  if (layer.relu) x = builder.relu("relu", x);
  single_op conv(builder.finish(x), which);
  peak_meter peak(conv.kernels(), {});
  run_timed(
      state, peak, {conv.multiply_adds(), conv.bytes()}, [&] { return conv.run(); },
      rival_of(layer));
}

class layer_list {
 public:
  explicit layer_list(isa which) : which_(which) {}

  void add_network(const std::string& variant, const graph& net) {
    const graph fused = fuse(net);
    for (const node& layer : fused) {
      if (layer.kind != op::conv2d && layer.kind != op::fully_connected) continue;
      const shape& in = fused[static_cast<std::size_t>(layer.src[0])].shape;
      layer_case plain{in, {layer.shape.c, in.c, layer.window.kh, layer.window.kw}, layer.window};
      const std::string name = concat_text("layers/", variant, "/",
                                           net[static_cast<std::size_t>(layer.from.params)].name);
      add(name + "/conv", plain);
      plain.relu = layer.relu;
      plain.residual = layer.residual_operand >= 0;
      add(name + "/fused", plain);
    }
  }

 private:
  /// Nothing where there is such a row.
  void add(const std::string& name, const layer_case& layer) {
    for (const layer_case& other : seen_) {
      if (other == layer) return;
    }
    seen_.push_back(layer);
    add_row(name, [layer, which = which_](benchmark::State& state) {
      layer.src.c == 3 ? run_first_layer(state, layer, which) : run_layer(state, layer, which);
    });
  }

  isa which_;
  std::vector<layer_case> seen_ = {};
};

}  // namespace

void add_layer_rows(isa which) {
  using networks::resnet_variant;
  layer_list list(which);
  list.add_network("caffe", to_graph(networks::resnet50({.variant = resnet_variant::caffe})));
  list.add_network("torchvision",
                   to_graph(networks::resnet50({.variant = resnet_variant::torchvision})));
}

}  // namespace octavo::bench
