// SPDX-License-Identifier: MIT
/// @file
/// Seconds, measured and printed.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace octavo::examples {

/// Runs from its construction.
class stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Seconds that work() takes.
template <class Work>
double seconds_of(const Work& work) {
  const stopwatch watch;
  work();
  return watch.seconds();
}

/// "12.3 ms", "0.40 s"
inline std::string time_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, seconds < 0.1 ? "%.2f ms" : "%.2f s",
                seconds < 0.1 ? seconds * 1e3 : seconds);
  return text;
}

}  // namespace octavo::examples
