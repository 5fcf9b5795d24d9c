// SPDX-License-Identifier: MIT
/// @file
/// conformance FOLDER: what the reference computes, for whoever computes the same in another way.
#include <cstdio>
#include <exception>

#include "layer_cases.hpp"
#include "network_case.hpp"
#include "other_cases.hpp"
#include "requantize_cases.hpp"

int main(int argc, char** argv) {
  using namespace octavo::examples;
  if (argc != 2 || argv[1][0] == '-') {
    std::fputs("usage: conformance FOLDER\n", stderr);
    return 2;
  }
  try {
    conformance_kit kit(argv[1]);
    add_requantize_cases(kit);
    add_layer_cases(kit);
    add_other_cases(kit);
    add_network(kit);
    kit.finish();
    return 0;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "conformance: %s\n", why.what());
    return 1;
  }
}
