// SPDX-License-Identifier: MIT
/// @file
/// Work on threads: every index once, each worker on its own, the first failure.

#include "octavo/core/for_each_index.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

using octavo::for_each_index;

TEST_CASE("every index is worked on once, whatever the threads") {
  for (const std::size_t count : {0U, 1U, 2U, 7U, 100U}) {
    for (const int threads : {1, 2, 3, 8}) {
      std::vector<int> calls(count);
      for_each_index(count, threads, [&](std::size_t, std::size_t i) { ++calls[i]; });
      CHECK(calls == std::vector<int>(count, 1));
    }
  }
}

TEST_CASE("a worker is never in two calls at once") {
  constexpr int threads = 4;
  std::vector<int> seen(threads);  // not atomic: races would lose counts, and sanitizers see them
  for_each_index(1000, threads, [&](std::size_t worker, std::size_t) { ++seen[worker]; });
  int total = 0;
  for (const int count : seen) total += count;
  CHECK(total == 1000);
}

TEST_CASE("the failure of the least index is thrown, whatever the threads") {
  for (const int threads : {1, 2, 5}) {
    // The least one fails late, while others have failed; or early, and others fail behind it.
    for (const std::size_t late : {7U, 8U}) {
      std::string said;
      try {
        for_each_index(50, threads, [late](std::size_t, std::size_t i) {
          const auto pause = std::chrono::milliseconds(i == late ? 20 : i >= 6 ? 5 : 0);
          std::this_thread::sleep_for(pause);
          if (i >= 7) octavo::fail("index ", i);
        });
      } catch (const octavo::error& why) {
        said = why.what();
      }
      CHECK(said == "index 7");
    }
  }
}

TEST_CASE("as many workers as there is work for, one at least") {
  CHECK(octavo::workers_for(0, 4) == 1);
  CHECK(octavo::workers_for(3, 4) == 3);
  CHECK(octavo::workers_for(9, 4) == 4);
  CHECK_THROWS_AS(octavo::workers_for(9, 0), octavo::error);
}
