#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds and runs the benchmarks. Without arguments: all of them, as JSON and a Markdown table in
# build/bench/. --check: the gates alone; status 0 they are met, 1 missed, 75 the machine was never
# quiet enough to tell. Other arguments go to Google Benchmark (--benchmark_filter=layers/caffe).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
. cmake/setup.sh

need_build_packages
need libbenchmark-dev
# Not every Debian has oneDNN: without it there is nobody to compare with, and that is all.
(need libdnnl-dev) || echo "octavo: no oneDNN, nothing to compare with" >&2

build() {
  local log
  log=$(mktemp)
  { cmake --preset bench && cmake --build --preset bench --target "$@"; } >"$log" 2>&1 ||
    { cat "$log" >&2; rm -f "$log"; exit 2; }
  rm -f "$log"
}

echo "octavo: building" >&2
if [ "${1-}" = --check ]; then
  shift
  build gate
  exec build/bench/bin/gate "$@"
fi

build octavo_benchmarks
results=build/bench/results
build/bench/bin/octavo_benchmarks --benchmark_min_time=0.05 --benchmark_format=console \
  --benchmark_out_format=json --benchmark_out="$results.json" "$@"
python3 bench/report.py "$results.json" >"$results.md"
echo "octavo: wrote $results.json and $results.md" >&2
