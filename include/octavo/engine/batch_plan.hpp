// SPDX-License-Identifier: MIT
/// @file
/// How a batch goes through a network: group by group. Small groups find their tensors in the
/// caches, large ones use the weights more often once these are read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "octavo/core/error.hpp"
#include "octavo/engine/memory_plan.hpp"

namespace octavo::inline v0 {

/// What the tensors of a group that nobody has chosen are to take at a time. As measured:
/// ResNet-50, 1.7 MiB an image, is fastest with four at once.
inline constexpr std::int64_t group_bytes = std::int64_t{8} << 20;

/// The same network for another number of images.
template <class Nodes>
[[nodiscard]] constexpr basic_graph<Nodes> with_images(basic_graph<Nodes> net, int images) {
  for (node& each : net.nodes) each.shape.n = images;
  return net;
}

namespace detail {

/// A tensor of all groups whose part for one has the layout `at`.
constexpr blocked_layout all_groups(blocked_layout at, int groups) {
  at.shape.n *= groups;
  return at;
}

/// The largest divisor of a batch up to `most`, 1 if there is none.
constexpr int largest_divisor(int batch, std::int64_t most) {
  int found = static_cast<int>(std::clamp<std::int64_t>(most, 1, batch));
  while (batch % found != 0) --found;
  return found;
}

/// The divisor of a batch that is the least times as large as `wanted` >= 1, or as small; of two
/// the smaller.
constexpr int nearest_divisor(int batch, std::int64_t wanted) {
  if (wanted >= batch) return batch;
  const int below = largest_divisor(batch, wanted);
  int above = static_cast<int>(wanted);
  while (batch % above != 0) ++above;
  return std::int64_t{above} * below < wanted * wanted ? above : below;
}

/// Bytes of the weights that convolutions and fully connected layers have together.
template <class Nodes>
constexpr std::int64_t weight_bytes(const basic_graph<Nodes>& net) {
  std::int64_t bytes = 0;
  for (const node& each : net) {
    bytes += multiply_adds(each, net.view()) / (each.shape.elements() / each.shape.c);
  }
  return bytes;
}

/// As many images as have their tensors within group_bytes, and at least so many that a group
/// writes as many bytes as it reads of weights. (VGG-16, whose weights are nine times as large as
/// its tensors, takes a tenth less time an image so than with one at once.)
template <class Nodes>
constexpr std::int64_t images_wanted(const basic_graph<Nodes>& net) {
  const basic_graph<Nodes> one = with_images(net, 1);
  const memory_plan<Nodes> plan = plan_memory(one);
  std::int64_t written = 0;
  for (const blocked_layout& each : plan.layouts) written += each.bytes();
  return std::max({std::int64_t{1}, group_bytes / plan.bytes(), weight_bytes(one) / written});
}

template <class Nodes>
constexpr int choose_images(const basic_graph<Nodes>& net, int images_at_once) {
  require(images_at_once >= 0, "images_at_once: expected 1 or more, or 0 for the engine's choice");
  const int batch = net[sole_input(net)].shape.n;
  if (images_at_once > 0 || batch == 1) return largest_divisor(batch, images_at_once);
  return nearest_divisor(batch, images_wanted(net));
}

}  // namespace detail

/// How a batch goes through a network in groups of images.
template <class Nodes>
struct batch_plan {
  basic_graph<Nodes> group = {};   ///< the network for the images that are in it together
  memory_plan<Nodes> memory = {};  ///< of one group; used again by the next
  int groups = 1;
  /// Where each output of all groups is kept, behind the memory of one; none for one group, whose
  /// outputs stay where they are.
  inline_vector<std::int64_t, 16> kept = {};
  std::int64_t bytes = 0;  ///< of everything
};

/// Plans the memory for a batch through `net`, node by node as it is.
/// @param images_at_once the largest group; it has the largest number of images up to it that
///        divides the batch. 0: a number near detail::images_wanted() that divides it.
/// @throws octavo::error where `net` has not one input, or images_at_once is negative.
template <class Nodes>
constexpr batch_plan<Nodes> plan_batch(const basic_graph<Nodes>& net, int images_at_once = 0) {
  const int images = detail::choose_images(net, images_at_once);
  batch_plan<Nodes> plan = {.group = with_images(net, images)};
  plan.memory = plan_memory(plan.group);
  plan.groups = net[sole_input(net)].shape.n / images;
  plan.bytes = plan.memory.bytes();
  if (plan.groups == 1) return plan;
  for (const int output : net.outputs) {
    const blocked_layout& at = plan.memory.layouts[static_cast<std::size_t>(output)];
    plan.kept.push_back(plan.bytes);
    plan.bytes += align_up(detail::all_groups(at, plan.groups).bytes(), std::int64_t{cache_line});
  }
  return plan;
}

/// Bytes that an engine needs to run `net` fused up to `level`: at most, where a model's integers
/// let it fuse clips too (plan_fused()).
template <class Nodes>
constexpr std::int64_t engine_bytes(const basic_graph<Nodes>& net, fusion level = fusion::relu_add,
                                    int images_at_once = 0) {
  return plan_batch(fuse(net, level), images_at_once).bytes;
}

}  // namespace octavo::inline v0
