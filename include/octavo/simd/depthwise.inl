// SPDX-License-Identifier: MIT
// The depthwise convolution, and scale, which is one with a 1x1 window: S::lanes channels of one
// pixel at a time.

template <class S>
OCTAVO_INLINE typename S::i32 depthwise_sum(const conv2d_args& args, const std::int8_t* src,
                                            std::int64_t channel) {
  const packed_filter& filter = args.filter;
  auto acc = S::load(filter.bias + channel);
  const std::int8_t* weights = filter.weights + channel;
  for (int y = 0; y < filter.kh; ++y) {
    for (int x = 0; x < filter.kw; ++x) {
      const auto s = S::load_widen(src + y * args.tap_row + x * args.tap_column);
      acc = S::multiply_add(acc, s, S::load_widen(weights));
      weights += filter.channels;
    }
  }
  return acc;
}

/// sat8(y) and `residual` summed as add_bytes sums them, but not saturated yet, in 32 bits.
template <class S>
struct wide_adder {
  typename S::i32 multipliers[2];
  typename S::i32 most;  ///< the shift but its last bit
  typename S::i32 last;  ///< 1, or 0 where nothing is shifted

  OCTAVO_INLINE explicit wide_adder(const add_params& params)
      : multipliers{S::broadcast(params.multiplier[0]), S::broadcast(params.multiplier[1])},
        most(S::broadcast(params.shift > 0 ? params.shift - 1 : 0)),
        last(S::broadcast(params.shift > 0 ? 1 : 0)) {}

  OCTAVO_INLINE typename S::i32 operator()(typename S::i32 y, const std::int8_t* residual) const {
    const auto saturated = S::min(S::max(y, S::broadcast(-128)), S::broadcast(127));
    auto sum = S::multiply_add(S::broadcast(0), saturated, multipliers[0]);
    sum = S::multiply_add(sum, S::load_widen(residual), multipliers[1]);
    return S::shift_right(S::add(S::shift_right(sum, most), last), last);
  }
};

/// Rows of images x blocks x rows; source and destination have the same blocks.
template <class S>
void depthwise(const conv2d_args& args, work_range work) noexcept {
  const auto floor = S::broadcast(args.floor);
  const wide_adder<S> adder(args.add);
  const bool adds = args.residual.data != nullptr;
  for (std::int64_t i = work.begin; i < work.end; ++i) {
    const std::int64_t h = i % args.out.rows;
    const std::int64_t block = i / args.out.rows % args.out.blocks;
    const std::int64_t n = i / args.out.rows / args.out.blocks;
    const std::int8_t* const src = args.src.at(n, block, h);
    const std::int8_t* const residual = adds ? args.residual.at(n, block, h) : nullptr;
    std::int8_t* const dst = args.dst.at(n, block, h);
    for (int c = 0; c < args.dst_block; c += S::lanes) {
      const std::int64_t channel = block * args.dst_block + c;
      for (int w = 0; w < args.out.columns; ++w) {
        const auto acc = depthwise_sum<S>(args, src + w * args.src.pixel + c, channel);
        auto y = requantize<S>(args.filter, acc, channel);
        if (adds) y = adder(y, residual + w * args.residual.pixel + c);
        S::store_narrow(dst + w * args.dst.pixel + c, S::max(y, floor));
      }
    }
  }
}
