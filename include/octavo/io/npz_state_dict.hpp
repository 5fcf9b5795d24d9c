// SPDX-License-Identifier: MIT
/// @file
/// An .npz file as a state dict: the parameters of a float model.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "octavo/io/npz.hpp"
#include "octavo/model/state_dict.hpp"

namespace octavo::inline v0::io {

/// Opens a file; its arrays are read when the network asks for them.
inline state_dict npz_state_dict(const std::filesystem::path& path) {
  const auto file = std::make_shared<npz_reader>(path);
  return {.file = path.string(),
          .contains = [file](const std::string& name) { return file->contains(name); },
          .read =
              [file](const std::string& name) {
                const npy_array array = file->read(name);
                return named_array{array.shape, array.as<double>(name)};
              }};
}

}  // namespace octavo::inline v0::io
