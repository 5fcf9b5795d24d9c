// SPDX-License-Identifier: MIT
/// @file
/// The entries of a command buffer as values, and their bytes. tpu/command_buffer.hpp describes the
/// format.
///
/// One function describes each entry for reader, writer and messages, so that they cannot differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "octavo/core/little_endian.hpp"
#include "octavo/core/transfer_window.hpp"
#include "octavo/graph/node.hpp"
#include "octavo/quant/params.hpp"
#include "octavo/quant/requantization.hpp"
#include "octavo/quant/transfer_multiplier.hpp"
#include "octavo/tpu/weight_layout.hpp"

namespace octavo::inline v0::tpu {

/// The first bytes of a command buffer.
inline constexpr std::string_view command_magic = "OCTAVOCB";
/// Of the format: a reader refuses every other.
inline constexpr std::uint32_t command_version = 1;

inline constexpr std::size_t command_header_size = 64;   ///< bytes
inline constexpr std::size_t command_record_size = 168;  ///< bytes of one op
inline constexpr std::size_t command_operand_size = 32;  ///< bytes
inline constexpr std::size_t command_divisor_size = 12;  ///< bytes
inline constexpr std::size_t command_output_size = 4;    ///< bytes

// These numbers stand in files.
static_assert(static_cast<int>(op::input) == 0 && static_cast<int>(op::conv2d) == 1 &&
              static_cast<int>(op::fully_connected) == 2 && static_cast<int>(op::scale) == 3 &&
              static_cast<int>(op::relu) == 4 && static_cast<int>(op::clip) == 5 &&
              static_cast<int>(op::leaky_relu) == 6 && static_cast<int>(op::max_pool) == 7 &&
              static_cast<int>(op::avg_pool) == 8 && static_cast<int>(op::add) == 9 &&
              static_cast<int>(op::concat) == 10 && op_count == 11);
static_assert(static_cast<int>(policy::rshift) == 0 &&
              static_cast<int>(policy::multiplier_rshift) == 2 &&
              static_cast<int>(policy::multiplier_q31) == 3);
static_assert(static_cast<int>(size_rounding::floor) == 0 &&
              static_cast<int>(size_rounding::ceil) == 1);
static_assert(static_cast<int>(weight_layout::v1) == 0 &&
              static_cast<int>(weight_layout::v2) == 1 &&
              static_cast<int>(weight_layout::per_channel) == 2);

/// What precedes the records, behind the magic.
struct command_header {
  std::uint32_t version = command_version;
  std::uint32_t layout = 0;       ///< of the weight image: weight_layout
  std::uint64_t bytes = 0;        ///< of the whole buffer
  std::uint64_t neuron_size = 0;  ///< bytes of neuron memory
  std::uint64_t weight_size = 0;  ///< bytes of the weight image
  std::uint32_t batch = 0;        ///< images of every tensor
  std::uint32_t records = 0;      ///< entries of each kind
  std::uint32_t operands = 0;
  std::uint32_t divisors = 0;
  std::uint32_t outputs = 0;
  std::uint32_t reserved = 0;
};

/// A tensor in neuron memory: int8, NCHW. All zero where an op has no such tensor.
struct command_tensor {
  std::uint64_t address = 0;
  octavo::shape extents = {0, 0, 0, 0};

  friend constexpr bool operator==(const command_tensor&, const command_tensor&) = default;
};

/// One op. Fields that its kind does not use are 0.
struct command_record {
  std::uint8_t opcode = 0;         ///< op
  std::uint8_t relu = 0;           ///< 1: max(0, .) behind it; conv2d, fully_connected, scale, add
  std::uint8_t rounding = 0;       ///< size_rounding; pools
  std::uint8_t count_padding = 0;  ///< avg_pool
  std::uint8_t policy = 0;         ///< conv2d, fully_connected, scale
  std::uint8_t shift = 0;          ///< layers of layout v2, add, leaky_relu
  std::int8_t clip_lo = 0;         ///< clip
  std::int8_t clip_hi = 0;
  std::int32_t multiplier[2] = {0, 0};  ///< add: both; leaky_relu: the first
  command_tensor dst = {};
  command_tensor src[2] = {};         ///< none of an input and a concat, two of an add
  std::uint64_t shift_address = 0;    ///< in the weight image; layout v1 alone
  std::uint64_t bias_address = 0;     ///< of the bias, or of the channels' records
  std::uint64_t filter_address = 0;   ///< conv2d, fully_connected, scale
  octavo::window window = no_window;  ///< conv2d and pools
  std::int32_t groups = 0;            ///< conv2d
  std::uint32_t first = 0;            ///< avg_pool: of its divisors; concat: of its operands
  std::uint32_t count = 0;
  std::uint32_t reserved = 0;

  static constexpr octavo::window no_window = {0, 0, 0, 0, 0, 0, {}};

  friend constexpr bool operator==(const command_record&, const command_record&) = default;
};

/// One tensor that a concat reads, and how it is requantized.
struct command_operand {
  command_tensor src = {};
  multiplier_rshift requantize = {};

  friend constexpr bool operator==(const command_operand&, const command_operand&) = default;
};

/// A command buffer's contents.
struct command_buffer {
  weight_layout layout = weight_layout::v1;
  std::uint64_t neuron_size = 0;               ///< bytes of neuron memory
  std::uint64_t weight_size = 0;               ///< bytes of the weight image
  std::vector<command_record> records = {};    ///< in execution order; the first is the input
  std::vector<command_operand> operands = {};  ///< of all concats
  std::vector<pool_divisor> divisors = {};     ///< of all average pools
  std::vector<std::uint32_t> outputs = {};     ///< records whose tensors are the results

  const command_tensor& input() const { return records[0].dst; }
  int batch() const { return input().extents.n; }

  friend bool operator==(const command_buffer&, const command_buffer&) = default;
};

namespace detail {

/// Entry is T or const T: the transfer functions serve both directions.
template <class Entry, class T>
concept entry_of = std::is_same_v<std::remove_const_t<Entry>, T>;

template <class Stream, entry_of<command_header> Entry>
void transfer(Stream& s, Entry& header) {
  s.number(header.version, "version");
  s.number(header.layout, "weight layout");
  s.number(header.bytes, "bytes of the buffer");
  s.number(header.neuron_size, "bytes of neuron memory");
  s.number(header.weight_size, "bytes of the weight image");
  s.number(header.batch, "batch");
  s.number(header.records, "number of records");
  s.number(header.operands, "number of operands");
  s.number(header.divisors, "number of divisors");
  s.number(header.outputs, "number of outputs");
  s.number(header.reserved, "reserved");
}

/// The names of a tensor's fields, in messages.
struct tensor_fields {
  std::string_view address, n, c, h, w;
};
inline constexpr tensor_fields dst_fields = {"dst address", "dst n", "dst c", "dst h", "dst w"};
inline constexpr tensor_fields src_fields[2] = {
    {"src 0 address", "src 0 n", "src 0 c", "src 0 h", "src 0 w"},
    {"src 1 address", "src 1 n", "src 1 c", "src 1 h", "src 1 w"}};
inline constexpr tensor_fields operand_fields = {"address", "n", "c", "h", "w"};

template <class Stream, entry_of<command_tensor> Entry>
void transfer_tensor(Stream& s, Entry& tensor, const tensor_fields& names) {
  s.number(tensor.address, names.address);
  s.number(tensor.extents.n, names.n);
  s.number(tensor.extents.c, names.c);
  s.number(tensor.extents.h, names.h);
  s.number(tensor.extents.w, names.w);
}

template <class Stream, entry_of<command_record> Entry>
void transfer(Stream& s, Entry& record) {
  s.number(record.opcode, "opcode");
  s.number(record.relu, "relu");
  s.number(record.rounding, "rounding");
  s.number(record.count_padding, "count_padding");
  s.number(record.policy, "policy");
  s.number(record.shift, "shift");
  s.number(record.clip_lo, "clip lo");
  s.number(record.clip_hi, "clip hi");
  s.number(record.multiplier[0], "multiplier 0");
  s.number(record.multiplier[1], "multiplier 1");
  transfer_tensor(s, record.dst, dst_fields);
  transfer_tensor(s, record.src[0], src_fields[0]);
  transfer_tensor(s, record.src[1], src_fields[1]);
  s.number(record.shift_address, "shift address");
  s.number(record.bias_address, "bias address");
  s.number(record.filter_address, "filter address");
  octavo::detail::transfer_window(s, record.window);
  s.number(record.groups, "groups");
  s.number(record.first, "first entry");
  s.number(record.count, "number of entries");
  s.number(record.reserved, "reserved");
}

template <class Stream, entry_of<command_operand> Entry>
void transfer(Stream& s, Entry& operand) {
  transfer_tensor(s, operand.src, operand_fields);
  octavo::detail::transfer_multiplier(s, operand.requantize);
}

template <class Stream, entry_of<pool_divisor> Entry>
void transfer(Stream& s, Entry& entry) {
  s.number(entry.divisor, "divisor");
  octavo::detail::transfer_multiplier(s, entry.requantize);
}

template <class Stream, entry_of<std::uint32_t> Entry>
void transfer(Stream& s, Entry& output) {
  s.number(output, "output");
}

/// Appends fields to bytes.
class command_writer {
 public:
  template <class T>
  void number(const T& value, std::string_view /*field*/) {
    bytes_.resize(bytes_.size() + sizeof(T));
    store_little(bytes_.data() + bytes_.size() - sizeof(T), value);
  }
  void text(std::string_view letters) {
    bytes_.insert(bytes_.end(), letters.begin(), letters.end());
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// Reads fields from bytes whose number the caller has checked.
class command_reader {
 public:
  explicit command_reader(const std::uint8_t* from) : from_(from) {}

  template <class T>
  void number(T& value, std::string_view /*field*/) {
    value = load_little<T>(from_);
    from_ += sizeof(T);
  }

  template <class Entry>
  std::vector<Entry> entries(std::uint32_t count) {
    std::vector<Entry> all(count);
    for (Entry& entry : all) transfer(*this, entry);
    return all;
  }

 private:
  const std::uint8_t* from_;
};

/// A field for messages.
struct command_field {
  std::string_view name;
  std::size_t offset;  ///< from the entry's first byte
  std::string value;
};

/// Lists the fields of an entry.
class field_list {
 public:
  template <class T>
  void number(const T& value, std::string_view field) {
    fields_.push_back({field, offset_, concat_text(value)});
    offset_ += sizeof(T);
  }
  std::vector<command_field> take() { return std::move(fields_); }

 private:
  std::vector<command_field> fields_;
  std::size_t offset_ = 0;
};

template <class Entry>
std::vector<command_field> fields_of(const Entry& entry) {
  field_list list;
  transfer(list, entry);
  return list.take();
}

}  // namespace detail
}  // namespace octavo::inline v0::tpu
