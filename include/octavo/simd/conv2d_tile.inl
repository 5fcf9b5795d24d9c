// SPDX-License-Identifier: MIT
// The dense convolution's register tile. Some pixels x NV vectors of output channels stay in
// accumulators while all taps and input channels pass: for every quad of input channels, NV loads
// of weights, a broadcast of four source bytes for each pixel, pixels * NV dot products.
//
// The pixels are one run, neighbours in a row of the output, or two runs in two rows: where rows
// end before a tile is full.

/// Where a tile's runs begin.
struct tile_position {
  pixel_position run[2];

  template <class Byte>
  OCTAVO_INLINE Byte* in(Byte* base, const operand<Byte>& tensor, int i) const {
    return base + run[i].row * tensor.row + run[i].column * tensor.pixel;
  }
};

/// Runs of pixels, each `Length` long.
template <int Length, int Runs>
struct tile_shape {
  static constexpr int length = Length;
  static constexpr int runs = Runs;
  static constexpr int pixels = length * runs;
};

/// Whether dot products are matrix products: of 2 pixels x 2 quads and 2 quads x 2 output channels.
template <class S>
inline constexpr bool has_matrix_products = requires {
  S::step_quads;
};

/// Quads that one dot product takes.
template <class S>
constexpr int step_quads() {
  if constexpr (has_matrix_products<S>) return S::step_quads;
  return 1;
}

/// Quads that a turn of a tile's loop takes where they come out even: more than one where what the
/// loop itself needs counts beside the dot products.
template <class S>
constexpr int quads_of_turn() {
  if constexpr (requires { S::turn_quads; }) return S::turn_quads;
  return 1;
}

/// Pixels that a tile has accumulators for: with matrix products, pairs.
template <class S, class Shape>
inline constexpr int tile_rows = has_matrix_products<S> ? (Shape::pixels + 1) / 2 * 2
                                                        : Shape::pixels;

template <class S>
inline constexpr bool has_wide_tile = requires {
  S::wide_vectors;
};

/// The same tap and quad of every pixel of a tile.
template <class Shape>
struct tile_source {
  const std::int8_t* run[2];
  std::int64_t step;  ///< bytes between neighbours

  /// Of pixel m; beyond the tile, the last one's.
  OCTAVO_INLINE const std::int8_t* at(int m) const {
    const int pixel = m < Shape::pixels ? m : Shape::pixels - 1;
    return run[pixel / Shape::length] + pixel % Shape::length * step;
  }

  OCTAVO_INLINE void advance(std::int64_t bytes) {
    run[0] += bytes;
    run[1] += bytes;
  }
};

/// One step of dot_quad_pairs: Piece bytes of every pixel. The last one of an odd tile is paired
/// with itself.
template <class S, class Source, int Piece, class Shape, int Rows, int NV>
OCTAVO_INLINE void dot_pairs(const tile_source<Shape>& src, const std::int8_t* weights,
                             typename S::sum (&acc)[Rows][NV]) {
  constexpr int vector_bytes = S::lanes * quad;
  typename S::weights s[Rows / 2];
  OCTAVO_UNROLL for (int p = 0; p < Rows; p += 2) {
    s[p / 2] = Source::template pair<Piece>(src.at(p), src.at(p + 1));
  }
  OCTAVO_UNROLL for (int i = 0; i < 2 * NV; ++i) {
    const auto w = S::load_weights(weights + i * vector_bytes);
    OCTAVO_UNROLL for (int p = 0; p < Rows; p += 2) {
      acc[p + i % 2][i / 2] = S::dot(acc[p + i % 2][i / 2], s[p / 2], w);
    }
  }
}

/// Adds the products of the quad of every pixel that begins `at` bytes further on.
template <class S, class Source, class Shape, int Rows, int NV>
OCTAVO_INLINE void dot_quad(const tile_source<Shape>& src, int at, const std::int8_t* weights,
                            typename S::sum (&acc)[Rows][NV]) {
  constexpr int vector_bytes = S::lanes * quad;
  typename S::weights w[NV];
  OCTAVO_UNROLL for (int v = 0; v < NV; ++v) w[v] = S::load_weights(weights + v * vector_bytes);
  OCTAVO_UNROLL for (int m = 0; m < Shape::pixels; ++m) {
    const auto s = Source::broadcast(src.at(m) + at);
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) acc[m][v] = S::dot(acc[m][v], s, w[v]);
  }
}

/// Quads that follow each other, `AtOnce` in a turn of the loop, until the weights end.
template <class S, class Source, int AtOnce, class Shape, int Rows, int NV>
OCTAVO_INLINE void dot_until(tile_source<Shape> src, const std::int8_t* weights,
                             const std::int8_t* end, typename S::sum (&acc)[Rows][NV]) {
  constexpr int quad_bytes = NV * S::lanes * quad;
  do {
    OCTAVO_UNROLL for (int q = 0; q < AtOnce; ++q) {
      dot_quad<S, Source>(src, q * quad, weights + q * quad_bytes, acc);
    }
    src.advance(AtOnce * quad);
    weights += AtOnce * quad_bytes;
  } while (weights != end);
}

/// Sums the products of one tap and `quads` quads of a block, one at least; returns where the next
/// weights are.
template <class S, class Source, class Shape, int Rows, int NV>
OCTAVO_INLINE const std::int8_t* dot_quads(const tile_source<Shape>& src,
                                           const std::int8_t* weights, int quads,
                                           typename S::sum (&acc)[Rows][NV]) {
  const std::int8_t* const end = weights + std::int64_t{quads} * NV * S::lanes * quad;
  constexpr int at_once = quads_of_turn<S>();
  if constexpr (at_once > 1) {
    if (quads % at_once == 0) {
      dot_until<S, Source, at_once>(src, weights, end, acc);
      return end;
    }
  }
  dot_until<S, Source, 1>(src, weights, end, acc);
  return end;
}

/// The same for matrix products, and accumulators that exchange_pairs has put in their order. Where
/// a single quad is left, zeros take the second one's place, and its bytes are not read: the source
/// may end there.
template <class S, class Source, class Shape, int Rows, int NV>
OCTAVO_INLINE const std::int8_t* dot_quad_pairs(tile_source<Shape> src, const std::int8_t* weights,
                                                int quads, typename S::sum (&acc)[Rows][NV]) {
  constexpr int step_bytes = 2 * NV * S::lanes * quad;
  for (; quads >= 2; quads -= 2) {
    dot_pairs<S, Source, 2 * quad>(src, weights, acc);
    src.advance(2 * quad);
    weights += step_bytes;
  }
  if (quads > 0) {
    dot_pairs<S, Source, quad>(src, weights, acc);
    weights += step_bytes;
  }
  return weights;
}

/// From [pixel][channels] to matrices of 2 pixels x 2 channels, or back: of two pixels, the upper
/// half of the first one's vectors and the lower half of the second one's change places.
template <class S, int Rows, int NV>
OCTAVO_INLINE void exchange_pairs(typename S::i32 (&acc)[Rows][NV]) {
  OCTAVO_UNROLL for (int p = 0; p < Rows; p += 2) {
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) S::exchange_halves(acc[p][v], acc[p + 1][v]);
  }
}

/// Sums all products of a tile. Step: bytes between two pixels where known at compile time, else 0.
/// There is at least one block, row and column, and the loops say so: what the compiler would do
/// for none costs registers.
template <class S, class Source, class Shape, int Step, int Rows, int NV>
OCTAVO_INLINE void accumulate(const conv2d_args& args, const panel_position& at,
                              const tile_position& tile, const std::int8_t* prefetch,
                              typename S::sum (&acc)[Rows][NV]) {
  const packed_filter& filter = args.filter;
  const int block_quads = args.src_block / quad;
  const std::int8_t* weights = at.weights;
  const int lines = prefetch == nullptr ? 0 : at.prefetch_lines;
  tile_source<Shape> plane = {{tile.in(at.src, args.src, 0), tile.in(at.src, args.src, 1)},
                              Step != 0 ? Step : args.src.pixel};
  plane.advance(at.first_quad * quad);
  int first = at.first_quad;
  int left = filter.quads;
  do {
    const int quads = left < block_quads - first ? left : block_quads - first;
    tile_source<Shape> row = plane;
    int y = at.tap_rows;
    do {
      tile_source<Shape> src = row;
      int x = filter.kw;
      do {
        for (int i = lines; i > 0; --i, prefetch += 64) OCTAVO_PREFETCH(prefetch);
        if constexpr (has_matrix_products<S>) {
          weights = dot_quad_pairs<S, Source>(src, weights, quads, acc);
        } else {
          weights = dot_quads<S, Source>(src, weights, quads, acc);
        }
        src.advance(args.tap_column);
      } while (--x > 0);
      row.advance(args.tap_row);
    } while (--y > 0);
    weights += at.skipped_bytes;
    plane.advance(args.src.plane - first * quad);
    first = 0;
    left -= quads;
  } while (left > 0);
}

/// The address of each pixel of a tile in a tensor, in registers: stores of bytes might change what
/// is read through a pointer. Length is an int, or a constant.
template <class Byte, class Length>
struct pixel_addresses {
  Byte* run[2];
  std::int64_t step;
  Length length;

  OCTAVO_INLINE pixel_addresses(Byte* base, const operand<Byte>& tensor, const tile_position& tile,
                                Length pixels)
      : run{tile.in(base, tensor, 0), tile.in(base, tensor, 1)},
        step(tensor.pixel),
        length(pixels) {}

  OCTAVO_INLINE Byte* operator()(int m) const {
    return m < length ? run[0] + m * step : run[1] + (m - length) * step;
  }
};

/// Narrows, adds the residual where `Adds`, clamps and stores.
template <class S, int NV, bool Adds, class Length>
struct tile_store {
  static constexpr int piece = NV * S::lanes;
  static constexpr int group = 4 / NV;  ///< pixels that fill one vector of bytes

  pixel_addresses<std::int8_t, Length> dst;
  pixel_addresses<const std::int8_t, Length> residual;
  typename S::bytes floor;
  typename S::adder adder;

  OCTAVO_INLINE tile_store(const conv2d_args& args, const panel_position& at,
                           const tile_position& tile, Length length)
      : dst(at.dst, args.dst, tile, length),
        residual(at.residual, args.residual, tile, length),
        floor(S::broadcast_byte(args.floor)),
        adder(args.add) {}

  /// Pixel m and those behind it, `count` in all, up to a group.
  OCTAVO_INLINE void operator()(int m, int count, typename S::i32 a, typename S::i32 b,
                                typename S::i32 c, typename S::i32 d) const {
    auto y = S::narrow(a, b, c, d);
    if constexpr (Adds) {
      const auto other =
          S::template load_pieces<piece>([&](int i) { return residual(m + i); }, count);
      y = S::add_bytes(y, other, adder);
    }
    y = S::max_bytes(y, floor);
    S::template store_pieces<piece>([&](int i) { return dst(m + i); }, count, y);
  }
};

/// Stores a tile of one run.
template <class S, class Shape, bool Adds, int Rows, int NV>
OCTAVO_INLINE void store_pixels(const conv2d_args& args, const panel_position& at,
                                const tile_position& tile, const typename S::i32 (&acc)[Rows][NV]) {
  constexpr int pixels = Shape::pixels;
  using store = tile_store<S, NV, Adds, std::integral_constant<int, pixels>>;
  const store out(args, at, tile, {});
  // Beyond the tile, where nothing is stored, its last pixel.
  const auto vector = [&](int m, int i) {
    return acc[m + i / NV < pixels ? m + i / NV : pixels - 1][i % NV];
  };
  OCTAVO_UNROLL for (int m = 0; m < pixels; m += store::group) {
    const int count = pixels - m < store::group ? pixels - m : store::group;
    out(m, count, vector(m, 0), vector(m, 1), vector(m, 2), vector(m, 3));
  }
}

/// Stores accumulators that lie in at.scratch; what lies there behind the tile is anything.
template <class S, int NV, bool Adds>
OCTAVO_INLINE void store_scratch(const conv2d_args& args, const panel_position& at,
                                 const tile_position& tile, int length, int pixels) {
  using store = tile_store<S, NV, Adds, int>;
  const store out(args, at, tile, length);
  for (int m = 0; m < pixels; m += store::group) {
    const std::int32_t* const acc = at.scratch + m * NV * S::lanes;
    const int count = pixels - m < store::group ? pixels - m : store::group;
    out(m, count, S::load(acc), S::load(acc + S::lanes), S::load(acc + 2 * S::lanes),
        S::load(acc + 3 * S::lanes));
  }
}

/// What comes behind requantization, for every tile of NV vectors that lies in at.scratch.
template <class S, int NV>
OCTAVO_NOINLINE void store_from_memory(const conv2d_args& args, const panel_position& at,
                                       pixel_position first, pixel_position second, int length,
                                       int pixels) noexcept {
  if (args.residual.data != nullptr) {
    store_scratch<S, NV, true>(args, at, {{first, second}}, length, pixels);
  } else {
    store_scratch<S, NV, false>(args, at, {{first, second}}, length, pixels);
  }
}

/// What comes behind the sums of a tile of one run, for a plain shift.
template <class S, class Shape, int Rows, int NV>
OCTAVO_INLINE void finish_in_registers(const conv2d_args& args, const panel_position& at,
                                       const tile_position& tile,
                                       typename S::i32 (&acc)[Rows][NV]) {
  typename S::i32 shift[NV];
  OCTAVO_UNROLL for (int v = 0; v < NV; ++v) {
    shift[v] = S::load(args.filter.shift + at.channel + v * S::lanes);
  }
  OCTAVO_UNROLL for (int m = 0; m < Shape::pixels; ++m) {
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) acc[m][v] = S::shift_right(acc[m][v], shift[v]);
  }
  if (args.residual.data != nullptr) {
    store_pixels<S, Shape, true>(args, at, tile, acc);
  } else {
    store_pixels<S, Shape, false>(args, at, tile, acc);
  }
}

/// A tile. `Full`: the one that most pixels are computed with, which therefore is finished without
/// a way through memory where it can be.
template <class S, class Source, class Shape, int NV, int Step, bool Full>
OCTAVO_NOINLINE void conv2d_tile(const conv2d_args& args, const panel_position& at,
                                 pixel_position first, pixel_position second,
                                 const std::int8_t* prefetch) noexcept {
  constexpr int rows = tile_rows<S, Shape>;
  constexpr int panel = NV * S::lanes;
  typename S::i32 acc[rows][NV];
  OCTAVO_UNROLL for (int m = 0; m < rows; ++m) {
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) {
      acc[m][v] = S::load(args.filter.bias + at.channel + v * S::lanes);
    }
  }
  if constexpr (has_matrix_products<S>) exchange_pairs<S>(acc);
  typename S::sum sums[rows][NV];
  OCTAVO_UNROLL for (int m = 0; m < rows; ++m) {
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) sums[m][v] = typename S::sum(acc[m][v]);
  }
  accumulate<S, Source, Shape, Step>(args, at, {{first, second}}, prefetch, sums);
  OCTAVO_UNROLL for (int m = 0; m < rows; ++m) {
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) acc[m][v] = typename S::i32(sums[m][v]);
  }
  if constexpr (has_matrix_products<S>) exchange_pairs<S>(acc);
  if constexpr (Full) {
    if (args.filter.kind == policy::rshift) {
      return finish_in_registers<S, Shape>(args, at, {{first, second}}, acc);
    }
  }
  std::int32_t* const scratch = at.scratch;
  OCTAVO_UNROLL for (int m = 0; m < Shape::pixels; ++m) {
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) {
      S::store(scratch + m * panel + v * S::lanes, acc[m][v]);
    }
  }
  requantize_tile<S>(args.filter, at.channel, Shape::pixels, scratch);
  store_from_memory<S, NV>(args, at, first, second, Shape::length, Shape::pixels);
}
