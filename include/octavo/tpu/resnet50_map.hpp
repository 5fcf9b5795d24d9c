// SPDX-License-Identifier: MIT
/// @file
/// The neuron map of Caffe's ResNet-50 as the original compiler printed it in October 2019: pinned,
/// so that a change of the graph or of the layout cannot move an address unnoticed. Not part of
/// octavo.hpp: its static_assert would cost every translation unit the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "octavo/networks/resnet.hpp"
#include "octavo/tpu/neuron_map.hpp"

namespace octavo::inline v0::tpu {

/// A row as it is written down here.
struct pinned_row {
  std::string_view name;
  std::int64_t size;  ///< bytes, rounded up to 16
  std::int64_t offset;
};

// clang-format off
/// By ascending address, in bytes, for one image.
inline constexpr pinned_row resnet50_map[122] = {
    {"data_quant", 150528, 0x00000000},
    {"fc1000", 1008, 0x00024c00},
    {"pool5", 2048, 0x00024ff0},
    {"res5c_relu", 100352, 0x000257f0},
    {"res5c", 100352, 0x0003dff0},
    {"scale5c_branch2c", 100352, 0x000567f0},
    {"res5c_branch2b_relu", 25088, 0x0006eff0},
    {"scale5c_branch2b", 25088, 0x000751f0},
    {"res5c_branch2a_relu", 25088, 0x0007b3f0},
    {"scale5c_branch2a", 25088, 0x000815f0},
    {"res5b_relu", 100352, 0x000877f0},
    {"res5b", 100352, 0x0009fff0},
    {"scale5b_branch2c", 100352, 0x000b87f0},
    {"res5b_branch2b_relu", 25088, 0x000d0ff0},
    {"scale5b_branch2b", 25088, 0x000d71f0},
    {"res5b_branch2a_relu", 25088, 0x000dd3f0},
    {"scale5b_branch2a", 25088, 0x000e35f0},
    {"res5a_relu", 100352, 0x000e97f0},
    {"res5a", 100352, 0x00101ff0},
    {"scale5a_branch2c", 100352, 0x0011a7f0},
    {"res5a_branch2b_relu", 25088, 0x00132ff0},
    {"scale5a_branch2b", 25088, 0x001391f0},
    {"res5a_branch2a_relu", 25088, 0x0013f3f0},
    {"scale5a_branch2a", 25088, 0x001455f0},
    {"scale5a_branch1", 100352, 0x0014b7f0},
    {"res4f_relu", 200704, 0x00163ff0},
    {"res4f", 200704, 0x00194ff0},
    {"scale4f_branch2c", 200704, 0x001c5ff0},
    {"res4f_branch2b_relu", 50176, 0x001f6ff0},
    {"scale4f_branch2b", 50176, 0x002033f0},
    {"res4f_branch2a_relu", 50176, 0x0020f7f0},
    {"scale4f_branch2a", 50176, 0x0021bbf0},
    {"res4e_relu", 200704, 0x00227ff0},
    {"res4e", 200704, 0x00258ff0},
    {"scale4e_branch2c", 200704, 0x00289ff0},
    {"res4e_branch2b_relu", 50176, 0x002baff0},
    {"scale4e_branch2b", 50176, 0x002c73f0},
    {"res4e_branch2a_relu", 50176, 0x002d37f0},
    {"scale4e_branch2a", 50176, 0x002dfbf0},
    {"res4d_relu", 200704, 0x002ebff0},
    {"res4d", 200704, 0x0031cff0},
    {"scale4d_branch2c", 200704, 0x0034dff0},
    {"res4d_branch2b_relu", 50176, 0x0037eff0},
    {"scale4d_branch2b", 50176, 0x0038b3f0},
    {"res4d_branch2a_relu", 50176, 0x003977f0},
    {"scale4d_branch2a", 50176, 0x003a3bf0},
    {"res4c_relu", 200704, 0x003afff0},
    {"res4c", 200704, 0x003e0ff0},
    {"scale4c_branch2c", 200704, 0x00411ff0},
    {"res4c_branch2b_relu", 50176, 0x00442ff0},
    {"scale4c_branch2b", 50176, 0x0044f3f0},
    {"res4c_branch2a_relu", 50176, 0x0045b7f0},
    {"scale4c_branch2a", 50176, 0x00467bf0},
    {"res4b_relu", 200704, 0x00473ff0},
    {"res4b", 200704, 0x004a4ff0},
    {"scale4b_branch2c", 200704, 0x004d5ff0},
    {"res4b_branch2b_relu", 50176, 0x00506ff0},
    {"scale4b_branch2b", 50176, 0x005133f0},
    {"res4b_branch2a_relu", 50176, 0x0051f7f0},
    {"scale4b_branch2a", 50176, 0x0052bbf0},
    {"res4a_relu", 200704, 0x00537ff0},
    {"res4a", 200704, 0x00568ff0},
    {"scale4a_branch2c", 200704, 0x00599ff0},
    {"res4a_branch2b_relu", 50176, 0x005caff0},
    {"scale4a_branch2b", 50176, 0x005d73f0},
    {"res4a_branch2a_relu", 50176, 0x005e37f0},
    {"scale4a_branch2a", 50176, 0x005efbf0},
    {"scale4a_branch1", 200704, 0x005fbff0},
    {"res3d_relu", 401408, 0x0062cff0},
    {"res3d", 401408, 0x0068eff0},
    {"scale3d_branch2c", 401408, 0x006f0ff0},
    {"res3d_branch2b_relu", 100352, 0x00752ff0},
    {"scale3d_branch2b", 100352, 0x0076b7f0},
    {"res3d_branch2a_relu", 100352, 0x00783ff0},
    {"scale3d_branch2a", 100352, 0x0079c7f0},
    {"res3c_relu", 401408, 0x007b4ff0},
    {"res3c", 401408, 0x00816ff0},
    {"scale3c_branch2c", 401408, 0x00878ff0},
    {"res3c_branch2b_relu", 100352, 0x008daff0},
    {"scale3c_branch2b", 100352, 0x008f37f0},
    {"res3c_branch2a_relu", 100352, 0x0090bff0},
    {"scale3c_branch2a", 100352, 0x009247f0},
    {"res3b_relu", 401408, 0x0093cff0},
    {"res3b", 401408, 0x0099eff0},
    {"scale3b_branch2c", 401408, 0x00a00ff0},
    {"res3b_branch2b_relu", 100352, 0x00a62ff0},
    {"scale3b_branch2b", 100352, 0x00a7b7f0},
    {"res3b_branch2a_relu", 100352, 0x00a93ff0},
    {"scale3b_branch2a", 100352, 0x00aac7f0},
    {"res3a_relu", 401408, 0x00ac4ff0},
    {"res3a", 401408, 0x00b26ff0},
    {"scale3a_branch2c", 401408, 0x00b88ff0},
    {"res3a_branch2b_relu", 100352, 0x00beaff0},
    {"scale3a_branch2b", 100352, 0x00c037f0},
    {"res3a_branch2a_relu", 100352, 0x00c1bff0},
    {"scale3a_branch2a", 100352, 0x00c347f0},
    {"scale3a_branch1", 401408, 0x00c4cff0},
    {"res2c_relu", 802816, 0x00caeff0},
    {"res2c", 802816, 0x00d72ff0},
    {"scale2c_branch2c", 802816, 0x00e36ff0},
    {"res2c_branch2b_relu", 200704, 0x00efaff0},
    {"scale2c_branch2b", 200704, 0x00f2bff0},
    {"res2c_branch2a_relu", 200704, 0x00f5cff0},
    {"scale2c_branch2a", 200704, 0x00f8dff0},
    {"res2b_relu", 802816, 0x00fbeff0},
    {"res2b", 802816, 0x01082ff0},
    {"scale2b_branch2c", 802816, 0x01146ff0},
    {"res2b_branch2b_relu", 200704, 0x0120aff0},
    {"scale2b_branch2b", 200704, 0x0123bff0},
    {"res2b_branch2a_relu", 200704, 0x0126cff0},
    {"scale2b_branch2a", 200704, 0x0129dff0},
    {"res2a_relu", 802816, 0x012ceff0},
    {"res2a", 802816, 0x01392ff0},
    {"scale2a_branch2c", 802816, 0x01456ff0},
    {"res2a_branch2b_relu", 200704, 0x0151aff0},
    {"scale2a_branch2b", 200704, 0x0154bff0},
    {"res2a_branch2a_relu", 200704, 0x0157cff0},
    {"scale2a_branch2a", 200704, 0x015adff0},
    {"scale2a_branch1", 802816, 0x015deff0},
    {"pool1", 200704, 0x016a2ff0},
    {"conv1_relu", 802816, 0x016d3ff0},
    {"scale_conv1", 802816, 0x01797ff0},
};
// clang-format on

/// Whether a graph's neuron map is the pinned one, row by row.
template <class Nodes>
constexpr bool has_resnet50_map(const basic_graph<Nodes>& net) {
  const neuron_map<Nodes> map = make_neuron_map(net);
  if (map.rows.size() != 122 || map.size != 0x185bff0) return false;
  for (std::size_t i = 0; i < 122; ++i) {
    const neuron_row& row = map.rows[i];
    const pinned_row& pinned = resnet50_map[i];
    if (net[static_cast<std::size_t>(row.node)].name.view() != pinned.name) return false;
    if (row.size != pinned.size || row.offset != pinned.offset) return false;
  }
  return true;
}

static_assert(has_resnet50_map(networks::resnet50()));

}  // namespace octavo::inline v0::tpu
