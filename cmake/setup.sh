# SPDX-License-Identifier: MIT
# Sourced by examples/resnet50/run.sh and tests/run.sh: gets what a build needs, then builds.

# need PACKAGE...: installs the Debian packages that are missing, or says which they are.
need() {
  local missing=()
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "octavo: please install: ${missing[*]}" >&2
    exit 1
  fi
  echo "octavo: installing ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >/dev/null || { echo "octavo: could not install: ${missing[*]}" >&2; exit 1; }
}

# What every preset needs.
need_build_packages() {
  need g++ cmake ninja-build libeigen3-dev libxsimd-dev zlib1g-dev libcli11-dev \
    libpng-dev libjpeg-dev doctest-dev nlohmann-json3-dev
}
