// SPDX-License-Identifier: MIT
// The dense convolution: rows of the output cut into register tiles.

/// The pixels of a full tile of NV vectors.
template <class S, int NV>
constexpr int pixels_of_tile() {
  if constexpr (has_wide_tile<S>) {
    if (NV == S::wide_vectors) return S::wide_pixels;
  }
  return S::tile_pixels;
}

/// The largest tile: two runs where its pixels are an even number.
template <class S, int NV, int pixels = pixels_of_tile<S, NV>()>
using largest_tile = tile_shape<pixels % 2 == 0 ? pixels / 2 : pixels, pixels % 2 == 0 ? 2 : 1>;

OCTAVO_INLINE void advance(const conv2d_args& args, run_position& run, std::int64_t pixels) {
  run.src += pixels * args.src.pixel;
  run.dst += pixels * args.dst.pixel;
  if (run.residual != nullptr) run.residual += pixels * args.residual.pixel;
}

/// Brings the weights that come next in memory near, a part with each tile of a panel: the next
/// panel's or, behind the last one, those of the layer that was packed next.
struct weight_stream {
  const std::int8_t* next = nullptr;
  const std::int8_t* end = nullptr;
  int lines = 0;                   ///< cache lines for each tap of each block
  std::int64_t bytes_of_tile = 0;  ///< all of a tile's

  static OCTAVO_INLINE weight_stream behind(const conv2d_args& args, const std::int8_t* panel,
                                            int tile_pixels) {
    constexpr int line = 64;
    const packed_filter& filter = args.filter;
    const int block_quads = args.src_block / quad;
    const std::int64_t tiles =
        (std::int64_t{args.out.rows} * args.out.columns + tile_pixels - 1) / tile_pixels;
    const std::int64_t steps =
        std::int64_t{filter.kh} * filter.kw * ((filter.quads + block_quads - 1) / block_quads);
    const std::int64_t bytes = filter.panel_bytes();
    weight_stream made;
    made.next = panel + bytes;
    made.end = made.next + bytes;
    made.lines = static_cast<int>((bytes + line * tiles * steps - 1) / (line * tiles * steps));
    made.bytes_of_tile = line * made.lines * steps;
    return made;
  }

  OCTAVO_INLINE void give_to(tile_position& at) {
    at.prefetch = next;
    at.prefetch_lines = next < end ? lines : 0;
    next += bytes_of_tile;
  }
};

/// What is left of one row or two, in tiles of ever fewer pixels.
template <class S, class Source, class Shape, int NV, int Step>
OCTAVO_INLINE void rest_tiles(const conv2d_args& args, tile_position at, weight_stream& stream,
                              int columns) {
  constexpr int length = Shape::length;
  for (; columns >= length; columns -= length) {
    stream.give_to(at);
    conv2d_tile<S, Source, Shape, NV, Step>(args, at);
    advance(args, at.run[0], length);
    if constexpr (Shape::runs == 2) advance(args, at.run[1], length);
  }
  if constexpr (length > 1) {
    using smaller = tile_shape<length / 2, Shape::runs>;
    rest_tiles<S, Source, smaller, NV, Step>(args, at, stream, columns);
  }
}

/// The full tiles of one row that begins at `run`, which is then where the rest begins.
template <class S, class Source, int NV, int Step>
OCTAVO_INLINE void full_tiles(const conv2d_args& args, tile_position at, weight_stream& stream,
                              run_position& run) {
  using shape = largest_tile<S, NV>;
  for (int left = args.out.columns; left >= shape::pixels; left -= shape::pixels) {
    at.run[0] = at.run[1] = run;
    if constexpr (shape::runs == 2) advance(args, at.run[1], shape::length);
    stream.give_to(at);
    conv2d_tile<S, Source, shape, NV, Step>(args, at);
    advance(args, run, shape::pixels);
  }
}

/// One row or two, which begin at at.run.
template <class S, class Source, int rows, int NV, int Step>
OCTAVO_INLINE void conv2d_some_rows(const conv2d_args& args, tile_position at,
                                    weight_stream& stream) {
  using full = largest_tile<S, NV>;
  for (int r = 0; r < rows; ++r) full_tiles<S, Source, NV, Step>(args, at, stream, at.run[r]);
  using rest = tile_shape<full::length, rows>;
  rest_tiles<S, Source, rest, NV, Step>(args, at, stream, args.out.columns % full::pixels);
}

/// A panel of an image. All divisions are here, none in a tile.
struct panel_position {
  std::int64_t n = 0;
  std::int64_t src_block = 0;
  std::int64_t dst_block = 0;
  std::int64_t dst_channel = 0;  ///< in that block

  OCTAVO_INLINE run_position row(const conv2d_args& args, std::int64_t h) const {
    run_position run;
    run.src = args.src.at(n, src_block, h);
    run.dst = args.dst.at(n, dst_block, h) + dst_channel;
    if (args.residual.data != nullptr) {
      run.residual = args.residual.at(n, dst_block, h) + dst_channel;
    }
    return run;
  }
};

/// Rows [begin, end) of images x panels x rows, two at a time where a panel has them.
template <class S, class Source, int NV, int Step>
void conv2d_rows(const conv2d_args& args, work_range work) noexcept {
  constexpr int tile_pixels = pixels_of_tile<S, NV>();
  alignas(64) std::int32_t scratch[tile_pixels * NV * S::lanes];
  const packed_filter& filter = args.filter;
  const int block_quads = args.src_block / quad;
  tile_position at;
  at.scratch = scratch;
  for (std::int64_t i = work.begin; i < work.end;) {
    const std::int64_t panel = i / args.out.rows % args.out.blocks;
    const int first_quad = filter.first_quad(static_cast<int>(panel));
    at.first_quad = first_quad % block_quads;
    at.channel = panel * filter.panel;
    at.weights = filter.weights + panel * filter.panel_bytes();
    const panel_position where = {i / args.out.rows / args.out.blocks, first_quad / block_quads,
                                  at.channel / args.dst_block, at.channel % args.dst_block};
    weight_stream stream = weight_stream::behind(args, at.weights, tile_pixels);
    std::int64_t h = i % args.out.rows;
    const std::int64_t end = args.out.rows - h < work.end - i ? args.out.rows : h + work.end - i;
    i += end - h;
    for (; h + 1 < end; h += 2) {
      at.run[0] = where.row(args, h);
      at.run[1] = where.row(args, h + 1);
      conv2d_some_rows<S, Source, 2, NV, Step>(args, at, stream);
    }
    if (h < end) {
      at.run[0] = at.run[1] = where.row(args, h);
      conv2d_some_rows<S, Source, 1, NV, Step>(args, at, stream);
    }
  }
}

/// Where the source may be negative: for a panel of a full tile, or of 16 channels.
template <class S, class Source>
constexpr conv2d_kernel* conv2d_of_any(bool full) noexcept {
  constexpr int most = S::tile_vectors;
  constexpr int least = 16 / S::lanes < most ? 16 / S::lanes : most;
  return full ? &conv2d_rows<S, Source, most, 0> : &conv2d_rows<S, Source, least, 0>;
}

/// The variants there are: of the source's values, the panel, and the distance between pixels.
template <class S>
conv2d_kernel* choose_conv2d(const conv2d_args& args) noexcept {
  using proved = typename S::unsigned_source;
  constexpr int most = S::tile_vectors;
  const bool full = args.filter.panel == most * S::lanes;
  if (args.filter.signed_source) {
    if constexpr (S::source_offset != 0) {
      if (args.src_biased) return conv2d_of_any<S, typename S::biased_source>(full);
    }
    return conv2d_of_any<S, typename S::signed_source>(full);
  }
  if constexpr (has_wide_tile<S>) {
    if (args.filter.panel == S::wide_vectors * S::lanes) {
      if (args.src.pixel == 64) return &conv2d_rows<S, proved, S::wide_vectors, 64>;
      return &conv2d_rows<S, proved, S::wide_vectors, 0>;
    }
  }
  if (!full) return conv2d_of_any<S, proved>(full);
  if (args.src.pixel == 64) return &conv2d_rows<S, proved, most, 64>;
  if (args.src.pixel == 128) return &conv2d_rows<S, proved, most, 128>;
  return &conv2d_rows<S, proved, most, 0>;
}

template <class S>
void conv2d(const conv2d_args& args, work_range work) noexcept {
  choose_conv2d<S>(args)(args, work);
}
