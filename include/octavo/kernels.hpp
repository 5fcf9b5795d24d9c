// SPDX-License-Identifier: MIT
/// @file
/// The fast kernels on their own, without a graph. Same names, arguments and bytes as in
/// octavo::reference:
///
///     const octavo::kernels fast;  // the best instruction set of this CPU, or fast(isa::avx2)
///     fast.conv2d(src, filter, {.window = square(3, 1, 1), .relu = true}, rshift{7}, dst);
///
/// Tensors are NCHW; convolutions and pools bring them into the kernels' layout and back, and pack
/// the filter, every time. What is run more than once is better prepared: packed_conv2d for one
/// layer, engine.hpp for a network.
#pragma once

#include <cassert>
#include <span>
#include <vector>

#include "octavo/core/blocked_tensor.hpp"
#include "octavo/model/validate.hpp"
#include "octavo/quant/requantization.hpp"
#include "octavo/reference/add.hpp"
#include "octavo/reference/clip.hpp"
#include "octavo/simd/arguments.hpp"
#include "octavo/simd/dispatch.hpp"
#include "octavo/simd/pack.hpp"

namespace octavo::inline v0 {

/// What the caller knows of a source's values.
enum class source_values {
  any,           ///< -128..127
  non_negative,  ///< 0..127, as behind a relu: some instruction sets are faster on these
};

/// One convolution packed for an instruction set, to be run on channel-blocked tensors.
class packed_conv2d {
 public:
  /// @param src_shape of the source
  /// @param requantize a policy of quant/fixed_point.hpp or per_channel<policy>
  /// @param values non_negative is a promise; a source that breaks it gives wrong numbers
  /// @throws octavo::error where shapes do not fit each other, or an accumulator may overflow.
  template <class Bias, class Requantize>
  packed_conv2d(const simd::kernel_table& kernels, const shape& src_shape,
                const filter<Bias>& filter, const conv_params& conv, const Requantize& requantize,
                source_values values = source_values::any)
      : kernels_(&kernels), conv_(conv) {
    const shape& weights = filter.weights.shape;
    const window& w = conv.window;
    require(src_shape.is_valid() && weights.is_valid(), "conv2d: a shape is out of range");
    require(
        conv.groups >= 1 && src_shape.c == weights.c * conv.groups && weights.n % conv.groups == 0,
        "conv2d: the weights' channels are not those of source and groups");
    require(weights.h == w.kh && weights.w == w.kw, "conv2d: the weights are not the window's");
    detail::check_window(w, src_shape, "conv2d");
    const std::int64_t plane = (std::int64_t{src_shape.h} + w.pad.top + w.pad.bottom) *
                               (std::int64_t{src_shape.w} + w.pad.left + w.pad.right);
    require(plane <= INT32_MAX / align_up(src_shape.c, 64) / src_shape.n,
            "conv2d: the padded source has more than 2^31 elements");
    src_ = preferred_layout(src_shape, w.pad);
    dst_ = preferred_layout(
        {src_shape.n, weights.n,
         output_extent(src_shape.h, w.kh, w.stride_h, w.dilation_h, w.pad.top, w.pad.bottom),
         output_extent(src_shape.w, w.kw, w.stride_w, w.dilation_w, w.pad.left, w.pad.right)});
    require(dst_.shape.is_valid(), "conv2d: the destination would be too large");
    op_params params;
    params.weights.assign(filter.weights.data, filter.weights.data + weights.elements());
    params.bias.assign(filter.bias.begin(), filter.bias.end());
    if (params.bias.empty()) params.bias.resize(static_cast<std::size_t>(weights.n));
    params.requantize = to_requantization(requantize);
    require(params.bias.size() == static_cast<std::size_t>(weights.n),
            "conv2d: needs one bias for each output channel, or none");
    detail::check_requantization(params.requantize, weights.n, "conv2d");
    detail::check_accumulators(params, weights.elements_per_image(), "conv2d");

    const bool may_be_negative = values == source_values::any;
    const simd::filter_geometry layer = {weights, conv.groups, src_.block, dst_.block,
                                         may_be_negative};
    memory_ = aligned_bytes(
        static_cast<std::size_t>(simd::packed_bytes(layer, kernels, params.requantize.kind)));
    filter_ = simd::pack_filter(layer, kernels, params.weights, params.bias, params.requantize,
                                memory_.view());
  }

  /// What the operands must look like; the source's border holds zeros.
  const blocked_layout& src_layout() const { return src_; }
  const blocked_layout& dst_layout() const { return dst_; }

  /// dst = requantize(relu?(bias + src convolved)). Allocates nothing.
  void operator()(blocked_view<const std::int8_t> src,
                  blocked_view<std::int8_t> dst) const noexcept {
    assert(src.layout == src_ && dst.layout == dst_);
    simd::conv2d_args args = simd::conv2d_arguments(filter_, conv_, src, dst);
    if (filter_.order == simd::filter_order::depthwise) {
      return kernels_->depthwise(args, {0, args.out.work()});
    }
    simd::merge_rows(args, kernels_->tile_pixels);
    kernels_->conv2d(args, {0, args.out.work()});
  }

 private:
  const simd::kernel_table* kernels_;
  conv_params conv_;
  blocked_layout src_ = {};
  blocked_layout dst_ = {};
  aligned_bytes memory_ = {};
  simd::packed_filter filter_ = {};
};

class kernels {
 public:
  /// @throws octavo::error where this CPU lacks the instruction set.
  template <class PortableArch = simd::portable_arch>
  explicit kernels(octavo::isa which = best_isa()) : table_(&simd::kernels<PortableArch>(which)) {}

  octavo::isa isa() const { return table_->which; }

  /// A convolution that will be run more than once. @throws octavo::error as packed_conv2d.
  template <class Bias, class Requantize>
  packed_conv2d pack(const shape& src_shape, const filter<Bias>& filter, const conv_params& conv,
                     const Requantize& requantize,
                     source_values values = source_values::any) const {
    return packed_conv2d(*table_, src_shape, filter, conv, requantize, values);
  }

  template <class Bias, class Requantize>
  void conv2d(tensor_view<const std::int8_t> src, const filter<Bias>& filter,
              const conv_params& conv, const Requantize& requantize,
              tensor_view<std::int8_t> dst) const {
    const packed_conv2d packed = pack(src.shape, filter, conv, requantize);
    expect_shape(dst, packed.dst_layout().shape, "conv2d");
    blocked_tensor out(packed.dst_layout());
    packed(blocked_tensor(src, packed.src_layout()).view(), out.view());
    copy_to_nchw(out.view(), dst);
  }

  /// src is read as N x K, whatever its shape.
  template <class Bias, class Requantize>
  void fully_connected(tensor_view<const std::int8_t> src, const filter<Bias>& filter, bool relu,
                       const Requantize& requantize, tensor_view<std::int8_t> dst) const {
    const auto k = static_cast<int>(src.shape.elements_per_image());
    conv2d({src.data, {src.shape.n, k, 1, 1}}, filter, {.relu = relu}, requantize, dst);
  }

  /// dst[n,c,h,w] = requantize(relu?(src * weights[c] + bias[c]), c)
  template <class Bias, class Requantize>
  void scale(tensor_view<const std::int8_t> src, const channel_scale<Bias>& scale, bool relu,
             const Requantize& requantize, tensor_view<std::int8_t> dst) const {
    const shape weights = {src.shape.c, 1, 1, 1};
    require(scale.weights.size() == static_cast<std::size_t>(src.shape.c),
            "scale: needs one weight for each channel");
    conv2d(src, filter<Bias>{{scale.weights.data(), weights}, scale.bias},
           {.groups = src.shape.c, .relu = relu}, requantize, dst);
  }

  void relu(tensor_view<const std::int8_t> src, tensor_view<std::int8_t> dst) const {
    clip(src, {0, 127}, dst);
  }

  void clip(tensor_view<const std::int8_t> src, const clip_params& limits,
            tensor_view<std::int8_t> dst) const {
    expect_shape(dst, src.shape, "clip");
    require(limits.lo <= limits.hi, "clip: needs lo <= hi");
    simd::rows_args args = flat(src, dst);
    args.clip = limits;
    table_->clip(args, {0, 1});
    reference::clip(tail(src, args), limits, tail(dst, args));
  }

  void leaky_relu(tensor_view<const std::int8_t> src, const multiplier_rshift& slope,
                  tensor_view<std::int8_t> dst) const {
    expect_shape(dst, src.shape, "leaky_relu");
    detail::check_multiplier(slope, "leaky_relu");
    const lookup_table table([&](int x) { return x < 0 ? slope(x) : static_cast<std::int8_t>(x); });
    look_up(src.data, table, src.shape.elements(), dst.data);
  }

  void max_pool(tensor_view<const std::int8_t> src, const pool_params& pool,
                tensor_view<std::int8_t> dst) const {
    run_pool(table_->max_pool, src, pool, nullptr, dst);
  }

  void avg_pool(tensor_view<const std::int8_t> src, const pool_params& pool,
                std::span<const pool_divisor> divisors, tensor_view<std::int8_t> dst) const {
    expect_pool(src, pool, dst);
    std::vector<simd::pool_rule> rules;
    for (const pool_divisor& entry : divisors) {
      detail::check_multiplier(entry.requantize, "avg_pool");
      rules.push_back(simd::make_pool_rule(entry));
    }
    const node as_node{.kind = op::avg_pool,
                       .shape = dst.shape,
                       .window = pool.window,
                       .rounding = pool.rounding,
                       .count_padding = pool.count_padding};
    for (const int divisor : divisors_of(as_node, src.shape)) {
      bool found = false;
      for (const pool_divisor& entry : divisors) found = found || entry.divisor == divisor;
      require(found, "avg_pool: a divisor that occurs has no entry");
    }
    run_pool(table_->avg_pool, src, pool, rules.data(), dst);
  }

  void add(tensor_view<const std::int8_t> a, tensor_view<const std::int8_t> b,
           const add_params& params, bool relu, tensor_view<std::int8_t> dst) const {
    expect_shape(b, a.shape, "add");
    expect_shape(dst, a.shape, "add");
    detail::check_add(params, "add");
    simd::rows_args args = flat(a, dst);
    args.b = {b.data};
    args.add = params;
    args.clip.lo = relu ? 0 : -128;
    table_->add(args, {0, 1});
    reference::add(tail(a, args), tail(b, args), params, relu, tail(dst, args));
  }

  /// Channels [first_channel, first_channel + src.c) of dst.
  void concat(tensor_view<const std::int8_t> src, const multiplier_rshift& requantize,
              int first_channel, tensor_view<std::int8_t> dst) const {
    require(src.shape.n == dst.shape.n && src.shape.h == dst.shape.h &&
                src.shape.w == dst.shape.w && first_channel >= 0 &&
                first_channel <= dst.shape.c - src.shape.c,
            "concat: the source does not fit the destination");
    detail::check_multiplier(requantize, "concat");
    const lookup_table table(requantize);
    const std::int64_t count = src.shape.elements_per_image();
    for (int n = 0; n < src.shape.n; ++n) {
      look_up(src.data + n * count, table, count, &dst(n, first_channel, 0, 0));
    }
  }

 private:
  static void expect_pool(tensor_view<const std::int8_t> src, const pool_params& pool,
                          tensor_view<std::int8_t> dst) {
    const node as_node{.kind = op::max_pool, .name = "pool", .window = pool.window};
    detail::check_pool(as_node, src.shape);
    require(detail::pools_into(src.shape, pool, dst.shape),
            "pool: the destination has the wrong shape");
  }

  template <class T>
  static void expect_shape(const tensor_view<T>& view, const shape& expected, const char* where) {
    if (view.shape != expected) fail(where, ": an operand has the wrong shape");
  }

  /// Dense tensors as one row, as far as a multiple of 16 bytes goes.
  static simd::rows_args flat(tensor_view<const std::int8_t> src, tensor_view<std::int8_t> dst) {
    simd::rows_args args;
    args.a = {src.data};
    args.dst = {dst.data};
    args.row_bytes = src.shape.elements() / 16 * 16;
    return args;
  }

  /// What flat() leaves.
  template <class T>
  static tensor_view<T> tail(tensor_view<T> view, const simd::rows_args& args) {
    const std::int64_t rest = view.shape.elements() - args.row_bytes;
    return {view.data + args.row_bytes, {1, 1, 1, static_cast<int>(rest)}};
  }

  /// A function of one int8.
  struct lookup_table {
    std::byte values[simd::lookup_table_bytes];

    template <class F>
    explicit lookup_table(const F& f) {
      simd::make_lookup_table(f, values);
    }
  };

  void look_up(const std::int8_t* src, const lookup_table& table, std::int64_t count,
               std::int8_t* dst) const {
    simd::rows_args args;
    args.a = {src};
    args.dst = {dst};
    args.row_bytes = count;
    args.table = reinterpret_cast<const std::int8_t*>(table.values);
    table_->lookup(args, {0, 1});
  }

  void run_pool(void (*kernel)(const simd::pool_args&, simd::work_range) noexcept,
                tensor_view<const std::int8_t> src, const pool_params& pool,
                const simd::pool_rule* rules, tensor_view<std::int8_t> dst) const {
    expect_pool(src, pool, dst);
    const blocked_tensor in(src, preferred_layout(src.shape));
    blocked_tensor out(preferred_layout(dst.shape));
    const simd::pool_args args = simd::pool_arguments(pool, in.view(), out.view(), rules);
    kernel(args, {0, args.out.work()});
    copy_to_nchw(out.view(), dst);
  }

  const simd::kernel_table* table_;
};

}  // namespace octavo::inline v0
