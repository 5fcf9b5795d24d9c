// SPDX-License-Identifier: MIT
/// @file
/// A convolution packed once, to be run many times: octavo::kernels::pack() makes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "octavo/core/aligned.hpp"
#include "octavo/core/blocked.hpp"
#include "octavo/core/blocked_tensor.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/window.hpp"
#include "octavo/graph/infer.hpp"
#include "octavo/quant/check.hpp"
#include "octavo/quant/params.hpp"
#include "octavo/quant/requantization.hpp"
#include "octavo/simd/arguments.hpp"
#include "octavo/simd/kernels.hpp"
#include "octavo/simd/pack.hpp"
#include "octavo/simd/parallel.hpp"

namespace octavo::inline v0 {

/// What the caller knows of a source's values.
enum class source_values {
  any,           ///< -128..127
  non_negative,  ///< 0..127, as behind a relu: some instruction sets are faster on these
};

/// The source of a convolution, as far as packing has to know it.
struct conv2d_source {
  octavo::shape shape;
  /// non_negative is a promise; a source that breaks it gives wrong numbers.
  source_values values;

  constexpr conv2d_source(const octavo::shape& extents, source_values known = source_values::any)
      : shape(extents), values(known) {}
};

/// What is added to a convolution's int8 output, before its relu, as op::add does.
struct residual_add {
  blocked_view<const std::int8_t> values = {};  ///< in the destination's layout
  add_params params = {};                       ///< multiplier[1] is the residual's
};

/// One convolution packed for an instruction set, to be run on channel-blocked tensors. Always by
/// the direct kernels: winograd needs memory for each thread, which an engine has.
class packed_conv2d {
 public:
  /// @param requantize a policy of quant/fixed_point.hpp or per_channel<policy>
  /// @throws octavo::error where shapes do not fit each other, or an accumulator may overflow.
  template <class Bias, class Requantize>
  packed_conv2d(const simd::kernel_table& kernels, const conv2d_source& source,
                const filter<Bias>& filter, const conv_params& conv, const Requantize& requantize)
      : kernels_(&kernels), conv_(conv) {
    static_assert(
        requires { to_requantization(requantize); },
        "conv2d: requantize must be a policy of quant/fixed_point.hpp or "
        "per_channel<policy>");
    plan_layouts(source.shape, filter.weights.shape);
    const std::vector<std::int8_t> weights(filter.weights.data,
                                           filter.weights.data + filter.weights.shape.elements());
    std::vector<std::int32_t> bias(filter.bias.begin(), filter.bias.end());
    if (bias.empty()) bias.resize(static_cast<std::size_t>(filter.weights.shape.n));
    pack({filter.weights.shape, conv.groups, src_.block, dst_.block,
          source.values == source_values::any},
         {weights, bias, to_requantization(requantize)});
  }

  /// What the operands must look like; the source's border holds zeros.
  const blocked_layout& src_layout() const { return src_; }
  const blocked_layout& dst_layout() const { return dst_; }

  /// dst = requantize(relu?(bias + src convolved)). Allocates nothing.
  /// @throws octavo::error where an operand has another layout.
  void operator()(blocked_view<const std::int8_t> src, blocked_view<std::int8_t> dst,
                  const threading& with = {}) const {
    expect_layouts(src.layout, dst.layout);
    run(simd::conv2d_arguments(filter_, conv_, src, dst), with);
  }

  /// dst = relu?(requantize(bias + src convolved) + residual). Allocates nothing.
  /// @throws octavo::error where an operand has another layout, or the add's integers are refused.
  void operator()(blocked_view<const std::int8_t> src, const residual_add& residual,
                  blocked_view<std::int8_t> dst, const threading& with = {}) const {
    expect_layouts(src.layout, dst.layout);
    require(residual.values.layout == dst_, "conv2d: the residual has not the packed layout");
    require(residual.values.data != nullptr, "conv2d: there is no residual");
    detail::check_add(residual.params, "conv2d");
    simd::conv2d_args args = simd::conv2d_arguments(filter_, conv_, src, dst);
    simd::add_residual(args, residual.params, 1, residual.values);
    run(args, with);
  }

 private:
  void plan_layouts(const shape& src, const shape& weights) {
    const window& w = conv_.window;
    const int groups = conv_.groups;
    require(src.is_valid() && weights.is_valid(), "conv2d: a shape is out of range");
    if (groups < 1 || src.c != weights.c * groups || weights.n % groups != 0) {
      fail("conv2d: the weights' channels are not those of source and groups: weights ", weights,
           ", source ", src, ", groups ", groups);
    }
    if (weights.h != w.kh || weights.w != w.kw) {
      fail("conv2d: the weights are not the window's: weights ", weights, ", window ", w.kh, "x",
           w.kw);
    }
    detail::check_window(w, src, "conv2d");
    const std::int64_t plane = (std::int64_t{src.h} + w.pad.top + w.pad.bottom) *
                               (std::int64_t{src.w} + w.pad.left + w.pad.right);
    require(plane <= INT32_MAX / align_up(src.c, 64) / src.n,
            "conv2d: the padded source has more than 2^31 elements");
    src_ = preferred_layout(src, w.pad);
    dst_ = preferred_layout(window_shape(src, weights.n, w));
    require(dst_.shape.is_valid(), "conv2d: the destination would be too large");
  }

  void pack(const simd::filter_geometry& layer, const simd::filter_integers& integers) {
    if (integers.bias.size() != static_cast<std::size_t>(layer.weights.n)) {
      fail("conv2d: needs one bias for each output channel, or none: has ", integers.bias.size(),
           ", expected ", layer.weights.n);
    }
    detail::check_requantization(integers.rule, layer.weights.n, "conv2d");
    detail::check_accumulators(integers.bias, integers.rule, layer.weights.elements_per_image(),
                               "conv2d");
    const std::int64_t bytes = simd::packed_bytes(layer, *kernels_, integers.rule.kind);
    memory_ = aligned_bytes(static_cast<std::size_t>(bytes));
    filter_ = simd::pack_filter(layer, *kernels_, integers, memory_.view());
  }

  void expect_layouts(const blocked_layout& src, const blocked_layout& dst) const {
    require(src == src_, "conv2d: the source has not the packed layout");
    require(dst == dst_, "conv2d: the destination has not the packed layout");
  }

  void run(simd::conv2d_args args, const threading& with) const {
    detail::check_threading(with, "conv2d");
    const bool depthwise = filter_.order == simd::filter_order::depthwise;
    if (!depthwise) simd::merge_pixels(args, kernels_->pixels_for(filter_));
    const auto kernel = depthwise ? kernels_->depthwise : kernels_->conv2d;
    detail::run_parts(with, args.work(), [&](simd::work_range part) { kernel(args, part); });
  }

  const simd::kernel_table* kernels_;
  conv_params conv_;
  blocked_layout src_ = {};
  blocked_layout dst_ = {};
  aligned_bytes memory_ = {};
  simd::packed_filter filter_ = {};
};

}  // namespace octavo::inline v0
