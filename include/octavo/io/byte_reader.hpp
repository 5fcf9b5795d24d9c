// SPDX-License-Identifier: MIT
/// @file
/// Bytes in memory for loaders and writers: a checked reader of little-endian fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/little_endian.hpp"

namespace octavo::inline v0::io {

using octavo::in_quotes;
using octavo::load_little;
using octavo::number;
using octavo::store_little;

/// Bytes that somebody else owns.
using byte_view = std::span<const std::uint8_t>;
/// The bytes of a file in memory.
using byte_vector = std::vector<std::uint8_t>;

/// Appends `value` little-endian to `to`.
template <number T>
void append_little(byte_vector& to, T value) {
  const std::size_t end = to.size();
  to.resize(end + sizeof(T));
  store_little(to.data() + end, value);
}

/// The bytes of a text, no copy.
inline byte_view as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The same bytes as text, no copy, whatever they are.
inline std::string_view as_text(byte_view bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// `count` zero bytes. Fails with a sentence naming `name` when there is not that much memory.
inline byte_vector make_bytes(std::uint64_t count, std::string_view name) {
  if (count <= std::numeric_limits<std::ptrdiff_t>::max()) {
#if defined(__cpp_exceptions)
    try {
      return byte_vector(static_cast<std::size_t>(count));
    } catch (const std::exception&) {
      fail(name, ": needs ", count, " bytes of memory, which are not to be had");
    }
#else
    return byte_vector(static_cast<std::size_t>(count));
#endif
  }
  fail(name, ": needs ", count, " bytes of memory, more than this machine can address");
}

/// Reads little-endian fields one after the other from `Bytes` and never past their end.
/// Every failure is an octavo::error that names the file, the field and the offset.
///
/// Bytes has size() and subspan(offset, count), a byte_view that lasts until the next one is asked
/// for: memory, or a file of which a part is kept at a time (buffered_file).
template <class Bytes>
class basic_byte_reader {
 public:
  /// `offset` is where the bytes start in the file called `name`.
  basic_byte_reader(Bytes bytes, std::string name, std::uint64_t offset = 0)
      : bytes_(std::move(bytes)), name_(std::move(name)), offset_(offset) {}

  /// Offset in the file of the next byte.
  std::uint64_t position() const noexcept { return offset_ + next_; }
  /// Bytes not read yet.
  std::uint64_t remaining() const noexcept { return bytes_.size() - next_; }
  const std::string& name() const noexcept { return name_; }

  /// The next `count` bytes, which `field` names in the message when there are fewer; of a file
  /// they last until the next call.
  byte_view take(std::uint64_t count, std::string_view field) {
    if (count > remaining()) {
      octavo::fail(name_, ": ", field, " at offset ", position(), " takes ", count,
                   " bytes, but only ", remaining(), " are left");
    }
    const byte_view taken = bytes_.subspan(next_, static_cast<std::size_t>(count));
    next_ += static_cast<std::size_t>(count);
    return taken;
  }

  template <number T>
  T get(std::string_view field) {
    return load_little<T>(take(sizeof(T), field).data());
  }

  /// The next `count` bytes as text; what they hold is not checked.
  std::string get_text(std::uint64_t count, std::string_view field) {
    const byte_view text = take(count, field);
    return {text.begin(), text.end()};
  }

  /// Fails unless everything was read.
  void expect_end() const {
    if (remaining() != 0) fail(remaining(), " bytes too many; the end was expected here");
  }

  /// Reports "<file>: at offset <position>: <parts>".
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    octavo::fail(name_, ": at offset ", position(), ": ", parts...);
  }

 private:
  Bytes bytes_;
  std::string name_;
  std::uint64_t offset_;
  std::size_t next_ = 0;
};

/// Of bytes in memory, which must outlive the reader.
using byte_reader = basic_byte_reader<byte_view>;

}  // namespace octavo::inline v0::io
