// SPDX-License-Identifier: MIT
/// @file
/// The definition of fully_connected.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "octavo/core/tensor.hpp"
#include "octavo/quant/params.hpp"

namespace octavo::inline v0::reference {

/// dst[n,oc] = requantize(relu?(bias[oc] + sum over k of src[n,k] * weights[oc,k]), oc)
///
/// src is read as N x K, K = c * h * w, whatever its shape; weights have the shape {N_out, K, 1, 1}
/// and dst {n, N_out, 1, 1}. Accumulator bound as for conv2d.
template <class Bias, class Requantize>
constexpr void fully_connected(tensor_view<const std::int8_t> src, const filter<Bias>& filter,
                               bool relu, const Requantize& requantize,
                               tensor_view<std::int8_t> dst) noexcept {
  static_assert(
      requantize_rule<Requantize>,
      "fully_connected: requantize must be a policy, per_channel<policy>, or called (acc, channel) "
      "and give std::int8_t");
  const auto k = static_cast<int>(src.shape.elements_per_image());
  assert((filter.weights.shape == shape{dst.shape.c, k, 1, 1}));
  assert((dst.shape == shape{src.shape.n, dst.shape.c, 1, 1}));
  assert(filter.bias.empty() || filter.bias.size() == static_cast<std::size_t>(dst.shape.c));

  for (int n = 0; n < dst.shape.n; ++n) {
    for (int oc = 0; oc < dst.shape.c; ++oc) {
      std::int32_t acc = filter.bias.empty() ? 0 : filter.bias[static_cast<std::size_t>(oc)];
      for (int i = 0; i < k; ++i) {
        acc += src.data[std::int64_t{n} * k + i] * filter.weights(oc, i, 0, 0);
      }
      if (relu && acc < 0) acc = 0;
      dst(n, oc, 0, 0) = requantize(acc, oc);
    }
  }
}

}  // namespace octavo::inline v0::reference
