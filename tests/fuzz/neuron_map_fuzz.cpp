// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes tpu/neuron_map_csv.hpp.

#include "octavo/tpu/neuron_map_csv.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
using octavo::tpu::mapped_tensor;
using rows = std::vector<mapped_tensor>;

namespace {

std::string to_csv(const rows& map) {
  std::string text;
  for (const auto& [name, offset, extents] : map) {
    text += octavo::concat_text(name, ",", offset, ",int8,", extents.n, ",", extents.c, ",",
                                extents.h, ",", extents.w, "\n");
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  feed([&] { return octavo::tpu::parse_neuron_map(text, "x.csv"); },
       [](const rows& map) {
         expect(octavo::tpu::parse_neuron_map(to_csv(map), "again") == map,
                "a map written again reads back equal");
         std::int64_t end = 0;
         for (const mapped_tensor& row : map) end = std::max(end, row.end());
         expect(neuron_map_faults(map).size() == neuron_map_faults(map, end).size(),
                "no tensor ends behind the last end");
         expect(!format(map).empty(), "a map can be printed");
       });
  return 0;
}
