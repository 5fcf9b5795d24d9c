// SPDX-License-Identifier: MIT
// Compiled with -fno-exceptions -fno-rtti: a network runs, and what would be thrown reaches the
// hook.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <octavo/engine.hpp>
#include <octavo/kernels.hpp>
#include <octavo/octavo.hpp>

#include "../small_network.hpp"

#if defined(__cpp_exceptions) || defined(__cpp_rtti)
#error "to be compiled with -fno-exceptions -fno-rtti"
#endif

namespace {

void expect_message(const char* message) {
  constexpr const char* expected = "model: expected one threshold a node";
  const bool good = std::strcmp(message, expected) == 0;
  if (!good) std::fprintf(stderr, "expected '%s', got '%s'\n", expected, message);
  std::exit(good ? 0 : 1);
}

void unexpected(const char* message) {
  std::fprintf(stderr, "failed early: %s\n", message);
  std::exit(1);
}

}  // namespace

int main() {
  octavo::on_failure = unexpected;
  octavo::quantized_model model = consumers::small_model();
  const octavo::tensor<std::int8_t> image = consumers::small_image();
  octavo::engine net(model);
  net.run(image);
  if (net.output() != octavo::interpret(model, image).back()) {
    std::fputs("the engine differs from the reference\n", stderr);
    return 1;
  }

  const octavo::kernels fast;
  const std::int8_t src[3] = {-5, 0, 5};
  std::int8_t dst[3] = {};
  fast.relu({src, {1, 3, 1, 1}}, {dst, {1, 3, 1, 1}});
  if (dst[0] != 0 || dst[1] != 0 || dst[2] != 5) {
    std::fputs("relu is wrong\n", stderr);
    return 1;
  }

  const std::int8_t weights[6] = {1, 2, 3, -4, 5, -6};
  const octavo::filter<std::int32_t> filter = {{weights, {2, 3, 1, 1}}, {}};
  std::int8_t sums[2] = {};
  fast.conv2d({src, {1, 3, 1, 1}}, filter, {.relu = true}, octavo::rshift{1}, {sums, {1, 2, 1, 1}});
  if (sums[0] != 5 || sums[1] != 0) {  // -5 + 15 and 20 - 30
    std::fputs("conv2d is wrong\n", stderr);
    return 1;
  }

  octavo::on_failure = expect_message;
  model.thresholds.pop_back();
  const octavo::engine refused(model);
  std::fputs("a model that is not valid was prepared\n", stderr);
  return 1;
}
