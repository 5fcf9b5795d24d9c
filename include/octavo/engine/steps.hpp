// SPDX-License-Identifier: MIT
/// @file
/// From a node of a prepared model to calls of kernels on an engine's memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "octavo/core/blocked_copy.hpp"
#include "octavo/engine/channel_copy.hpp"
#include "octavo/engine/prepared_model.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/simd/arguments.hpp"
#include "octavo/simd/parallel.hpp"

namespace octavo::inline v0::detail {

/// What no kernel writes: the border, or all of a tensor where padding channels are left out too.
struct clear_args {
  blocked_view<std::int8_t> dst = {};
  bool whole = false;

  std::int64_t work() const { return std::int64_t{dst.layout.shape.n} * dst.layout.blocks(); }
};

inline void clear(const clear_args& args, simd::work_range work) noexcept {
  if (args.whole) {
    const std::int64_t plane = args.dst.layout.plane();
    std::memset(args.dst.data + work.begin * plane, args.dst.layout.zero(),
                static_cast<std::size_t>((work.end - work.begin) * plane));
  } else {
    clear_border(args.dst, work.begin, work.end);
  }
}

/// A node that no kernel has: copied out, executed by the reference, copied back.
struct reference_args {
  const quantized_model* model = nullptr;
  const node* op_node = nullptr;
  inline_vector<blocked_view<const std::int8_t>, 8> src = {};
  blocked_view<std::int8_t> dst = {};
  std::int8_t* scratch = nullptr;

  std::int64_t work() const { return 1; }
};

inline void run_reference(const reference_args& args, simd::work_range work) noexcept {
  if (work.begin == work.end) return;
  std::array<tensor_view<const std::int8_t>, decltype(args.src)::capacity()> src;
  std::int8_t* next = args.scratch;
  const auto take = [&](const shape& extents) {
    const tensor_view<std::int8_t> view{next, extents};
    next += align_up(extents.elements(), std::int64_t{cache_line});
    return view;
  };
  for (std::size_t i = 0; i < args.src.size(); ++i) {
    const tensor_view<std::int8_t> copy = take(args.src[i].layout.shape);
    copy_to_nchw(args.src[i], copy);
    src[i] = copy;
  }
  const tensor_view<std::int8_t> dst = take(args.dst.layout.shape);
  run_node(*args.model, *args.op_node, {src.data(), args.src.size()}, dst);
  copy_from_nchw(dst, args.dst);
}

/// A kernel and what it works on.
template <class Args>
struct call {
  void (*kernel)(const Args&, simd::work_range) noexcept = nullptr;
  Args args = {};
};

using kernel_call =
    std::variant<call<simd::conv2d_args>, call<simd::rows_args>, call<simd::pool_args>,
                 call<channel_copy_args>, call<clear_args>, call<reference_args>>;

inline std::int64_t work_of(const kernel_call& made) {
  return std::visit([](const auto& call) { return call.args.work(); }, made);
}

inline void run_call(const kernel_call& made, simd::work_range part) noexcept {
  std::visit([&](const auto& call) { call.kernel(call.args, part); }, made);
}

/// Whether it writes what the next call of its step writes too.
inline bool clears_all(const kernel_call& made) {
  const auto* const clears = std::get_if<call<clear_args>>(&made);
  return clears != nullptr && clears->args.whole;
}

/// All that is done for one node.
struct step {
  int node = 0;
  std::string_view kernel = {};  ///< its name, for people
  std::vector<kernel_call> calls = {};
};

/// Makes the steps of an engine whose tensors lie in `arena`.
class step_builder {
 public:
  /// @param scratch prepared_model::scratch_bytes() for each of the threads
  step_builder(const prepared_model& model, std::span<std::byte> arena, int threads,
               std::span<std::byte> scratch)
      : model_(model),
        plan_(model.plan()),
        kernels_(plan_.kernels()),
        threads_(threads),
        arena_(reinterpret_cast<std::int8_t*>(arena.data())),
        scratch_(reinterpret_cast<std::int8_t*>(scratch.data())) {}

  /// The tensor of a node.
  blocked_view<std::int8_t> tensor(std::size_t index) const {
    return {arena_ + plan_.memory().arena.tensors[index].offset, plan_.layout(index)};
  }

  step build(std::size_t index) const {
    step made{.node = static_cast<int>(index)};
    const node& op_node = plan_.group()[index];
    clear_rest(index, made);
    if (plan_.by_reference(index)) {
      made.kernel = "reference";
      made.calls.push_back(reference(index));
      return made;
    }
    switch (op_node.kind) {
      case op::input:
        made.kernel = "input";
        break;
      case op::conv2d:
      case op::fully_connected:
      case op::scale:
        convolve(index, made);
        break;
      case op::relu:
        made.kernel = "clip";
        made.calls.push_back(clip(index, {0, 127}));
        break;
      case op::clip:
        made.kernel = "clip";
        made.calls.push_back(clip(index, model_.packed(index).clip));
        break;
      case op::leaky_relu:
        leaky_relu(index, made);
        break;
      case op::max_pool:
        made.kernel = "max_pool";
        made.calls.push_back(call<simd::pool_args>{kernels_.max_pool, pool(index)});
        break;
      case op::avg_pool:
        made.kernel = "avg_pool";
        made.calls.push_back(call<simd::pool_args>{kernels_.avg_pool, pool(index)});
        break;
      case op::add:
        made.kernel = "add";
        made.calls.push_back(add(index));
        break;
      case op::concat:
        concat(index, made);
        break;
    }
    return made;
  }

 private:
  /// Puts zeros where the node's kernel writes nothing: into the border, and into the channels that
  /// fill up the last block where it leaves them out.
  void clear_rest(std::size_t index, step& made) const {
    const blocked_layout& at = plan_.layout(index);
    const op kind = plan_.group()[index].kind;
    const bool leaves_channels =
        kind == op::input || kind == op::concat || plan_.by_reference(index);
    const bool whole = leaves_channels && at.shape.c % at.block != 0;
    if (at.border == padding{} && !whole) return;
    made.calls.push_back(call<clear_args>{clear, {tensor(index), whole}});
  }

  blocked_view<const std::int8_t> operand(std::size_t index, std::size_t k = 0) const {
    return tensor(static_cast<std::size_t>(plan_.group()[index].src[k]));
  }

  kernel_call reference(std::size_t index) const {
    reference_args args;
    args.model = model_.model();
    args.op_node = &plan_.group()[index];
    for (std::size_t k = 0; k < args.op_node->src.size(); ++k) {
      args.src.push_back(operand(index, k));
    }
    args.dst = tensor(index);
    args.scratch = arena_ + plan_.memory().arena.size;
    return call<reference_args>{run_reference, args};
  }

  void convolve(std::size_t index, step& made) const {
    const node& op_node = plan_.group()[index];
    const simd::packed_filter& filter = model_.packed(index).filter;
    const bool adds = op_node.residual_operand >= 0;
    simd::conv2d_args args = simd::conv2d_arguments(
        filter, {op_node.window, op_node.groups, op_node.relu}, operand(index), tensor(index));
    if (adds) {
      simd::add_residual(args, model_.packed(index).add, op_node.residual_operand,
                         operand(index, 1));
    }
    if (filter.order == simd::filter_order::depthwise) {
      made.kernel = "depthwise";
      made.calls.push_back(call<simd::conv2d_args>{kernels_.depthwise, args});
    } else if (filter.order == simd::filter_order::winograd) {
      made.kernel = "conv2d_winograd";
      args.scratch = scratch_;
      made.calls.push_back(call<simd::conv2d_args>{kernels_.conv2d_winograd, args});
    } else {
      made.kernel = "conv2d";
      const int tile_pixels = kernels_.pixels_for(filter);
      simd::merge_pixels(args, tile_pixels);
      const std::int64_t image_bytes =
          plan_.layout(plan_.source_of(index)).image() + plan_.layout(index).image();
      simd::share_rows(args, image_bytes, tile_pixels, threads_);
      made.calls.push_back(call<simd::conv2d_args>{kernels_.conv2d, args});
    }
  }

  simd::rows_args rows(std::size_t index) const {
    return simd::rows_arguments(operand(index), tensor(index));
  }

  kernel_call clip(std::size_t index, const clip_params& limits) const {
    simd::rows_args args = rows(index);
    args.clip = limits;
    return call<simd::rows_args>{kernels_.clip, args};
  }

  void leaky_relu(std::size_t index, step& made) const {
    simd::rows_args args = rows(index);
    args.table = model_.packed(index).tables[0];
    const bool copies = args.table == nullptr;  // clip's limits let everything pass
    made.kernel = copies ? "clip" : "lookup";
    made.calls.push_back(call<simd::rows_args>{copies ? kernels_.clip : kernels_.lookup, args});
  }

  kernel_call add(std::size_t index) const {
    simd::rows_args args = rows(index);
    args.b = simd::operand_at(operand(index, 1));
    args.add = model_.packed(index).add;
    args.clip.lo = plan_.group()[index].relu ? 0 : -128;
    return call<simd::rows_args>{kernels_.add, args};
  }

  simd::pool_args pool(std::size_t index) const {
    const node& op_node = plan_.group()[index];
    return simd::pool_arguments({op_node.window, op_node.rounding, op_node.count_padding},
                                operand(index), tensor(index), model_.packed(index).rules.data());
  }

  void concat(std::size_t index, step& made) const {
    const node& op_node = plan_.group()[index];
    made.kernel = "channel_copy";
    int first_channel = 0;
    for (std::size_t k = 0; k < op_node.src.size(); ++k) {
      const blocked_view<const std::int8_t> src = operand(index, k);
      channel_copy_args args;
      args.src = simd::operand_at(src);
      args.dst = simd::operand_at(tensor(index));
      args.src_block = src.layout.block;
      args.dst_block = plan_.layout(index).block;
      args.channels = src.layout.shape.c;
      args.first_channel = first_channel;
      args.table = model_.packed(index).tables[k];
      args.out = {op_node.shape.n, 1, op_node.shape.h, op_node.shape.w};
      made.calls.push_back(call<channel_copy_args>{channel_copy, args});
      first_channel += args.channels;
    }
  }

  const prepared_model& model_;
  const execution_plan& plan_;
  const simd::kernel_table& kernels_;
  int threads_;
  std::int8_t* arena_;
  std::int8_t* scratch_;
};

}  // namespace octavo::inline v0::detail
