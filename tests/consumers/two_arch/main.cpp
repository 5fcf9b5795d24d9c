// SPDX-License-Identifier: MIT
// A program of translation units with different flags, as where one library of it is built for a
// newer CPU: each has its own portable kernels, and all give the reference's bytes.
#include <cstdio>

#include "../small_network.hpp"
#include "octavo/interpreter.hpp"
#include "octavo/simd/isa.hpp"
#include "run.hpp"

namespace {

bool failed = false;

void check(bool condition, const char* what) {
  if (!condition) std::fprintf(stderr, "two_arch: %s\n", what);
  failed = failed || !condition;
}

}  // namespace

int main() {
  if (!octavo::is_available(octavo::isa::avx2) || !__builtin_cpu_supports("fma")) {
    std::puts("skipped: this CPU cannot run code for AVX2 and FMA");
    return 77;
  }
  const octavo::quantized_model model = consumers::small_model();
  const octavo::tensor<std::int8_t> image = consumers::small_image();
  const std::vector<std::int8_t> expected = octavo::interpret(model, image).back().values;

  bool varied = false;  // a network that saturates everywhere would prove nothing
  for (const std::int8_t value : expected) varied = varied || (value > -100 && value < -1);
  check(varied, "the small network is dead");

  const consumers::outcome a = consumers::run_a(model, image);
  const consumers::outcome b = consumers::run_b(model, image);
  check(a.portable == expected, "a: the portable kernels differ from the reference");
  check(a.best == expected, "a: the best kernels differ from the reference");
  check(b.portable == expected, "b: the portable kernels differ from the reference");
  check(b.best == expected, "b: the best kernels differ from the reference");
  check(a.detail != b.detail, "a and b share their portable kernels");
  std::printf("portable kernels: %s in a, %s in b\n", a.detail.c_str(), b.detail.c_str());
  return failed ? 1 : 0;
}
