// SPDX-License-Identifier: MIT
/// @file
/// The command buffer: all that is needed to run a network together with its weight image, and
/// nothing else. No names, no thresholds; a clip has its two int8 limits.
///
/// Little-endian throughout. A header, then one record for each op in execution order, then three
/// tables. Signed numbers are i8 and i32. A tensor is int8 in NCHW order; its 24 bytes are u64
/// address in neuron memory, a multiple of 16, and i32 n, c, h, w.
///
///     header, 64 bytes
///     0   8    magic "OCTAVOCB"
///     8   u32  format version, 1
///     12  u32  layout of the weight image: 0 v1, 1 v2, 2 per_channel
///     16  u64  bytes of the whole buffer
///     24  u64  bytes of neuron memory: the end of its last tensor, rounded up to 16
///     32  u64  bytes of the weight image
///     40  u32  batch: n of every tensor
///     44  u32  number of records, the input's among them
///     48  u32  number of operands
///     52  u32  number of divisors
///     56  u32  number of outputs, 1..16
///     60  u32  0
///
///     record, 168 bytes; what an op does not use is 0
///     0   u8   opcode: 0 input (the first record and no other), 1 conv2d, 2 fully_connected,
///              3 scale, 4 relu, 5 clip, 6 leaky_relu, 7 max_pool, 8 avg_pool, 9 add, 10 concat
///     1   u8   1: max(0, .) behind the op; conv2d, fully_connected, scale, add
///     2   u8   pools: output size rounded 0 down, 1 up
///     3   u8   avg_pool: 1 where padding counts in the divisor
///     4   u8   layers: 0 rshift, 2 multiplier_rshift, 3 multiplier_q31 (v1 and v2: 0)
///     5   u8   layers of layout v2, add: shift, 0..31; leaky_relu: shift, 0..62
///     6   i8   clip: lower limit
///     7   i8   clip: upper limit
///     8   i32  add: multiplier of the first operand, 0..127; leaky_relu: 1..2^31-1
///     12  i32  add: multiplier of the second operand, 0..127
///     16  24   the tensor that the op writes
///     40  24   the tensor that it reads, but for input and concat
///     64  24   add: the second one
///     88  u64  layers of layout v1: address of the shift in the weight image
///     96  u64  layers: address of the bias, or of the channels' records
///     104 u64  layers: address of the filter
///     112 i32  conv2d, pools: kernel height
///     116 i32  kernel width
///     120 i32  vertical stride
///     124 i32  horizontal stride
///     128 i32  vertical dilation
///     132 i32  horizontal dilation
///     136 i32  top padding
///     140 i32  left padding
///     144 i32  bottom padding
///     148 i32  right padding
///     152 i32  conv2d: groups
///     156 u32  avg_pool: index of the first of its divisors; concat: of its operands
///     160 u32  how many they are
///     164 u32  0
///
///     operand of a concat, 32 bytes
///     0   24   the tensor that is read
///     24  i32  multiplier, 1..2^31-1
///     28  i32  shift, 0..62
///
///     divisor of an average pool, 12 bytes, in the order of divisors_of()
///     0   i32  divisor
///     4   i32  multiplier, 1..2^31-1
///     8   i32  shift, 0..62
///
///     output, 4 bytes
///     0   u32  record whose tensor is a result of the network
///
/// Layers are conv2d, fully_connected and scale. Operands and divisors lie in the order of the
/// records that have them, and each belongs to one. The rows of all layers, with the padding that
/// the layout puts behind each, fill the weight image without gap or overlap, in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/graph/fuse.hpp"
#include "octavo/model/fuse.hpp"
#include "octavo/tpu/command_graph.hpp"
#include "octavo/tpu/neuron_map.hpp"
#include "octavo/tpu/weight_image.hpp"

namespace octavo::inline v0::tpu {

namespace detail {

/// Makes the entries of one fused node after the other.
class command_maker {
 public:
  command_maker(const quantized_model& model, weight_layout layout, fusion level)
      : model_(model),
        net_(fuse(model, level)),
        neurons_(make_neuron_map(net_)),
        weights_(make_weight_map(model.graph, layout)) {
    made_.layout = layout;
    made_.neuron_size = static_cast<std::uint64_t>(neurons_.size);
    made_.weight_size = static_cast<std::uint64_t>(weights_.size);
  }

  command_buffer run() {
    for (std::size_t i = 0; i < net_.size(); ++i) add_record(i);
    for (const int output : net_.outputs) {
      made_.outputs.push_back(static_cast<std::uint32_t>(output));
    }
    return std::move(made_);
  }

 private:
  command_tensor tensor_of(int node) const {
    return {static_cast<std::uint64_t>(neurons_.find(node)->offset),
            net_[static_cast<std::size_t>(node)].shape};
  }

  void add_record(std::size_t i) {
    const node& op_node = net_[i];
    const op_params& params = model_.params[static_cast<std::size_t>(op_node.from.params)];
    command_record record{.opcode = static_cast<std::uint8_t>(op_node.kind),
                          .relu = op_node.relu,
                          .rounding = static_cast<std::uint8_t>(op_node.rounding),
                          .count_padding = op_node.count_padding,
                          .dst = tensor_of(static_cast<int>(i))};
    if (op_node.kind != op::concat) {
      for (std::size_t k = 0; k < op_node.src.size(); ++k) {
        record.src[k] = tensor_of(op_node.src[k]);
      }
    }
    const bool pools = op_node.kind == op::max_pool || op_node.kind == op::avg_pool;
    if (pools || op_node.kind == op::conv2d) record.window = op_node.window;
    if (op_node.kind == op::conv2d) record.groups = op_node.groups;
    if (has_weights(op_node.kind)) set_layer(record, op_node.from.params, params.requantize);
    set_integers(record, op_node, params);
    made_.records.push_back(record);
  }

  void set_layer(command_record& record, int node, const requantization& r) const {
    const auto address = [&](weight_part part) {
      return static_cast<std::uint64_t>(weights_.find(node, part)->offset);
    };
    record.policy = static_cast<std::uint8_t>(r.kind);
    record.filter_address = address(weight_part::filter);
    if (made_.layout == weight_layout::per_channel) {
      record.bias_address = address(weight_part::channel_records);
      return;
    }
    record.bias_address = address(weight_part::bias);
    if (made_.layout == weight_layout::v1) record.shift_address = address(weight_part::shift);
    if (made_.layout == weight_layout::v2) record.shift = r.shift[0];
  }

  /// The integers of ops without weights.
  void set_integers(command_record& record, const node& op_node, const op_params& params) {
    if (op_node.kind == op::add) {
      record.multiplier[0] = params.add.multiplier[0];
      record.multiplier[1] = params.add.multiplier[1];
      record.shift = static_cast<std::uint8_t>(params.add.shift);
    } else if (op_node.kind == op::leaky_relu) {
      record.multiplier[0] = params.multipliers[0].multiplier;
      record.shift = static_cast<std::uint8_t>(params.multipliers[0].shift);
    } else if (op_node.kind == op::clip) {
      record.clip_lo = params.clip.lo;
      record.clip_hi = params.clip.hi;
    } else if (op_node.kind == op::avg_pool) {
      record.first = static_cast<std::uint32_t>(made_.divisors.size());
      record.count = static_cast<std::uint32_t>(params.divisors.size());
      made_.divisors.insert(made_.divisors.end(), params.divisors.begin(), params.divisors.end());
    } else if (op_node.kind == op::concat) {
      record.first = static_cast<std::uint32_t>(made_.operands.size());
      record.count = static_cast<std::uint32_t>(op_node.src.size());
      for (std::size_t k = 0; k < op_node.src.size(); ++k) {
        made_.operands.push_back({tensor_of(op_node.src[k]), params.multipliers[k]});
      }
    }
  }

  const quantized_model& model_;
  octavo::graph net_;
  neuron_map<std::vector<node>> neurons_;
  weight_map weights_;
  command_buffer made_ = {};
};

}  // namespace detail

/// The buffer's bytes. Nothing is checked.
inline std::vector<std::uint8_t> to_bytes(const command_buffer& commands) {
  detail::command_writer out;
  out.text(command_magic);
  const command_header header = detail::header_of(commands);
  transfer(out, header);
  for (const command_record& record : commands.records) transfer(out, record);
  for (const command_operand& operand : commands.operands) transfer(out, operand);
  for (const pool_divisor& divisor : commands.divisors) transfer(out, divisor);
  for (const std::uint32_t output : commands.outputs) transfer(out, output);
  return out.take();
}

/// The commands that run a model, which has passed validate(), with its weight image in `layout`
/// (write_weight_image()), on the neuron map of the model fused to `level`: every tensor of it, or
/// the TPU's fused map.
/// @throws octavo::error where the layout cannot hold a policy, the graph has not one input, or
///         adds are to be fused, which the TPU does not do.
inline std::vector<std::uint8_t> write_command_buffer(const quantized_model& model,
                                                      weight_layout layout,
                                                      fusion level = fusion::none) {
  require(level != fusion::relu_add,
          "command buffer: the TPU fuses relu alone, expected none or relu");
  sole_input(model.graph);
  detail::expect_layout_holds(model, layout, "command buffer");
  return to_bytes(detail::command_maker(model, layout, level).run());
}

/// The commands in a buffer, proved to be runnable with any weight image that holds valid
/// parameters. @param name what messages call the buffer.
/// @throws octavo::error with the offset, the record, the field, what was found and expected.
inline command_buffer read_command_buffer(std::span<const std::uint8_t> bytes,
                                          std::string_view name = "command buffer") {
  const command_header header = detail::read_header(bytes, name);
  detail::command_reader in(bytes.data() + command_header_size);
  command_buffer commands{.layout = static_cast<weight_layout>(header.layout),
                          .neuron_size = header.neuron_size,
                          .weight_size = header.weight_size,
                          .records = in.entries<command_record>(header.records),
                          .operands = in.entries<command_operand>(header.operands),
                          .divisors = in.entries<pool_divisor>(header.divisors),
                          .outputs = in.entries<std::uint32_t>(header.outputs)};
  const auto batch = static_cast<std::uint32_t>(commands.batch());
  detail::place_of_header(name, header)
      .expect(header.batch == batch, "batch", batch, ", n of the input");
  detail::network_of(commands, name);
  return commands;
}

/// A model made of commands and a weight image.
struct rebuilt_model {
  /// Nodes are called op0, op1 ... by their records; a layer whose record has a relu is two nodes,
  /// op7_before_relu and op7. Every threshold is 128. The scheme is mixed.
  quantized_model model = {};
  /// Of each node's tensor in neuron memory; -1 where it has none, before a fused relu.
  std::vector<std::int64_t> addresses = {};
};

/// The model that read_command_buffer()'s commands run. Executors give for it, tensor by tensor,
/// the bytes of the model that was written. @param name what messages call the image.
/// @throws octavo::error where the image has another size or holds what validate() refuses.
inline rebuilt_model rebuild_model(const command_buffer& commands,
                                   std::span<const std::uint8_t> image,
                                   std::string_view name = "weight image") {
  if (image.size() != commands.weight_size) {
    fail(name, ": has ", image.size(), " bytes, expected ", commands.weight_size,
         ", those of layout ", to_string(commands.layout),
         ", which the command buffer was made for");
  }
  detail::command_network net = detail::network_of(commands, "command buffer");
  std::vector<weight_row> rows;
  for (const detail::placed_row& placed : net.weights) rows.push_back(placed.row);
  for (std::size_t i = 0; i < net.graph.size(); ++i) {
    if (!has_weights(net.graph[i].kind) || commands.layout != weight_layout::per_channel) continue;
    requantization& r = net.params[i].requantize;
    const auto channels = static_cast<std::size_t>(net.graph[i].shape.c);
    r.shift.assign(channels, 0);
    if (!is_rshift(r.kind)) r.multiplier.assign(channels, 1);
  }
  quantized_model model{
      .scheme = scheme::mixed,
      .graph = std::move(net.graph),
      .thresholds = std::vector<double>(net.params.size(), detail::rebuilt_threshold),
      .params = std::move(net.params)};
  model = with_context(name, [&] {
    return detail::read_weight_rows(image, std::move(model), rows, commands.layout);
  });
  return {std::move(model), std::move(net.addresses)};
}

}  // namespace octavo::inline v0::tpu
