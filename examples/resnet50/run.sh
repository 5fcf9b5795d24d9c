#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sets up and runs the main job: ResNet-50 in int8. Arguments go to resnet50; --help lists them.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/cmake/setup.sh"

need_build_packages
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "octavo: building (the first time takes one to two minutes, on a busy machine more)" >&2
(cd "$root" && cmake --preset release && cmake --build --preset release --target resnet50) \
  >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
"$root/build/release/bin/resnet50" "$@"
