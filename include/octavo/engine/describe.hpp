// SPDX-License-Identifier: MIT
/// @file
/// What became of every layer, in words: its kernel, instruction set, layout, bytes and time.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "octavo/engine/layer_description.hpp"
#include "octavo/engine/steps.hpp"

namespace octavo::inline v0::detail {

inline constexpr const char* csv_header =
    "name,op,kernel,isa,layout,tensor bytes,weight bytes,multiply-adds,microseconds\n";

/// One layer of one group of images under csv_header.
inline std::string csv_line(const prepared_model& model, const step& made, double seconds) {
  const auto i = static_cast<std::size_t>(made.node);
  const octavo::graph& group = model.plan().group();
  const node& op_node = group[i];
  const layer_description layer = describe_layer(model, i, made.kernel);
  char time[32];
  std::snprintf(time, sizeof time, "%.1f", seconds * 1e6);
  return concat_text(op_node.name.view(), ",", to_string(op_node.kind), ",", layer.kernel, ",",
                     to_string(model.isa()), ",", layer.layout, ",", layer.tensor_bytes, ",",
                     layer.weight_bytes, ",", multiply_adds(op_node, group.view()), ",", time,
                     "\n");
}

/// Whether the environment asks for a line for every layer of every run: OCTAVO_VERBOSE=1.
inline bool verbose_from_environment() {
  const char* wanted = std::getenv("OCTAVO_VERBOSE");
  return wanted != nullptr && std::string_view(wanted) == "1";
}

/// " for 4 of 16 images at a time" where a batch goes through the network in groups.
inline std::string group_text(const execution_plan& plan) {
  if (plan.groups() == 1) return "";
  return concat_text(" for ", plan.group()[0].shape.n, " of ", plan.graph()[0].shape.n,
                     " images at a time");
}

/// A table with one line for every layer. `seconds`, where given, has one entry for each.
inline std::string describe(const prepared_model& model, std::span<const step> steps,
                            std::span<const double> seconds = {}) {
  require(seconds.empty() || seconds.size() == steps.size(),
          "describe: expected one time for each layer");
  const std::string_view detail = model.plan().kernels().detail;
  const std::string isa_name = detail.empty()
                                   ? std::string(to_string(model.isa()))
                                   : concat_text(to_string(model.isa()), " (", detail, ")");
  std::string text =
      concat_text("isa ", isa_name, ", tensors ", model.engine_bytes(), " bytes",
                  group_text(model.plan()), ", packed weights ", model.packed_bytes(), " bytes\n");
  char line[256];
  std::snprintf(line, sizeof line, "%-24s %-16s %-18s %-14s %10s %10s%s\n", "layer", "op", "kernel",
                "layout", "bytes", "weights", seconds.empty() ? "" : "         us  GMAC/s");
  text += line;
  for (const step& made : steps) {
    const auto i = static_cast<std::size_t>(made.node);
    const node& op_node = model.graph()[i];
    const layer_description layer = describe_layer(model, i, made.kernel);
    std::snprintf(line, sizeof line, "%-24s %-16s %-18s %-14s %10lld %10lld",
                  std::string(op_node.name.view()).c_str(),
                  std::string(to_string(op_node.kind)).c_str(), layer.kernel.c_str(),
                  layer.layout.c_str(), static_cast<long long>(layer.tensor_bytes),
                  static_cast<long long>(layer.weight_bytes));
    text += line;
    if (!seconds.empty()) {
      const double products = static_cast<double>(multiply_adds(op_node, model.graph().view()));
      std::snprintf(line, sizeof line, " %10.1f", seconds[i] * 1e6);
      text += line;
      if (products > 0) {
        std::snprintf(line, sizeof line, " %7.1f", products / seconds[i] * 1e-9);
        text += line;
      }
    }
    text += '\n';
  }
  return text;
}

}  // namespace octavo::inline v0::detail
