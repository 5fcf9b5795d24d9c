// SPDX-License-Identifier: MIT
// The dense convolution's register tile. Some pixels x NV vectors of output channels stay in
// accumulators while all taps and input channels pass: for every quad of input channels, NV loads
// of weights, a broadcast of four source bytes for each pixel, pixels * NV dot products.
//
// The pixels are one run or two: neighbours in a row of the output. Two runs continue each other,
// or lie in two rows where these end before a tile is full.

/// A panel of an image: what its tiles have in common.
struct panel_position {
  const std::int8_t* src = nullptr;  ///< first tap of pixel (0, 0), in the first block that is read
  int first_quad = 0;                ///< in that block
  std::int8_t* dst = nullptr;        ///< first channel of pixel (0, 0)
  const std::int8_t* residual = nullptr;
  std::int64_t channel = 0;  ///< first output channel, counted in packed ones
  const std::int8_t* weights = nullptr;
  int prefetch_lines = 0;           ///< cache lines that a tile brings near for each tap and block
  std::int32_t* scratch = nullptr;  ///< room for a tile of accumulators
};

/// The first pixel of a run, in the output. It travels in a register: g++ would write a struct of
/// pointers to memory word by word and read it back in vectors, which waits for all stores before.
struct pixel_position {
  int row = 0;
  int column = 0;
};

/// Where a tile's runs begin.
struct tile_position {
  pixel_position run[2];

  template <class Byte>
  OCTAVO_INLINE Byte* in(Byte* base, const operand<Byte>& tensor, int i) const {
    return base + run[i].row * tensor.row + run[i].column * tensor.pixel;
  }
};

/// `runs` runs of `length` pixels.
template <int length_, int runs_>
struct tile_shape {
  static constexpr int length = length_;
  static constexpr int runs = runs_;
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

/// One step of dot_run: n bytes of every pixel. The last one of an odd tile is paired with itself.
template <class S, class Source, int n, class Shape, int Rows, int NV>
OCTAVO_INLINE void dot_pairs(const tile_source<Shape>& src, const std::int8_t* weights,
                             typename S::i32 (&acc)[Rows][NV]) {
  constexpr int vector_bytes = S::lanes * quad;
  typename S::weights s[Rows / 2];
  OCTAVO_UNROLL for (int p = 0; p < Rows; p += 2) {
    s[p / 2] = Source::template pair<n>(src.at(p), src.at(p + 1));
  }
  OCTAVO_UNROLL for (int i = 0; i < 2 * NV; ++i) {
    const auto w = S::load_weights(weights + i * vector_bytes);
    OCTAVO_UNROLL for (int p = 0; p < Rows; p += 2) {
      acc[p + i % 2][i / 2] = S::dot(acc[p + i % 2][i / 2], s[p / 2], w);
    }
  }
}

/// Sums the products of one tap and `quads` quads of a block, one at least; returns where the next
/// weights are.
template <class S, class Source, class Shape, int Rows, int NV>
OCTAVO_INLINE const std::int8_t* dot_quads(tile_source<Shape> src, const std::int8_t* weights,
                                           int quads, typename S::i32 (&acc)[Rows][NV]) {
  constexpr int vector_bytes = S::lanes * quad;
  const std::int8_t* const end = weights + std::int64_t{quads} * NV * vector_bytes;
  do {
    typename S::weights w[NV];
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) w[v] = S::load_weights(weights + v * vector_bytes);
    OCTAVO_UNROLL for (int m = 0; m < Shape::pixels; ++m) {
      const auto s = Source::broadcast(src.at(m));
      OCTAVO_UNROLL for (int v = 0; v < NV; ++v) acc[m][v] = S::dot(acc[m][v], s, w[v]);
    }
    src.advance(quad);
    weights += NV * vector_bytes;
  } while (weights != end);
  return end;
}

/// The same for matrix products, and accumulators that exchange_pairs has put in their order. Where
/// a single quad is left, zeros take the second one's place, and its bytes are not read: the source
/// may end there.
template <class S, class Source, class Shape, int Rows, int NV>
OCTAVO_INLINE const std::int8_t* dot_quad_pairs(tile_source<Shape> src, const std::int8_t* weights,
                                                int quads, typename S::i32 (&acc)[Rows][NV]) {
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
                              typename S::i32 (&acc)[Rows][NV]) {
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
    int y = filter.kh;
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
    plane.advance(args.src.plane - first * quad);
    first = 0;
    left -= quads;
  } while (left > 0);
}

/// Vector i of those that follow pixel m. Beyond the tile, where nothing is stored, its last pixel.
template <class Shape, class Vector, int Rows, int NV>
OCTAVO_INLINE Vector tile_vector(const Vector (&acc)[Rows][NV], int m, int i) {
  const int pixel = m + i / NV < Shape::pixels ? m + i / NV : Shape::pixels - 1;
  return acc[pixel][i % NV];
}

/// The address of each pixel of a tile in a tensor, in registers: stores of bytes might change what
/// is read through a pointer.
template <class Byte, class Shape>
struct pixel_addresses {
  Byte* run[2];
  std::int64_t step;

  OCTAVO_INLINE Byte* operator()(int m) const {
    return run[m / Shape::length] + m % Shape::length * step;
  }
};

/// Narrows, adds the residual, clamps and stores. G pixels fill one vector of bytes.
template <class S, class Shape, bool adds, int Rows, int NV>
OCTAVO_INLINE void store_pixels(const conv2d_args& args, const panel_position& at,
                                const tile_position& tile, const typename S::i32 (&acc)[Rows][NV]) {
  constexpr int G = 4 / NV;
  constexpr int piece = NV * S::lanes;
  const pixel_addresses<std::int8_t, Shape> dst = {
      {tile.in(at.dst, args.dst, 0), tile.in(at.dst, args.dst, 1)}, args.dst.pixel};
  const pixel_addresses<const std::int8_t, Shape> residual = {
      {tile.in(at.residual, args.residual, 0), tile.in(at.residual, args.residual, 1)},
      args.residual.pixel};
  const auto floor = S::broadcast_byte(args.floor);
  const typename S::adder adder(args.add);
  OCTAVO_UNROLL for (int m = 0; m < Shape::pixels; m += G) {
    const int count = Shape::pixels - m < G ? Shape::pixels - m : G;
    auto y = S::narrow(tile_vector<Shape>(acc, m, 0), tile_vector<Shape>(acc, m, 1),
                       tile_vector<Shape>(acc, m, 2), tile_vector<Shape>(acc, m, 3));
    if constexpr (adds) {
      const auto other =
          S::template load_pieces<piece>([&](int i) { return residual(m + i); }, count);
      y = S::add_bytes(y, other, adder);
    }
    y = S::max_bytes(y, floor);
    S::template store_pieces<piece>([&](int i) { return dst(m + i); }, count, y);
  }
}

template <class S, class Shape, int Rows, int NV>
OCTAVO_INLINE void store_tile(const conv2d_args& args, const panel_position& at,
                              const tile_position& tile, const typename S::i32 (&acc)[Rows][NV]) {
  if (args.residual.data != nullptr) {
    store_pixels<S, Shape, true>(args, at, tile, acc);
  } else {
    store_pixels<S, Shape, false>(args, at, tile, acc);
  }
}

/// Policies other than a plain shift, on accumulators that lie in at.scratch.
template <class S, class Shape, int NV>
OCTAVO_NOINLINE void finish_in_memory(const conv2d_args& args, const panel_position& at,
                                      pixel_position first, pixel_position second) noexcept {
  constexpr int panel = NV * S::lanes;
  requantize_tile<S>(args.filter, at.channel, Shape::pixels, at.scratch);
  typename S::i32 acc[Shape::pixels][NV];
  OCTAVO_UNROLL for (int m = 0; m < Shape::pixels; ++m) {
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) {
      acc[m][v] = S::load(at.scratch + m * panel + v * S::lanes);
    }
  }
  store_tile<S, Shape>(args, at, {{first, second}}, acc);
}

template <class S, class Source, class Shape, int NV, int Step>
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
  accumulate<S, Source, Shape, Step>(args, at, {{first, second}}, prefetch, acc);
  if constexpr (has_matrix_products<S>) exchange_pairs<S>(acc);
  if (args.filter.kind != policy::rshift) {
    std::int32_t* const scratch = at.scratch;
    OCTAVO_UNROLL for (int m = 0; m < Shape::pixels; ++m) {
      OCTAVO_UNROLL for (int v = 0; v < NV; ++v) {
        S::store(scratch + m * panel + v * S::lanes, acc[m][v]);
      }
    }
    return finish_in_memory<S, Shape, NV>(args, at, first, second);
  }
  typename S::i32 shift[NV];
  OCTAVO_UNROLL for (int v = 0; v < NV; ++v) {
    shift[v] = S::load(args.filter.shift + at.channel + v * S::lanes);
  }
  OCTAVO_UNROLL for (int m = 0; m < Shape::pixels; ++m) {
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) acc[m][v] = S::shift_right(acc[m][v], shift[v]);
  }
  store_tile<S, Shape>(args, at, {{first, second}}, acc);
}
