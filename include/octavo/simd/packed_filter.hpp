// SPDX-License-Identifier: MIT
/// @file
/// The learned part of a convolution in the order in which kernels read it.
#pragma once

#include <cstdint>

#include "octavo/core/shape.hpp"
#include "octavo/quant/requantization.hpp"

namespace octavo::inline v0::simd {

/// Four input channels of one pixel, multiplied and summed by one dot product.
inline constexpr int quad = 4;

/// How the weights lie.
enum class filter_order : std::uint8_t {
  /// [panel][kh][kw][quad][oc of the panel][4 ic], split by source blocks: for each panel, the
  /// quads of one block are finished before the next block's begin. A panel reads the quads
  /// [first_quad(panel), first_quad(panel) + quads) of the source; weights of channels outside its
  /// groups are 0.
  ///
  /// Where a dot product takes several quads (kernel_table::step_quads), [quad][oc][4 ic] is
  /// [step][oc][ic of the step]; the quads that fill the last step of a block are 0.
  dense,
  /// [panel][36 points][pair of ic][oc of the panel][2 ic] of 16 bits: simd/winograd.hpp. The
  /// channels that fill up the source's last block count, and have zeros.
  winograd,
  /// [kh][kw][oc]: one weight a channel and tap, for ic == oc == groups.
  depthwise,
};

/// A filter packed for one instruction set. It points into memory that somebody else owns. The
/// arrays of channels go on to the end of the last block, where weights and parameters are 0.
struct packed_filter {
  filter_order order = filter_order::dense;
  policy kind = policy::rshift;
  bool signed_source = true;       ///< false: the source's values are proved to be 0..127
  std::int32_t source_offset = 0;  ///< what dot products add to the source; `bias` takes it away
  int kh = 1;
  int kw = 1;
  int channels = 0;  ///< oc rounded up to the destination's block
  int panel = 0;     ///< output channels of one panel; divides `channels`
  int group_ic = 0;
  int group_oc = 0;
  int quads = 0;         ///< quads of the source that one panel reads
  int source_quads = 0;  ///< quads of the source that have a channel
  int weight_quads = 0;  ///< quads of one panel's weights at a tap: `quads` and those that fill
                         ///< steps; winograd: as many as its 36 points of 2 bytes take

  const std::int8_t* weights = nullptr;
  const std::int32_t* bias = nullptr;        ///< what accumulators start from
  const std::int32_t* shift = nullptr;       ///< each policy's own
  const std::int32_t* multiplier = nullptr;  ///< policies with multipliers
  /// Accumulators are clamped to [lowest, highest] before a policy other than rshift is applied:
  /// what lies beyond saturates to the same int8, and its product with the multiplier might not
  /// fit 32 bits after the shift.
  const std::int32_t* lowest = nullptr;
  const std::int32_t* highest = nullptr;

  constexpr int panels() const { return channels / panel; }

  constexpr std::int64_t panel_bytes() const {
    return std::int64_t{kh} * kw * weight_quads * quad * panel;
  }

  /// The first quad of the source that a panel reads.
  constexpr int first_quad(int panel_index) const {
    const int first_ic = panel_index * panel / group_oc * group_ic;
    const int last_start = source_quads - quads;
    const int start = first_ic / quad;
    return start < last_start ? start : last_start;
  }
};

}  // namespace octavo::inline v0::simd
