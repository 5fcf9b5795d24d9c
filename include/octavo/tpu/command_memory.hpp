// SPDX-License-Identifier: MIT
/// @file
/// What lies in neuron memory while the ops of a command buffer run one after the other.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>

#include "octavo/tpu/command_record.hpp"

namespace octavo::inline v0::tpu::detail {

/// Which tensors lie in neuron memory, as far as ops have written it.
class live_tensors {
 public:
  struct tensor {
    shape extents;
    int node;
  };

  /// The tensor that begins at `address`, or nullptr.
  const tensor* find(std::uint64_t address) const {
    const auto found = tensors_.find(address);
    return found == tensors_.end() ? nullptr : &found->second;
  }

  /// Puts a tensor there. Those that it overlaps are no more.
  void write(const command_tensor& dst, int node) {
    const std::uint64_t end = end_of(dst.address, dst.extents);
    auto at = tensors_.lower_bound(dst.address);
    if (at != tensors_.begin()) {
      const auto before = std::prev(at);
      if (end_of(before->first, before->second.extents) > dst.address) tensors_.erase(before);
    }
    while (at != tensors_.end() && at->first < end) at = tensors_.erase(at);
    tensors_.insert_or_assign(dst.address, tensor{dst.extents, node});
  }

  static std::uint64_t end_of(std::uint64_t address, const shape& extents) {
    return address + static_cast<std::uint64_t>(extents.elements());
  }

 private:
  std::map<std::uint64_t, tensor> tensors_;  // by address; none overlaps another
};

}  // namespace octavo::inline v0::tpu::detail
