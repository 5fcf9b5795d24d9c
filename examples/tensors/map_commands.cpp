// SPDX-License-Identifier: MIT
// map, bin_to_npz: neuron memory, by its map.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "commands.hpp"
#include "octavo/io/npz.hpp"
#include "octavo/tpu/neuron_map_csv.hpp"

namespace octavo::examples {
namespace {

struct map_options {
  std::string map = {};
  std::int64_t memory = std::numeric_limits<std::int64_t>::max();
  std::string from = {};
  std::string to = {};
};

std::vector<tpu::mapped_tensor> read_map(const std::string& file) {
  const io::byte_vector bytes = io::read_file(file);
  return tpu::parse_neuron_map(io::as_text(bytes), file);
}

int print_map(const map_options& wanted) {
  const std::vector<tpu::mapped_tensor> rows = read_map(wanted.map);
  std::fputs(tpu::format(rows).c_str(), stdout);
  const std::vector<std::string> faults = tpu::neuron_map_faults(rows, wanted.memory);
  for (const std::string& fault : faults) {
    std::fprintf(stderr, "tensors: %s: %s\n", wanted.map.c_str(), fault.c_str());
  }
  return faults.empty() ? 0 : 1;
}

/// The padding behind the last tensor may be missing. Whatever else is behind it is another map's.
int bin_to_npz(const map_options& wanted) {
  const std::vector<tpu::mapped_tensor> rows = read_map(wanted.map);
  if (const std::vector<std::string> faults = tpu::neuron_map_faults(rows); !faults.empty()) {
    fail(wanted.map, ": ", faults.front());
  }
  io::byte_source source{std::filesystem::path(wanted.from)};
  const std::int64_t end =
      std::max_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return a.end() < b.end();
      })->end();
  if (source.size() > static_cast<std::uint64_t>(end)) {
    fail(source.name(), ": has ", source.size(), " bytes, but the last tensor of ", wanted.map,
         " ends at ", end, ": the map is another network's");
  }
  io::npz_arrays arrays;
  for (const tpu::mapped_tensor& row : rows) {
    const auto& [n, c, h, w] = row.extents;
    const auto size = static_cast<std::uint64_t>(row.extents.elements());
    const auto offset = static_cast<std::uint64_t>(row.offset);
    if (offset + size > source.size()) {
      fail(source.name(), ": has ", source.size(), " bytes, but ", in_quotes(row.name), " of ",
           wanted.map, " ends at ", offset + size);
    }
    io::npy_array array{{n, c, h, w}, io::element_type::int8, io::make_bytes(size, source.name())};
    source.read(offset, array.data, row.name);
    arrays.emplace(row.name, std::move(array));
  }
  io::write_npz(wanted.to, arrays);
  std::printf("%s: %zu arrays\n", wanted.to.c_str(), arrays.size());
  return 0;
}

std::int64_t parse_memory(const std::string& text) {
  return parse_integer(text, 0, std::numeric_limits<std::int64_t>::max());
}

}  // namespace

void add_map_commands(CLI::App& app, command& chosen) {
  const auto wanted = std::make_shared<map_options>();
  CLI::App* print = app.add_subcommand("map", "Print and check a neuron map");
  print->add_option("FILE", wanted->map, "Lines name,0xOFFSET,int8,N,C,H,W")->required();
  add_choice(*print, "--memory", wanted->memory,
             "Bytes of the memory, behind which no tensor may end", parse_memory);
  print->callback([&chosen, wanted] { chosen = [wanted] { return print_map(*wanted); }; });

  CLI::App* split = app.add_subcommand("bin_to_npz", "Write the tensors of neuron memory as .npz");
  split->add_option("FROM", wanted->from, "The raw memory, from address 0 on")->required();
  split->add_option("MAP", wanted->map, "Lines name,0xOFFSET,int8,N,C,H,W")->required();
  split->add_option("TO", wanted->to, "The .npz file to write")->required();
  split->callback([&chosen, wanted] { chosen = [wanted] { return bin_to_npz(*wanted); }; });
}

}  // namespace octavo::examples
