// SPDX-License-Identifier: MIT
/// @file
/// Protobuf messages made by hand for the tests, with everything wrong that a test wants.
#pragma once

#include <cstdint>
#include <string_view>

#include "octavo/io/byte_reader.hpp"

namespace octavo_test {

using octavo::io::byte_vector;

/// A message, field after field.
class proto {
 public:
  proto& raw(const byte_vector& more) {
    bytes_.insert(bytes_.end(), more.begin(), more.end());
    return *this;
  }
  proto& plain_varint(std::uint64_t value) {
    while (value >= 0x80) {
      bytes_.push_back(static_cast<std::uint8_t>(value | 0x80U));
      value >>= 7U;
    }
    bytes_.push_back(static_cast<std::uint8_t>(value));
    return *this;
  }
  proto& tag(std::uint64_t number, unsigned type) { return plain_varint(number << 3U | type); }

  proto& varint(std::uint64_t number, std::uint64_t value) {
    return tag(number, 0).plain_varint(value);
  }
  proto& fixed(std::uint64_t number, double value) { return tag(number, 1).element(value); }
  proto& fixed(std::uint64_t number, float value) { return tag(number, 5).element(value); }
  proto& bytes(std::uint64_t number, const byte_vector& content) {
    return tag(number, 2).plain_varint(content.size()).raw(content);
  }
  proto& text(std::uint64_t number, std::string_view content) {
    return bytes(number, {content.begin(), content.end()});
  }
  proto& message(std::uint64_t number, const proto& content) {
    return bytes(number, content.bytes_);
  }

  /// A number of a packed list, to be the content of bytes().
  template <class T>
  proto& element(T value) {
    octavo::io::append_little(bytes_, value);
    return *this;
  }

  const byte_vector& done() const { return bytes_; }

 private:
  byte_vector bytes_;
};

}  // namespace octavo_test
