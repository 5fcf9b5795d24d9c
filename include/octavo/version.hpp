// SPDX-License-Identifier: MIT
/// @file
/// The version of Octavo; the only place where it stands (CMake reads it from here). Every header
/// includes this one, so that two versions are told apart before their definitions collide.
#pragma once

// The default of g++ 12 and clang 14 is older, and what they say does not name the reason.
// (g++ 10 calls its C++20 201709, MSVC's __cplusplus says nothing.)
#if __cplusplus <= 201703L && !(defined(_MSVC_LANG) && _MSVC_LANG > 201703L)
#error "Octavo needs C++20: compile with -std=c++20"
#endif

#if defined(OCTAVO_VERSION_MAJOR)
#error "Octavo twice in one translation unit: two copies of it, two versions, or a single header"
#endif

/// The number of the inline namespace too: v0.
#define OCTAVO_VERSION_MAJOR 0
/// Who asks find_package() for one of these gets no other.
#define OCTAVO_VERSION_MINOR 1
/// Of the minor version.
#define OCTAVO_VERSION_PATCH 0
