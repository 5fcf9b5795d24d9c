// SPDX-License-Identifier: MIT
/// @file
/// A file of float weights in any of the formats that are read, told apart by its first bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "octavo/core/error.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/caffemodel.hpp"
#include "octavo/io/npz_state_dict.hpp"
#include "octavo/io/safetensors.hpp"
#include "octavo/model/state_dict.hpp"

namespace octavo::inline v0::io {

/// The formats of float weights that are read.
enum class weights_format { npz, safetensors, caffemodel };

/// What the first bytes of a file say it is: a zip file begins with "PK", a .safetensors file with
/// the size of its header and '{'. A .caffemodel has no mark: everything else may be one.
inline weights_format find_weights_format(byte_source& source) {
  std::array<std::uint8_t, 9> first{};
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), first.size()));
  source.read(0, std::span(first).first(count), "the first bytes");
  if (first[0] == 'P' && first[1] == 'K') return weights_format::npz;
  // No header is larger than 100 MB; a size of 64 bits would be text or another format.
  const bool is_size = load_little<std::uint64_t>(first.data()) >> 32U == 0;
  return is_size && first[8] == '{' ? weights_format::safetensors : weights_format::caffemodel;
}

namespace detail {

/// What is often taken for a file of weights, and would be read as a damaged .caffemodel.
inline void refuse_other_formats(byte_source& source) {
  if (source.begins_with("\x93NUMPY")) {
    octavo::fail(source.name(), ": is a .npy, one array without a name, expected several by name: ",
                 "numpy.savez writes them");
  }
  if (source.begins_with("OCTAVOQM")) {
    octavo::fail(source.name(), ": is an Octavo model, quantized already, expected float weights: ",
                 ".npz, .safetensors or .caffemodel");
  }
}

}  // namespace detail

/// Opens a file of weights; its arrays are read when the network asks for them. Fails as
/// npz_state_dict, safetensors_state_dict and caffemodel_state_dict do; a .npy, and a model that is
/// quantized already, are refused by what they are.
inline state_dict open_weights(const std::filesystem::path& path) {
  byte_source source(path);
  detail::refuse_other_formats(source);
  switch (find_weights_format(source)) {
    case weights_format::npz:
      return npz_state_dict(path);
    case weights_format::safetensors:
      return safetensors_state_dict(path);
    case weights_format::caffemodel:
      break;
  }
  return with_context(
      concat_text(path.string(), ": is no .npz, no .safetensors and no .caffemodel"),
      [&] { return caffemodel_state_dict(path); });
}

}  // namespace octavo::inline v0::io
