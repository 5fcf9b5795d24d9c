// SPDX-License-Identifier: MIT
/// @file
/// How many messages, texts and arrays an ONNX file has, before protobuf makes objects of them.
#pragma once

#include <cstddef>

#include "octavo/io/protobuf_wire.hpp"

namespace octavo::inline v0::io::onnx::detail {

inline constexpr int nesting_limit = 100;  ///< protobuf's own

/// Counts the messages, texts and arrays in a message, at every depth; stops behind `most`. `type`,
/// protobuf's Descriptor of the message, says which of its fields are messages. Fails where the
/// message is damaged, as the reader does.
template <class Descriptor>
std::size_t count_fields(protobuf_reader in, const Descriptor& type, std::size_t most,
                         int depth = 0) {
  if (depth > nesting_limit) in.fail("a message nested more than ", nesting_limit, " deep");
  std::size_t count = 0;
  protobuf_field field;
  while (count <= most && in.next(field)) {
    if (field.type != wire_type::bytes) continue;
    ++count;
    const auto* const known = type.FindFieldByNumber(static_cast<int>(field.number));
    if (known == nullptr || known->message_type() == nullptr) continue;
    count += count_fields(in.message(field), *known->message_type(), most, depth + 1);
  }
  return count;
}

}  // namespace octavo::inline v0::io::onnx::detail
