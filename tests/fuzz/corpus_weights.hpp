// SPDX-License-Identifier: MIT
/// @file
/// The part of make_corpus that stands in corpus_weights.cpp.
#pragma once

#include <filesystem>

namespace octavo_fuzz {

/// Folders in `root` for the targets npy, npz, safetensors and caffemodel.
void make_weights(const std::filesystem::path& root);

}  // namespace octavo_fuzz
