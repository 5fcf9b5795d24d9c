// SPDX-License-Identifier: MIT
/// @file
/// A quantized model made ready for one instruction set: fused, its memory planned, its weights
/// packed. Nothing changes it afterwards: any number of engines and threads can share it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "octavo/core/aligned.hpp"
#include "octavo/engine/execution_plan.hpp"

namespace octavo::inline v0 {

/// All that kernels need of one node beside its tensors.
struct packed_node {
  simd::packed_filter filter = {};              ///< conv2d, fully_connected, scale
  std::vector<simd::pool_rule> rules = {};      ///< avg_pool
  std::vector<const std::int8_t*> tables = {};  ///< leaky_relu, concat; null where nothing changes
  add_params add = {};                          ///< add, and conv2d with a residual
  clip_params clip = {};                        ///< clip
};

namespace detail {

/// Functions of one int8 that a node applies as lookup tables.
inline std::int64_t table_count(const node& op_node) {
  if (op_node.kind == op::leaky_relu) return 1;
  return op_node.kind == op::concat ? static_cast<std::int64_t>(op_node.src.size()) : 0;
}

/// What a node makes of one int8, for one of its multipliers.
inline std::int8_t apply_to_value(op kind, const multiplier_rshift& rule, int x) {
  const bool keeps = kind == op::leaky_relu && x >= 0;
  return keeps ? static_cast<std::int8_t>(x) : rule(x);
}

}  // namespace detail

/// Bytes of the packed weights of `model` under `plan`.
inline std::int64_t packed_bytes(const quantized_model& model, const execution_plan& plan) {
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < plan.graph().size(); ++i) {
    const node& op_node = plan.graph()[i];
    bytes += simd::lookup_table_bytes * detail::table_count(op_node);
    if (!has_weights(op_node.kind) || plan.by_reference(i)) continue;
    const op_params& params = model.params[static_cast<std::size_t>(op_node.from.params)];
    bytes += simd::packed_bytes(plan.filter_geometry(i), plan.kernels(), params.requantize.kind);
  }
  return bytes;
}

/// The same, before anything is made: what prepared_model needs of the caller's memory.
/// @throws octavo::error as prepared_model.
template <class PortableArch = simd::portable_arch>
std::int64_t packed_bytes(const quantized_model& model, const prepare_options& options = {}) {
  return packed_bytes(model, execution_plan(model, options));
}

/// A model packed for one instruction set: read-only, shared by any number of engines and threads.
class prepared_model {
 public:
  /// Packs `model`, which need not live on.
  /// @param memory where the packed weights go: packed_bytes() bytes that begin at a cache line and
  ///        outlive this object. Without it they are on the heap.
  /// @throws octavo::error where the model is not valid, has not one input, the memory does not do,
  ///         or this CPU lacks the instruction set.
  template <class PortableArch = simd::portable_arch>
  explicit prepared_model(const quantized_model& model, const prepare_options& options = {},
                          std::span<std::byte> memory = {})
      : plan_(model, options), packed_bytes_(octavo::packed_bytes(model, plan_)) {
    memory = checked(memory);
    for (std::size_t i = 0; i < plan_.graph().size(); ++i) add(model, i, memory);
    if (needs_model()) model_.emplace(model);
  }

  /// The same; each layer's weights are freed as soon as they are packed, so that the model and its
  /// packed form are never there together.
  template <class PortableArch = simd::portable_arch>
  explicit prepared_model(quantized_model&& model, const prepare_options& options = {},
                          std::span<std::byte> memory = {})
      : plan_(model, options), packed_bytes_(octavo::packed_bytes(model, plan_)) {
    memory = checked(memory);
    const bool keeps = needs_model();
    for (std::size_t i = 0; i < plan_.graph().size(); ++i) {
      add(model, i, memory);
      const auto from = static_cast<std::size_t>(plan_.graph()[i].from.params);
      if (!keeps) model.params[from].weights = std::vector<std::int8_t>();
    }
    if (keeps) model_.emplace(std::move(model));
  }

  prepared_model(const prepared_model&) = delete;
  prepared_model& operator=(const prepared_model&) = delete;

  /// Layouts, memory and kernels.
  const execution_plan& plan() const { return plan_; }
  const octavo::graph& graph() const { return plan_.graph(); }  ///< as fused
  /// The instruction set that it is packed for.
  octavo::isa isa() const { return plan_.kernels().which; }
  /// The parameters of a node as its kernel reads them. The index is not checked.
  const packed_node& packed(std::size_t index) const { return packed_[index]; }
  /// Of a node's tensor: q stands for q * threshold / 128. The index is not checked.
  double threshold(std::size_t index) const { return thresholds_[index]; }
  /// Bytes of all packed weights.
  std::int64_t packed_bytes() const { return packed_bytes_; }
  /// Bytes of the tensors of one engine: what engine_options::memory must have.
  std::int64_t engine_bytes() const { return plan_.batch().bytes; }

  /// What kernels need for each thread beside the tensors.
  std::int64_t scratch_bytes() const {
    std::int64_t most = 0;
    for (const packed_node& packed : packed_) {
      const simd::packed_filter& filter = packed.filter;
      if (filter.order != simd::filter_order::winograd) continue;
      most = std::max(most, simd::scratch_for(filter, plan_.kernels().winograd_at_once).bytes());
    }
    return most;
  }

  /// The model, kept where the reference executes a node of it; else null.
  const quantized_model* model() const { return model_ ? &*model_ : nullptr; }

 private:
  /// The memory for the packed weights: the caller's if that does, where there is none our own.
  std::span<std::byte> checked(std::span<std::byte> memory) {
    const auto needed = static_cast<std::size_t>(packed_bytes_);
    if (memory.empty()) {
      owned_ = aligned_bytes::unwritten(needed);
      memory = owned_.view();
    }
    require(memory.size() >= needed, "prepared_model: too little memory for the packed weights");
    require(is_aligned(memory.data()), "prepared_model: the memory must begin at a cache line");
    return memory;
  }

  bool needs_model() const {
    for (std::size_t i = 0; i < plan_.graph().size(); ++i) {
      if (plan_.by_reference(i)) return true;
    }
    return false;
  }

  void add(const quantized_model& model, std::size_t index, std::span<std::byte>& memory) {
    packed_.push_back(pack(model, index, memory));
    const node& op_node = plan_.graph()[index];
    thresholds_.push_back(model.thresholds[static_cast<std::size_t>(op_node.from.tensor)]);
  }

  /// Packs one node into the front of `memory` and takes that off.
  packed_node pack(const quantized_model& model, std::size_t index, std::span<std::byte>& memory) {
    const node& op_node = plan_.graph()[index];
    const op_params& params = model.params[static_cast<std::size_t>(op_node.from.params)];
    packed_node packed = {.clip = params.clip};
    if (op_node.from.add >= 0) {
      packed.add = model.params[static_cast<std::size_t>(op_node.from.add)].add;
    }
    if (has_weights(op_node.kind) && !plan_.by_reference(index)) {
      const simd::filter_geometry layer = plan_.filter_geometry(index);
      const std::int64_t bytes = simd::packed_bytes(layer, plan_.kernels(), params.requantize.kind);
      packed.filter =
          simd::pack_filter(layer, plan_.kernels(),
                            {params.weights, params.bias, params.requantize}, take(memory, bytes));
    }
    for (const pool_divisor& entry : params.divisors) {
      packed.rules.push_back(simd::make_pool_rule(entry));
    }
    for (std::int64_t k = 0; k < detail::table_count(op_node); ++k) {
      const multiplier_rshift& rule = params.multipliers[static_cast<std::size_t>(k)];
      packed.tables.push_back(simd::make_lookup_table(
          [&](int x) { return detail::apply_to_value(op_node.kind, rule, x); },
          take(memory, simd::lookup_table_bytes)));
    }
    return packed;
  }

  static std::span<std::byte> take(std::span<std::byte>& memory, std::int64_t bytes) {
    const std::span<std::byte> front = memory.first(static_cast<std::size_t>(bytes));
    memory = memory.subspan(front.size());
    return front;
  }

  execution_plan plan_;
  std::int64_t packed_bytes_;
  std::vector<packed_node> packed_ = {};
  std::vector<double> thresholds_ = {};
  std::optional<quantized_model> model_ = {};
  aligned_bytes owned_ = {};
};

}  // namespace octavo::inline v0
