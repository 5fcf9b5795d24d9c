// SPDX-License-Identifier: MIT
/// @file
/// .caffemodel files made by hand for the tests.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "protobuf_recipe.hpp"

namespace octavo_test {

using extents = std::vector<std::int64_t>;

/// The numbers of caffe.proto, written down once more.
inline constexpr unsigned net_name = 1, net_layers = 2, net_layer = 100;
inline constexpr unsigned layer_name = 1, layer_type = 2, layer_blobs = 7;
inline constexpr unsigned old_name = 4, old_type = 5, old_blobs = 6;
inline constexpr unsigned blob_data = 5, blob_diff = 6, blob_shape = 7, blob_double_data = 8;

inline proto packed_floats(const std::vector<float>& values) {
  proto packed;
  for (const float value : values) packed.element(value);
  return packed;
}

inline proto shape_of(const extents& dims) {
  proto packed;
  for (const std::int64_t dim : dims) packed.plain_varint(static_cast<std::uint64_t>(dim));
  return proto().message(1, packed);
}

inline proto blob_of(const extents& dims, const std::vector<float>& values) {
  return proto().message(blob_data, packed_floats(values)).message(blob_shape, shape_of(dims));
}

/// A layer with everything that Caffe writes into one: also type, bottom, top, phase, a parameter.
inline proto layer_of(std::string_view name, const std::vector<proto>& blobs) {
  proto layer;
  layer.text(layer_name, name).text(layer_type, "Convolution").text(3, "in").text(4, "out");
  for (const proto& blob : blobs) layer.message(layer_blobs, blob);
  return layer.varint(10, 1).message(106, proto().varint(1, 64).fixed(3, 0.5F));
}

inline proto net_of(const std::vector<proto>& layers) {
  proto net;
  net.text(net_name, "ResNet-50").text(3, "data");
  for (const proto& layer : layers) net.message(net_layer, layer);
  return net;
}

/// A net of one layer "a" with this blob.
inline proto net_with(const proto& blob) { return net_of({layer_of("a", {blob})}); }

}  // namespace octavo_test
