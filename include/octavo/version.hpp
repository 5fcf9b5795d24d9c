// SPDX-License-Identifier: MIT
/// @file
/// The version of Octavo; the only place where it stands (CMake reads it from here).
#pragma once

#define OCTAVO_VERSION_MAJOR 0
#define OCTAVO_VERSION_MINOR 1
#define OCTAVO_VERSION_PATCH 0
