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

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "octavo/core/blocked_tensor.hpp"
#include "octavo/kernels/packed_conv2d.hpp"
#include "octavo/model/validate.hpp"
#include "octavo/quant/requantization.hpp"
#include "octavo/reference/add.hpp"
#include "octavo/reference/clip.hpp"
#include "octavo/simd/arguments.hpp"
#include "octavo/simd/dispatch.hpp"
#include "octavo/simd/pack.hpp"

namespace octavo::inline v0 {

/// The kernels of one instruction set. All of its members give the bytes of octavo::reference, and
/// throw octavo::error where shapes do not fit each other or an integer is out of its range.
class kernels {
 public:
  /// @throws octavo::error where this CPU lacks the instruction set.
  template <class PortableArch = simd::portable_arch>
  explicit kernels(octavo::isa which = best_isa())
      : table_(&simd::kernels_for<PortableArch>(which)) {}

  /// The instruction set.
  octavo::isa isa() const { return table_->which; }

  /// A convolution that will be run more than once. @throws octavo::error as packed_conv2d.
  template <class Bias, class Requantize>
  packed_conv2d pack(const conv2d_source& source, const filter<Bias>& filter,
                     const conv_params& conv, const Requantize& requantize) const {
    return packed_conv2d(*table_, source, filter, conv, requantize);
  }

  /// dst = requantize(relu?(bias + src convolved))
  template <class Bias, class Requantize>
  void conv2d(tensor_view<const std::int8_t> src, const filter<Bias>& filter,
              const conv_params& conv, const Requantize& requantize,
              tensor_view<std::int8_t> dst) const {
    const packed_conv2d packed = pack(src.shape, filter, conv, requantize);
    require_shape(dst.shape, packed.dst_layout().shape, "conv2d: dst");
    blocked_tensor out(packed.dst_layout());
    const blocked_tensor in(src, packed.src_layout());
    packed(in.view(), out.view());
    copy_to_nchw(out.view(), dst);
  }

  /// dst[n, oc] = requantize(relu?(bias[oc] + sum of src * weights)); src is read as N x K,
  /// whatever its shape, the filter as OC x K.
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

  /// dst = max(src, 0)
  void relu(tensor_view<const std::int8_t> src, tensor_view<std::int8_t> dst) const {
    clip(src, {0, 127}, dst);
  }

  /// dst = min(max(src, lo), hi)
  void clip(tensor_view<const std::int8_t> src, const clip_params& limits,
            tensor_view<std::int8_t> dst) const {
    expect_shapes(src.shape, dst.shape, "clip");
    require(limits.lo <= limits.hi, "clip: needs lo <= hi");
    simd::rows_args args = flat(src, dst);
    args.clip = limits;
    table_->clip(args, {0, 1});
    reference::clip(tail(src, args), limits, tail(dst, args));
  }

  /// dst = src < 0 ? slope(src) : src
  void leaky_relu(tensor_view<const std::int8_t> src, const multiplier_rshift& slope,
                  tensor_view<std::int8_t> dst) const {
    expect_shapes(src.shape, dst.shape, "leaky_relu");
    detail::check_multiplier(slope, "leaky_relu");
    const lookup_table table([&](int x) { return x < 0 ? slope(x) : static_cast<std::int8_t>(x); });
    look_up(src.data, table, src.shape.elements(), dst.data);
  }

  /// The largest value of each window; padding does not count.
  void max_pool(tensor_view<const std::int8_t> src, const pool_params& pool,
                tensor_view<std::int8_t> dst) const {
    expect_pool(src, pool, dst);
    run_pool(table_->max_pool, src, pool, nullptr, dst);
  }

  /// Each window's sum by the requantization of its divisor. Other entries do no harm.
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

  /// dst = relu?(sat8((m[0] * a + m[1] * b) / 2^shift)), ties up
  void add(tensor_view<const std::int8_t> a, tensor_view<const std::int8_t> b,
           const add_params& params, bool relu, tensor_view<std::int8_t> dst) const {
    require_shape(b.shape, a.shape, "add: b");
    expect_shapes(a.shape, dst.shape, "add");
    detail::check_add(params, "add");
    simd::rows_args args = flat(a, dst);
    args.b = {b.data};
    args.add = params;
    args.clip.lo = relu ? 0 : -128;
    table_->add(args, {0, 1});
    reference::add(tail(a, args), tail(b, args), params, relu, tail(dst, args));
  }

  /// Requantizes src into channels [first_channel, first_channel + src.c) of dst.
  void concat(tensor_view<const std::int8_t> src, const multiplier_rshift& requantize,
              int first_channel, tensor_view<std::int8_t> dst) const {
    require(src.shape.is_valid() && dst.shape.is_valid(), "concat: a shape is out of range");
    if (src.shape.n != dst.shape.n || src.shape.h != dst.shape.h || src.shape.w != dst.shape.w ||
        first_channel < 0 || first_channel > dst.shape.c - src.shape.c) {
      fail("concat: the source does not fit the destination: source ", src.shape,
           ", first channel ", first_channel, ", destination ", dst.shape);
    }
    detail::check_multiplier(requantize, "concat");
    const lookup_table table(requantize);
    const std::int64_t count = src.shape.elements_per_image();
    for (int n = 0; n < src.shape.n; ++n) {
      look_up(src.data + n * count, table, count, &dst(n, first_channel, 0, 0));
    }
  }

  /// dst = sat8(round_up(src * 128 / threshold)).
  /// @throws octavo::error where the threshold is not positive and finite, or a value not finite:
  ///         dst then holds anything.
  void quantize(tensor_view<const float> src, double threshold,
                tensor_view<std::int8_t> dst) const {
    expect_shapes(src.shape, dst.shape, "quantize");
    require(is_threshold(threshold), "quantize: the threshold must be positive and finite");
    require(table_->quantize(src.data, src.shape.elements(), threshold, dst.data),
            "quantize: the source has a value that is not finite");
  }

  /// dst = src * threshold / 128, rounded once to float32.
  void dequantize(tensor_view<const std::int8_t> src, double threshold,
                  tensor_view<float> dst) const {
    expect_shapes(src.shape, dst.shape, "dequantize");
    require(is_threshold(threshold), "dequantize: the threshold must be positive and finite");
    table_->dequantize(src.data, src.shape.elements(), threshold, dst.data);
  }

 private:
  static void expect_pool(tensor_view<const std::int8_t> src, const pool_params& pool,
                          tensor_view<std::int8_t> dst) {
    require(src.shape.is_valid(), "pool: a shape is out of range");
    const node as_node{.kind = op::max_pool, .name = "pool", .window = pool.window};
    detail::check_pool(as_node, src.shape);
    require_shape(dst.shape, window_shape(src.shape, src.shape.c, pool.window, pool.rounding),
                  "pool: dst");
  }

  /// Of an op that goes element by element.
  static void expect_shapes(const shape& src, const shape& dst, const char* where) {
    if (dst != src) fail(where, ": dst has the shape ", dst, ", expected ", src);
    if (!src.is_valid()) fail(where, ": a shape is out of range");
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
    const blocked_tensor in(src, preferred_layout(src.shape));
    blocked_tensor out(preferred_layout(dst.shape));
    const simd::pool_args args = simd::pool_arguments(pool, in.view(), out.view(), rules);
    kernel(args, {0, args.out.work()});
    copy_to_nchw(out.view(), dst);
  }

  const simd::kernel_table* table_;
};

}  // namespace octavo::inline v0
