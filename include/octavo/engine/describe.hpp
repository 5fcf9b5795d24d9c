// SPDX-License-Identifier: MIT
/// @file
/// What became of every layer, in words: its kernel, instruction set, layout, bytes and time.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "octavo/engine/steps.hpp"

namespace octavo::inline v0::detail {

/// "conv2d u8 14x32" and the like: what runs, on which source, in tiles of how many pixels and
/// output channels.
inline std::string kernel_text(const prepared_model& model, const step& made) {
  std::string text(made.kernel);
  const simd::packed_filter& filter = model.packed(static_cast<std::size_t>(made.node)).filter;
  if (filter.weights == nullptr || filter.order != simd::filter_order::dense) return text;
  return concat_text(text, filter.signed_source ? " s8 " : " u8 ",
                     model.plan().kernels().pixels_for(filter), "x", filter.panel);
}

/// "c64 56x56+1": channels of a block, height x width, the widest border.
inline std::string layout_text(const blocked_layout& at) {
  const int border = std::max(std::max(at.border.top, at.border.left),
                              std::max(at.border.bottom, at.border.right));
  std::string text = concat_text("c", at.block, " ", at.shape.h, "x", at.shape.w);
  if (border > 0) text += concat_text("+", border);
  return text;
}

inline std::int64_t filter_bytes(const simd::packed_filter& filter) {
  return filter.weights == nullptr ? 0 : simd::detail::weight_bytes(filter);
}

inline constexpr const char* csv_header =
    "name,op,kernel,isa,layout,tensor bytes,weight bytes,multiply-adds,microseconds\n";

/// One layer of one group of images under csv_header.
inline std::string csv_line(const prepared_model& model, const step& made, double seconds) {
  const auto i = static_cast<std::size_t>(made.node);
  const octavo::graph& group = model.plan().group();
  const node& op_node = group[i];
  const blocked_layout& at = model.plan().layout(i);
  char time[32];
  std::snprintf(time, sizeof time, "%.1f", seconds * 1e6);
  return concat_text(op_node.name.view(), ",", to_string(op_node.kind), ",",
                     kernel_text(model, made), ",", to_string(model.isa()), ",", layout_text(at),
                     ",", at.bytes(), ",", filter_bytes(model.packed(i).filter), ",",
                     multiply_adds(op_node, group.view()), ",", time, "\n");
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
    const blocked_layout& at = model.plan().layout(i);
    std::snprintf(line, sizeof line, "%-24s %-16s %-18s %-14s %10lld %10lld",
                  std::string(op_node.name.view()).c_str(),
                  std::string(to_string(op_node.kind)).c_str(), kernel_text(model, made).c_str(),
                  layout_text(at).c_str(), static_cast<long long>(at.bytes()),
                  static_cast<long long>(filter_bytes(model.packed(i).filter)));
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
