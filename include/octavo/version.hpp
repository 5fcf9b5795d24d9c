// SPDX-License-Identifier: MIT
/// @file
/// The version of Octavo; the only place where it stands (CMake reads it from here). Every header
/// includes this one, so that two versions are told apart before their definitions collide.
#pragma once

#if defined(OCTAVO_VERSION_MAJOR)
#error "Octavo twice in one translation unit: two copies of it, two versions, or a single header"
#endif

#define OCTAVO_VERSION_MAJOR 0
#define OCTAVO_VERSION_MINOR 1
#define OCTAVO_VERSION_PATCH 0
