// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes model/scheme_table.hpp.

#include "octavo/model/scheme_table.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
using octavo::scheme_entry;
using octavo::scheme_table;

namespace {

bool same(const scheme_table& a, const scheme_table& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const scheme_entry& left, const scheme_entry& right) {
                      return left.name == right.name && left.scheme == right.scheme;
                    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  feed([&] { return octavo::parse_scheme_table(text, "x.schemes"); },
       [](const scheme_table& table) {
         std::string lines;
         for (const scheme_entry& entry : table) {
           lines += octavo::concat_text(entry.name, " ", to_string(entry.scheme), "\n");
         }
         expect(same(octavo::parse_scheme_table(lines), table),
                "a table written again reads back equal");
       });
  return 0;
}
