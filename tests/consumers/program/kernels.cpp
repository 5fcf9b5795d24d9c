// SPDX-License-Identifier: MIT
// A user's program with octavo::engine.
#include <octavo/kernels.hpp>

#include "sharpen.hpp"

int main() {
  sharpen([](const auto&... operands) { octavo::kernels().conv2d(operands...); });
}
