#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fuzzes every parser with libFuzzer, two at a time: tests/fuzz/run.sh [SECONDS [TARGET...]], each
# for 60 seconds where nothing is said. Says which found something; what they found and what they
# learnt stays in build/fuzz/found and build/fuzz/grown.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
. cmake/setup.sh

seconds=${1-60}
case "$seconds" in
  "" | *[!0-9]*) echo "usage: tests/fuzz/run.sh [SECONDS [TARGET...]]" >&2; exit 2 ;;
esac
[ $# -eq 0 ] || shift

need_build_packages
need clang libclang-rt-14-dev libonnx-dev libprotobuf-dev protobuf-compiler
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz

bin=build/fuzz/bin
corpus=build/fuzz/tests/fuzz/corpus
"$bin/make_corpus" "$corpus"
[ ! -x "$bin/make_onnx_corpus" ] || "$bin/make_onnx_corpus" "$corpus"

# fuzz TARGET: ends with 0 where nothing was found. The limits are those of tests/fuzz/target.hpp.
fuzz() {
  local words=()
  [ ! -f "tests/fuzz/$1.dict" ] || words=("-dict=tests/fuzz/$1.dict")
  mkdir -p "build/fuzz/grown/$1" "build/fuzz/found"
  if "$bin/$1_fuzz" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -max_len=40000 \
    -print_final_stats=1 ${words[@]+"${words[@]}"} -artifact_prefix="build/fuzz/found/$1-" \
    "build/fuzz/grown/$1" "$corpus/$1" >"build/fuzz/found/$1.log" 2>&1; then
    echo "$1: nothing found, $(sed -n 's/^stat::number_of_executed_units: *//p' \
      "build/fuzz/found/$1.log") inputs"
  else
    echo "$1: FOUND SOMETHING, see build/fuzz/found/$1.log"
    return 1
  fi
}
export -f fuzz
export bin corpus seconds

if [ $# -eq 0 ]; then
  for target in "$bin"/*_fuzz; do
    name=${target##*/}
    set -- "$@" "${name%_fuzz}"
  done
fi
printf '%s\n' "$@" | xargs -P 2 -I '{}' bash -c 'set -eu; fuzz {}' ||
  { echo "octavo: a target found something" >&2; exit 1; }
