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

/// Executes steps one after the other. Each is cut into lanes, one for each thread, and a lane into
/// parts. Waking a thread costs ten microseconds and more, waiting here a fraction of one.
///
/// A thread takes the parts of its own lane first, whose operands it has often written itself, and
/// then what the others have not begun. Whoever joins first leads: it takes parts like everybody
/// and, before the next step, waits for those that others have taken. Whoever joins later, or
/// never, is not waited for; so any parallel_for does, and it may run its tasks in turn.
///
/// Steps has count(), parts(step), of a lane, and run(step, lane, part), noexcept.
template <class Steps>
class sequence {
 public:
  sequence(const Steps& steps, int lanes) : steps_(steps), lanes_(lanes) {}

  void join() noexcept {
    const int me = joined_.fetch_add(1);
    me == 0 ? lead() : help(me % lanes_);
  }

 private:
  /// What is being worked on, and the next part of it. One word: a part is taken by adding 1.
  struct ticket {
    std::uint32_t step;
    std::uint32_t part;
  };

  /// No step is open before somebody leads: its number is beyond all.
  struct alignas(cache_line) lane {
    std::atomic<std::uint64_t> next = pack(UINT32_MAX);
  };

  static constexpr std::uint64_t pack(std::uint32_t step) { return std::uint64_t{step} << 32; }
  static ticket unpack(std::uint64_t word) {
    return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
  }

  bool is_open(ticket at) const {
    return at.step < static_cast<std::uint32_t>(steps_.count()) &&
           at.part < static_cast<std::uint32_t>(steps_.parts(static_cast<int>(at.step)));
  }

  void open(std::uint32_t step) noexcept {
    for (int i = 0; i < lanes_; ++i) all_[i].next.store(pack(step), std::memory_order_release);
  }

  /// Takes one part of a lane and executes it; false where none was left.
  bool work_in(int which) noexcept {
    std::atomic<std::uint64_t>& next = all_[which].next;
    if (!is_open(unpack(next.load(std::memory_order_acquire)))) return false;
    const ticket mine = unpack(next.fetch_add(1, std::memory_order_acq_rel));
    if (!is_open(mine)) return false;
    steps_.run(static_cast<int>(mine.step), which, static_cast<int>(mine.part));
    done_.fetch_add(1, std::memory_order_release);
    return true;
  }

  /// The same for one's own lane or, where nothing is left of it, the next that has something.
  bool work(int own) noexcept {
    for (int i = 0; i < lanes_; ++i) {
      if (work_in((own + i) % lanes_)) return true;
    }
    return false;
  }

  void lead() noexcept {
    const auto count = static_cast<std::uint32_t>(steps_.count());
    std::int64_t expected = 0;
    for (std::uint32_t step = 0; step < count; ++step) {
      expected += std::int64_t{lanes_} * steps_.parts(static_cast<int>(step));
      open(step);
      while (work(0)) {
      }
      for (int rounds = 0; done_.load(std::memory_order_acquire) != expected;) spin(rounds);
    }
    open(count);
  }

  void help(int own) noexcept {
    const auto count = static_cast<std::uint32_t>(steps_.count());
    for (int rounds = 0; unpack(all_[own].next.load(std::memory_order_acquire)).step != count;) {
      if (work(own)) {
        rounds = 0;
      } else {
        spin(rounds);
      }
    }
  }

  const Steps& steps_;
  const int lanes_;
  std::atomic<int> joined_ = 0;
  lane all_[most_threads];
  alignas(cache_line) std::atomic<std::int64_t> done_ = 0;
};

template <class Steps>
void run_sequence(const threading& with, const Steps& steps) {
  sequence<Steps> all(steps, lanes_of(with));
  const auto join = [&](int) { all.join(); };
  if (with.threads == 1) return join(0);
  with.run(with.threads, task_ref(join));
}

}  // namespace octavo::inline v0::detail
