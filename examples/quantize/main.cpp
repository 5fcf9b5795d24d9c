// SPDX-License-Identifier: MIT
// From a float network to an int8 one that can be trusted: quantize, compare, evaluate.
#include <cstdio>
#include <exception>

#include "jobs.hpp"
#include "options.hpp"

namespace {

void run(const octavo::examples::options& wanted) {
  if (!wanted.merge.empty()) return merge_parts(wanted);
  if (!wanted.evaluate.empty()) return evaluate_network(wanted);
  if (wanted.round) return calibrate_round(wanted);
  quantize_network(wanted);
}

}  // namespace

int main(int argc, char** argv) {
  const octavo::examples::parsed_options parsed = octavo::examples::parse_options(argc, argv);
  if (parsed.exit_status) return *parsed.exit_status;
  try {
    run(parsed.values);
    return 0;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "quantize: %s\n", why.what());
    return 1;
  }
}
