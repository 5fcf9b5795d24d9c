// SPDX-License-Identifier: MIT
/// @file
/// All benchmarks but the gate, as one Google Benchmark program. OCTAVO_ISA chooses the instruction
/// set.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <exception>
#include <string>

#include "rival.hpp"
#include "rows.hpp"

int main(int argc, char** argv) {
  using namespace octavo;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    const isa which = isa_from_environment();
    bench::limit_rival(which);
    benchmark::AddCustomContext("octavo_isa", std::string(to_string(which)));
    benchmark::AddCustomContext("rival", bench::rival_name());
    benchmark::AddCustomContext("rival_isa", bench::rival_isa());
    bench::add_peak_rows();
    bench::add_layer_rows(which);
    bench::add_op_rows(which);
    bench::add_network_rows(which);
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 2;
  }
}
