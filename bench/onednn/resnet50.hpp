// SPDX-License-Identifier: MIT
/// @file
/// A quantized ResNet as oneDNN likes it best: bytes without sign behind a relu and at the input,
/// everything behind a convolution inside it, sums in place, weights packed ahead of time.
///
/// Its numbers are near Octavo's, not equal: unsigned bytes reach to 255, the input's zero is 128,
/// which the padding of conv1 does not know, and requantization is in float.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/model/fuse.hpp"
#include "octavo/model/quantized_model.hpp"
#include "primitives.hpp"

namespace octavo::bench::onednn {

class resnet50 {
 public:
  /// @throws octavo::error where the graph has an op that a ResNet has not, or its scheme is not
  ///         rshift16; dnnl::error
  resnet50(const quantized_model& model, int threads)
      : threads_(threads), model_(model), graph_(fuse(model)) {
    require(model.scheme == scheme::rshift16, "oneDNN: the scheme is not rshift16");
    use_threads(threads_);
    for (std::size_t i = 0; i < graph_.size(); ++i) append(i);
  }

  void set_input(const tensor<std::int8_t>& image) {
    auto* const bytes = static_cast<std::uint8_t*>(tensors_[0].data.get_data_handle());
    for (std::size_t i = 0; i < image.values.size(); ++i) {
      bytes[i] = static_cast<std::uint8_t>(image.values[i] + 128);
    }
  }

  void run() {
    use_threads(threads_);
    for (step& each : steps_) each.run();
    cpu_stream().wait();
  }

  std::vector<float> logits() const {
    const auto* const first =
        static_cast<const std::int8_t*>(tensors_.back().data.get_data_handle());
    return {first, first + graph_[graph_.size() - 1].shape.elements()};
  }

 private:
  const op_params& params(int index) const {
    return model_.params[static_cast<std::size_t>(index)];
  }

  void append(std::size_t index) {
    const node& layer = graph_[index];
    switch (layer.kind) {
      case op::input:
        tensors_.push_back(
            {memory({dims_of(layer.shape), byte_type::u8, memory::format_tag::nchw}, cpu()),
             byte_type::u8});
        break;
      case op::conv2d:
        tensors_.push_back(convolve(layer));
        break;
      case op::max_pool:
      case op::avg_pool:
        tensors_.push_back(pool(layer));
        break;
      case op::fully_connected:
        tensors_.push_back(connect(layer));
        break;
      case op::scale:
      case op::relu:
      case op::clip:
      case op::leaky_relu:
      case op::add:
      case op::concat:
        fail("oneDNN: ", layer.name.view(), ": no op of a fused ResNet");
    }
  }

  const typed_memory& source(const node& layer, std::size_t operand = 0) const {
    return tensors_[static_cast<std::size_t>(layer.src[operand])];
  }

  const shape& source_shape(const node& layer) const {
    return graph_[static_cast<std::size_t>(layer.src[0])].shape;
  }

  static float two_to(int exponent) { return std::ldexp(1.0F, exponent); }

  typed_memory convolve(const node& layer) {
    const op_params& own = params(layer.from.params);
    const shape& in = source_shape(layer);
    products_spec spec;
    spec.weights = {layer.shape.c, in.c, layer.window.kh, layer.window.kw};
    spec.slide = layer.window;
    spec.dst = layer.shape;
    spec.dst_type = layer.relu ? byte_type::u8 : byte_type::s8;
    spec.after.relu = layer.relu;
    spec.after.scale = two_to(-own.requantize.shift[0]);
    memory::desc dst(dims_of(layer.shape), spec.dst_type, memory::format_tag::any);
    std::optional<memory> residual;
    if (layer.residual_operand >= 0) {
      add_residual(layer, spec);
      // Nobody reads the shortcut later: the sum takes its place.
      residual = source(layer, 1).data;
      dst = residual->get_desc();
      if (source(layer, 1).type != spec.dst_type) dst = with_type(layer, spec.dst_type, *residual);
      residual = memory(dst, cpu(), residual->get_data_handle());
      owners_.push_back(source(layer, 1).data);
    }
    const typed_memory& src = source(layer);
    const auto desc =
        convolution_desc(memory::desc(dims_of(in), src.type, memory::format_tag::any), spec, dst);
    std::vector<std::int32_t> bias = own.bias;
    if (layer.src[0] == 0) shift_input(own.weights, bias);
    return {append_products(desc, src.data, spec, own.weights, bias, residual, steps_),
            spec.dst_type};
  }

  /// The add behind a convolution: its multipliers become part of the scales.
  void add_residual(const node& layer, products_spec& spec) const {
    const add_params& add = params(layer.from.add).add;
    const auto multiplier = [&](int operand) {
      return static_cast<float>(add.multiplier[operand]) * two_to(-add.shift);
    };
    spec.after.scale *= multiplier(1 - layer.residual_operand);
    spec.after.residual_scale = multiplier(layer.residual_operand);
    spec.after.residual_type = source(layer, 1).type;
  }

  /// The layout of `like`, channels last, for bytes of another type.
  static memory::desc with_type(const node& layer, byte_type type, const memory& like) {
    const auto channels_last = memory::format_tag::nhwc;
    const byte_type other = type == byte_type::u8 ? byte_type::s8 : byte_type::u8;
    require(like.get_desc() == memory::desc(dims_of(layer.shape), other, channels_last),
            "oneDNN: a convolution's output is not channels last");
    return {dims_of(layer.shape), type, channels_last};
  }

  /// The input comes with 128 added.
  static void shift_input(const std::vector<std::int8_t>& weights,
                          std::vector<std::int32_t>& bias) {
    const std::size_t taps = weights.size() / bias.size();
    for (std::size_t i = 0; i < weights.size(); ++i) bias[i / taps] -= 128 * weights[i];
  }

  typed_memory pool(const node& layer) {
    const typed_memory src = source(layer);
    const bool average = layer.kind == op::avg_pool;
    if (average) {
      const pool_divisor& rule = params(layer.from.params).divisors.at(0);
      pooled_scale_ = static_cast<float>(rule.divisor) *
                      static_cast<float>(rule.requantize.multiplier) *
                      two_to(-rule.requantize.shift);
    }
    return {append_pool(src, {average, source_shape(layer), layer.shape, layer.window}, steps_),
            src.type};
  }

  /// Reads what the average pool has not scaled.
  typed_memory connect(const node& layer) {
    const op_params& own = params(layer.from.params);
    const typed_memory src = source(layer);
    const int batch = layer.shape.n;
    const auto k = static_cast<int>(source_shape(layer).elements_per_image());
    products_spec spec;
    spec.weights = {layer.shape.c, k, 1, 1};
    spec.fully_connected = true;
    spec.dst_type = byte_type::s8;
    spec.after.scale = two_to(-own.requantize.shift[0]) * pooled_scale_;
    std::vector<std::int32_t> bias = own.bias;
    for (std::int32_t& b : bias) {
      b = static_cast<std::int32_t>(std::lround(static_cast<float>(b) / pooled_scale_));
    }
    // One pixel: its channels are a row whichever way the layout calls them.
    const memory rows({{batch, k}, src.type, memory::format_tag::nc}, cpu(),
                      src.data.get_data_handle());
    owners_.push_back(src.data);
    const auto desc = inner_product_desc(
        rows.get_desc(), spec, {{batch, layer.shape.c}, spec.dst_type, memory::format_tag::nc});
    return {append_products(desc, rows, spec, own.weights, bias, {}, steps_), spec.dst_type};
  }

  int threads_;
  const quantized_model& model_;  ///< read while this is made
  graph graph_;
  std::vector<typed_memory> tensors_ = {};  ///< of each node
  std::vector<memory> owners_ = {};         ///< of what others have another view of
  std::vector<step> steps_ = {};
  float pooled_scale_ = 1;
};

}  // namespace octavo::bench::onednn
