// SPDX-License-Identifier: MIT
/// @file
/// .safetensors files: named tensors, read one at a time, as the parameters of a float model.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/read_values.hpp"
#include "octavo/io/safetensors_header.hpp"
#include "octavo/io/safetensors_type.hpp"
#include "octavo/model/state_dict.hpp"

namespace octavo::inline v0::io {

/// Opening reads and checks the header only; a tensor is read when asked for. Movable; one thread
/// at a time.
class safetensors_reader {
 public:
  /// A byte_source comes from a path or from memory. Fails as read_safetensors_header does.
  explicit safetensors_reader(byte_source source)
      : source_(std::move(source)), header_(read_safetensors_header(source_)) {}

  /// Sorted.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& tensor : header_.tensors) result.push_back(tensor.first);
    return result;
  }

  bool contains(std::string_view name) const { return header_.tensors.contains(name); }

  const safetensors_header& header() const noexcept { return header_; }

  /// One tensor, none of its values changed: F64, F32, F16, BF16, I8, U8, I16, I32 and I64. Fails
  /// when there is none of that name, at another dtype, and at an I64 that no double has, as
  /// 2^53 + 1.
  named_array read(std::string_view name) {
    const auto found = header_.tensors.find(name);
    if (found == header_.tensors.end()) fail(source_.name(), ": has no tensor ", in_quotes(name));
    const safetensors_entry& entry = found->second;
    const std::string label = concat_text(source_.name(), ": tensor ", in_quotes(name));
    const detail::safetensors_type* const type = detail::find_safetensors_type(entry.dtype);
    if (type == nullptr || type->convert == nullptr) {
      fail(label, " has dtype ", in_quotes(entry.dtype),
           ", expected F64, F32, F16, BF16, I8, U8, I16, I32 or I64");
    }
    named_array array{.shape = entry.shape};
    buffered_file file(source_);
    const auto offset = static_cast<std::size_t>(header_.data_offset + entry.begin);
    const auto count = static_cast<std::size_t>((entry.end - entry.begin) / type->size);
    detail::append_values(array.values, file, offset, count, type->size, type->convert, label);
    return array;
  }

 private:
  byte_source source_;
  safetensors_header header_;
};

/// Opens a file; its tensors are read when the network asks for them.
inline state_dict safetensors_state_dict(const std::filesystem::path& path) {
  const auto file = std::make_shared<safetensors_reader>(byte_source(path));
  return {.file = path.string(),
          .contains = [file](const std::string& name) { return file->contains(name); },
          .read = [file](const std::string& name) { return file->read(name); }};
}

}  // namespace octavo::inline v0::io
