// SPDX-License-Identifier: MIT
/// @file
/// What is decided about a quantized model before its weights are packed.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "octavo/engine/batch_plan.hpp"
#include "octavo/engine/fused_plan.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/model/ranges.hpp"
#include "octavo/model/validate.hpp"
#include "octavo/simd/dispatch.hpp"
#include "octavo/simd/pack.hpp"

namespace octavo::inline v0 {

/// How a model is prepared: for which instruction set, fused how far.
struct prepare_options {
  std::optional<octavo::isa> isa = {};  ///< the best that this CPU has, where not given
  octavo::fusion fusion = octavo::fusion::relu_add;
  /// 3x3 convolutions of mid-sized images by simd/winograd.hpp, where the instruction set has it
  /// and it is exact: they are faster, and their packed weights eight times as many bytes.
  bool winograd = true;
  /// The most images of a batch that go through the network together; a number that divides the
  /// batch does. 0: the engine's choice, see plan_batch().
  int images_at_once = 0;
  /// Kernels of an instruction set that is not part of the library, instead of `isa`'s. They
  /// outlive what is prepared with them.
  const simd::kernel_table* kernels = nullptr;
};

/// The fused graph, the layout and place of its tensors, what is known of their values, and the
/// kernels that will run it.
class execution_plan {
 public:
  /// @throws octavo::error where the model is not valid, has not one input, or this CPU lacks the
  ///         instruction set.
  template <class PortableArch = simd::portable_arch>
  execution_plan(const quantized_model& model, const prepare_options& options)
      : kernels_(options.kernels != nullptr
                     ? options.kernels
                     : &simd::kernels_for<PortableArch>(options.isa.value_or(best_isa()))),
        fused_(checked_plan(model, options)),
        non_negative_(non_negative_tensors(model, fused_.net)),
        winograd_(fused_.net.size()) {
    for (blocked_layout& layout : fused_.batch.memory.layouts) {
      layout.biased = layout.is_narrow() && kernels_->source_offset != 0;
    }
    for (std::size_t i = 0; i < fused_.net.size() && options.winograd; ++i) {
      winograd_[i] = favors_winograd(model, i);
    }
  }

  const simd::kernel_table& kernels() const { return *kernels_; }
  const octavo::graph& graph() const { return fused_.net; }

  /// How the batch is cut into groups of images.
  const batch_plan<std::vector<node>>& batch() const { return fused_.batch; }
  int groups() const { return batch().groups; }

  /// The graph for the images of one group, and the memory of its tensors.
  const octavo::graph& group() const { return batch().group; }
  const memory_plan<std::vector<node>>& memory() const { return batch().memory; }

  /// The layout of a tensor of one group.
  const blocked_layout& layout(std::size_t index) const { return memory().layouts[index]; }

  /// The first tensor that a node reads.
  std::size_t source_of(std::size_t index) const {
    return static_cast<std::size_t>(graph()[index].src[0]);
  }

  /// Whether all values of a node's output are proved to be 0..127.
  bool is_non_negative(std::size_t index) const { return non_negative_[index]; }

  /// Whether the reference executes a node because no kernel has it.
  bool by_reference(std::size_t index) const { return memory().by_reference[index]; }

  /// The weights of a conv2d, fully_connected or scale as a convolution's: a fully connected layer
  /// is one whose window is the whole source, scale a depthwise one with a 1x1 window.
  simd::filter_geometry filter_geometry(std::size_t index) const {
    const node& op_node = graph()[index];
    const std::size_t src = source_of(index);
    const shape& in = graph()[src].shape;
    simd::filter_geometry layer;
    layer.src_block = layout(src).block;
    layer.dst_block = layout(index).block;
    layer.signed_source = !is_non_negative(src);
    if (op_node.kind == op::fully_connected) {
      layer.weights = {op_node.shape.c, in.c, in.h, in.w};
    } else if (op_node.kind == op::scale) {
      layer.weights = {in.c, 1, 1, 1};
      layer.groups = in.c;
    } else {
      const window& w = op_node.window;
      layer.weights = {op_node.shape.c, in.c / op_node.groups, w.kh, w.kw};
      layer.groups = op_node.groups;
      layer.winograd = winograd_[index];
    }
    return layer;
  }

 private:
  bool favors_winograd(const quantized_model& model, std::size_t index) const {
    const node& op_node = graph()[index];
    if (op_node.kind != op::conv2d || op_node.groups != 1) return false;
    if (!simd::suits_winograd(op_node.window, op_node.shape)) return false;
    const op_params& params = model.params[static_cast<std::size_t>(op_node.from.params)];
    return simd::favors_winograd(op_node.shape, filter_geometry(index).weights) &&
           simd::winograd_is_exact(params.weights, op_node.shape.c);
  }

  static fused_plan checked_plan(const quantized_model& model, const prepare_options& options) {
    validate(model);
    sole_input(model.graph);
    return plan_fused(model, options.fusion, options.images_at_once);
  }

  const simd::kernel_table* kernels_;
  fused_plan fused_;
  std::vector<bool> non_negative_;
  std::vector<bool> winograd_;
};

}  // namespace octavo::inline v0
