// SPDX-License-Identifier: MIT
/// @file
/// Which instruction sets the tests of this folder run through, and how one is chosen.

#include "octavo/simd/isa.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/simd/dispatch.hpp"
#include "support/emulated_isa.hpp"
#include "support/evex256.hpp"
#include "support/isa_list.hpp"

using octavo::isa;

namespace octavo::testing {

namespace {

std::string name_of(const simd::kernel_table& table) {
  const std::string name(to_string(table.which));
  const std::string_view detail(table.detail);
  return detail.empty() ? name : concat_text(name, "(", detail, ")");
}

std::vector<kernels_under_test> make_list() {
  std::vector<kernels_under_test> list;
  for (const isa which : available_isas()) {
    list.push_back({name_of(simd::kernels_for(which)), simd::kernels_for(which)});
  }
  for (const simd::kernel_table& table : all_emulated_kernels()) {
    list.push_back({concat_text("emulated", 8 * table.vector_bytes), table});
  }
#if defined(__x86_64__) && defined(__GNUC__)
  if (is_available(isa::avx512vnni)) {
    namespace evex = simd::evex256;
    list.push_back({"evex256", evex::make_kernel_table<evex::vocabulary>(isa::avx512vnni, "")});
  }
#endif
  return list;
}

}  // namespace

const std::vector<kernels_under_test>& all_kernels() {
  static const std::vector<kernels_under_test> list = make_list();
  return list;
}

}  // namespace octavo::testing

namespace {

using octavo::testing::all_kernels;
using octavo::testing::kernels_under_test;

/// The words of the line of /proc/cpuinfo that lists what the first CPU has. None where there is no
/// such line, as in an emulator that shows its host's file.
std::set<std::string> cpuinfo_flags() {
#if defined(__aarch64__)
  constexpr std::string_view key = "Features";
#else
  constexpr std::string_view key = "flags";
#endif
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    std::istringstream words(line);
    std::set<std::string> flags;
    for (std::string word; words >> word;) flags.insert(word);
    return flags;
  }
  return {};
}

/// The words of /proc/cpuinfo that a CPU has where it can run the instruction set.
std::vector<std::string> needed_flags(isa which) {
  switch (which) {
    case isa::portable:
      return {};
    case isa::avx2:
      return {"avx2"};
    case isa::avxvnni:
      return {"avx2", "avx_vnni"};
    case isa::avx512vnni:
      return {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"};
    case isa::neon_dot:
      return {"asimddp"};
    case isa::neon_i8mm:
      return {"asimddp", "i8mm"};
  }
  return {};
}

bool runs(isa which) {
  return std::ranges::any_of(all_kernels(), [&](const kernels_under_test& k) {
    return k.table.which == which && k.name.starts_with(to_string(which));
  });
}

/// The message of the error that work() throws.
template <class Work>
std::string message_of(const Work& work) {
  try {
    work();
  } catch (const octavo::error& why) {
    return why.what();
  }
  return "no error";
}

/// Sets OCTAVO_ISA, or unsets it, and puts the old value back.
class environment {
 public:
  explicit environment(const char* value) {
    const char* const old = std::getenv(name);
    had_ = old != nullptr;
    if (had_) old_ = old;
    set(value);
  }
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;
  ~environment() { set(had_ ? old_.c_str() : nullptr); }

 private:
  static constexpr const char* name = "OCTAVO_ISA";
  static void set(const char* value) {
    if (value == nullptr) {
      ::unsetenv(name);
    } else {
      ::setenv(name, value, 1);
    }
  }
  bool had_ = false;
  std::string old_;
};

}  // namespace

TEST_CASE("isas: every one that this CPU has is under test, and the emulated ones") {
  std::string names = "isas:";
  for (const kernels_under_test& k : all_kernels()) names += " " + k.name;
  std::cout << names << "\n";
  const std::set<std::string> flags = cpuinfo_flags();
  for (int i = 0; i < octavo::isa_count; ++i) {
    const auto which = static_cast<isa>(i);
    CAPTURE(octavo::to_string(which));
    CHECK(runs(which) == octavo::is_available(which));
    if (flags.empty() || !octavo::is_compiled(which)) continue;
    const auto needed = needed_flags(which);
    const bool has_all =
        std::ranges::all_of(needed, [&](const std::string& flag) { return flags.contains(flag); });
    CHECK(runs(which) == has_all);
  }
  for (const std::string name : {"emulated128", "emulated256", "emulated512"}) {
    CAPTURE(name);
    CHECK(std::ranges::count(all_kernels(), name, &kernels_under_test::name) == 1);
  }
}

TEST_CASE("isas: those that OCTAVO_NEEDED_ISAS names (separated by blanks) are under test") {
  // For emulated processors, whose /proc/cpuinfo is the host's.
  const char* const needed = std::getenv("OCTAVO_NEEDED_ISAS");
  std::istringstream words(needed == nullptr ? "portable" : needed);
  for (std::string name; words >> name;) {
    CAPTURE(name);
    CHECK(runs(octavo::parse_isa(name)));
  }
}

TEST_CASE("this build has the kernels of its architecture") {
  CHECK(octavo::is_compiled(isa::portable));
#if defined(__x86_64__)
  CHECK(octavo::is_compiled(isa::avx2));
  CHECK(octavo::is_compiled(isa::avxvnni));
  CHECK(octavo::is_compiled(isa::avx512vnni));
  CHECK(!octavo::is_compiled(isa::neon_dot));
#elif defined(__aarch64__)
  CHECK(octavo::is_compiled(isa::neon_dot));
  CHECK(octavo::is_compiled(isa::neon_i8mm));
  CHECK(!octavo::is_compiled(isa::avx2));
#endif
}

TEST_CASE("kernel tables are complete and describe themselves") {
  for (const kernels_under_test& k : all_kernels()) {
    INFO(k.name);
    const octavo::simd::kernel_table& t = k.table;
    CHECK((t.conv2d && t.depthwise && t.max_pool && t.avg_pool && t.add && t.clip && t.lookup));
    CHECK(t.panel % 16 == 0);
    CHECK(t.panel_for(16) == 16);
    CHECK(64 % t.panel == 0);
    CHECK(t.panel_for(64) == t.panel);
    CHECK(t.tile_pixels >= 1);
    CHECK((t.source_offset == 0 || t.source_offset == 128));
    // Of the register tile: tile_pixels * panel accumulators, four products a quad each.
    const std::int64_t round =
        std::int64_t{t.tile_pixels} * t.panel * octavo::simd::quad * t.step_quads;
    CHECK(t.dot_burst(8) == 8 * round);
  }
}

TEST_CASE("available_isas: from the portable one to the best") {
  const octavo::isa_list list = octavo::available_isas();
  REQUIRE(!list.empty());
  CHECK(list[0] == isa::portable);
  CHECK(std::ranges::is_sorted(list));
  CHECK(octavo::best_isa() == list[list.size() - 1]);
  for (const isa which : list) CHECK(octavo::require_available(which) == which);
}

TEST_CASE("parse_isa: the inverse of to_string; anything else is an error that lists the names") {
  for (int i = 0; i < octavo::isa_count; ++i) {
    const auto which = static_cast<isa>(i);
    CHECK(octavo::parse_isa(octavo::to_string(which)) == which);
  }
  for (const char* const wrong : {"", "AVX2", "avx", "avx2 ", "avx512"}) {
    CHECK(message_of([&] { octavo::parse_isa(wrong); }) ==
          octavo::concat_text("isa '", wrong,
                              "', expected one of portable, avx2, avxvnni, "
                              "avx512vnni, neon_dot, neon_i8mm"));
  }
}

TEST_CASE("require_available: what this CPU or build lacks is an error that lists what it has") {
  std::string have;
  for (const isa which : octavo::available_isas()) {
    have += octavo::concat_text(have.empty() ? "" : ", ", octavo::to_string(which));
  }
  int refused = 0;
  for (int i = 0; i < octavo::isa_count; ++i) {
    const auto which = static_cast<isa>(i);
    if (octavo::is_available(which)) continue;
    ++refused;
    const char* const why =
        octavo::is_compiled(which) ? ": this CPU lacks it" : ": not in this build";
    CHECK(message_of([&] { octavo::require_available(which); }) ==
          octavo::concat_text("isa ", octavo::to_string(which), why, ", it has ", have));
  }
  CHECK(refused >= 2);  // x86-64 has no NEON, AArch64 no AVX
}

TEST_CASE("OCTAVO_ISA names the instruction set; unset or empty it is the best") {
  {
    const environment unset(nullptr);
    CHECK(octavo::isa_from_environment() == octavo::best_isa());
  }
  {
    const environment empty("");
    CHECK(octavo::isa_from_environment() == octavo::best_isa());
  }
  for (int i = 0; i < octavo::isa_count; ++i) {
    const auto which = static_cast<isa>(i);
    const std::string name(octavo::to_string(which));
    const environment set(name.c_str());
    if (octavo::is_available(which)) {
      CHECK(octavo::isa_from_environment() == which);
    } else {
      CHECK(message_of([] {
              octavo::isa_from_environment();
            }).starts_with("OCTAVO_ISA: isa " + name + ": "));
    }
  }
  const environment wrong("sse9");
  CHECK(message_of([] {
          octavo::isa_from_environment();
        }).starts_with("OCTAVO_ISA: isa 'sse9', expected one of portable, "));
}
