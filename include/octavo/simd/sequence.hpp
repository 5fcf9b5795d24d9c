// SPDX-License-Identifier: MIT
/// @file
/// Many short steps on several threads: one parallel_for for all of them, and spinning in between.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "octavo/core/aligned.hpp"
#include "octavo/simd/parallel.hpp"

namespace octavo::inline v0::detail {

/// Waits a moment; whoever has waited long lets others have the core.
inline void spin(int& rounds) noexcept {
  constexpr int patience = 4000;
  if (++rounds > patience) return std::this_thread::yield();
#if defined(__GNUC__) && defined(__x86_64__)
  __asm__ volatile("pause");
#elif defined(__GNUC__) && defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Executes steps one after the other, each cut into parts that any thread may take. Waking a
/// thread costs ten microseconds and more, waiting here a fraction of one.
///
/// Whoever joins first leads: it takes parts like everybody and, before the next step, waits for
/// those that others have taken. Whoever joins later, or never, is not waited for; so any
/// parallel_for does, and it may run its tasks one after the other.
///
/// Steps has count(), parts(step) and run(step, part), noexcept.
template <class Steps>
class sequence {
 public:
  explicit sequence(const Steps& steps) : steps_(steps) {}

  void join() noexcept { led_.exchange(true) ? help() : lead(); }

 private:
  /// What is being worked on, and the next part of it. One word: a part is taken by adding 1.
  struct ticket {
    std::uint32_t step;
    std::uint32_t part;
  };

  static std::uint64_t pack(std::uint32_t step) { return std::uint64_t{step} << 32; }
  static ticket unpack(std::uint64_t word) {
    return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
  }

  bool is_open(ticket at) const {
    return at.step < static_cast<std::uint32_t>(steps_.count()) &&
           at.part < static_cast<std::uint32_t>(steps_.parts(static_cast<int>(at.step)));
  }

  /// Takes one part and executes it; false where none was left.
  bool work() noexcept {
    const ticket mine = unpack(next_.fetch_add(1, std::memory_order_acq_rel));
    if (!is_open(mine)) return false;
    steps_.run(static_cast<int>(mine.step), static_cast<int>(mine.part));
    done_.fetch_add(1, std::memory_order_release);
    return true;
  }

  void lead() noexcept {
    const auto count = static_cast<std::uint32_t>(steps_.count());
    std::int64_t expected = 0;
    for (std::uint32_t step = 0; step < count; ++step) {
      expected += steps_.parts(static_cast<int>(step));
      next_.store(pack(step), std::memory_order_release);
      while (work()) {
      }
      for (int rounds = 0; done_.load(std::memory_order_acquire) != expected;) spin(rounds);
    }
    next_.store(pack(count), std::memory_order_release);
  }

  void help() noexcept {
    const auto count = static_cast<std::uint32_t>(steps_.count());
    int rounds = 0;
    while (true) {
      const ticket at = unpack(next_.load(std::memory_order_acquire));
      if (at.step == count) return;
      if (is_open(at) && work()) {
        rounds = 0;
      } else {
        spin(rounds);
      }
    }
  }

  const Steps& steps_;
  std::atomic<bool> led_ = false;
  /// No step is open before somebody leads: its number is beyond all.
  alignas(cache_line) std::atomic<std::uint64_t> next_ = pack(UINT32_MAX);
  alignas(cache_line) std::atomic<std::int64_t> done_ = 0;
};

template <class Steps>
void run_sequence(const threading& with, const Steps& steps) {
  sequence<Steps> all(steps);
  const auto join = [&](int) { all.join(); };
  if (with.threads == 1) return join(0);
  with.run(with.threads, task_ref(join));
}

}  // namespace octavo::inline v0::detail
