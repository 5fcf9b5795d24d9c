// SPDX-License-Identifier: MIT
// One piece of n bytes: the beginning of a vector.

template <class S, int n>
OCTAVO_INLINE typename S::bytes load_piece(const std::int8_t* p) {
  return S::template load_pieces<n>([p](int) { return p; }, 1);
}

template <class S, int n>
OCTAVO_INLINE void store_piece(std::int8_t* p, typename S::bytes v) {
  S::template store_pieces<n>([p](int) { return p; }, 1, v);
}
