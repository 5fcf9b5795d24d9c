// SPDX-License-Identifier: MIT
/// @file
/// The TPU's weight image: which parameter lies at which address, in each of its three layouts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/align.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/tpu/neuron_map.hpp"

namespace octavo::inline v0::tpu {

/// The forms of a weight image: SPECIFICATION.md 2.2 to 2.4.
enum class weight_layout : std::uint8_t {
  v1,           ///< shift, 8-bit bias, filter OIHW: the compiler's first
  v2,           ///< 16-bit bias in two byte planes, filter O,(kh*kw),I: the shift is in the command
  per_channel,  ///< v2 with a 9-byte record for each output channel in the bias's place
};

/// The layout that holds the parameters of a scheme without loss.
constexpr weight_layout layout_of(scheme kind) {
  if (kind == scheme::rshift8) return weight_layout::v1;
  return kind == scheme::rshift16 ? weight_layout::v2 : weight_layout::per_channel;
}

/// "v1", "v2", "per_channel"
constexpr std::string_view to_string(weight_layout layout) {
  constexpr std::string_view names[] = {"v1", "v2", "per_channel"};
  return names[static_cast<std::size_t>(layout)];
}

/// Rows are padded to a multiple of this many bytes, but for a 16-bit bias: see padded_bias16().
inline constexpr std::int64_t weight_alignment = 16;

/// Bytes of one channel's record: bias int32, multiplier u32, shift u8.
inline constexpr int channel_record_size = 9;

/// What one row of the image holds.
enum class weight_part : std::uint8_t { shift, bias, channel_records, filter };

/// Where the parameters of a layer lie in a weight image.
struct weight_row {
  int node = 0;
  weight_part part = weight_part::filter;
  std::int64_t offset = 0;  ///< byte address
  std::int64_t bytes = 0;   ///< without the padding
  std::int64_t size = 0;    ///< with the padding behind it

  constexpr std::int64_t end() const { return offset + size; }
  friend constexpr bool operator==(const weight_row&, const weight_row&) = default;
};

/// Rows of an image by ascending address.
template <class List>
struct basic_weight_map {
  List rows = {};
  std::int64_t size = 0;

  /// The row of that part, or nullptr. Valid as long as the map.
  constexpr const weight_row* find(int node, weight_part part) const {
    for (const weight_row& row : rows) {
      if (row.node == node && row.part == part) return &row;
    }
    return nullptr;
  }
};

/// A map of as many rows as the model needs.
using weight_map = basic_weight_map<std::vector<weight_row>>;

namespace detail {

/// A 16-bit bias is padded by its number of elements, not of bytes, as the compiler did: 1000
/// elements take 2008 bytes, and what follows lies at 8 mod 16.
constexpr std::int64_t padded_bias16(std::int64_t elements) {
  return 2 * elements + (16 - elements % 16) % 16;
}

}  // namespace detail

/// The rows of one op with weights by ascending address, the first at `offset`.
template <class Nodes>
constexpr inline_vector<weight_row, 3> rows_of_layer(const basic_graph<Nodes>& net, std::size_t i,
                                                     weight_layout layout, std::int64_t offset) {
  inline_vector<weight_row, 3> rows;
  const auto place = [&](weight_part part, std::int64_t bytes, std::int64_t size) {
    rows.push_back({static_cast<int>(i), part, offset, bytes, size});
    offset += size;
  };
  const std::int64_t channels = net[i].shape.c;
  const std::int64_t filter = weights_shape(net, i).elements();
  if (layout == weight_layout::v1) {
    place(weight_part::shift, 1, weight_alignment);
    place(weight_part::bias, channels, align_up(channels, weight_alignment));
  } else if (layout == weight_layout::v2) {
    place(weight_part::bias, 2 * channels, detail::padded_bias16(channels));
  } else {
    const std::int64_t records = channel_record_size * channels;
    place(weight_part::channel_records, records, align_up(records, weight_alignment));
  }
  place(weight_part::filter, filter, align_up(filter, weight_alignment));
  return rows;
}

/// Lays out the image of an unfused graph: layers in reverse execution order. @tparam List a vector
/// of weight_row: in place where the map is to be a constant.
template <class List = std::vector<weight_row>, class Nodes>
constexpr basic_weight_map<List> make_weight_map(const basic_graph<Nodes>& net,
                                                 weight_layout layout) {
  basic_weight_map<List> map;
  for (std::size_t i = net.size(); i-- > 0;) {
    if (!has_weights(net[i].kind)) continue;
    for (const weight_row& row : rows_of_layer(net, i, layout, map.size)) {
      map.rows.push_back(row);
      map.size = row.end();
    }
  }
  return map;
}

/// The name of a row in maps and dumps: scale_conv1_quant_int8_0 is the filter of scale_conv1.
inline std::string row_name(const weight_row& row, std::string_view op_name) {
  constexpr std::string_view suffixes[] = {"_quant_int8_rshift", "_quant_int8_1", "_per_channel",
                                           "_quant_int8_0"};
  return concat_text(op_name, suffixes[static_cast<std::size_t>(row.part)]);
}

/// The map as CSV, `name,0xOFFSET`.
template <class List, class Nodes>
std::string to_csv(const basic_weight_map<List>& map, const basic_graph<Nodes>& net) {
  std::string text;
  for (const weight_row& row : map.rows) {
    char offset[24];
    std::snprintf(offset, sizeof offset, "0x%08llx", static_cast<unsigned long long>(row.offset));
    text +=
        concat_text(row_name(row, net[static_cast<std::size_t>(row.node)].name), ",", offset, "\n");
  }
  return text;
}

}  // namespace octavo::inline v0::tpu
