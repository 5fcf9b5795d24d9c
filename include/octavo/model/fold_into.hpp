// SPDX-License-Identifier: MIT
/// @file
/// Batch normalization folded into the parameters of the layer before it.
#pragma once

#include <cstddef>
#include <vector>

#include "octavo/model/float_model.hpp"
#include "octavo/quant/fold.hpp"

namespace octavo::inline v0::detail {

/// Multiplies the weights of output channel `oc` and gives it another bias.
inline void fold_into(float_params& params, std::size_t oc, const folded_channel& folded) {
  const std::size_t per_channel = params.weights.size() / params.bias.size();
  for (std::size_t k = 0; k < per_channel; ++k) {
    params.weights[oc * per_channel + k] *= folded.scale;
  }
  params.bias[oc] = folded.bias;
}

/// All channels of a layer; `norm` has one for each.
inline void fold_into(float_params& params, const std::vector<batch_norm_channel>& norm) {
  for (std::size_t oc = 0; oc < norm.size(); ++oc) {
    fold_into(params, oc, fold(norm[oc], params.bias[oc]));
  }
}

}  // namespace octavo::inline v0::detail
