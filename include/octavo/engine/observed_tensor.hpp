// SPDX-License-Identifier: MIT
/// @file
/// What an engine shows to those who watch it run.
#pragma once

#include <cstddef>
#include <cstdint>

#include "octavo/core/blocked_copy.hpp"
#include "octavo/graph/node.hpp"

namespace octavo::inline v0 {

/// A tensor inside an engine's memory, for an observer. Valid until the next op runs.
class observed_tensor {
 public:
  observed_tensor(const node& op_node, std::size_t index, int first_image,
                  blocked_view<const std::int8_t> values)
      : node_(&op_node), index_(index), first_image_(first_image), values_(values) {}

  const octavo::node& node() const { return *node_; }  ///< of the graph as fused
  /// Of node() in the graph as fused.
  std::size_t index() const { return index_; }

  /// Which of the batch's images is the first in this tensor: 0, unless a batch goes through the
  /// network in groups.
  int first_image() const { return first_image_; }

  /// Its n are the images of one group.
  const octavo::shape& shape() const { return values_.layout.shape; }
  /// The engine's own memory: channels in blocks, with a border.
  blocked_view<const std::int8_t> values() const { return values_; }

  /// Copies it in NCHW order. Shapes are equal.
  void copy_to(tensor_view<std::int8_t> dst) const noexcept { copy_to_nchw(values_, dst); }

 private:
  const octavo::node* node_;
  std::size_t index_;
  int first_image_;
  blocked_view<const std::int8_t> values_;
};

}  // namespace octavo::inline v0
