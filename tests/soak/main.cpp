// SPDX-License-Identifier: MIT
/// @file
/// Random convolutions against the reference, as many as there is time for:
///
///     soak [--seed S] [--count N] [--isa NAME] [--resume FILE]
///
/// runs the seeds S to S + N - 1 (from 1 on, a million), each on one of the CPU's instruction sets.
/// Ctrl-C stops it; with --resume it goes on from where FILE says that it was. Status 1 where a
/// seed failed. Several at once: from different seeds, with different files.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include "soak/configuration.hpp"
#include "soak/state.hpp"

namespace {

using namespace octavo;
using namespace octavo::testing;
using clock_type = std::chrono::steady_clock;

struct soak_options {
  std::uint64_t seed = 1;
  std::uint64_t count = 1'000'000;
  std::optional<octavo::isa> isa = {};
  std::filesystem::path resume = {};
};

volatile std::sig_atomic_t stopped = 0;
char running[64] = "";  ///< what to type for the seed that is run: a signal handler prints it

void stop(int /*signal*/) { stopped = 1; }

/// A guard page was touched, or a kernel's promise broken: says which seed did it.
void crash(int signal) {
  constexpr std::string_view words = "\nsoak: crashed in what this repeats: ";
  static_cast<void>(!::write(STDERR_FILENO, words.data(), words.size()));
  static_cast<void>(!::write(STDERR_FILENO, running, std::strlen(running)));
  static_cast<void>(!::write(STDERR_FILENO, "\n", 1));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::uint64_t number(std::string_view option, const char* text) {
  std::uint64_t value = 0;
  if (parse_unsigned(text, value) != std::errc())
    fail(option, ": ", in_quotes(text), " is no number");
  return value;
}

soak_options parse(int count, char** words) {
  soak_options options;
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = words[i];
    if (i + 1 == count) fail(name, ": a value was expected behind it");
    if (name == "--seed") {
      options.seed = number(name, words[i + 1]);
    } else if (name == "--count") {
      options.count = number(name, words[i + 1]);
    } else if (name == "--isa") {
      options.isa = require_available(parse_isa(words[i + 1]));
    } else if (name == "--resume") {
      options.resume = words[i + 1];
    } else {
      fail(in_quotes(name), ": expected --seed, --count, --isa or --resume");
    }
  }
  return options;
}

void run_seed(std::uint64_t seed, octavo::isa which, soak_state& state) {
  std::snprintf(running, sizeof running, "soak --seed %llu --count 1 --isa %s",
                static_cast<unsigned long long>(seed), std::string(to_string(which)).c_str());
  const soak_outcome outcome = soak_one(seed, which);
  ++state.ran[static_cast<std::size_t>(which)];
  if (outcome.problem.empty()) return;
  state.failed.push_back(seed);
  std::printf("\n%s\n  %s\n  repeat it: %s\n", outcome.text.c_str(), outcome.problem.c_str(),
              running);
  std::fflush(stdout);
}

/// A line that a terminal overwrites.
void print_progress(const soak_state& state, std::uint64_t end, double a_second) {
  std::fprintf(stderr, "%ssoak: %llu of %llu, %.0f a second, %zu failed%s",
               ::isatty(STDERR_FILENO) != 0 ? "\r" : "",
               static_cast<unsigned long long>(state.next - state.first),
               static_cast<unsigned long long>(end - state.first), a_second, state.failed.size(),
               ::isatty(STDERR_FILENO) != 0 ? " " : "\n");
}

void save(const soak_options& options, const soak_state& state) {
  if (!options.resume.empty()) save_soak_state(options.resume, state);
}

int soak(const soak_options& options) {
  soak_state state = load_soak_state(options.resume, options.seed);
  const std::uint64_t end = options.seed + options.count;
  const std::uint64_t began = state.next;
  const auto start = clock_type::now();
  auto told = start;
  const auto interval = std::chrono::seconds(::isatty(STDERR_FILENO) != 0 ? 1 : 30);
  const auto report = [&](clock_type::time_point now) {
    const double seconds = std::chrono::duration<double>(now - start).count();
    print_progress(state, end, static_cast<double>(state.next - began) / seconds);
    save(options, state);
  };
  while (state.next < end && stopped == 0) {
    run_seed(state.next, options.isa.value_or(soak_isa(state.next)), state);
    ++state.next;
    if (const auto now = clock_type::now(); now - told >= interval) {
      told = now;
      report(now);
    }
  }
  report(clock_type::now());
  std::printf("\n%s", to_text(state).c_str());
  return state.failed.empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  // What the tests' headers check with doctest, here outside of test cases.
  doctest::Context context;
  context.setAsDefaultForAssertsOutOfTestCases();
  context.setAssertHandler([](const doctest::AssertData& failed) {
    std::fprintf(stderr, "%s:%d: %s\n", failed.m_file, failed.m_line, failed.m_expr);
    std::abort();
  });
  try {
    const soak_options options = parse(count, words);
    std::signal(SIGINT, stop);
    std::signal(SIGTERM, stop);
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT}) std::signal(signal, crash);
    return soak(options);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "soak: %s\n", why.what());
    return 2;
  }
}
