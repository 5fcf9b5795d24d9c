#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sets up and passes the tests. --all adds those labelled `long`, clang, the sanitizers, and AArch64
# under qemu.
#
# Tests that need real weights and photos read them from the folder that OCTAVO_TEST_DATA names (or
# ../shared/data beside the checkout, where there is one); without it they are reported as skipped.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
. cmake/setup.sh

presets=(release)
left_out=(-LE long)
case "${1-}" in
  "") ;;
  --all) presets=(release clang dev newest aarch64) left_out=() ;;
  *) echo "usage: tests/run.sh [--all]" >&2; exit 2 ;;
esac

need_build_packages
need python3-numpy python3-pil python3-protobuf python3-onnx parallel
need libonnx-dev libprotobuf-dev protobuf-compiler
need mlir-14-tools mlir-16-tools mlir-19-tools pkg-config
if [ "${1-}" = --all ]; then
  need clang clang-format clang-tidy clang-19 doxygen
  need g++-aarch64-linux-gnu qemu-user-static chromium fonts-dejavu-core
  need libbenchmark-dev libdnnl-dev
fi

if [ -z "${OCTAVO_TEST_DATA-}" ] && [ -d ../shared/data ]; then
  OCTAVO_TEST_DATA=$(cd ../shared/data && pwd)
fi
export OCTAVO_TEST_DATA=${OCTAVO_TEST_DATA-}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for preset in "${presets[@]}"; do
  echo "== $preset"
  cmake --preset "$preset" >"$log" || { cat "$log"; exit 1; }
  cmake --build --preset "$preset" >"$log" 2>&1 || { cat "$log"; exit 1; }
  ! grep -n 'warning:' "$log" || { echo "octavo: the build has warnings" >&2; exit 1; }
  echo "== $preset: built after $SECONDS s"
  case "$preset" in
    dev) without=(-LE long) ;;  # sanitizers make them hours
    clang) without=(-E '^(data|oracle)') ;;  # say nothing more with another compiler
    *) without=(${left_out[@]+"${left_out[@]}"}) ;;
  esac
  ctest --preset "$preset" -j "$(nproc)" ${without[@]+"${without[@]}"}
  echo "== $preset: passed after $SECONDS s"
done
