// SPDX-License-Identifier: MIT
/// @file
/// Copies channels between tensors of any blocks: concat's kernel. A run is what lies together in
/// both.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "octavo/simd/kernels.hpp"

namespace octavo::inline v0::detail {

struct channel_copy_args {
  simd::source src = {};
  simd::destination dst = {};
  int src_block = 64;
  int dst_block = 64;
  int channels = 0;                    ///< of the source
  int first_channel = 0;               ///< of the destination
  const std::int8_t* table = nullptr;  ///< dst = table[src + 128]; null copies
  simd::extent out = {};               ///< blocks: 1

  std::int64_t work() const { return out.work(); }
};

/// Channels [c, c + run) of one row.
inline void copy_run(const channel_copy_args& args, std::int64_t n, std::int64_t h, int c,
                     int run) noexcept {
  const int to = args.first_channel + c;
  const std::int8_t* src = args.src.at(n, c / args.src_block, h) + c % args.src_block;
  std::int8_t* dst = args.dst.at(n, to / args.dst_block, h) + to % args.dst_block;
  for (int w = 0; w < args.out.columns; ++w, src += args.src.pixel, dst += args.dst.pixel) {
    if (args.table == nullptr) {
      std::memcpy(dst, src, static_cast<std::size_t>(run));
    } else {
      for (int i = 0; i < run; ++i) dst[i] = args.table[src[i] + 128];
    }
  }
}

/// Rows of images x rows.
inline void channel_copy(const channel_copy_args& args, simd::work_range work) noexcept {
  for (std::int64_t i = work.begin; i < work.end; ++i) {
    const std::int64_t n = i / args.out.rows;
    const std::int64_t h = i % args.out.rows;
    for (int c = 0; c < args.channels;) {
      const int in_src = args.src_block - c % args.src_block;
      const int in_dst = args.dst_block - (args.first_channel + c) % args.dst_block;
      const int run = std::min({in_src, in_dst, args.channels - c});
      copy_run(args, n, h, c, run);
      c += run;
    }
  }
}

}  // namespace octavo::inline v0::detail
