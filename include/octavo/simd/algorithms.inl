// SPDX-License-Identifier: MIT
// The kernels, written once. Each instruction set's header includes this file inside its own
// namespace, inside the region in which the compiler may use its instructions, and gives it a
// vocabulary S. Nothing is included from here but kernels.
//
// The vocabulary. i32 is a vector of `lanes` int32, bytes one of 4 * lanes int8.
//
//   lanes, tile_pixels, tile_vectors    the register tile of a convolution; tile_vectors * lanes is
//                                       16, or a multiple with 16 / lanes vectors for small blocks
//   wide_pixels, wide_vectors           another tile, of fewer pixels and 4 vectors, if any
//   turn_quads                          quads in a turn of its loop, if more than one
//   source_offset                       what signed_source adds to its values (0 or 128)
//   load store broadcast                i32, any alignment
//   add sub bit_xor min max             i32, wrapping
//   shift_left shift_right shift_right_logical    each lane by its own count, 0..31
//   multiply_shift(v, m, shift)         floor(v * m / 2^shift + 1/2) in 64 bits, shift 0..62,
//                                       m >= 0; the caller knows that the result fits 32
//   multiply_add(acc, a, b)             acc + a * b for a, b in -128..127
//   load_widen store_narrow             `lanes` int8 as int32, and back with saturation
//   load_bits(p)                        `lanes` float32 as the int32 of the same bits
//   quantize_lanes(p, threshold)        sat8(round_up(x * 128 / threshold)) of `lanes` float32, as
//                                       int32; anything where x is not finite
//   dequantize_lanes(v, threshold, p)   stores v * threshold / 128 as float32, v in -128..127
//   weights load_weights                lanes x 4 int8
//   unsigned_source, signed_source      ::broadcast(p): four int8 of the source in every lane; the
//                                       unsigned one only where they are proved to be 0..127;
//                                       ::tile_pixels, if its tile has others
//   biased_source                       as signed_source, of bytes that hold value + 128; only
//                                       where source_offset is 128
//   sum                                 i32, as the dot products' accumulator; each converts to the
//                                       other, bit by bit
//   dot(acc, source, weights)           acc + the four products of each lane, exact
//   opaque(v)                           v, an i32 or weights, but the compiler must not know; only
//                                       dot_burst needs it, where a dot is several instructions
//   step_quads                          2 where a dot product is one of matrices, and then:
//     source ::pair<n>(p, q)            n = 4 or 8 bytes of two pixels, 8 for each, 0 beyond n
//     weights                           two output channels, 8 input channels for each
//     dot(acc, pair, weights)           acc + the 2 x 2 sums of 8 products, pixel by pixel
//     exchange_halves(a, b)             the upper half of a and the lower half of b change places
//   winograd_pixels                     tiles of a register tile of matrix products of words, if
//                                       conv2d_winograd is to be there, and then:
//     words load_widen_words(p)         2 * lanes int8 as int16
//     add_words sub_words store_words   words, wrapping
//     broadcast_words(p)                two int16 in every lane
//     dot_words(acc, a, weights)        acc + the two products of words of each lane, wrapping
//     multiply(a, b)                    i32, wrapping
//   interleave_low interleave_high      words of a and of b in turn, of the first and of the second
//                                       half of each 16 bytes, if depthwise is to take two taps at
//                                       once, and then, besides the words above:
//     put_in_order(low, high, to)       from their sums by dot_words: to[0] has those of the first
//                                       `lanes` words, to[1] those of the others
//   narrow(a, b, c, d)                  4 * lanes int32 to bytes, saturated, in order
//   broadcast_byte min_bytes max_bytes  bytes, signed
//   adder, add_bytes(a, b, adder)       sat8((m0 * a + m1 * b) / 2^shift), ties up
//   load_pieces<Piece>(at, count)       `count` pieces of Piece bytes (16, 32, 64), one after the
//   store_pieces<Piece>(at, count, v)   other, which lie at at(0), at(1) ...

#include "octavo/simd/pieces.inl"
#include "octavo/simd/requantize.inl"  // first: the others use it
//
#include "octavo/simd/conv2d_tile.inl"
//
#include "octavo/simd/winograd.inl"
//
#include "octavo/simd/depthwise_pairs.inl"
//
#include "octavo/simd/conv2d.inl"
#include "octavo/simd/depthwise.inl"
#include "octavo/simd/pool.inl"
#include "octavo/simd/quantize.inl"
#include "octavo/simd/rows.inl"
#include "octavo/simd/table.inl"
