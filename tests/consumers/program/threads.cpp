// SPDX-License-Identifier: MIT
// A user's program with octavo::emulation, which has Eigen's threads: the smallest that links.
#include <cstdio>
#include <octavo/eigen_threads.hpp>

int main() {
  int done[2] = {};
  const auto task = [&](int i) { done[i] = i + 1; };
  octavo::eigen_threads(2).run(2, octavo::task_ref(task));
  for (const int i : done) std::printf("%d ", i);
}
