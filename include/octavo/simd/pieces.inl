// SPDX-License-Identifier: MIT
// One piece: the beginning of a vector.

template <class S, int Piece>
OCTAVO_INLINE typename S::bytes load_piece(const std::int8_t* p) {
  return S::template load_pieces<Piece>([p](int) { return p; }, 1);
}

template <class S, int Piece>
OCTAVO_INLINE void store_piece(std::int8_t* p, typename S::bytes v) {
  S::template store_pieces<Piece>([p](int) { return p; }, 1, v);
}
