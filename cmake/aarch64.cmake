# SPDX-License-Identifier: MIT
# Builds for AArch64 on another machine and runs the tests under emulation. Debian: packages
# g++-aarch64-linux-gnu and qemu-user-static.
#
# Debian's compiler searches /usr/include last, after its own, and there are the packages that are
# headers alone: Eigen, xsimd and doctest. Libraries of the host are not found, as it should be.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

# `max` has every extension that qemu knows, and so all instruction sets of simd/isa/.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static -cpu max -L /usr/aarch64-linux-gnu)

# Headers though they are, Debian's xsimd describes itself below the host's libraries.
file(GLOB xsimd_DIR /usr/lib/*-linux-gnu/cmake/xsimd)
