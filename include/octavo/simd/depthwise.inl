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

/// Rows of images x blocks x rows; source and destination have the same blocks.
template <class S>
void depthwise(const conv2d_args& args, work_range work) noexcept {
  const auto floor = S::broadcast(args.floor);
  for (std::int64_t i = work.begin; i < work.end; ++i) {
    const std::int64_t h = i % args.out.rows;
    const std::int64_t block = i / args.out.rows % args.out.blocks;
    const std::int64_t n = i / args.out.rows / args.out.blocks;
    const std::int8_t* const src = args.src.at(n, block, h);
    std::int8_t* const dst = args.dst.at(n, block, h);
    for (int c = 0; c < args.dst_block; c += S::lanes) {
      const std::int64_t channel = block * args.dst_block + c;
      for (int w = 0; w < args.out.columns; ++w) {
        const auto acc = depthwise_sum<S>(args, src + w * args.src.pixel + c, channel);
        const auto y = requantize<S>(args.filter, acc, channel);
        S::store_narrow(dst + w * args.dst.pixel + c, S::max(y, floor));
      }
    }
  }
}
