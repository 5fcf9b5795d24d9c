// SPDX-License-Identifier: MIT
/// @file
/// What else can execute the same layers: oneDNN, where the build has found it. Without it (see
/// onednn/absent.cpp) every function here returns an empty rival.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "octavo/core/window.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/simd/isa.hpp"

namespace octavo::bench {

/// Something prepared that can be run again and again.
struct rival {
  std::function<void()> run = {};
  std::function<std::vector<float>()> logits = {};  ///< a whole network's, of the last run

  explicit operator bool() const { return static_cast<bool>(run); }
};

/// "oneDNN 2.6.3", or "" where there is none.
std::string rival_name();

/// The instructions that it may use: "avx512_core_vnni".
std::string rival_isa();

/// Lets the rival use no other instructions than Octavo's `which` does, so that both are measured
/// against one peak; the environment's DNNL_MAX_CPU_ISA, where it is set, goes before. To be called
/// before anything else here.
void limit_rival(isa which);

/// A whole quantized network, with `threads` threads.
rival rival_network(const quantized_model& model, const tensor<std::int8_t>& input, int threads);

/// One convolution as it stands in a network.
struct rival_layer {
  shape src;
  shape weights;
  window slide;
  bool relu;
  bool residual;  ///< adds what was in its destination before
};

/// One convolution, with `threads` threads. Weights and source are arbitrary.
rival rival_convolution(const rival_layer& layer, int threads);

}  // namespace octavo::bench
