// SPDX-License-Identifier: MIT
/// @file
/// The folder that conformance writes: .npz files, an index of them, and the page that says what
/// each array is. Its bytes depend on nothing but this program.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance_readme.hpp"
#include "octavo/core/tensor.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/npz.hpp"
#include "synthetic_model.hpp"

namespace octavo::examples {

/// Numbers in one dimension.
template <class T>
io::npy_array vector_of(const std::vector<T>& values) {
  return io::make_npy_array(values, {static_cast<std::int64_t>(values.size())});
}

inline io::npy_array integers(std::initializer_list<std::int32_t> values) {
  return vector_of(std::vector<std::int32_t>(values));
}

/// N, C, H, W.
template <class T>
io::npy_array nchw_of(tensor_view<T> values) {
  const auto& [n, c, h, w] = values.shape;
  const auto count = static_cast<std::size_t>(values.shape.elements());
  return io::make_npy_array(std::span(values.data, count), {n, c, h, w});
}

/// What tensors and weights of a case hold. Saturation hides from uniform values.
enum class content { uniform, lowest, highest };

inline std::int8_t some_int8(content kind, random_source& rng) {
  if (kind == content::lowest) return -128;
  if (kind == content::highest) return 127;
  return static_cast<std::int8_t>(rng.next() >> 56);
}

inline tensor<std::int8_t> some_tensor(const shape& extents, content kind, random_source& rng) {
  tensor<std::int8_t> made(extents);
  for (std::int8_t& value : made.values) value = some_int8(kind, rng);
  return made;
}

class conformance_kit {
 public:
  /// @throws octavo::error where `folder` is there already: nothing is overwritten.
  explicit conformance_kit(std::filesystem::path folder) : folder_(std::move(folder)) {
    if (!std::filesystem::create_directories(folder_)) {
      fail(folder_.string(), ": is there already, a new folder was expected");
    }
  }

  const std::filesystem::path& folder() const { return folder_; }

  /// Writes NAME.npz and notes it in the index.
  void add(const std::string& name, std::string_view op, std::string_view about,
           const io::npz_arrays& arrays) {
    io::write_npz(folder_ / (name + ".npz"), arrays);
    cases_ += concat_text(cases_.empty() ? "" : ",\n", "    {\"file\": \"", name,
                          ".npz\", \"op\": \"", op, "\", \"about\": \"", about, "\"}");
  }

  /// A step of the network: reads tensors by name, its file is one of the cases.
  void add_step(std::string_view tensor, std::string_view op, std::span<const std::string> reads,
                const std::string& name) {
    std::string list;
    for (const std::string& each : reads) {
      list += concat_text(list.empty() ? "" : ", ", "\"", each, "\"");
    }
    steps_ +=
        concat_text(steps_.empty() ? "" : ",\n", "    {\"tensor\": \"", tensor, "\", \"op\": \"",
                    op, "\", \"reads\": [", list, "], \"file\": \"", name, ".npz\"}");
  }

  /// Index and page, after everything else.
  void finish() const {
    const std::string index = concat_text("{\n  \"version\": 1,\n  \"cases\": [\n", cases_,
                                          "\n  ],\n  \"network\": [\n", steps_, "\n  ]\n}\n");
    io::write_file(folder_ / "index.json", io::as_bytes(index));
    io::write_file(folder_ / "README.md", io::as_bytes(conformance_readme));
  }

 private:
  std::filesystem::path folder_;
  std::string cases_ = {};
  std::string steps_ = {};
};

}  // namespace octavo::examples
