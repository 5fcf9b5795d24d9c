// SPDX-License-Identifier: MIT
/// @file
/// Makes a graph of a command buffer's records and proves, record by record, that it can be run:
/// every tensor inside neuron memory, written before it is read and of the inferred shape, every
/// parameter inside the weight image.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/graph/infer.hpp"
#include "octavo/model/validate.hpp"
#include "octavo/tpu/command_check.hpp"
#include "octavo/tpu/command_memory.hpp"
#include "octavo/tpu/command_network.hpp"
#include "octavo/tpu/weight_layout.hpp"

namespace octavo::inline v0::tpu::detail {

/// Goes through the records in their order, once.
class command_reading {
 public:
  command_reading(const command_buffer& commands, std::string_view file)
      : commands_(commands), file_(file) {}

  command_network run() {
    for (std::size_t i = 0; i < commands_.records.size(); ++i) add_record(i);
    finish_tables();
    finish_memory();
    finish_weights();
    finish_outputs();
    return std::move(made_);
  }

 private:
  using record_place = entry_place<command_record>;

  /// A record is one node, or two where a relu is fused behind it.
  void add_record(std::size_t i) {
    const command_record& record = commands_.records[i];
    const record_place place = place_of_record(file_, commands_, i);
    check_record(place, record, commands_.layout);
    place.expect((record.opcode == 0) == (i == 0), "opcode",
                 i == 0 ? "0: the first record is the input" : "1..10: there is one input");
    node added = node_of(record, concat_text("op", i, record.relu != 0 ? "_before_relu" : ""));
    check_dst(place, record.dst);
    find_sources(place, record, added);
    add_node(place, record, added);
    op_params& params = made_.params.back();
    if (has_weights(added.kind)) place_weights(place, i);
    if (added.kind == op::avg_pool) take_divisors(place, record, params);
    if (added.kind == op::concat) take_multipliers(record, params);
    if (record.relu != 0) {
      made_.addresses.back() = -1;
      add_relu(record, i);
    }
    const int last = static_cast<int>(made_.graph.size()) - 1;
    memory_.write(record.dst, last);
    written_by_.push_back(last);
    memory_end_ =
        std::max(memory_end_, live_tensors::end_of(record.dst.address, record.dst.extents));
  }

  void check_dst(const record_place& place, const command_tensor& dst) const {
    place.expect(dst.extents.n == commands_.batch(), dst_fields.n, commands_.batch(),
                 ", the batch");
    if (!dst.extents.is_valid()) {
      fail(place.where(), ": dst is ", text_of(dst.extents),
           ", expected extents in 1..2^24 and their product below 2^31");
    }
    place.expect(dst.address % neuron_alignment == 0, dst_fields.address, "a multiple of ",
                 neuron_alignment);
    expect_inside(place, dst_fields.address, dst.address,
                  static_cast<std::uint64_t>(dst.extents.elements()), commands_.neuron_size,
                  "neuron memory");
  }

  /// Sums are not formed before they are known to have 64 bits.
  static void expect_inside(const record_place& place, std::string_view field,
                            std::uint64_t address, std::uint64_t bytes, std::uint64_t size,
                            std::string_view memory) {
    place.expect(bytes <= size && address <= size - bytes, field, "that ", bytes,
                 " bytes from there on lie inside the ", size, " of ", memory);
  }

  void find_sources(const record_place& place, const command_record& record, node& added) {
    const int count = octavo::detail::input_count(added.kind);
    for (int k = 0; k < count; ++k) {
      const auto& names = src_fields[k];
      added.src.push_back(find_source(place, record.src[k], names));
      expect_apart(place, record.dst, record.src[k], names);
    }
    if (added.kind != op::concat) return;
    constexpr std::size_t most = decltype(node::src)::capacity();
    place.expect(record.count >= 1 && record.count <= most, "number of entries", "1..", most);
    place.expect(record.first == next_operand_, "first entry", next_operand_,
                 ", the first operand that no earlier concat has");
    place.expect(record.count <= commands_.operands.size() - next_operand_, "number of entries",
                 "at most ", commands_.operands.size() - next_operand_, ", the operands left");
    for (std::uint32_t k = 0; k < record.count; ++k, ++next_operand_) {
      const command_operand& operand = commands_.operands[next_operand_];
      const auto at = place_of_operand(file_, commands_, next_operand_);
      check_multiplier_of(at, operand.requantize);
      added.src.push_back(find_source(at, operand.src, operand_fields));
      expect_apart(at, record.dst, operand.src, operand_fields);
    }
  }

  /// The node that has written the tensor which an op reads.
  template <class Place>
  int find_source(const Place& place, const command_tensor& src, const tensor_fields& names) const {
    const live_tensors::tensor* const live = memory_.find(src.address);
    place.expect(live != nullptr, names.address,
                 "the address of a tensor that is written before and not overwritten since");
    const shape& there = live->extents;
    constexpr std::string_view why = ", as the tensor there has been written";
    place.expect(src.extents.n == there.n, names.n, there.n, why);
    place.expect(src.extents.c == there.c, names.c, there.c, why);
    place.expect(src.extents.h == there.h, names.h, there.h, why);
    place.expect(src.extents.w == there.w, names.w, there.w, why);
    return live->node;
  }

  /// Both lie inside of neuron memory.
  template <class Place>
  static void expect_apart(const Place& place, const command_tensor& dst, const command_tensor& src,
                           const tensor_fields& names) {
    const std::uint64_t dst_end = live_tensors::end_of(dst.address, dst.extents);
    const std::uint64_t src_end = live_tensors::end_of(src.address, src.extents);
    place.expect(src_end <= dst.address || dst_end <= src.address, names.address,
                 "a tensor apart from the op's dst, ", dst.address, "..", dst_end - 1);
  }

  /// Appends the node, once its rules are kept and its shape is what they give.
  void add_node(const record_place& place, const command_record& record, node& added) {
    const auto index = static_cast<int>(made_.graph.size());
    const shape& dst = record.dst.extents;
    added.shape = dst;
    const std::string where =
        concat_text(place.where(), ": ", text_of(record.window), ", groups ", record.groups);
    with_context(where, [&] { octavo::detail::check_node(added, made_.graph.view()); });
    const shape inferred = octavo::detail::infer_shape(added, made_.graph.view());
    constexpr std::string_view why = ", which its inputs give";
    place.expect(dst.n == inferred.n, dst_fields.n, inferred.n, why);
    place.expect(dst.c == inferred.c, dst_fields.c, inferred.c, why);
    place.expect(dst.h == inferred.h, dst_fields.h, inferred.h, why);
    place.expect(dst.w == inferred.w, dst_fields.w, inferred.w, why);
    append(added, index, params_of(record), record.dst.address);
  }

  void add_relu(const command_record& record, std::size_t i) {
    const auto index = static_cast<int>(made_.graph.size());
    node relu{
        .kind = op::relu, .name = node_name(concat_text("op", i)), .shape = record.dst.extents};
    relu.src.push_back(index - 1);
    append(relu, index, {}, record.dst.address);
  }

  void append(node& added, int index, op_params params, std::uint64_t address) {
    added.from = {index, index, added.kind == op::add ? index : -1};
    made_.graph.nodes.push_back(added);
    made_.params.push_back(std::move(params));
    made_.addresses.push_back(static_cast<std::int64_t>(address));
  }

  void place_weights(const record_place& place, std::size_t i) {
    const command_record& record = commands_.records[i];
    for (weight_row row : rows_of_layer(made_.graph, made_.graph.size() - 1, commands_.layout, 0)) {
      std::uint64_t address = record.bias_address;
      std::string_view field = "bias address";
      if (row.part == weight_part::shift) {
        address = record.shift_address;
        field = "shift address";
      } else if (row.part == weight_part::filter) {
        address = record.filter_address;
        field = "filter address";
      }
      expect_inside(place, field, address, static_cast<std::uint64_t>(row.size),
                    commands_.weight_size, "the weight image");
      row.offset = static_cast<std::int64_t>(address);
      made_.weights.push_back({row, i, field});
    }
  }

  void take_divisors(const record_place& place, const command_record& record, op_params& params) {
    const node& pool = made_.graph.nodes.back();
    const shape& src = made_.graph[static_cast<std::size_t>(pool.src[0])].shape;
    const std::vector<int> needed = divisors_of(pool, src);
    place.expect(record.count == needed.size(), "number of entries", needed.size(),
                 ", the divisors that occur");
    place.expect(record.first == next_divisor_, "first entry", next_divisor_,
                 ", the first divisor that no earlier pool has");
    place.expect(record.count <= commands_.divisors.size() - next_divisor_, "number of entries",
                 "at most ", commands_.divisors.size() - next_divisor_, ", the divisors left");
    for (const int divisor : needed) {
      const pool_divisor& entry = commands_.divisors[next_divisor_];
      const auto at = place_of_divisor(file_, commands_, next_divisor_);
      at.expect(entry.divisor == divisor, "divisor", divisor);
      check_multiplier_of(at, entry.requantize);
      params.divisors.push_back(entry);
      ++next_divisor_;
    }
  }

  void take_multipliers(const command_record& record, op_params& params) const {
    for (std::uint32_t k = 0; k < record.count; ++k) {
      params.multipliers.push_back(commands_.operands[record.first + k].requantize);
    }
  }

  /// No entry of a table is left over.
  void finish_tables() const {
    const auto place = header();
    place.expect(next_operand_ == commands_.operands.size(), "number of operands", next_operand_,
                 ", those that the records read");
    place.expect(next_divisor_ == commands_.divisors.size(), "number of divisors", next_divisor_,
                 ", those that the records have");
  }

  /// Neuron memory ends where its last tensor does.
  void finish_memory() const {
    const std::uint64_t end = align_up(memory_end_, static_cast<std::uint64_t>(neuron_alignment));
    header().expect(commands_.neuron_size == end, "bytes of neuron memory", end,
                    ", the end of the last tensor");
  }

  /// The rows fill the image: none overlaps another, and nothing is left between them.
  void finish_weights() const {
    std::vector<const placed_row*> rows;
    for (const placed_row& placed : made_.weights) rows.push_back(&placed);
    std::sort(rows.begin(), rows.end(), [](const placed_row* a, const placed_row* b) {
      return a->row.offset != b->row.offset ? a->row.offset < b->row.offset : a->record < b->record;
    });
    std::int64_t end = 0;
    for (const placed_row* const placed : rows) {
      place_of_record(file_, commands_, placed->record)
          .expect(placed->row.offset == end, placed->field, end,
                  ", where what precedes it in the image ends");
      end = placed->row.end();
    }
    header().expect(commands_.weight_size == static_cast<std::uint64_t>(end),
                    "bytes of the weight image", end, ", the end of the last parameter");
  }

  /// A result must still be there when the last op has run.
  void finish_outputs() {
    for (std::size_t k = 0; k < commands_.outputs.size(); ++k) {
      const std::uint32_t which = commands_.outputs[k];
      const auto place = place_of_output(file_, commands_, k);
      place.expect(which < commands_.records.size(), "output", "0..", commands_.records.size() - 1);
      const live_tensors::tensor* const live = memory_.find(commands_.records[which].dst.address);
      place.expect(live != nullptr && live->node == written_by_[which], "output",
                   "a record whose tensor no later op overwrites");
      made_.graph.outputs.push_back(written_by_[which]);
    }
  }

  entry_place<command_header> header() const { return place_of_header(file_, header_); }

  const command_buffer& commands_;
  std::string_view file_;
  command_header header_ = header_of(commands_);
  command_network made_ = {};
  live_tensors memory_ = {};
  std::vector<int> written_by_ = {};  // the node whose tensor a record writes
  std::uint64_t memory_end_ = 0;
  std::size_t next_operand_ = 0;
  std::size_t next_divisor_ = 0;
};

/// The network of a buffer, proved. @param file what messages call the buffer
inline command_network network_of(const command_buffer& commands, std::string_view file) {
  return command_reading(commands, file).run();
}

}  // namespace octavo::inline v0::tpu::detail
