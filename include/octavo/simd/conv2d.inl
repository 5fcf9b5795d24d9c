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

  /// A tile's part; null where nothing is left.
  OCTAVO_INLINE const std::int8_t* take() {
    const std::int8_t* const part = next < end ? next : nullptr;
    next += bytes_of_tile;
    return part;
  }
};

/// What is left of one row or two from `at.column` on, in tiles of ever fewer pixels.
template <class S, class Source, class Shape, int NV, int Step>
OCTAVO_INLINE void rest_tiles(const conv2d_args& args, const panel_position& panel,
                              weight_stream& stream, pixel_position at, int columns) {
  constexpr int length = Shape::length;
  for (; columns - at.column >= length; at.column += length) {
    const pixel_position second = {at.row + Shape::runs - 1, at.column};
    conv2d_tile<S, Source, Shape, NV, Step>(args, panel, at, second, stream.take());
  }
  if constexpr (length > 1) {
    using smaller = tile_shape<length / 2, Shape::runs>;
    rest_tiles<S, Source, smaller, NV, Step>(args, panel, stream, at, columns);
  }
}

/// The full tiles of one row; returns the column of the rest.
template <class S, class Source, int NV, int Step>
OCTAVO_INLINE int full_tiles(const conv2d_args& args, const panel_position& panel,
                             weight_stream& stream, int row, int columns) {
  using shape = largest_tile<S, NV>;
  int column = 0;
  for (; columns - column >= shape::pixels; column += shape::pixels) {
    const pixel_position second = {row, column + (shape::runs - 1) * shape::length};
    conv2d_tile<S, Source, shape, NV, Step>(args, panel, {row, column}, second, stream.take());
  }
  return column;
}

/// One row or two of so many columns.
template <class S, class Source, int rows, int NV, int Step>
OCTAVO_INLINE void conv2d_some_rows(const conv2d_args& args, const panel_position& panel,
                                    weight_stream& stream, int row, int columns) {
  int rest = 0;
  for (int r = 0; r < rows; ++r) {
    rest = full_tiles<S, Source, NV, Step>(args, panel, stream, row + r, columns);
  }
  using shape = tile_shape<largest_tile<S, NV>::length, rows>;
  rest_tiles<S, Source, shape, NV, Step>(args, panel, stream, {row, rest}, columns);
}

/// All divisions are here, none in a tile.
OCTAVO_INLINE panel_position panel_at(const conv2d_args& args, std::int64_t n, std::int64_t panel) {
  const packed_filter& filter = args.filter;
  const int block_quads = args.src_block / quad;
  const int first_quad = filter.first_quad(static_cast<int>(panel));
  panel_position at;
  at.channel = panel * filter.panel;
  const std::int64_t dst_block = at.channel / args.dst_block;
  const std::int64_t within = at.channel % args.dst_block;
  at.src = args.src.at(n, first_quad / block_quads, 0);
  at.first_quad = first_quad % block_quads;
  at.dst = args.dst.at(n, dst_block, 0) + within;
  if (args.residual.data != nullptr) at.residual = args.residual.at(n, dst_block, 0) + within;
  at.weights = filter.weights + panel * filter.panel_bytes();
  return at;
}

/// Rows [begin, end) of images x panels x rows, two at a time where a panel has them.
template <class S, class Source, int NV, int Step>
void conv2d_rows(const conv2d_args& args, work_range work) noexcept {
  constexpr int tile_pixels = pixels_of_tile<S, NV>();
  alignas(64) std::int32_t scratch[tile_pixels * NV * S::lanes];
  for (std::int64_t i = work.begin; i < work.end;) {
    const std::int64_t plane = i / args.out.rows;
    panel_position panel = panel_at(args, plane / args.out.blocks, plane % args.out.blocks);
    weight_stream stream = weight_stream::behind(args, panel.weights, tile_pixels);
    panel.prefetch_lines = stream.lines;
    panel.scratch = scratch;
    const std::int64_t first = plane * args.out.rows;
    const std::int64_t end = first + args.out.rows < work.end ? first + args.out.rows : work.end;
    while (i < end) {
      const auto row = static_cast<int>(i - first);
      const int columns = args.out.columns_of(row);
      if (i + 1 < end && args.out.columns_of(row + 1) == columns) {
        conv2d_some_rows<S, Source, 2, NV, Step>(args, panel, stream, row, columns);
        i += 2;
      } else {
        conv2d_some_rows<S, Source, 1, NV, Step>(args, panel, stream, row, columns);
        i += 1;
      }
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
