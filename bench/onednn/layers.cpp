// SPDX-License-Identifier: MIT
/// @file
/// oneDNN as the rival of single layers.
#include <memory>

#include "../random_values.hpp"
#include "../rival.hpp"
#include "primitives.hpp"

namespace octavo::bench {

namespace {

struct layer_run {
  int threads;
  std::vector<onednn::step> steps = {};

  void run() {
    onednn::use_threads(threads);
    for (onednn::step& each : steps) each.run();
    onednn::cpu_stream().wait();
  }
};

dnnl::memory random_memory(const dnnl::memory::desc& desc) {
  dnnl::memory made(desc, onednn::cpu());
  fill_random(static_cast<std::int8_t*>(made.get_data_handle()), desc.get_size(), 0, 127);
  return made;
}

onednn::products_spec spec_of(const rival_layer& layer) {
  onednn::products_spec spec;
  spec.weights = layer.weights;
  spec.slide = layer.slide;
  spec.fully_connected = layer.src.h * layer.src.w == 1;
  spec.dst = window_shape(layer.src, layer.weights.n, layer.slide);
  spec.dst_type = layer.relu ? onednn::byte_type::u8 : onednn::byte_type::s8;
  spec.after = {.scale = 1.0F / 1024,
                .residual_scale = layer.residual ? 0.5F : 0.0F,
                .residual_type = spec.dst_type,
                .relu = layer.relu};
  return spec;
}

/// The layer with operands of random values in the layouts that it wants.
template <class Desc>
void append_layer(const Desc& desc, const onednn::products_spec& spec,
                  std::vector<onednn::step>& steps) {
  const auto count = static_cast<std::size_t>(spec.weights.elements());
  append_products(desc, random_memory(desc.src_desc()), spec, random_bytes(count, -127, 127),
                  std::vector<std::int32_t>(static_cast<std::size_t>(spec.weights.n), 100),
                  random_memory(desc.dst_desc()), steps);
}

}  // namespace

rival rival_convolution(const rival_layer& layer, int threads) {
  using namespace onednn;
  use_threads(threads);
  const auto made = std::make_shared<layer_run>(layer_run{threads});
  const products_spec spec = spec_of(layer);
  if (layer.src.h * layer.src.w > 1) {
    const auto any = memory::format_tag::any;
    append_layer(convolution_desc({dims_of(layer.src), byte_type::u8, any}, spec,
                                  {dims_of(spec.dst), spec.dst_type, any}),
                 spec, made->steps);
  } else {
    const auto rows = memory::format_tag::nc;
    append_layer(inner_product_desc({{layer.src.n, layer.src.c}, byte_type::u8, rows}, spec,
                                    {{layer.src.n, layer.weights.n}, spec.dst_type, rows}),
                 spec, made->steps);
  }
  return {[made] { made->run(); }, {}};
}

}  // namespace octavo::bench
