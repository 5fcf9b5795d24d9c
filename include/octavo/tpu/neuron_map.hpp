// SPDX-License-Identifier: MIT
/// @file
/// The TPU's neuron memory: which tensor lies at which address. Nothing is reused, so that every
/// tensor can be read after a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "octavo/core/align.hpp"
#include "octavo/core/error.hpp"
#include "octavo/graph/graph.hpp"

namespace octavo::inline v0::tpu {

/// Every tensor starts at a multiple of this many bytes.
inline constexpr std::int64_t neuron_alignment = 16;

/// One tensor in neuron memory.
struct neuron_row {
  int node = 0;             ///< index in the graph
  std::int64_t offset = 0;  ///< byte address
  std::int64_t size = 0;    ///< bytes, rounded up to the alignment

  constexpr std::int64_t end() const { return offset + size; }
  friend constexpr bool operator==(const neuron_row&, const neuron_row&) = default;
};

/// Where every tensor of a network lies in neuron memory.
template <class Nodes>
struct neuron_map {
  graph_list<Nodes, neuron_row> rows = {};  ///< by ascending address
  std::int64_t size = 0;                    ///< bytes of the whole memory

  /// The row of a node, or nullptr.
  constexpr const neuron_row* find(int node) const {
    for (const neuron_row& row : rows) {
      if (row.node == node) return &row;
    }
    return nullptr;
  }
};

/// Inputs from address 0, then every op's output in reverse execution order. The unfused graph
/// gives the map with every tensor, a graph fused with fusion::relu the TPU's fused one.
template <class Nodes>
constexpr neuron_map<Nodes> make_neuron_map(const basic_graph<Nodes>& net) {
  neuron_map<Nodes> map;
  const auto place = [&](std::size_t i) {
    const std::int64_t bytes = align_up(net[i].shape.elements(), neuron_alignment);
    map.rows.push_back({static_cast<int>(i), map.size, bytes});
    map.size += bytes;
  };
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (net[i].kind == op::input) place(i);
  }
  for (std::size_t i = net.size(); i-- > 0;) {
    if (net[i].kind != op::input) place(i);
  }
  return map;
}

/// One tensor as the original compiler printed it, newline included:
/// `[data_quant                          ][  150528] : [ 0x00000000 --> 0x00024c00 ]`
inline std::string format(std::string_view name, std::int64_t offset, std::int64_t size) {
  constexpr std::size_t width = 36;
  const std::int64_t end = offset + size;
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, "[%8lld] : [ 0x%08llx --> 0x%08llx ]\n",
                static_cast<long long>(size), static_cast<unsigned long long>(offset),
                static_cast<unsigned long long>(end));
  const std::string blanks(name.size() < width ? width - name.size() : 0, ' ');
  return concat_text("[", name, blanks, "]", numbers);
}

/// The same of a row and the node whose tensor it holds.
inline std::string format(const neuron_row& row, const node& op_node) {
  return format(op_node.name, row.offset, row.size);
}

/// The whole map, one line a row.
template <class Nodes>
std::string format(const neuron_map<Nodes>& map, const basic_graph<Nodes>& net) {
  std::string text;
  for (const neuron_row& row : map.rows)
    text += format(row, net[static_cast<std::size_t>(row.node)]);
  return text;
}

/// The whole map as CSV, `name,0xOFFSET,int8,N,C,H,W`. A fully connected layer's output is a
/// matrix: its two extents stand last, as 1,1,N,C.
template <class Nodes>
std::string to_csv(const neuron_map<Nodes>& map, const basic_graph<Nodes>& net) {
  std::string text;
  for (const neuron_row& row : map.rows) {
    const node& op_node = net[static_cast<std::size_t>(row.node)];
    const auto& [n, c, h, w] = op_node.shape;
    const bool matrix = op_node.kind == op::fully_connected;
    char offset[24];
    std::snprintf(offset, sizeof offset, "0x%08llx", static_cast<unsigned long long>(row.offset));
    text += concat_text(op_node.name.view(), ",", offset, ",int8,");
    text += matrix ? concat_text("1,1,", n, ",", c, "\n")
                   : concat_text(n, ",", c, ",", h, ",", w, "\n");
  }
  return text;
}

}  // namespace octavo::inline v0::tpu
