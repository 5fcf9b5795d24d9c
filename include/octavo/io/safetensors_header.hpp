// SPDX-License-Identifier: MIT
/// @file
/// The header of a .safetensors file: what it says of every tensor, checked. Needs nlohmann-json.
///
///     bytes  field
///     8      u64, little-endian: bytes of the header, at most 100000000
///     ...    the header: a JSON object that begins with '{'; spaces may follow it
///     ...    the data area: little-endian, last index fastest, without gaps
///
/// The object maps names to {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, offsets
/// counted from the start of the data area, and may map "__metadata__" to an object of texts.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/npy_header.hpp"
#include "octavo/io/safetensors_type.hpp"

namespace octavo::inline v0::io {

/// What the header says of one tensor.
struct safetensors_entry {
  std::string dtype = {};
  std::vector<std::int64_t> shape = {};  ///< empty: one element without dimensions
  std::uint64_t begin = 0;               ///< in the data area, bytes
  std::uint64_t end = 0;
};

/// Where each tensor of a file lies.
struct safetensors_header {
  std::map<std::string, safetensors_entry, std::less<>> tensors = {};
  std::map<std::string, std::string> metadata = {};  ///< of no meaning here
  std::uint64_t data_offset = 0;                     ///< where in the file the data area starts
};

namespace detail {

inline constexpr std::uint64_t largest_safetensors_header = 100'000'000;
inline constexpr std::uint64_t safetensors_size_bytes = 8;
inline constexpr std::size_t most_safetensors_dimensions = 64;

/// Takes the events of nlohmann::json::sax_parse. What comes at a place where the format has
/// something else is refused, so that nothing nests deeper than the format does.
class safetensors_json_events {
 public:
  safetensors_json_events(std::string_view file, safetensors_header& to) : file_(file), to_(to) {}

  bool null() { refuse("null"); }
  bool boolean(bool value) { refuse(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { refuse(value); }
  bool number_float(double /*value*/, const std::string& digits) { refuse(in_quotes(digits)); }
  bool binary(nlohmann::json::binary_t& /*value*/) { refuse("binary data"); }

  bool number_unsigned(std::uint64_t value) {
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (place_ == place::shape) {
      if (value > largest || entry_.shape.size() == most_safetensors_dimensions) refuse(value);
      entry_.shape.push_back(static_cast<std::int64_t>(value));
    } else if (place_ == place::offsets && offset_count_ < 2) {
      (offset_count_++ == 0 ? entry_.begin : entry_.end) = value;
    } else {
      refuse(value);
    }
    return true;
  }

  bool string(std::string& text) {
    if (place_ == place::metadata) {
      to_.metadata[key_] = std::move(text);
    } else if (place_ == place::tensor && key_ == fields[0]) {
      entry_.dtype = std::move(text);
    } else {
      refuse(concat_text("the text ", in_quotes(text)));
    }
    return true;
  }

  bool start_object(std::size_t /*count*/) {
    if (place_ == place::file) {
      place_ = place::header;
    } else if (place_ == place::header && key_ == metadata_key) {
      place_ = place::metadata;
    } else if (place_ == place::header) {
      place_ = place::tensor;
      name_ = key_;
      entry_ = {};
      seen_ = {};
    } else {
      refuse("an object");
    }
    return true;
  }

  bool key(std::string& text) {
    key_ = std::move(text);
    if (place_ == place::tensor) {
      mark_seen();
    } else if (place_ == place::metadata) {
      if (!to_.metadata.try_emplace(key_).second) refuse_twice();
    } else if (key_ == metadata_key) {
      if (std::exchange(metadata_seen_, true)) refuse_twice();
    } else if (to_.tensors.contains(key_)) {
      refuse_twice();
    }
    return true;
  }

  bool end_object() {
    if (place_ == place::tensor) {
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!seen_[i]) fail(file_, ": tensor ", in_quotes(name_), " has no ", fields[i]);
      }
      to_.tensors.emplace(std::move(name_), std::move(entry_));
    }
    place_ = place::header;
    return true;
  }

  bool start_array(std::size_t /*count*/) {
    if (place_ == place::tensor && key_ == fields[1]) {
      place_ = place::shape;
    } else if (place_ == place::tensor && key_ == fields[2]) {
      place_ = place::offsets;
      offset_count_ = 0;
    } else {
      refuse("an array");
    }
    return true;
  }

  bool end_array() {
    if (place_ == place::offsets && offset_count_ != 2) refuse("the end of the array");
    place_ = place::tensor;
    return true;
  }

  /// `position` counts the bytes up to the wrong one.
  bool parse_error(std::size_t position, const std::string& /*last_read*/,
                   const nlohmann::json::exception& /*why*/) {
    const std::uint64_t before = position > 0 ? position - 1 : 0;
    fail(file_, ": the header at offset ", safetensors_size_bytes + before, " is no JSON");
  }

 private:
  enum class place { file, header, metadata, tensor, shape, offsets };
  static constexpr std::string_view metadata_key = "__metadata__";
  static constexpr std::array<std::string_view, 3> fields{"dtype", "shape", "data_offsets"};

  std::string where() const {
    if (place_ == place::file) return "the header";
    if (place_ == place::header) return "in the header " + in_quotes(key_);
    if (place_ == place::metadata) return "in __metadata__ " + in_quotes(key_);
    return concat_text("tensor ", in_quotes(name_), ": ", key_);
  }

  std::string_view expected() const {
    if (place_ == place::file || place_ == place::header) return "an object";
    if (place_ == place::shape) return "at most 64 dimensions of 0 to 2^63 - 1";
    if (place_ == place::offsets) return "two offsets of 0 to 2^64 - 1";
    if (place_ == place::metadata || key_ == fields[0]) return "a text";
    return "an array";
  }

  template <class Found>
  [[noreturn]] void refuse(const Found& found) const {
    fail(file_, ": ", where(), ": found ", found, ", expected ", expected());
  }

  [[noreturn]] void refuse_twice() const { fail(file_, ": ", where(), " stands twice"); }

  void mark_seen() {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (key_ != fields[i]) continue;
      if (std::exchange(seen_[i], true)) refuse_twice();
      return;
    }
    fail(file_, ": tensor ", in_quotes(name_), " has the unknown key ", in_quotes(key_),
         ", expected dtype, shape and data_offsets");
  }

  std::string_view file_;
  safetensors_header& to_;
  place place_ = place::file;
  std::string key_;   ///< the last one
  std::string name_;  ///< of the tensor that is read
  safetensors_entry entry_ = {};
  std::array<bool, 3> seen_{};
  int offset_count_ = 0;
  bool metadata_seen_ = false;
};

/// The bytes of the header, which lie inside the file.
inline byte_vector read_safetensors_text(byte_source& source) {
  std::array<std::uint8_t, safetensors_size_bytes> size_bytes{};
  source.read(0, size_bytes, "the size of the header");
  const auto size = load_little<std::uint64_t>(size_bytes.data());
  if (size > largest_safetensors_header || size > source.size() - safetensors_size_bytes) {
    fail(source.name(), ": the header at offset 8 takes ", size,
         " bytes, expected at most 100000000 and at most the ",
         source.size() - safetensors_size_bytes, " that follow");
  }
  byte_vector text = make_bytes(size, source.name());
  source.read(safetensors_size_bytes, text, "the header");
  return text;
}

/// Fails unless the tensors fill the data area of `area` bytes, each where the one before ends.
inline void check_safetensors_places(const safetensors_header& header, std::uint64_t area,
                                     std::string_view file) {
  using entry = std::pair<const std::string, safetensors_entry>;
  std::vector<const entry*> sorted;
  sorted.reserve(header.tensors.size());
  for (const entry& tensor : header.tensors) sorted.push_back(&tensor);
  std::sort(sorted.begin(), sorted.end(), [](const entry* a, const entry* b) {
    return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
  });
  std::uint64_t next = 0;
  for (const entry* tensor : sorted) {
    const safetensors_entry& is = tensor->second;
    const std::string label = concat_text(file, ": tensor ", in_quotes(tensor->first));
    const std::string offsets = concat_text("data_offsets [", is.begin, ", ", is.end, "]");
    if (is.begin > is.end || is.end > area) {
      fail(label, ": ", offsets, " do not lie in the ", area, " bytes of the data area");
    }
    const safetensors_type* const type = find_safetensors_type(is.dtype);
    if (type != nullptr && byte_count(is.shape, type->size, label) != is.end - is.begin) {
      fail(label, ": ", offsets, " hold ", is.end - is.begin, " bytes, expected ",
           byte_count(is.shape, type->size, label), " for its shape and dtype");
    }
    if (is.begin != next) {
      fail(label, ": ", offsets, is.begin < next ? " overlap" : " leave a hole behind",
           " the tensor before, which ends at ", next);
    }
    next = is.end;
  }
  if (next != area) {
    fail(file, ": the tensors take ", next, " bytes, but the data area has ", area);
  }
}

}  // namespace detail

/// Reads and checks the header; the data are not looked at. Fails at whatever the format forbids,
/// unknown and repeated keys, tensors that overlap or do not fill the file. A dtype that is not
/// known here is no error.
inline safetensors_header read_safetensors_header(byte_source& source) {
  const byte_vector text = detail::read_safetensors_text(source);
  // To the JSON parser a zero byte is the end, whatever stands behind it.
  if (std::find(text.begin(), text.end(), 0) != text.end()) {
    fail(source.name(), ": the header has a zero byte in it");
  }
  const auto last = std::find_if(text.rbegin(), text.rend(), [](auto byte) { return byte != ' '; });
  if (text.empty() || text.front() != '{' || *last != '}') {
    fail(source.name(), ": the header at offset 8 does not begin with '{' and end with '}' and ",
         "spaces");
  }
  safetensors_header header;
  header.data_offset = detail::safetensors_size_bytes + text.size();
  detail::safetensors_json_events events(source.name(), header);
  nlohmann::json::sax_parse(text, &events);
  detail::check_safetensors_places(header, source.size() - header.data_offset, source.name());
  return header;
}

}  // namespace octavo::inline v0::io
