// SPDX-License-Identifier: MIT
// The depthwise convolution, and scale, which is one with a 1x1 window. Where the vocabulary has
// pairs of words, 2 * S::lanes channels of one pixel at a time, two taps in a product; S::lanes
// channels and one tap elsewhere, in narrower blocks, and under large windows.

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

/// A row of a block.
struct depthwise_row {
  const std::int8_t* src = nullptr;
  const std::int8_t* residual = nullptr;
  std::int8_t* dst = nullptr;
  std::int64_t channel = 0;
};

/// What follows the sums: of S::lanes channels, `c` the first of them in the block, at column w.
template <class S>
struct depthwise_end {
  const conv2d_args& args;
  typename S::i32 floor;
  wide_adder<S> adder;
  bool adds;

  OCTAVO_INLINE explicit depthwise_end(const conv2d_args& of) noexcept
      : args(of), floor(S::broadcast(of.floor)), adder(of.add), adds(of.residual.data != nullptr) {}

  OCTAVO_INLINE void operator()(const depthwise_row& row, int c, int w,
                                typename S::i32 acc) const noexcept {
    auto y = requantize<S>(args.filter, acc, row.channel + c);
    if (adds) y = adder(y, row.residual + w * args.residual.pixel + c);
    S::store_narrow(row.dst + w * args.dst.pixel + c, S::max(y, floor));
  }
};

OCTAVO_INLINE depthwise_row depthwise_row_at(const conv2d_args& args, std::int64_t i) noexcept {
  const std::int64_t h = i % args.out.rows;
  const std::int64_t block = i / args.out.rows % args.out.blocks;
  const std::int64_t n = i / args.out.rows / args.out.blocks;
  return {args.src.at(n, block, h),
          args.residual.data != nullptr ? args.residual.at(n, block, h) : nullptr,
          args.dst.at(n, block, h), block * args.dst_block};
}

/// Tap by tap.
template <class S>
OCTAVO_INLINE void depthwise_singly(const conv2d_args& args, work_range work) noexcept {
  const depthwise_end<S> end(args);
  for (std::int64_t i = work.begin; i < work.end; ++i) {
    const depthwise_row row = depthwise_row_at(args, i);
    for (int c = 0; c < args.dst_block; c += S::lanes) {
      for (int w = 0; w < args.out.columns; ++w) {
        const std::int8_t* const src = row.src + w * args.src.pixel + c;
        end(row, c, w, depthwise_sum<S>(args, src, row.channel + c));
      }
    }
  }
}

/// Two taps at once.
template <class S, class Pairs>
OCTAVO_NOINLINE void depthwise_by_pairs(const conv2d_args& args, work_range work) noexcept {
  constexpr int step = 2 * S::lanes;
  constexpr int most_channels = 64;  // of a block
  const depthwise_end<S> end(args);
  const Pairs pairs(args);
  paired_weights<S> weights[most_channels / step];
  std::int64_t filled = -1;  // the first channel of the block whose weights those are
  for (std::int64_t i = work.begin; i < work.end; ++i) {
    const depthwise_row row = depthwise_row_at(args, i);
    for (int c = 0; c < args.dst_block; c += step) {
      const std::int64_t channel = row.channel + c;
      if (row.channel != filled) weights[c / step].fill(args.filter, channel);
      const auto bias = S::load(args.filter.bias + channel);
      const auto next_bias = S::load(args.filter.bias + channel + S::lanes);
      for (int w = 0; w < args.out.columns; ++w) {
        typename S::i32 sums[2];
        paired_sums<S>(pairs, weights[c / step], row.src + w * args.src.pixel + c, sums);
        end(row, c, w, S::add(sums[0], bias));
        end(row, c + S::lanes, w, S::add(sums[1], next_bias));
      }
    }
    filled = row.channel;
  }
}

/// Rows of images x blocks x rows; source and destination have the same blocks.
template <class S>
void depthwise(const conv2d_args& args, work_range work) noexcept {
  if constexpr (has_word_pairs<S>) {
    const bool wide = args.dst_block % (2 * S::lanes) == 0;
    if (wide && tap_pairs_3x3::fit(args.filter)) {
      return depthwise_by_pairs<S, tap_pairs_3x3>(args, work);
    }
    if (wide && tap_pairs::fit(args.filter)) return depthwise_by_pairs<S, tap_pairs>(args, work);
  }
  depthwise_singly<S>(args, work);
}
