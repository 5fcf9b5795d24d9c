// SPDX-License-Identifier: MIT
#include <chooser.hpp>
#include <cstdio>
#include <string>

int main() { std::puts(std::string(octavo::to_string(choose())).c_str()); }
