// SPDX-License-Identifier: MIT
/// @file
/// Memory as pictures: the arena that tensors share over time, and the TPU's neuron map, in which
/// every tensor has its own place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/graph/arena.hpp"
#include "octavo/report/plot.hpp"
#include "octavo/report/section.hpp"
#include "octavo/tpu/neuron_map.hpp"

namespace octavo::inline v0::report {

namespace detail {

/// The power of a thousand in which an axis up to `bytes` counts.
struct byte_unit {
  double size;
  std::string_view name;
};

inline byte_unit unit_for(std::int64_t bytes) {
  if (bytes >= 1000000) return {1e6, "MB"};
  if (bytes >= 10000) return {1e3, "kB"};
  return {1, "bytes"};
}

/// x: ops in execution order; y: addresses. Each tensor from the op that writes it to the last one
/// that reads it.
inline void draw_arena(html& out, const graph& net, const arena_plan<std::vector<node>>& plan) {
  const byte_unit unit = unit_for(plan.size);
  const axis across{0, static_cast<double>(net.size())};
  const axis up = axis_around({0, static_cast<double>(plan.size) / unit.size}, 5);
  plot chart(out, across, up, 240, "Arena: which tensor lies where, over time");
  chart.y_axis(concat_text("address, ", unit.name), 5,
               [](double v) { return short_decimal(v, 6); });
  chart.x_axis("op, in execution order", 8, [](double v) { return short_decimal(v, 1); });
  for (std::size_t i = 0; i < net.size(); ++i) {
    const placement& at = plan.tensors[i];
    const int end = std::min<int>(at.last + 1, static_cast<int>(net.size()));
    const std::string hint =
        concat_text(node_text(net, i), "\nops ", at.first, " to ", std::min(at.last, end), "\n",
                    address_text(at.offset), " to ", address_text(at.offset + at.size), ", ",
                    bytes_text(at.size));
    chart.block({static_cast<double>(at.first), static_cast<double>(end)},
                {static_cast<double>(at.offset) / unit.size,
                 static_cast<double>(at.offset + at.size) / unit.size},
                concat_text("mark tensor ", op_class(net[i])), hint);
  }
  chart.limit(static_cast<double>(plan.size) / unit.size,
              concat_text("in all ", bytes_text(plan.size)));
  chart.finish();
}

/// Bytes of one line of the neuron map's picture: a power of two, so that there are at most 32.
inline std::int64_t line_bytes(std::int64_t size) {
  std::int64_t bytes = 16;
  while (bytes * 32 < size) bytes *= 2;
  return bytes;
}

/// Address space line by line, as a page of text; a tensor may go on in the next line.
inline void draw_neuron_map(html& out, const graph& net,
                            const tpu::neuron_map<std::vector<node>>& map) {
  constexpr double pitch = 13;
  const std::int64_t line = line_bytes(map.size);
  const std::int64_t lines = (map.size + line - 1) / line;
  const auto share = [&](std::int64_t bytes) {
    return width_share(static_cast<double>(bytes) / static_cast<double>(line));
  };
  out.open("svg",
           {{"class", "plot map"},
            {"role", "img"},
            {"aria-label", "Neuron map: which tensor lies where"},
            {"style", concat_text("height:", px(pitch * static_cast<double>(lines)), "px")}});
  out.line();
  for (std::int64_t k = 0; k < lines; ++k) {
    out.element("text",
                {{"class", "tick y"},
                 {"x", "0"},
                 {"dx", "-6"},
                 {"y", px(static_cast<double>(k) * pitch + 9)}},
                address_text(k * line));
  }
  for (const tpu::neuron_row& row : map.rows) {
    const auto i = static_cast<std::size_t>(row.node);
    out.open("g", {{"class", concat_text("mark row ", op_class(net[i]))}});
    out.element("title", concat_text(node_text(net, i), "\n", address_text(row.offset), " to ",
                                     address_text(row.end()), ", ", bytes_text(row.size)));
    for (std::int64_t at = row.offset; at < row.end();) {
      const std::int64_t number = at / line;
      const std::int64_t end = std::min(row.end(), (number + 1) * line);
      out.leaf("rect", {{"x", share(at % line)},
                        {"width", share(end - at)},
                        {"y", px(static_cast<double>(number) * pitch)},
                        {"height", px(pitch - 2)}});
      at = end;
    }
    out.close("g");
    out.line();
  }
  out.close("svg");
}

inline void write_neuron_table(html& out, const graph& net,
                               const tpu::neuron_map<std::vector<node>>& map) {
  open_fold(out, concat_text("All ", map.rows.size(), " rows as a table"));
  open_table(out, "neurons",
             {{"tensor", ""},
              {"shape", "wide"},
              {"from", "number"},
              {"to", "number wide"},
              {"bytes", "number"}});
  for (const tpu::neuron_row& row : map.rows) {
    const node& of = net[static_cast<std::size_t>(row.node)];
    out.open("tr");
    out.element("td", {{"class", "name"}}, of.name.view());
    out.element("td", {{"class", "wide"}}, shape_text(of.shape));
    write_number(out, "", static_cast<double>(row.offset), address_text(row.offset));
    write_number(out, "wide", static_cast<double>(row.end()), address_text(row.end()));
    write_number(out, "", static_cast<double>(row.size), grouped(row.size));
    out.close("tr");
    out.line();
  }
  close_table(out);
  close_fold(out);
}

}  // namespace detail

inline void write_memory_section(html& out, const report_data& data) {
  open_section(out, "memory", "Memory", "");
  if (data.fused.size() > 0) {
    const arena_plan<std::vector<node>> plan = plan_arena(data.fused);
    out.element("h3", "Arena");
    out.element(
        "p", {{"class", "lead"}},
        concat_text("Tensors share memory where their lives do not meet: ", bytes_text(plan.size),
                    " in plain NCHW; at least ", bytes_text(peak_live_bytes(data.fused)),
                    " are alive at the widest op."));
    write_op_legend(out, data.fused);
    detail::draw_arena(out, data.fused, plan);
  }
  if (data.network.size() > 0) {
    const tpu::neuron_map<std::vector<node>> map = tpu::make_neuron_map(data.network);
    out.element("h3", "Neuron map");
    out.element("p", {{"class", "lead"}},
                concat_text("The TPU's memory holds every tensor at its own address, the input "
                            "first, then the last op to the first: ",
                            grouped(map.size), " bytes, ", grouped(detail::line_bytes(map.size)),
                            " in a line."));
    write_op_legend(out, data.network);
    detail::draw_neuron_map(out, data.network, map);
    detail::write_neuron_table(out, data.network, map);
  }
  if (data.fused.size() == 0 && data.network.size() == 0) {
    say_absent(out, "There is no network, hence no tensor.");
  }
  close_section(out);
}

}  // namespace octavo::inline v0::report
