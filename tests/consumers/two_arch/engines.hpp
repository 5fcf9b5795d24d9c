// SPDX-License-Identifier: MIT
#pragma once

#include "octavo/engine.hpp"
#include "run.hpp"

namespace consumers {
namespace {  // not inline: each translation unit has its own

outcome run_engines(const octavo::quantized_model& model,
                    const octavo::tensor<std::int8_t>& image) {
  octavo::engine portable(model, {.isa = octavo::isa::portable});
  octavo::engine best(model, {.isa = octavo::best_isa()});
  portable.run(image);
  best.run(image);
  return {portable.output().values, best.output().values, portable.model().plan().kernels().detail};
}

}  // namespace
}  // namespace consumers
