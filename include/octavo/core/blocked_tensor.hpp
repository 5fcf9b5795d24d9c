// SPDX-License-Identifier: MIT
/// @file
/// A tensor that owns channel-blocked elements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "octavo/core/aligned.hpp"
#include "octavo/core/blocked_copy.hpp"
#include "octavo/core/error.hpp"

namespace octavo::inline v0 {

/// int8 elements in a channel-blocked layout. Border and padding channels are 0 until somebody
/// writes there.
class blocked_tensor {
 public:
  /// All elements 0.
  explicit blocked_tensor(const blocked_layout& layout)
      : layout_(layout), bytes_(static_cast<std::size_t>(layout.bytes())) {
    std::memset(bytes_.view().data(), layout.zero(), bytes_.view().size());
  }

  /// A copy of an NCHW tensor. @throws octavo::error where layout.shape is not its shape.
  blocked_tensor(tensor_view<const std::int8_t> src, const blocked_layout& layout)
      : blocked_tensor(layout) {
    require_shape(src.shape, layout.shape, "blocked_tensor: the source");
    copy_from_nchw(src, view());
  }

  const blocked_layout& layout() const { return layout_; }

  blocked_view<std::int8_t> view() & {
    return {reinterpret_cast<std::int8_t*>(bytes_.view().data()), layout_};
  }
  blocked_view<const std::int8_t> view() const& {
    return {reinterpret_cast<const std::int8_t*>(bytes_.view().data()), layout_};
  }
  blocked_view<const std::int8_t> view() const&& = delete;  ///< it would outlive the elements

 private:
  blocked_layout layout_;
  aligned_bytes bytes_;
};

/// The layout that kernels like best for a tensor of this shape.
constexpr blocked_layout preferred_layout(const shape& extents, const padding& border = {}) {
  return {extents, choose_block(extents.c), border};
}

}  // namespace octavo::inline v0
