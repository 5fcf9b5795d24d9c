// SPDX-License-Identifier: MIT
// The arithmetic of simd/winograd.hpp. What is transformed, and when, is in winograd_tiles.hpp.

/// Whether the vocabulary has what it takes.
template <class S>
inline constexpr bool has_winograd = requires {
  S::winograd_pixels;
};

/// B' d, for six vectors.
template <class S>
OCTAVO_INLINE void transform_inputs(const typename S::words (&d)[6], typename S::words (&out)[6]) {
  const auto twice = [](auto v) { return S::add_words(v, v); };
  const auto four = [&](auto v) { return twice(twice(v)); };
  const auto d42 = S::sub_words(d[4], d[2]);
  const auto d31 = S::sub_words(d[3], d[1]);
  const auto even = S::sub_words(d[4], four(d[2]));
  const auto odd = S::sub_words(d[3], four(d[1]));
  out[0] = S::add_words(four(S::sub_words(d[0], d[2])), d42);
  out[1] = S::add_words(even, odd);
  out[2] = S::sub_words(even, odd);
  out[3] = S::add_words(d42, twice(d31));
  out[4] = S::sub_words(d42, twice(d31));
  out[5] = S::sub_words(S::sub_words(d[5], d[3]), four(d31));
}

/// A' m, for six vectors, A's columns multiplied by 6, -4, -4, 1, 1, 24.
template <class S>
OCTAVO_INLINE void transform_outputs(const typename S::i32 (&m)[6], typename S::i32 (&out)[4]) {
  const auto twice = [](auto v) { return S::add(v, v); };
  const auto four = [&](auto v) { return twice(twice(v)); };
  const auto sum12 = four(S::add(m[1], m[2]));
  const auto difference12 = four(S::sub(m[1], m[2]));
  const auto sum34 = S::add(m[3], m[4]);
  const auto twice_difference34 = twice(S::sub(m[3], m[4]));
  const auto six0 = twice(S::add(twice(m[0]), m[0]));
  const auto eight5 = twice(four(m[5]));
  out[0] = S::add(S::sub(six0, sum12), sum34);
  out[1] = S::sub(twice_difference34, difference12);
  out[2] = S::sub(four(sum34), sum12);
  out[3] = S::add(S::sub(four(twice_difference34), difference12), S::add(twice(eight5), eight5));
}

/// B' d B of 2 * lanes channels, the first of whose bytes is at `src`; the 36 points lie
/// point_bytes apart.
template <class S>
OCTAVO_NOINLINE void transform_patch(const std::int8_t* src, std::int64_t row, std::int64_t pixel,
                                     std::int8_t* dst, std::int64_t point_bytes) noexcept {
  typename S::words columns[6][6];  // in memory: there are not as many registers
  for (int x = 0; x < 6; ++x) {
    typename S::words d[6], out[6];
    OCTAVO_UNROLL for (int y = 0; y < 6; ++y) d[y] = S::load_widen_words(src + y * row + x * pixel);
    transform_inputs<S>(d, out);
    OCTAVO_UNROLL for (int y = 0; y < 6; ++y) columns[y][x] = out[y];
  }
  for (int y = 0; y < 6; ++y) {
    typename S::words out[6];
    transform_inputs<S>(columns[y], out);
    OCTAVO_UNROLL for (int x = 0; x < 6; ++x) {
      S::store_words(dst + (6 * y + x) * point_bytes, out[x]);
    }
  }
}

/// Sums the products of `Pixels` tiles and a panel at one point: all pairs of channels. Brings the
/// weights near that are needed at a later point: they may come from the third level.
template <class S, int Pixels>
OCTAVO_NOINLINE void winograd_products(const std::int8_t* src, std::int64_t channels,
                                       const std::int8_t* weights, std::int32_t* sums) noexcept {
  constexpr int vectors = S::tile_vectors;
  constexpr int vector_bytes = S::lanes * quad;
  constexpr int ahead = 8 << 10;
  constexpr int line = 64;
  typename S::sum acc[Pixels][vectors];
  OCTAVO_UNROLL for (int m = 0; m < Pixels; ++m) {
    OCTAVO_UNROLL for (int v = 0; v < vectors; ++v) acc[m][v] = typename S::sum(S::broadcast(0));
  }
  const std::int64_t tile = 2 * channels;
  const std::int8_t* const end = src + tile;
  do {
    typename S::weights w[vectors];
    OCTAVO_UNROLL for (int v = 0; v < vectors; ++v) w[v] =
        S::load_weights(weights + v * vector_bytes);
    OCTAVO_UNROLL for (int i = 0; i < vectors * vector_bytes; i += line) {
      OCTAVO_PREFETCH(weights + ahead + i);
    }
    OCTAVO_UNROLL for (int m = 0; m < Pixels; ++m) {
      const auto s = S::broadcast_words(src + m * tile);
      OCTAVO_UNROLL for (int v = 0; v < vectors; ++v) acc[m][v] = S::dot_words(acc[m][v], s, w[v]);
    }
    src += quad;
    weights += vectors * vector_bytes;
  } while (src != end);
  OCTAVO_UNROLL for (int m = 0; m < Pixels; ++m) {
    OCTAVO_UNROLL for (int v = 0; v < vectors; ++v) {
      S::store(sums + (m * vectors + v) * S::lanes, typename S::i32(acc[m][v]));
    }
  }
}

/// A' m A of a panel of a tile, divided by 576 and requantized: 4x4 pixels of a panel. Plain shifts
/// are done on the way.
template <class S>
OCTAVO_NOINLINE void transform_sums(const packed_filter& filter, std::int64_t channel,
                                    const std::int32_t* sums, std::int64_t point,
                                    std::int32_t* dst) noexcept {
  const auto inverse = S::broadcast(static_cast<std::int32_t>(winograd::inverse_of_9));
  const auto twos = S::broadcast(winograd::twos);
  for (int v = 0; v < filter.panel; v += S::lanes) {
    typename S::i32 rows[6][4];  // in memory
    for (int y = 0; y < 6; ++y) {
      typename S::i32 m[6];
      OCTAVO_UNROLL for (int x = 0; x < 6; ++x) m[x] = S::load(sums + v + (6 * y + x) * point);
      transform_outputs<S>(m, rows[y]);
    }
    const auto start = S::load(filter.bias + channel + v);
    const auto shift =
        filter.kind == policy::rshift ? S::load(filter.shift + channel + v) : S::broadcast(0);
    for (int x = 0; x < 4; ++x) {
      typename S::i32 m[6], out[4];
      OCTAVO_UNROLL for (int y = 0; y < 6; ++y) m[y] = rows[y][x];
      transform_outputs<S>(m, out);
      OCTAVO_UNROLL for (int y = 0; y < 4; ++y) {
        const auto sum = S::shift_right(S::multiply(out[y], inverse), twos);
        S::store(dst + (4 * y + x) * filter.panel + v, S::shift_right(S::add(sum, start), shift));
      }
    }
  }
  if (filter.kind != policy::rshift) {
    constexpr int pixels = winograd::outputs * winograd::outputs;
    requantize_tile<S>(filter, channel, pixels, dst);
  }
}

/// Tiles that are computed together: more of them share a load of weights from the second level.
template <class S>
inline constexpr int winograd_at_once =
    S::winograd_pixels > 8 ? S::winograd_pixels : 2 * S::winograd_pixels;

template <class S>
constexpr winograd_stages make_winograd_stages() {
  constexpr int pixels = S::winograd_pixels;
  constexpr int few = pixels > 8 ? pixels / 2 : pixels;
  winograd_stages made;
  made.channels = 2 * S::lanes;
  made.tiles = pixels;
  made.few_tiles = few;
  made.at_once = winograd_at_once<S>;
  made.inputs = &transform_patch<S>;
  made.products = &winograd_products<S, pixels>;
  made.products_of_few = &winograd_products<S, few>;
  made.sums = &transform_sums<S>;
  made.store = &store_from_memory<S, S::tile_vectors>;
  return made;
}

/// Work: tiles of all images.
template <class S>
void conv2d_winograd(const conv2d_args& args, work_range work) noexcept {
  static constexpr winograd_stages stages = make_winograd_stages<S>();
  conv2d_winograd_tiles(args, stages, work);
}
