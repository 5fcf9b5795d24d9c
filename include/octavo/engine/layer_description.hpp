// SPDX-License-Identifier: MIT
/// @file
/// What became of one layer of a prepared model, as values: for tables and reports.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "octavo/engine/prepared_model.hpp"

namespace octavo::inline v0 {

/// What became of a layer, in words and bytes.
struct layer_description {
  std::string kernel = {};  ///< "conv2d u8 14x32": on which source, tiles of pixels x channels
  std::string layout = {};  ///< of its tensor: "c64 56x56+1", channels of a block, size, border
  std::int64_t tensor_bytes = 0;
  std::int64_t weight_bytes = 0;  ///< packed
};

namespace detail {

/// "conv2d u8 14x32" and the like: what runs, on which source, in tiles of how many pixels and
/// output channels.
inline std::string kernel_text(const prepared_model& model, std::size_t index,
                               std::string_view kernel) {
  const simd::packed_filter& filter = model.packed(index).filter;
  if (filter.weights == nullptr || filter.order != simd::filter_order::dense) {
    return std::string(kernel);
  }
  return concat_text(kernel, filter.signed_source ? " s8 " : " u8 ",
                     model.plan().kernels().pixels_for(filter), "x", filter.panel);
}

/// "c64 56x56+1": channels of a block, height x width, the widest border.
inline std::string layout_text(const blocked_layout& at) {
  const int border = std::max(std::max(at.border.top, at.border.left),
                              std::max(at.border.bottom, at.border.right));
  std::string text = concat_text("c", at.block, " ", at.shape.h, "x", at.shape.w);
  if (border > 0) text += concat_text("+", border);
  return text;
}

inline std::int64_t filter_bytes(const simd::packed_filter& filter) {
  return filter.weights == nullptr ? 0 : simd::detail::weight_bytes(filter);
}

}  // namespace detail

/// The layer of a node of the fused graph, for one group of images. `kernel` is its
/// engine::kernel_name().
inline layer_description describe_layer(const prepared_model& model, std::size_t index,
                                        std::string_view kernel) {
  const blocked_layout& at = model.plan().layout(index);
  return {.kernel = detail::kernel_text(model, index, kernel),
          .layout = detail::layout_text(at),
          .tensor_bytes = at.bytes(),
          .weight_bytes = detail::filter_bytes(model.packed(index).filter)};
}

}  // namespace octavo::inline v0
