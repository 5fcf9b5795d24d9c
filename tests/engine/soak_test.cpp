// SPDX-License-Identifier: MIT
/// @file
/// The first seeds of tests/soak, and the file that a soak is resumed from.

#include <set>

#include "engine_test_tools.hpp"
#include "io/io_test_tools.hpp"
#include "soak/configuration.hpp"
#include "soak/state.hpp"
#include "support/effort.hpp"

namespace octavo::testing {

TEST_CASE("soak: the first seeds, on every instruction set") {
  for (std::uint64_t seed = 1; seed <= effort(800U); ++seed) {
    const isa which = soak_isa(seed);
    const soak_outcome outcome = soak_one(seed, which);
    INFO("soak --seed " << seed << " --count 1 --isa " << to_string(which));
    INFO(outcome.text);
    CHECK(outcome.problem == "");
  }
}

TEST_CASE("soak: a seed is the same configuration on every instruction set, and none is alike") {
  std::set<std::string> texts;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::string text;
    for (const isa which : available_isas()) {
      const soak_outcome outcome = soak_one(seed, which);
      CHECK((text.empty() || outcome.text == text));
      text = outcome.text;
    }
    texts.insert(text);
  }
  CHECK(texts.size() == 60);
}

TEST_CASE("soak: what is saved is what is resumed") {
  const octavo_test::temporary_folder folder;
  soak_state state{.first = 7, .next = 1000, .ran = {}, .failed = {8, 999}};
  state.ran[0] = 500;
  state.ran[static_cast<std::size_t>(isa::avx2)] = 493;
  CHECK((load_soak_state(folder / "state", 7) == soak_state{.first = 7, .next = 7}));
  save_soak_state(folder / "state", state);
  CHECK((load_soak_state(folder / "state", 7) == state));
  CHECK(folder.size() == 1);
  const std::string found =
      octavo_test::message_of([&] { static_cast<void>(load_soak_state(folder / "state", 8)); });
  octavo_test::check_message(found, "is of a run from seed 7, not 8");
  CHECK_THROWS_AS(parse_soak_state("next 12a"), error);
  CHECK_THROWS_AS(parse_soak_state("nonsense 3"), error);
}

}  // namespace octavo::testing
