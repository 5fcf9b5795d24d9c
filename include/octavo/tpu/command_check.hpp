// SPDX-License-Identifier: MIT
/// @file
/// Checks of a command buffer's entries, each on its own: sizes, ranges, unused fields. What they
/// are to each other is checked in tpu/command_graph.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/tpu/command_record.hpp"

namespace octavo::inline v0::tpu::detail {

/// One entry of a buffer in messages.
template <class Entry>
class entry_place {
 public:
  /// @param file what the buffer is called, @param what the entry; @param offset of its first byte
  entry_place(std::string_view file, std::string what, std::size_t offset, const Entry& entry)
      : file_(file), what_(std::move(what)), offset_(offset), entry_(entry) {}

  /// "<file>: <entry>: <field> at offset <offset> is <found>, expected <parts>".
  template <class... Parts>
  [[noreturn]] void refuse(std::string_view field, const Parts&... expected) const {
    for (const command_field& one : fields_of(entry_)) {
      if (one.name != field) continue;
      fail(file_, ": ", what_, ": ", field, " at offset ", offset_ + one.offset, " is ", one.value,
           ", expected ", expected...);
    }
    fail(file_, ": ", what_, " at offset ", offset_, ": expected ", expected...);
  }

  template <class... Parts>
  void expect(bool rule, std::string_view field, const Parts&... expected) const {
    if (!rule) refuse(field, expected...);
  }

  std::string where() const { return concat_text(file_, ": ", what_, " at offset ", offset_); }

 private:
  std::string_view file_;
  std::string what_;
  std::size_t offset_;
  const Entry& entry_;
};

/// Where the tables begin.
struct command_offsets {
  std::size_t operands, divisors, outputs;

  explicit command_offsets(const command_buffer& commands)
      : operands(command_header_size + command_record_size * commands.records.size()),
        divisors(operands + command_operand_size * commands.operands.size()),
        outputs(divisors + command_divisor_size * commands.divisors.size()) {}
};

inline entry_place<command_record> place_of_record(std::string_view file,
                                                   const command_buffer& commands, std::size_t i) {
  const command_record& record = commands.records[i];
  std::string what = concat_text("record ", i);
  if (record.opcode < op_count)
    what += concat_text(" (", to_string(static_cast<op>(record.opcode)), ")");
  return {file, std::move(what), command_header_size + command_record_size * i, record};
}

inline entry_place<command_operand> place_of_operand(std::string_view file,
                                                     const command_buffer& commands,
                                                     std::size_t i) {
  return {file, concat_text("operand ", i),
          command_offsets(commands).operands + command_operand_size * i, commands.operands[i]};
}

inline entry_place<pool_divisor> place_of_divisor(std::string_view file,
                                                  const command_buffer& commands, std::size_t i) {
  return {file, concat_text("pool divisor ", i),
          command_offsets(commands).divisors + command_divisor_size * i, commands.divisors[i]};
}

inline entry_place<std::uint32_t> place_of_output(std::string_view file,
                                                  const command_buffer& commands, std::size_t i) {
  return {file, concat_text("output ", i),
          command_offsets(commands).outputs + command_output_size * i, commands.outputs[i]};
}

/// A header with these contents.
inline command_header header_of(const command_buffer& commands) {
  const auto count = [](const auto& entries) { return static_cast<std::uint32_t>(entries.size()); };
  const std::size_t outputs = command_output_size * commands.outputs.size();
  return {.layout = static_cast<std::uint32_t>(commands.layout),
          .bytes = command_offsets(commands).outputs + outputs,
          .neuron_size = commands.neuron_size,
          .weight_size = commands.weight_size,
          .batch = static_cast<std::uint32_t>(commands.batch()),
          .records = count(commands.records),
          .operands = count(commands.operands),
          .divisors = count(commands.divisors),
          .outputs = count(commands.outputs)};
}

/// The header is not one of command_buffer's fields: a message about it is made of the contents.
inline entry_place<command_header> place_of_header(std::string_view file,
                                                   const command_header& header) {
  return {file, "header", command_magic.size(), header};
}

/// The header of `bytes`, whose counts are those of the bytes there are.
inline command_header read_header(std::span<const std::uint8_t> bytes, std::string_view file) {
  if (bytes.size() < command_header_size) {
    fail(file, ": has ", bytes.size(), " bytes, expected at least the ", command_header_size,
         " of a command buffer's header");
  }
  const std::string_view magic(reinterpret_cast<const char*>(bytes.data()), command_magic.size());
  if (magic != command_magic) {
    fail(file, ": is no command buffer: at offset 0 is ", in_quotes(magic), ", expected ",
         in_quotes(command_magic));
  }
  command_header header;
  command_reader in(bytes.data() + command_magic.size());
  transfer(in, header);
  const auto place = place_of_header(file, header);
  place.expect(header.version == command_version, "version", command_version);
  place.expect(header.layout <= 2, "weight layout", "0 (v1), 1 (v2) or 2 (per_channel)");
  const std::uint64_t needed = command_header_size +
                               std::uint64_t{command_record_size} * header.records +
                               std::uint64_t{command_operand_size} * header.operands +
                               std::uint64_t{command_divisor_size} * header.divisors +
                               std::uint64_t{command_output_size} * header.outputs;
  place.expect(header.bytes == needed, "bytes of the buffer", needed, ", which its counts take");
  if (bytes.size() != needed) {
    fail(file, ": has ", bytes.size(), " bytes, expected ", needed,
         " (bytes of the buffer at offset ", command_magic.size() + 8, ")");
  }
  constexpr auto largest = static_cast<std::uint64_t>(INT64_MAX);
  place.expect(header.neuron_size <= largest, "bytes of neuron memory", "less than 2^63");
  place.expect(header.weight_size <= largest, "bytes of the weight image", "less than 2^63");
  place.expect(header.records >= 1, "number of records", "at least the input's");
  constexpr std::size_t most = decltype(octavo::graph::outputs)::capacity();
  place.expect(header.outputs >= 1 && header.outputs <= most, "number of outputs", "1..", most);
  place.expect(header.reserved == 0, "reserved", 0);
  return header;
}

/// The record without whatever its kind does not use.
inline command_record used_fields(const command_record& from, weight_layout layout) {
  const auto kind = static_cast<op>(from.opcode);
  command_record used{.opcode = from.opcode, .dst = from.dst};
  if (kind != op::input && kind != op::concat) used.src[0] = from.src[0];
  if (kind == op::add) used.src[1] = from.src[1];
  const bool pools = kind == op::max_pool || kind == op::avg_pool;
  if (pools || kind == op::conv2d) used.window = from.window;
  if (pools) used.rounding = from.rounding;
  if (kind == op::avg_pool) used.count_padding = from.count_padding;
  if (kind == op::conv2d) used.groups = from.groups;
  if (has_weights(kind) || kind == op::add) used.relu = from.relu;
  if (has_weights(kind)) {
    used.policy = from.policy;
    used.bias_address = from.bias_address;
    used.filter_address = from.filter_address;
    if (layout == weight_layout::v1) used.shift_address = from.shift_address;
  }
  const bool shifts = has_weights(kind) && layout == weight_layout::v2;
  if (shifts || kind == op::add || kind == op::leaky_relu) used.shift = from.shift;
  if (kind == op::add || kind == op::leaky_relu) used.multiplier[0] = from.multiplier[0];
  if (kind == op::add) used.multiplier[1] = from.multiplier[1];
  if (kind == op::clip) {
    used.clip_lo = from.clip_lo;
    used.clip_hi = from.clip_hi;
  }
  if (kind == op::avg_pool || kind == op::concat) {
    used.first = from.first;
    used.count = from.count;
  }
  return used;
}

/// Refuses a record with a field set that its kind has no use for.
inline void check_unused(const entry_place<command_record>& place, const command_record& record,
                         weight_layout layout) {
  const command_record used = used_fields(record, layout);
  if (record == used) return;
  const std::vector<command_field> found = fields_of(record);
  const std::vector<command_field> expected = fields_of(used);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].value != expected[i].value) {
      place.refuse(found[i].name, "0: this op in layout ", to_string(layout), " has no use for it");
    }
  }
}

/// Refuses a record with an integer out of its range. Windows, groups and shapes are the graph's.
inline void check_record(const entry_place<command_record>& place, const command_record& record,
                         weight_layout layout) {
  place.expect(record.opcode < op_count, "opcode", "0..", op_count - 1);
  check_unused(place, record, layout);
  place.expect(record.relu <= 1, "relu", "0 or 1");
  place.expect(record.rounding <= 1, "rounding", "0 (floor) or 1 (ceil)");
  place.expect(record.count_padding <= 1, "count_padding", "0 or 1");
  const auto kind = static_cast<op>(record.opcode);
  if (has_weights(kind)) {
    if (layout == weight_layout::per_channel) {
      place.expect(record.policy == 0 || record.policy == 2 || record.policy == 3, "policy",
                   "0 (rshift), 2 (multiplier_rshift) or 3 (multiplier_q31)");
    } else {
      place.expect(record.policy == 0, "policy", "0 (rshift), the only one of layout ",
                   to_string(layout));
    }
    place.expect(record.shift <= 31, "shift", "0..31");
  } else if (kind == op::add) {
    place.expect(record.multiplier[0] >= 0 && record.multiplier[0] <= 127, "multiplier 0",
                 "0..127");
    place.expect(record.multiplier[1] >= 0 && record.multiplier[1] <= 127, "multiplier 1",
                 "0..127");
    place.expect(record.shift <= 31, "shift", "0..31");
  } else if (kind == op::leaky_relu) {
    place.expect(record.multiplier[0] >= 1, "multiplier 0", "1..2^31-1");
    place.expect(record.shift <= 62, "shift", "0..62");
  } else if (kind == op::clip) {
    place.expect(record.clip_lo <= record.clip_hi, "clip lo", "at most clip hi, ", record.clip_hi);
  }
}

/// Refuses a multiplier of a table out of its range.
template <class Entry>
void check_multiplier_of(const entry_place<Entry>& place, const multiplier_rshift& m) {
  place.expect(m.multiplier >= 1, "multiplier", "1..2^31-1");
  place.expect(m.shift >= 0 && m.shift <= 62, "shift", "0..62");
}

}  // namespace octavo::inline v0::tpu::detail
