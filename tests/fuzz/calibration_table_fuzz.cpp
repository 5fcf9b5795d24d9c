// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes calibrate/table.hpp.

#include "octavo/calibrate/table.hpp"
#include "target.hpp"

using namespace octavo_fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  feed([&] { return octavo::parse_calibration_table(text, "x.table"); },
       [](const octavo::calibration_table& table) {
         expect(octavo::parse_calibration_table(to_text(table), "again") == table,
                "a table written again reads back equal");
         for (const octavo::calibration_entry& entry : table) {
           expect(octavo::is_threshold(table.at(entry.name)), "every threshold is one");
         }
       });
  return 0;
}
