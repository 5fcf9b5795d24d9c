// SPDX-License-Identifier: MIT
/// @file
/// The definition of add, the elementwise sum of two tensors.
#pragma once

#include <cassert>
#include <cstdint>

#include "octavo/core/tensor.hpp"
#include "octavo/quant/params.hpp"

namespace octavo::inline v0::reference {

/// dst = sat8(floor((m0 * a + m1 * b) / 2^shift + 1/2)), then max(0, .) where `relu`.
///
/// |m0 * a + m1 * b| <= 2 * 127 * 128: int32 has room. All shapes are equal. In place is fine.
constexpr void add(tensor_view<const std::int8_t> a, tensor_view<const std::int8_t> b,
                   const add_params& params, bool relu, tensor_view<std::int8_t> dst) noexcept {
  assert(a.shape == b.shape && dst.shape == a.shape);
  const auto& [m, shift] = params;
  for (std::int64_t i = 0; i < dst.shape.elements(); ++i) {
    const std::int32_t sum = m[0] * a.data[i] + m[1] * b.data[i];
    const std::int8_t y = sat8(shift_round_up(sum, shift));
    dst.data[i] = relu && y < 0 ? std::int8_t{0} : y;
  }
}

}  // namespace octavo::inline v0::reference
