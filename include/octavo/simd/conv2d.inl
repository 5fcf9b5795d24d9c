// SPDX-License-Identifier: MIT
// The dense convolution: the variants of its tiles that there are, and which one is taken.

/// The pixels of a full tile of NV vectors.
template <class S, class Source, int NV>
constexpr int pixels_of_tile() {
  if constexpr (requires { Source::tile_pixels; }) return Source::tile_pixels;
  if constexpr (has_wide_tile<S>) {
    if (NV == S::wide_vectors) return S::wide_pixels;
  }
  return S::tile_pixels;
}

/// The tiles of a rest: runs of `Length` pixels and shorter ones. They are few, so that one variant
/// does for every distance between pixels.
template <class S, class Source, int NV, int Length>
constexpr void add_rests(conv2d_tiles& tiles, int i) {
  if constexpr (Length > 0) {
    tiles.rest[i][0] = &conv2d_tile<S, Source, tile_shape<Length, 1>, NV, 0, false>;
    if constexpr (NV >= S::tile_vectors && std::is_same_v<Source, typename S::unsigned_source>) {
      tiles.rest[i][1] = &conv2d_tile<S, Source, tile_shape<Length, 2>, NV, 0, false>;
    }
    add_rests<S, Source, NV, Length / 2>(tiles, i + 1);
  }
}

template <class S, class Source, int NV, int Step>
constexpr conv2d_tiles make_tiles() {
  constexpr int pixels = pixels_of_tile<S, Source, NV>();
  static_assert(pixels < 2 << conv2d_tiles::most_rests);
  conv2d_tiles tiles;
  tiles.pixels = pixels;
  tiles.full = &conv2d_tile<S, Source, tile_shape<pixels, 1>, NV, Step, (S::tile_pixels > 4)>;
  add_rests<S, Source, NV, pixels / 2>(tiles, 0);
  return tiles;
}

/// Step: bytes between pixels, or 0 for any.
template <class S, class Source, int NV, int Step = 0>
inline constexpr conv2d_tiles tiles_of = make_tiles<S, Source, NV, Step>();

/// The tiles of NV vectors for the distance between pixels: full tiles of many pixels are faster
/// where it is a constant.
template <class S, class Source, int NV>
const conv2d_tiles& tiles_for_step(std::int64_t pixel) noexcept {
  if constexpr (pixels_of_tile<S, Source, NV>() > 4) {
    if (pixel == 64) return tiles_of<S, Source, NV, 64>;
    if (pixel == 128) return tiles_of<S, Source, NV, 128>;
  }
  return tiles_of<S, Source, NV>;
}

/// Where the source may be negative: for a panel of a full tile, or of 16 channels.
template <class S, class Source>
const conv2d_tiles& tiles_of_any(bool full) noexcept {
  constexpr int most = S::tile_vectors;
  constexpr int least = 16 / S::lanes < most ? 16 / S::lanes : most;
  return full ? tiles_of<S, Source, most> : tiles_of<S, Source, least>;
}

template <class S>
const conv2d_tiles& choose_tiles(const conv2d_args& args) noexcept {
  using proved = typename S::unsigned_source;
  const bool full = args.filter.panel == S::tile_vectors * S::lanes;
  if (args.filter.signed_source) {
    if constexpr (S::source_offset != 0) {
      if (args.src_biased) return tiles_of_any<S, typename S::biased_source>(full);
    }
    return tiles_of_any<S, typename S::signed_source>(full);
  }
  if constexpr (has_wide_tile<S>) {
    if (args.filter.panel == S::wide_vectors * S::lanes) {
      return tiles_for_step<S, proved, S::wide_vectors>(args.src.pixel);
    }
  }
  if (!full) return tiles_of_any<S, proved>(full);
  return tiles_for_step<S, proved, S::tile_vectors>(args.src.pixel);
}

/// Of the largest tile.
template <class S>
constexpr int most_accumulators() {
  constexpr int narrow = S::tile_pixels * S::tile_vectors * S::lanes;
  if constexpr (has_wide_tile<S>) {
    constexpr int wide = S::wide_pixels * S::wide_vectors * S::lanes;
    return wide > narrow ? wide : narrow;
  }
  return narrow;
}

template <class S>
void conv2d(const conv2d_args& args, work_range work) noexcept {
  alignas(64) std::int32_t scratch[most_accumulators<S>() + 4 * S::lanes];
  conv2d_rows(args, choose_tiles<S>(args), work, scratch);
}
