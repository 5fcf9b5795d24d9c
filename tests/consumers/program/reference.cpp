// SPDX-License-Identifier: MIT
// A user's program that needs nothing but octavo::octavo.
#include <octavo/reference/conv2d.hpp>

#include "sharpen.hpp"

int main() {
  sharpen([](const auto&... operands) { octavo::reference::conv2d(operands...); });
}
