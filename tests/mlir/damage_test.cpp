// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/mlir: texts cut off and damaged anywhere.

#include <doctest/doctest.h>

#include "mlir/mlir_recipe.hpp"

using namespace octavo_test;

TEST_CASE("every truncation is refused with a line and a column") {
  const weights_folder folder;
  const std::string& text = small_text();
  CHECK(folder.message(text.substr(0, text.size() - 1)).empty());  // the last end of line
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    const std::string message = folder.message(std::string_view(text).substr(0, size));
    if (message.starts_with("f.mlir:") && message.find(": found ") != std::string::npos) continue;
    CAPTURE(size);
    CAPTURE(message);
    FAIL("accepted, or without a place");
  }
}

TEST_CASE("a byte changed anywhere: refused, or another valid text, never worse") {
  const weights_folder folder;
  std::string text = small_text();
  int accepted = 0;
  for (char& letter : text) {
    const char truth = letter;
    for (const char other : {'\0', '9', '"', '(', 'x', '>'}) {
      letter = other;
      accepted += folder.message(text).empty() ? 1 : 0;
    }
    letter = truth;
  }
  CHECK(accepted > 0);  // blanks and names of values that nobody reads
}

TEST_CASE("a text that is too large is not read") {
  const temporary_folder folder;
  octavo::io::write_file(folder / "m.mlir", {});
  std::filesystem::resize_file(folder / "m.mlir", octavo::io::longest_mlir + 1);
  check_message(message_of([&] { octavo::io::load_mlir(folder / "m.mlir"); }),
                "m.mlir: has 67108865 bytes, expected at most 67108864");
}
