// SPDX-License-Identifier: MIT
/// @file
/// What kernels need of the compiler that kernels need.
#pragma once

#include "octavo/version.hpp"

/// A function that becomes part of its caller, whose instruction set it then has.
#if defined(__GNUC__)
#define OCTAVO_INLINE inline __attribute__((always_inline))
#else
#define OCTAVO_INLINE inline
#endif

/// A function that stays one.
#if defined(__GNUC__)
#define OCTAVO_NOINLINE __attribute__((noinline))
#else
#define OCTAVO_NOINLINE
#endif

/// Brings the cache line at p near, into the second level: it is read soon, not at once. p may be
/// any address.
#if defined(__GNUC__)
#define OCTAVO_PREFETCH(p) __builtin_prefetch(p, 0, 2)
#else
#define OCTAVO_PREFETCH(p) static_cast<void>(p)
#endif

/// In front of a loop with constant bounds over an array of vectors: unless it is unrolled whole,
/// the array lies in memory and not in registers.
#if defined(__clang__)
#define OCTAVO_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define OCTAVO_UNROLL _Pragma("GCC unroll 32")
#else
#define OCTAVO_UNROLL
#endif
