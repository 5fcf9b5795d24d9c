// SPDX-License-Identifier: MIT
// The dense convolution. A register tile of MR pixels x NV vectors of output channels stays in
// accumulators while all taps and input channels pass: for every quad of input channels, NV loads
// of weights, MR broadcasts of four source bytes, MR * NV dot products.

/// Where a tile works.
struct tile_position {
  const std::int8_t* src = nullptr;  ///< first tap of its first pixel, in the first block it reads
  int first_quad = 0;                ///< in that block
  std::int8_t* dst = nullptr;
  const std::int8_t* residual = nullptr;
  std::int64_t channel = 0;  ///< first output channel, counted in packed ones
  const std::int8_t* weights = nullptr;
  std::int32_t* scratch = nullptr;  ///< room for a tile of accumulators
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

/// Pixels in the accumulators of a tile of MR: with matrix products, pairs.
template <class S, int MR>
inline constexpr int tile_rows = has_matrix_products<S> ? (MR + 1) / 2 * 2 : MR;

/// One step of dot_run: n bytes of every pixel. The last one of an odd tile is paired with itself.
template <class S, class Source, int MR, int n, int Rows, int NV>
OCTAVO_INLINE void dot_pairs(const std::int8_t* src, std::int64_t step, const std::int8_t* weights,
                             typename S::i32 (&acc)[Rows][NV]) {
  constexpr int vector_bytes = S::lanes * quad;
  typename S::weights s[Rows / 2];
  OCTAVO_UNROLL for (int p = 0; p < Rows; p += 2) {
    s[p / 2] = Source::template pair<n>(src + p * step, src + (p + 1 < MR ? p + 1 : p) * step);
  }
  OCTAVO_UNROLL for (int i = 0; i < 2 * NV; ++i) {
    const auto w = S::load_weights(weights + i * vector_bytes);
    OCTAVO_UNROLL for (int p = 0; p < Rows; p += 2) {
      acc[p + i % 2][i / 2] = S::dot(acc[p + i % 2][i / 2], s[p / 2], w);
    }
  }
}

/// Sums the products of one tap and `quads` quads of a block, for accumulators that exchange_pairs
/// has put in their order; returns where the next weights are. Where a single quad is left, zeros
/// take the second one's place, and its bytes are not read: the source may end there.
template <class S, class Source, int MR, int Rows, int NV>
OCTAVO_INLINE const std::int8_t* dot_run(const std::int8_t* src, std::int64_t step,
                                         const std::int8_t* weights, int quads,
                                         typename S::i32 (&acc)[Rows][NV]) {
  constexpr int step_bytes = 2 * NV * S::lanes * quad;
  for (; quads >= 2; quads -= 2) {
    dot_pairs<S, Source, MR, 2 * quad>(src, step, weights, acc);
    src += 2 * quad;
    weights += step_bytes;
  }
  if (quads > 0) {
    dot_pairs<S, Source, MR, quad>(src, step, weights, acc);
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
template <class S, class Source, int MR, int Step, int Rows, int NV>
OCTAVO_INLINE void accumulate(const conv2d_args& args, const tile_position& at,
                              typename S::i32 (&acc)[Rows][NV]) {
  constexpr int vector_bytes = S::lanes * quad;
  const packed_filter& filter = args.filter;
  const std::int64_t step = Step != 0 ? Step : args.src.pixel;
  const int block_quads = args.src_block / quad;
  const std::int8_t* weights = at.weights;
  const std::int8_t* plane = at.src;
  int first = at.first_quad;
  int left = filter.quads;
  while (left > 0) {
    const int quads = left < block_quads - first ? left : block_quads - first;
    for (int y = 0; y < filter.kh; ++y) {
      for (int x = 0; x < filter.kw; ++x) {
        const std::int8_t* src = plane + y * args.tap_row + x * args.tap_column + first * quad;
        if constexpr (has_matrix_products<S>) {
          weights = dot_run<S, Source, MR>(src, step, weights, quads, acc);
        } else {
          for (int q = 0; q < quads; ++q) {
            typename S::weights w[NV];
            OCTAVO_UNROLL for (int v = 0; v < NV; ++v) {
              w[v] = S::load_weights(weights + v * vector_bytes);
            }
            OCTAVO_UNROLL for (int m = 0; m < MR; ++m) {
              const auto s = Source::broadcast(src + m * step);
              OCTAVO_UNROLL for (int v = 0; v < NV; ++v) acc[m][v] = S::dot(acc[m][v], s, w[v]);
            }
            src += quad;
            weights += NV * vector_bytes;
          }
        }
      }
    }
    left -= quads;
    first = 0;
    plane += args.src.plane;
  }
}

/// Vector i of those that follow pixel m. Beyond the tile, where nothing is stored, its last pixel.
template <class Vector, int MR, int NV>
OCTAVO_INLINE Vector tile_vector(const Vector (&acc)[MR][NV], int m, int i) {
  const int pixel = m + i / NV < MR ? m + i / NV : MR - 1;
  return acc[pixel][i % NV];
}

/// Shifts, narrows, adds the residual, clamps and stores. G pixels fill one vector of bytes.
template <class S, int MR, int Rows, int NV>
OCTAVO_INLINE void store_tile(const conv2d_args& args, const tile_position& at,
                              typename S::i32 (&acc)[Rows][NV]) {
  constexpr int G = 4 / NV;
  constexpr int piece = NV * S::lanes;
  const bool shifts = args.filter.kind == policy::rshift;
  if (!shifts) {
    OCTAVO_UNROLL for (int m = 0; m < MR; ++m) {
      OCTAVO_UNROLL for (int v = 0; v < NV; ++v) {
        S::store(at.scratch + m * piece + v * S::lanes, acc[m][v]);
      }
    }
    requantize_tile<S>(args.filter, at.channel, MR, at.scratch);
    OCTAVO_UNROLL for (int m = 0; m < MR; ++m) {
      OCTAVO_UNROLL for (int v = 0; v < NV; ++v) {
        acc[m][v] = S::load(at.scratch + m * piece + v * S::lanes);
      }
    }
  } else {
    typename S::i32 shift[NV];
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) {
      shift[v] = S::load(args.filter.shift + at.channel + v * S::lanes);
    }
    OCTAVO_UNROLL for (int m = 0; m < MR; ++m) {
      OCTAVO_UNROLL for (int v = 0; v < NV; ++v) acc[m][v] = S::shift_right(acc[m][v], shift[v]);
    }
  }
  const auto floor = S::broadcast_byte(args.floor);
  const typename S::adder adder(args.add);
  OCTAVO_UNROLL for (int m = 0; m < MR; m += G) {
    auto y = S::narrow(tile_vector(acc, m, 0), tile_vector(acc, m, 1), tile_vector(acc, m, 2),
                       tile_vector(acc, m, 3));
    const int count = MR - m < G ? MR - m : G;
    if (at.residual != nullptr) {
      y = S::add_bytes(y,
                       S::template load_pieces<piece>(at.residual + m * args.residual.pixel,
                                                      args.residual.pixel, count),
                       adder);
    }
    y = S::max_bytes(y, floor);
    S::template store_pieces<piece>(at.dst + m * args.dst.pixel, args.dst.pixel, count, y);
  }
}

template <class S, class Source, int MR, int NV, int Step>
OCTAVO_NOINLINE void conv2d_tile(const conv2d_args& args, const tile_position& at) noexcept {
  constexpr int rows = tile_rows<S, MR>;
  typename S::i32 acc[rows][NV];
  OCTAVO_UNROLL for (int m = 0; m < rows; ++m) {
    OCTAVO_UNROLL for (int v = 0; v < NV; ++v) {
      acc[m][v] = S::load(args.filter.bias + at.channel + v * S::lanes);
    }
  }
  if constexpr (has_matrix_products<S>) exchange_pairs<S>(acc);
  accumulate<S, Source, MR, Step>(args, at, acc);
  if constexpr (has_matrix_products<S>) exchange_pairs<S>(acc);
  store_tile<S, MR>(args, at, acc);
}

/// One output row of one panel: tiles of MR pixels, the rest in smaller ones.
template <class S, class Source, int MR, int NV, int Step>
OCTAVO_INLINE void conv2d_row(const conv2d_args& args, tile_position at, int columns) {
  for (; columns >= MR; columns -= MR) {
    conv2d_tile<S, Source, MR, NV, Step>(args, at);
    at.src += MR * args.src.pixel;
    at.dst += MR * args.dst.pixel;
    if (at.residual != nullptr) at.residual += MR * args.residual.pixel;
  }
  if constexpr (MR > 1) conv2d_row<S, Source, MR / 2, NV, Step>(args, at, columns);
}

/// Where row h of one panel and image begins. All divisions are here, none in a tile.
OCTAVO_INLINE tile_position position_at(const conv2d_args& args, std::int64_t n, int panel,
                                        std::int64_t h) {
  const packed_filter& filter = args.filter;
  const int block_quads = args.src_block / quad;
  const int first_quad = filter.first_quad(panel);
  const std::int64_t channel = std::int64_t{panel} * filter.panel;
  const std::int64_t block = channel / args.dst_block;
  const std::int64_t within = channel % args.dst_block;
  tile_position at;
  at.src = args.src.at(n, first_quad / block_quads, h);
  at.first_quad = first_quad % block_quads;
  at.dst = args.dst.at(n, block, h) + within;
  if (args.residual.data != nullptr) at.residual = args.residual.at(n, block, h) + within;
  at.channel = channel;
  at.weights = filter.weights + panel * filter.panel_bytes();
  return at;
}

/// Rows [begin, end) of images x panels x rows.
template <class S, class Source, int NV, int Step>
void conv2d_rows(const conv2d_args& args, work_range work) noexcept {
  alignas(64) std::int32_t scratch[S::tile_pixels * NV * S::lanes];
  for (std::int64_t i = work.begin; i < work.end; ++i) {
    const std::int64_t panels = i / args.out.rows;
    tile_position at = position_at(args, panels / args.out.blocks,
                                   static_cast<int>(panels % args.out.blocks), i % args.out.rows);
    at.scratch = scratch;
    conv2d_row<S, Source, S::tile_pixels, NV, Step>(args, at, args.out.columns);
  }
}

/// The variants there are: source proved 0..127 or not, panel of a full tile or of 16 channels.
template <class S>
conv2d_kernel* choose_conv2d(const conv2d_args& args) noexcept {
  using any = typename S::signed_source;
  using proved = typename S::unsigned_source;
  constexpr int most = S::tile_vectors;
  constexpr int least = 16 / S::lanes < most ? 16 / S::lanes : most;
  const bool full = args.filter.panel == most * S::lanes;
  if (args.filter.signed_source) {
    return full ? &conv2d_rows<S, any, most, 0> : &conv2d_rows<S, any, least, 0>;
  }
  if (!full) return &conv2d_rows<S, proved, least, 0>;
  if (args.src.pixel == 64) return &conv2d_rows<S, proved, most, 64>;
  if (args.src.pixel == 128) return &conv2d_rows<S, proved, most, 128>;
  return &conv2d_rows<S, proved, most, 0>;
}

template <class S>
void conv2d(const conv2d_args& args, work_range work) noexcept {
  choose_conv2d<S>(args)(args, work);
}
