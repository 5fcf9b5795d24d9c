// SPDX-License-Identifier: MIT
/// @file
/// The few oneDNN primitives that a quantized ResNet needs, for oneDNN 2 (Debian's 2.6.3) and 3,
/// which differ in how primitives are described and where their scales go.
#pragma once

#include <cstring>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "octavo/core/tensor.hpp"
#include "octavo/core/window.hpp"
#include "oneapi/dnnl/dnnl.hpp"

namespace octavo::bench::onednn {

using dnnl::memory;
using byte_type = memory::data_type;  // u8 or s8

/// oneDNN's OpenMP has one number of threads for all. Whoever prepares or runs says it before.
void use_threads(int threads);

inline const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

inline dnnl::stream& cpu_stream() {
  static dnnl::stream stream(cpu());
  return stream;
}

inline memory::dims dims_of(const shape& s) { return {s.n, s.c, s.h, s.w}; }

/// A tensor and what it holds.
struct typed_memory {
  dnnl::memory data;
  byte_type type = byte_type::u8;
};

/// A primitive and its arguments.
struct step {
  dnnl::primitive primitive;
  std::unordered_map<int, memory> args;

  void run() { primitive.execute(cpu_stream(), args); }
};

/// A copy of `values` (oihw or oi, s8) in the layout that a primitive wants.
inline memory packed(const std::vector<std::int8_t>& values, const memory::dims& dims,
                     const memory::desc& wanted) {
  const auto plain = dims.size() == 4 ? memory::format_tag::oihw : memory::format_tag::oi;
  memory from({dims, memory::data_type::s8, plain}, cpu());
  std::memcpy(from.get_data_handle(), values.data(), values.size());
  memory to(wanted, cpu());
  dnnl::reorder(from, to).execute(cpu_stream(), from, to);
  cpu_stream().wait();
  return to;
}

/// `src` in the layout `wanted`; where it has another, by a step that is appended.
inline memory in_layout(const memory& src, const memory::desc& wanted, std::vector<step>& steps) {
  if (src.get_desc() == wanted) return src;
  memory to(wanted, cpu());
  steps.push_back({dnnl::reorder(src, to), {{DNNL_ARG_FROM, src}, {DNNL_ARG_TO, to}}});
  return to;
}

/// What stands behind the products: dst = relu?((acc + bias) * scale + residual_scale * dst).
struct epilogue {
  float scale = 1;
  float residual_scale = 0;  ///< 0: nothing is added
  byte_type residual_type = byte_type::u8;
  bool relu = false;
};

inline dnnl::primitive_attr attributes(const epilogue& after) {
  dnnl::primitive_attr attr;
#if DNNL_VERSION_MAJOR >= 3
  attr.set_scales_mask(DNNL_ARG_WEIGHTS, 0);
#else
  attr.set_output_scales(0, {after.scale});
#endif
  dnnl::post_ops ops;
  if (after.residual_scale != 0) ops.append_sum(after.residual_scale, 0, after.residual_type);
#if DNNL_VERSION_MAJOR >= 3
  if (after.relu) ops.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
#else
  if (after.relu) ops.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
#endif
  attr.set_post_ops(ops);
  return attr;
}

/// Version 2 adds an int32 bias to the products, version 3 a float to what the scale has made of
/// them.
inline memory make_bias(const std::vector<std::int32_t>& bias, [[maybe_unused]] float scale,
                        const memory::desc& wanted) {
  memory made(wanted, cpu());
#if DNNL_VERSION_MAJOR >= 3
  auto* const values = static_cast<float*>(made.get_data_handle());
  for (std::size_t i = 0; i < bias.size(); ++i) values[i] = scale * static_cast<float>(bias[i]);
#else
  std::memcpy(made.get_data_handle(), bias.data(), bias.size() * sizeof bias[0]);
#endif
  return made;
}

inline constexpr auto bias_type =
    DNNL_VERSION_MAJOR >= 3 ? memory::data_type::f32 : memory::data_type::s32;

inline void add_scale_argument([[maybe_unused]] step& to, [[maybe_unused]] float scale) {
#if DNNL_VERSION_MAJOR >= 3
  memory made({{1}, memory::data_type::f32, memory::format_tag::x}, cpu());
  *static_cast<float*>(made.get_data_handle()) = scale;
  to.args[DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS] = made;
#endif
}

/// A convolution, or a fully connected layer where the weights have two dimensions.
struct products_spec {
  shape weights;  ///< O, I, kh, kw
  window slide = {};
  bool fully_connected = false;
  shape dst = {};
  byte_type dst_type = byte_type::u8;
  epilogue after = {};
};

inline auto convolution_desc(const memory::desc& src, const products_spec& spec,
                             const memory::desc& dst) {
  const auto any = memory::format_tag::any;
  const memory::desc weights(dims_of(spec.weights), memory::data_type::s8, any);
  const memory::desc bias({spec.weights.n}, bias_type, memory::format_tag::x);
  const window& w = spec.slide;
  const memory::dims strides = {w.stride_h, w.stride_w};
  const memory::dims before = {w.pad.top, w.pad.left};
  const memory::dims behind = {w.pad.bottom, w.pad.right};
  const auto inference = dnnl::prop_kind::forward_inference;
  const auto direct = dnnl::algorithm::convolution_direct;
  using convolution = dnnl::convolution_forward;
#if DNNL_VERSION_MAJOR >= 3
  return convolution::primitive_desc(cpu(), inference, direct, src, weights, bias, dst, strides,
                                     before, behind, attributes(spec.after));
#else
  return convolution::primitive_desc(
      {inference, direct, src, weights, bias, dst, strides, before, behind}, attributes(spec.after),
      cpu());
#endif
}

inline auto inner_product_desc(const memory::desc& src, const products_spec& spec,
                               const memory::desc& dst) {
  const memory::desc weights({spec.weights.n, spec.weights.c}, memory::data_type::s8,
                             memory::format_tag::any);
  const memory::desc bias({spec.weights.n}, bias_type, memory::format_tag::x);
  const auto inference = dnnl::prop_kind::forward_inference;
  using inner_product = dnnl::inner_product_forward;
#if DNNL_VERSION_MAJOR >= 3
  return inner_product::primitive_desc(cpu(), inference, src, weights, bias, dst,
                                       attributes(spec.after));
#else
  return inner_product::primitive_desc({inference, src, weights, bias, dst}, attributes(spec.after),
                                       cpu());
#endif
}

/// Appends what a convolution or fully connected layer needs. `dst` is where its residual is and
/// its result goes; without one it gets memory of its own. Returns the destination.
template <class Desc>
memory append_products(const Desc& desc, const memory& src, const products_spec& spec,
                       const std::vector<std::int8_t>& weights,
                       const std::vector<std::int32_t>& bias, std::optional<memory> dst,
                       std::vector<step>& steps) {
  const memory::dims dims =
      spec.fully_connected ? memory::dims{spec.weights.n, spec.weights.c} : dims_of(spec.weights);
  const memory result = dst ? *dst : memory(desc.dst_desc(), cpu());
  const memory in = in_layout(src, desc.src_desc(), steps);
  using primitive =
      std::conditional_t<std::is_same_v<Desc, dnnl::convolution_forward::primitive_desc>,
                         dnnl::convolution_forward, dnnl::inner_product_forward>;
  step made{primitive(desc),
            {{DNNL_ARG_SRC, in},
             {DNNL_ARG_WEIGHTS, packed(weights, dims, desc.weights_desc())},
             {DNNL_ARG_BIAS, make_bias(bias, spec.after.scale, desc.bias_desc())},
             {DNNL_ARG_DST, result}}};
  add_scale_argument(made, spec.after.scale);
  steps.push_back(std::move(made));
  return result;
}

struct pool_spec {
  bool average = false;
  shape src;
  shape dst;
  window slide;
};

/// Appends a pool of bytes in the layout of `src`; returns the destination.
inline memory append_pool(const typed_memory& src, const pool_spec& spec,
                          std::vector<step>& steps) {
  const memory::desc dst({dims_of(spec.dst), src.type, memory::format_tag::any});
  const window& w = spec.slide;
  const memory::dims strides = {w.stride_h, w.stride_w};
  const memory::dims kernel = {w.kh, w.kw};
  const memory::dims before = {w.pad.top, w.pad.left};
  // A window that Caffe's rounding lets reach beyond the input is padding here.
  const memory::dims behind = {(spec.dst.h - 1) * w.stride_h + w.kh - spec.src.h - w.pad.top,
                               (spec.dst.w - 1) * w.stride_w + w.kw - spec.src.w - w.pad.left};
  const auto inference = dnnl::prop_kind::forward_inference;
  const auto kind =
      spec.average ? dnnl::algorithm::pooling_avg_exclude_padding : dnnl::algorithm::pooling_max;
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::pooling_forward::primitive_desc desc(cpu(), inference, kind, src.data.get_desc(), dst,
                                                   strides, kernel, {0, 0}, before, behind);
#else
  const dnnl::pooling_forward::primitive_desc desc(
      {inference, kind, src.data.get_desc(), dst, strides, kernel, before, behind}, cpu());
#endif
  const memory result(desc.dst_desc(), cpu());
  steps.push_back(
      {dnnl::pooling_forward(desc), {{DNNL_ARG_SRC, src.data}, {DNNL_ARG_DST, result}}});
  return result;
}

}  // namespace octavo::bench::onednn
