// SPDX-License-Identifier: MIT
// Elementwise ops over rows: whole vectors, then the pieces of 32 and 16 bytes that remain.

struct row_position {
  const std::int8_t* a = nullptr;
  const std::int8_t* b = nullptr;
  std::int8_t* dst = nullptr;
};

OCTAVO_INLINE row_position row_at(const rows_args& args, std::int64_t i) {
  const std::int64_t h = i % args.out.rows;
  const std::int64_t block = i / args.out.rows % args.out.blocks;
  const std::int64_t n = i / args.out.rows / args.out.blocks;
  row_position at;
  at.a = args.a.at(n, block, h);
  if (args.b.data != nullptr) at.b = args.b.at(n, block, h);
  at.dst = args.dst.at(n, block, h);
  return at;
}

/// dst = f(a, b), Piece bytes of it at a time while they last; returns how many bytes are done.
template <class S, int Piece, class F>
OCTAVO_INLINE std::int64_t map_pieces(const F& f, const row_position& at, std::int64_t i,
                                      std::int64_t end) {
  for (; i + Piece <= end; i += Piece) {
    const auto a = load_piece<S, Piece>(at.a + i);
    const auto b = F::binary ? load_piece<S, Piece>(at.b + i) : a;
    store_piece<S, Piece>(at.dst + i, f(a, b));
  }
  return i;
}

template <class S, class F>
OCTAVO_INLINE void map_rows(const F& f, const rows_args& args, work_range work) {
  for (std::int64_t row = work.begin; row < work.end; ++row) {
    const row_position at = row_at(args, row);
    std::int64_t i = map_pieces<S, 4 * S::lanes>(f, at, 0, args.row_bytes);
    if constexpr (S::lanes > 8) i = map_pieces<S, 32>(f, at, i, args.row_bytes);
    if constexpr (S::lanes > 4) i = map_pieces<S, 16>(f, at, i, args.row_bytes);
  }
}

/// sat8((m0 * a + m1 * b) / 2^shift), ties up, then clamped from below.
template <class S>
struct add_values {
  static constexpr bool binary = true;
  typename S::adder adder;
  typename S::bytes floor;

  OCTAVO_INLINE auto operator()(typename S::bytes a, typename S::bytes b) const {
    return S::max_bytes(S::add_bytes(a, b, adder), floor);
  }
};

template <class S>
struct clip_values {
  static constexpr bool binary = false;
  typename S::bytes lo;
  typename S::bytes hi;

  OCTAVO_INLINE auto operator()(typename S::bytes a, typename S::bytes) const {
    return S::min_bytes(S::max_bytes(a, lo), hi);
  }
};

template <class S>
void add(const rows_args& args, work_range work) noexcept {
  const add_values<S> f{typename S::adder(args.add), S::broadcast_byte(args.clip.lo)};
  map_rows<S>(f, args, work);
}

template <class S>
void clip(const rows_args& args, work_range work) noexcept {
  const clip_values<S> f{S::broadcast_byte(args.clip.lo), S::broadcast_byte(args.clip.hi)};
  map_rows<S>(f, args, work);
}

/// dst = table[a + 128]: every function of one int8, exact because its values were computed by its
/// definition. A vector of 64-bit products would take as long.
template <class S>
void lookup(const rows_args& args, work_range work) noexcept {
  for (std::int64_t row = work.begin; row < work.end; ++row) {
    const row_position at = row_at(args, row);
    for (std::int64_t i = 0; i < args.row_bytes; ++i) at.dst[i] = args.table[at.a[i] + 128];
  }
}
