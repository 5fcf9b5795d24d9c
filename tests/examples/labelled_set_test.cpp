// SPDX-License-Identifier: MIT
/// @file
/// The three forms of a labelled set, and what is none.

#include "quantize/labelled_set.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "io/io_test_tools.hpp"

using namespace octavo::examples;
using octavo_test::check_message;
using octavo_test::message_of;
using octavo_test::temporary_folder;

namespace {

void touch(const std::filesystem::path& path, std::string_view text = "") {
  octavo::io::write_file(path, octavo::io::as_bytes(text));
}

std::string text_of(const labelled_set& pictures) {
  std::string text;
  for (const labelled_picture& picture : pictures) {
    text += octavo::concat_text(picture.name, "=", picture.label, " ");
  }
  return text;
}

}  // namespace

TEST_CASE("as many pictures as classes: the order of the names is the class") {
  const temporary_folder folder;
  for (const std::string name : {"b.PNG", "a.jpeg", "c.bmp", "notes.txt"}) touch(folder / name);
  CHECK(text_of(read_labelled_set(folder.path(), {}, 3)) == "a.jpeg=0 b.PNG=1 c.bmp=2 ");
  check_message(message_of([&] { read_labelled_set(folder.path(), {}, 4); }),
                "has 3 pictures and 0 subfolders, expected 4 of either, one for each class");
}

TEST_CASE("as many subfolders as classes: each is a class") {
  const temporary_folder folder;
  for (const std::string name : {"n2", "n1"}) std::filesystem::create_directory(folder / name);
  check_message(message_of([&] { read_labelled_set(folder.path(), {}, 2); }),
                "has no picture in its subfolders");
  touch(folder / "n2" / "x.png");
  touch(folder / "n2" / "a.png");
  touch(folder / "n1" / "z.png");
  touch(folder / "n1" / "readme");
  CHECK(text_of(read_labelled_set(folder.path(), {}, 2)) == "n1/z.png=0 n2/a.png=1 n2/x.png=1 ");
}

TEST_CASE("a list says path and class, the path perhaps with blanks") {
  const temporary_folder folder;
  touch(folder / "list", "# comment\nb c.png 2\r\n\n  \nsub/a.png\t0 \nb c.png 1");
  const labelled_set found = read_labelled_set(folder.path(), folder / "list", 3);
  CHECK(text_of(found) == "b c.png=2 sub/a.png=0 b c.png=1 ");
  CHECK(found[1].file == folder.path() / "sub/a.png");
}

TEST_CASE("every wrong line of a list is named") {
  const temporary_folder folder;
  const auto refused = [&](std::string_view text) {
    touch(folder / "list", text);
    return message_of([&] { read_labelled_set(folder.path(), folder / "list", 3); });
  };
  check_message(refused("a.png 0\na.png 3\n"), "list:2: class '3', expected 0..2");
  check_message(refused("a.png -1"), "list:1: class '-1', expected 0..2");
  check_message(refused("a.png 1x"), "list:1: class '1x', expected 0..2");
  check_message(refused("a.png 99999999999999999999"), "class '99999999999999999999', expected");
  check_message(refused("a.png"), "list:1: 'a.png', expected a picture's path and its class");
  check_message(refused(" 1"), "list:1: ' 1', expected a picture's path and its class");
  check_message(refused("# nothing\n"), "list: names no picture");
  check_message(message_of([&] { read_labelled_set(folder.path(), folder / "absent", 3); }),
                "absent: there is no such file");
  check_message(message_of([&] { read_labelled_set(folder / "absent", {}, 3); }), "cannot be read");
}

TEST_CASE("a fingerprint follows names and classes, not where they are") {
  const labelled_set set = {{"/x/a.png", "a.png", 0}, {"/x/b.png", "b.png", 1}};
  CHECK(fingerprint_of(set) ==
        fingerprint_of(labelled_set{{"/y/a.png", "a.png", 0}, {"/y/b.png", "b.png", 1}}));
  CHECK(fingerprint_of(set) !=
        fingerprint_of(labelled_set{{"/x/a.png", "a.png", 1}, {"/x/b.png", "b.png", 0}}));
  CHECK(fingerprint_of(set) !=
        fingerprint_of(labelled_set{{"/x/b.png", "b.png", 0}, {"/x/a.png", "a.png", 1}}));
}

TEST_CASE("a few of a list are spread over it evenly") {
  const std::vector<int> all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  CHECK(evenly_chosen(all, 1) == std::vector<int>{0});
  CHECK(evenly_chosen(all, 3) == std::vector<int>{0, 3, 6});
  CHECK(evenly_chosen(all, 10) == all);
  CHECK(evenly_chosen(all, 99) == all);
}
