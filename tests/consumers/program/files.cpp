// SPDX-License-Identifier: MIT
// A user's program with octavo::io: zlib is linked, nlohmann-json found.
#include <cstdint>
#include <cstdio>
#include <octavo/io/npz.hpp>
#include <vector>

#if !__has_include(<nlohmann/json.hpp>)
#error "octavo::io does not bring nlohmann-json"
#endif

int main() {
  const std::vector<std::int8_t> row = {23, 18, 19, 28};
  octavo::io::write_npz("row.npz", {{"row", octavo::io::make_npy_array(row, {4})}});
  octavo::io::npz_reader file("row.npz");
  for (const std::uint8_t byte : file.read("row").data) std::printf("%d ", byte);
}
