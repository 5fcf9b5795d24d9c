// SPDX-License-Identifier: MIT
/// @file
/// Files that appear together, or none of them.

#include "file_set.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <filesystem>

#include "io/io_test_tools.hpp"
#include "support/limited_file_size.hpp"

using octavo::examples::file_set;
using octavo_test::check_message;
using octavo_test::limited_file_size;
using octavo_test::message_of;
using octavo_test::temporary_folder;

namespace {

const octavo::io::byte_vector small_content{'n', 'e', 'w'};
const octavo::io::byte_vector large_content(1 << 20);

}  // namespace

TEST_CASE("files of a set appear together") {
  const temporary_folder folder;
  octavo::io::write_file(folder / "b", large_content);
  file_set files;
  files.add(folder / "a", small_content);
  files.add(folder / "b", small_content);
  CHECK_FALSE(std::filesystem::exists(folder / "a"));
  CHECK(octavo::io::read_file(folder / "b") == large_content);
  files.commit();
  CHECK(octavo::io::read_file(folder / "a") == small_content);
  CHECK(octavo::io::read_file(folder / "b") == small_content);
  CHECK(folder.size() == 2);
}

TEST_CASE("a disk that is full leaves no file of a set") {
  const temporary_folder folder;
  const auto refusal = [&](std::size_t room, const octavo::io::byte_vector& last) {
    file_set files;
    files.add(folder / "first", small_content);
    const limited_file_size full(room);
    return message_of([&] {
      files.add(folder / "last", last);
      files.commit();
    });
  };
  check_message(refusal(4096, large_content), "last: cannot be written: ");
  CHECK(folder.size() == 0);
  // Few enough bytes to wait in a buffer until the file is closed.
  check_message(refusal(0, small_content), "last: cannot be written: ");
  CHECK(folder.size() == 0);
}

TEST_CASE("a taken place leaves no file of a set") {
  const temporary_folder folder;
  std::filesystem::create_directory(folder / "last");
  check_message(message_of([&] {
                  file_set files;
                  files.add(folder / "first", small_content);
                  files.add(folder / "last", small_content);
                  files.commit();
                }),
                "last: is a directory");
  CHECK(folder.size() == 1);
}
