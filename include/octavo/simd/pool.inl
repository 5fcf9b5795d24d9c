// SPDX-License-Identifier: MIT
// Pools. A window is cut to the pixels inside the image first, so that borders do not matter.

/// The part of a window that lies inside the image, along one axis.
struct inside {
  int begin = 0;
  int end = 0;
};

OCTAVO_INLINE inside clip_window(int start, int kernel, int extent) {
  return {start > 0 ? start : 0, start + kernel < extent ? start + kernel : extent};
}

struct pool_row {
  const std::int8_t* src = nullptr;  ///< pixel (0, 0) of the plane
  std::int8_t* dst = nullptr;        ///< pixel 0 of the output row
  inside rows = {};
  int first_row = 0;  ///< of the window, negative in the padding
};

OCTAVO_INLINE pool_row pool_row_at(const pool_args& args, std::int64_t i) {
  const std::int64_t h = i % args.out.rows;
  const std::int64_t block = i / args.out.rows % args.out.blocks;
  const std::int64_t n = i / args.out.rows / args.out.blocks;
  pool_row at;
  at.src = args.src.at(n, block, 0);
  at.dst = args.dst.at(n, block, h);
  at.first_row = static_cast<int>(h) * args.window.stride_h - args.window.pad.top;
  at.rows = clip_window(at.first_row, args.window.kh, args.src_rows);
  return at;
}

/// Piece channels of one output pixel.
template <class S, int Piece>
OCTAVO_INLINE void max_pool_pixel(const pool_args& args, const pool_row& at, inside columns,
                                  int channel, std::int8_t* dst) {
  auto largest = S::broadcast_byte(-128);
  for (int y = at.rows.begin; y < at.rows.end; ++y) {
    const std::int8_t* src = at.src + y * args.src.row + channel;
    for (int x = columns.begin; x < columns.end; ++x) {
      largest = S::max_bytes(largest, load_piece<S, Piece>(src + x * args.src.pixel));
    }
  }
  store_piece<S, Piece>(dst + channel, largest);
}

template <class S, int Piece>
OCTAVO_INLINE void max_pool_rows(const pool_args& args, work_range work) {
  for (std::int64_t i = work.begin; i < work.end; ++i) {
    const pool_row at = pool_row_at(args, i);
    for (int ow = 0; ow < args.out.columns; ++ow) {
      const int start = ow * args.window.stride_w - args.window.pad.left;
      const inside columns = clip_window(start, args.window.kw, args.src_columns);
      std::int8_t* const dst = at.dst + ow * args.dst.pixel;
      for (int c = 0; c < args.block; c += Piece)
        max_pool_pixel<S, Piece>(args, at, columns, c, dst);
    }
  }
}

template <class S>
void max_pool(const pool_args& args, work_range work) noexcept {
  constexpr int vector_bytes = 4 * S::lanes;
  if (args.block >= vector_bytes) return max_pool_rows<S, vector_bytes>(args, work);
  if constexpr (vector_bytes > 32) {
    if (args.block == 32) return max_pool_rows<S, 32>(args, work);
  }
  if constexpr (vector_bytes > 16) return max_pool_rows<S, 16>(args, work);
}

OCTAVO_INLINE const pool_rule& find_rule(const pool_args& args, int divisor) {
  const pool_rule* rule = args.rules;
  while (rule->divisor != divisor) ++rule;
  return *rule;
}

/// One sum to an int8, in all lanes.
template <class S>
OCTAVO_INLINE typename S::i32 average(typename S::i32 sum, const pool_rule& rule) {
  const auto lowest = S::broadcast(rule.lowest);
  const auto highest = S::broadcast(rule.highest);
  return S::multiply_shift(S::min(S::max(sum, lowest), highest), S::broadcast(rule.multiplier),
                           S::broadcast(rule.shift));
}

/// The sum over a window of S::lanes channels: fewer than 2^24 pixels of 8 bits fit int32.
template <class S>
OCTAVO_INLINE typename S::i32 window_sum(const pool_args& args, const pool_row& at, inside columns,
                                         int channel) {
  auto sum = S::broadcast(0);
  for (int y = at.rows.begin; y < at.rows.end; ++y) {
    const std::int8_t* src = at.src + y * args.src.row + channel;
    for (int x = columns.begin; x < columns.end; ++x) {
      sum = S::add(sum, S::load_widen(src + x * args.src.pixel));
    }
  }
  return sum;
}

template <class S>
void avg_pool(const pool_args& args, work_range work) noexcept {
  const octavo::window& w = args.window;
  for (std::int64_t i = work.begin; i < work.end; ++i) {
    const pool_row at = pool_row_at(args, i);
    const int divisor_h =
        divisor_extent(at.first_row, w.kh, args.src_rows, w.pad.bottom, args.count_padding);
    for (int ow = 0; ow < args.out.columns; ++ow) {
      const int start = ow * w.stride_w - w.pad.left;
      const inside columns = clip_window(start, w.kw, args.src_columns);
      const int divisor = divisor_h * divisor_extent(start, w.kw, args.src_columns, w.pad.right,
                                                     args.count_padding);
      const pool_rule& rule = find_rule(args, divisor);
      for (int c = 0; c < args.block; c += S::lanes) {
        const auto sum = window_sum<S>(args, at, columns, c);
        S::store_narrow(at.dst + ow * args.dst.pixel + c, average<S>(sum, rule));
      }
    }
  }
}
