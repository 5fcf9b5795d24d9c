// SPDX-License-Identifier: MIT
/// @file
/// .caffemodel files: the blobs of Caffe's layers, read one at a time, as the parameters of a float
/// model. The file is one protobuf message, NetParameter.
///
///     NetParameter      1 name, 2 layers (V1LayerParameter), 100 layer (LayerParameter)
///     LayerParameter    1 name, 2 type, 7 blobs (BlobProto)
///     V1LayerParameter  1 layer (the oldest form, refused), 4 name, 5 type, 6 blobs
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/caffemodel_blob.hpp"
#include "octavo/io/protobuf_wire.hpp"
#include "octavo/model/state_dict.hpp"

namespace octavo::inline v0::io {

namespace detail {

/// The fields of a layer that matter.
struct caffe_layer_fields {
  std::uint32_t name;
  std::uint32_t blobs;
};

inline constexpr std::uint32_t caffe_net_name = 1;
inline constexpr std::uint32_t caffe_old_layers = 2;
inline constexpr std::uint32_t caffe_layers = 100;
inline constexpr caffe_layer_fields caffe_layer = {.name = 1, .blobs = 7};
inline constexpr caffe_layer_fields caffe_old_layer = {.name = 4, .blobs = 6};
inline constexpr std::uint32_t caffe_oldest_layer = 1;  ///< in an old layer

/// Where in the file the message of a blob stands. The file is less than 2 GiB long.
struct caffe_blob_place {
  std::uint32_t offset;
  std::uint32_t size;
};

using caffe_blobs = std::vector<caffe_blob_place>;
using caffe_layer_index = std::map<std::string, caffe_blobs, std::less<>>;

/// Adds the layer in this message to the index, unless it has no blobs.
inline void index_caffe_layer(protobuf_reader layer, bool is_old, caffe_layer_index& to) {
  const caffe_layer_fields fields = is_old ? caffe_old_layer : caffe_layer;
  std::optional<std::string> name;
  caffe_blobs blobs;
  protobuf_field field;
  while (layer.next(field)) {
    if (field.number == fields.name) {
      if (name) layer.fail("a layer has two names, ", in_quotes(*name), " is the first");
      name = layer.text(field);
    } else if (field.number == fields.blobs) {
      layer.expect(field, wire_type::bytes);
      blobs.push_back(
          {static_cast<std::uint32_t>(field.offset), static_cast<std::uint32_t>(field.size)});
    } else if (is_old && field.number == caffe_oldest_layer) {
      layer.fail("a layer of Caffe's oldest form; upgrade_net_proto_binary of Caffe makes it new");
    }
  }
  if (blobs.empty()) return;
  if (!name || name->empty()) layer.fail("a layer with ", blobs.size(), " blobs has no name");
  const auto [place, added] = to.try_emplace(*name, std::move(blobs));
  if (!added) layer.fail("a second layer ", in_quotes(place->first), " with blobs");
}

}  // namespace detail

/// Opening walks over the layers and notes where their blobs stand; a blob is read when asked for.
/// Arrays are called `<layer>_<blob>`, blobs counted from 0. Movable; one thread at a time.
class caffemodel_reader {
 public:
  /// A byte_source comes from a path or from memory. Fails where the file is no NetParameter, at
  /// 2 GiB (no protobuf message is that large), where two layers of one name have blobs, and where
  /// none has any.
  explicit caffemodel_reader(byte_source source) : source_(std::move(source)) {
    constexpr std::uint64_t limit = std::uint64_t{1} << 31U;
    if (source_.size() >= limit) {
      fail(source_.name(), ": has ", source_.size(), " bytes, expected less than ", limit);
    }
    buffered_file file(source_);
    protobuf_reader net(file, source_.name(), 0, file.size());
    protobuf_field field;
    while (net.next(field)) {
      if (field.number == detail::caffe_net_name) net.expect(field, wire_type::bytes);
      const bool is_old = field.number == detail::caffe_old_layers;
      if (is_old || field.number == detail::caffe_layers) {
        detail::index_caffe_layer(net.message(field), is_old, layers_);
      }
    }
    if (layers_.empty()) fail(source_.name(), ": has no layer with blobs");
  }

  /// The arrays, layers sorted by name.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& [layer, blobs] : layers_) {
      for (std::size_t i = 0; i < blobs.size(); ++i) result.push_back(concat_text(layer, '_', i));
    }
    return result;
  }

  bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// One array. Fails when there is none of that name, when its shape and its numbers do not fit
  /// together, or when both are there in two forms.
  named_array read(std::string_view name) {
    const detail::caffe_blob_place* const blob = find(name);
    if (blob == nullptr) fail(source_.name(), ": has no blob ", in_quotes(name));
    buffered_file file(source_);
    const protobuf_reader message(file, source_.name(), blob->offset, blob->size);
    const std::string label = concat_text(source_.name(), ": blob ", in_quotes(name));
    return detail::caffe_blob_reader(file, message, label).read();
  }

 private:
  /// Null when there is no such blob.
  const detail::caffe_blob_place* find(std::string_view name) const {
    const std::size_t at = name.rfind('_');
    if (at == std::string_view::npos) return nullptr;
    const auto layer = layers_.find(name.substr(0, at));
    if (layer == layers_.end()) return nullptr;
    const std::string_view digits = name.substr(at + 1);
    std::size_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    // Only the one way to write a number: neither "01" nor "1x".
    if (std::to_string(number) != digits || number >= layer->second.size()) return nullptr;
    return &layer->second[number];
  }

  byte_source source_;
  detail::caffe_layer_index layers_;
};

/// Opens a file; its blobs are read when the network asks for them.
inline state_dict caffemodel_state_dict(const std::filesystem::path& path) {
  const auto file = std::make_shared<caffemodel_reader>(byte_source(path));
  return {.file = path.string(),
          .contains = [file](const std::string& name) { return file->contains(name); },
          .read = [file](const std::string& name) { return file->read(name); }};
}

}  // namespace octavo::inline v0::io
