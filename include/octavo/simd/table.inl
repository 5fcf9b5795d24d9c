// SPDX-License-Identifier: MIT
// The kernels of the instruction set S as a table.

/// Independent dot products, as many as a register tile has: the machine's peak.
template <class S>
OCTAVO_NOINLINE std::int64_t dot_burst(std::int64_t rounds) noexcept {
  constexpr int chains = S::tile_pixels * S::tile_vectors;
  constexpr int unroll = 4;
  alignas(64) std::int8_t values[4 * S::lanes] = {};
  const std::int8_t* volatile unknown = values;  // else the compiler computes with known values
  alignas(64) std::int32_t result[S::lanes];
  typename S::sum acc[chains];
  OCTAVO_UNROLL for (int i = 0; i < chains; ++i) { acc[i] = typename S::sum(S::broadcast(i)); }
  auto w = S::load_weights(unknown);
  const auto s = S::unsigned_source::broadcast(unknown);
  for (std::int64_t round = 0; round < rounds; round += unroll) {
    OCTAVO_UNROLL for (int u = 0; u < unroll; ++u) {
      OCTAVO_UNROLL for (int i = 0; i < chains; ++i) {
        acc[i] = S::dot(acc[i], s, w);
        // Else what dot() does to s and w alone would be done once for all, and sums of sums apart.
        if constexpr (requires { S::opaque(w); }) {
          w = S::opaque(w);
          acc[i] = S::opaque(acc[i]);
        }
      }
    }
  }
  auto all = typename S::i32(acc[0]);
  OCTAVO_UNROLL for (int i = 1; i < chains; ++i) { all = S::bit_xor(all, typename S::i32(acc[i])); }
  S::store(result, all);
  // Nobody needs the result, but the compiler must not know.
  volatile std::int32_t sink = result[0];
  static_cast<void>(sink);
  return (rounds + unroll - 1) / unroll * unroll * chains * S::lanes * quad * step_quads<S>();
}

template <class S>
kernel_table make_kernel_table(isa which, const char* detail) noexcept {
  kernel_table table;
  table.which = which;
  table.detail = detail;
  table.vector_bytes = 4 * S::lanes;
  table.tile_pixels = S::tile_pixels;
  table.signed_tile_pixels = pixels_of_tile<S, typename S::signed_source, S::tile_vectors>();
  table.panel = S::tile_vectors * S::lanes;
  if constexpr (has_wide_tile<S>) {
    table.wide_panel = S::wide_vectors * S::lanes;
    table.wide_pixels = S::wide_pixels;
  }
  table.source_offset = S::source_offset;
  table.step_quads = step_quads<S>();
  table.conv2d = &conv2d<S>;
  if constexpr (has_winograd<S>) {
    table.conv2d_winograd = &conv2d_winograd<S>;
    table.winograd_at_once = winograd_at_once<S>;
  }
  table.depthwise = &depthwise<S>;
  table.max_pool = &max_pool<S>;
  table.avg_pool = &avg_pool<S>;
  table.add = &add<S>;
  table.clip = &clip<S>;
  table.lookup = &lookup<S>;
  table.quantize = &quantize<S>;
  table.dequantize = &dequantize<S>;
  table.dot_burst = &dot_burst<S>;
  return table;
}
