// SPDX-License-Identifier: MIT
#pragma once

#include <octavo/simd/isa.hpp>

/// The instruction set that is always there.
octavo::isa choose();
