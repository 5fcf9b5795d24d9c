// SPDX-License-Identifier: MIT
// Runs the networks of generated headers on the images beside them, in memory that is dirty and no
// larger than they ask for: cpp_source_runner FOLDER. What runs one is in a unit of its own, which
// cpp_source_compile_test.py writes; this one may use the whole standard library.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "compiled_nets.hpp"

namespace {

using bytes = std::vector<std::int8_t>;

bytes read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_right(const compiled_net& net, const std::string& folder) {
  constexpr std::int8_t dirt = 0x5A;
  constexpr std::ptrdiff_t guard = 64;
  const bytes image = read(folder + "/" + net.name + ".image");
  const bytes expected = read(folder + "/" + net.name + ".outputs");
  if (expected.empty() || image.size() != net.input_bytes) return false;
  bytes memory(net.arena_bytes + 2 * guard, dirt);
  for (int run = 0; run < 2; ++run) {  // the second finds what the first has left
    bytes outputs(expected.size());
    net.run(image.data(), memory.data() + guard, outputs.data());
    if (outputs != expected) return false;
  }
  const auto is_dirt = [](std::int8_t value) { return value == dirt; };
  return std::all_of(memory.begin(), memory.begin() + guard, is_dirt) &&
         std::all_of(memory.end() - guard, memory.end(), is_dirt);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  int wrong = 0;
  for (const compiled_net& net : compiled_nets) {
    if (is_right(net, argv[1])) continue;
    std::printf("%s: other bytes than the interpreter's\n", net.name);
    ++wrong;
  }
  std::printf("%zu networks, %d wrong\n", std::size(compiled_nets), wrong);
  return wrong == 0 ? 0 : 1;
}
