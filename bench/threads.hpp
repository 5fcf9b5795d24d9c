// SPDX-License-Identifier: MIT
/// @file
/// Where the benchmarks' threads come from.
#pragma once

#include "octavo/eigen_threads.hpp"

namespace octavo::bench {

inline threading make_threads(int threads) { return eigen_threads(threads); }

}  // namespace octavo::bench
