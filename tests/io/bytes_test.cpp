// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/bytes.hpp and io/byte_reader.hpp.

#include "octavo/io/bytes.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits>

#include "io_test_tools.hpp"
#include "support/limited_file_size.hpp"

namespace {

namespace io = octavo::io;
namespace fs = std::filesystem;
using octavo_test::check_message;
using octavo_test::limited_file_size;
using octavo_test::message_of;
using octavo_test::temporary_folder;

const io::byte_vector old_content{'o', 'l', 'd'};
const io::byte_vector new_content{'n', 'e', 'w', 0, 255};

}  // namespace

TEST_CASE("numbers are little-endian at any address") {
  const io::byte_vector bytes{0xFF, 0x01, 0x02, 0x03, 0x84, 0x05, 0x06, 0x07, 0x88};
  CHECK(io::load_little<std::uint8_t>(bytes.data() + 1) == 0x01);
  CHECK(io::load_little<std::uint16_t>(bytes.data() + 1) == 0x0201);
  CHECK(io::load_little<std::uint32_t>(bytes.data() + 1) == 0x84030201U);
  CHECK(io::load_little<std::uint64_t>(bytes.data() + 1) == 0x8807060584030201U);
  CHECK(io::load_little<std::int32_t>(bytes.data() + 1) == -2080177663);

  io::byte_vector written{0xFF};
  io::append_little(written, std::uint16_t{0x0201});
  io::append_little(written, std::uint32_t{0x06050403});
  io::append_little(written, std::int8_t{-1});
  io::append_little(written, 1.0F);
  CHECK(written == io::byte_vector{0xFF, 1, 2, 3, 4, 5, 6, 0xFF, 0, 0, 0x80, 0x3F});
  CHECK(io::load_little<float>(written.data() + 8) == 1.0F);
}

TEST_CASE("a reader never leaves its bytes") {
  const io::byte_vector bytes{1, 2, 3, 4, 5};
  io::byte_reader reader(bytes, "weights.bin", 100);
  CHECK(reader.get<std::uint16_t>("the magic") == 0x0201);
  CHECK(reader.position() == 102);
  CHECK(reader.remaining() == 3);
  CHECK(message_of([&] { reader.get<std::uint32_t>("the count"); }) ==
        "weights.bin: the count at offset 102 takes 4 bytes, but only 3 are left");
  CHECK(reader.position() == 102);
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  check_message(message_of([&] { reader.take(most, "the data"); }), "18446744073709551615 bytes");
  CHECK(message_of([&] { reader.expect_end(); }) ==
        "weights.bin: at offset 102: 3 bytes too many; the end was expected here");
  CHECK(reader.get_text(3, "the name") == "\3\4\5");
  CHECK(message_of([&] { reader.expect_end(); }).empty());
  CHECK(reader.take(0, "nothing").empty());
  check_message(message_of([&] { reader.take(1, "one more"); }), "only 0 are left");
}

TEST_CASE("memory that is not there is an error with a sentence") {
  CHECK(io::make_bytes(3, "x") == io::byte_vector(3));
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  check_message(message_of([&] { io::make_bytes(most, "big.npz"); }), "big.npz: needs 184467");
}

TEST_CASE("files are read whole") {
  const temporary_folder folder;
  io::write_file(folder / "empty", {});
  CHECK(io::read_file(folder / "empty").empty());
  io::write_file(folder / "some", new_content);
  CHECK(io::read_file(folder / "some") == new_content);

  io::byte_source source(folder / "some");
  io::byte_vector two(2);
  source.read(3, two, "the tail");
  CHECK(two == io::byte_vector{0, 255});
  source.read(0, two, "the head");
  CHECK(two == io::byte_vector{'n', 'e'});
  check_message(message_of([&] { source.read(4, two, "the data"); }),
                "some: the data at offset 4 takes 2 bytes, but the file has only 5");
  check_message(message_of([&] { source.read(~std::uint64_t{0}, two, "the data"); }), "has only 5");
  fs::resize_file(folder / "some", 1);
  check_message(message_of([&] { source.read(3, two, "the data"); }), "cannot be read");
}

TEST_CASE("a buffered file gives any part of it, in any order") {
  const temporary_folder folder;
  io::byte_vector content(200'001);
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  }
  io::write_file(folder / "file", content);
  io::byte_source source(folder / "file");
  io::buffered_file file(source);
  REQUIRE(file.size() == content.size());
  // Empty, over the end of what is kept, larger than that, backwards, the last byte and none.
  struct range {
    std::size_t offset, count;
  };
  constexpr range ranges[] = {
      {0, 0}, {0, 9},       {65'530, 6},  {65'530, 12}, {3, 1}, {65'542, 100'000},
      {3, 1}, {200'000, 1}, {200'001, 0}, {0, 200'001}};
  for (const range& at : ranges) {
    CAPTURE(at.offset);
    CAPTURE(at.count);
    const io::byte_view part = file.subspan(at.offset, at.count);
    const io::byte_view expected = io::byte_view(content).subspan(at.offset, at.count);
    CHECK(std::equal(part.begin(), part.end(), expected.begin(), expected.end()));
  }
}

TEST_CASE("a reader of a file fails as one of memory does") {
  const temporary_folder folder;
  io::write_file(folder / "file", io::byte_vector{1, 2, 3, 4, 5});
  io::byte_source source(folder / "file");
  io::basic_byte_reader<io::buffered_file> reader(io::buffered_file(source), "file");
  CHECK(reader.get<std::uint16_t>("the magic") == 0x0201);
  check_message(message_of([&] { reader.get<std::uint32_t>("the count"); }),
                "file: the count at offset 2 takes 4 bytes, but only 3 are left");
  CHECK(reader.get_text(3, "the name") == "\3\4\5");
  fs::resize_file(folder / "file", 1);
  io::basic_byte_reader<io::buffered_file> late(io::buffered_file(source), "file");
  check_message(message_of([&] { late.get<std::uint32_t>("the magic"); }), "cannot be read");
}

TEST_CASE("what cannot be read is named with the reason") {
  const temporary_folder folder;
  const std::string missing = (folder / "missing").string();
  CHECK(message_of([&] { io::read_file(missing); }) == missing + ": there is no such file");
  CHECK(message_of([&] { io::read_file(folder.path()); }) ==
        folder.path().string() + ": is a directory, a file was expected");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  check_message(message_of([&] { io::read_file(folder / "pipe"); }), "is not a regular file");
  io::write_file(folder / "file", old_content);
  check_message(message_of([&] { io::read_file(folder / "file" / "below"); }), "file/below: ");
  fs::create_symlink("loop", folder / "loop");
  check_message(message_of([&] { io::read_file(folder / "loop"); }), "cannot be looked up");
  fs::permissions(folder / "file", fs::perms::none);
  if (::geteuid() != 0) {  // root reads everything
    check_message(message_of([&] { io::read_file(folder / "file"); }), "cannot be opened: ");
  }
}

TEST_CASE("a file is replaced whole") {
  const temporary_folder folder;
  io::write_file(folder / "file", old_content);
  {
    io::atomic_file file(folder / "file");
    file.write(new_content);
    CHECK(io::read_file(folder / "file") == old_content);
    CHECK(folder.size() == 2);
    file.commit();
  }
  CHECK(io::read_file(folder / "file") == new_content);
  CHECK(folder.size() == 1);
}

TEST_CASE("without a commit nothing happened") {
  const temporary_folder folder;
  io::write_file(folder / "file", old_content);
  { io::atomic_file(folder / "file").write(new_content); }
  { io::atomic_file(folder / "other").write(new_content); }
  CHECK(io::read_file(folder / "file") == old_content);
  CHECK(folder.size() == 1);
}

TEST_CASE("a failing write leaves the target and no temporary file") {
  const temporary_folder folder;
  io::write_file(folder / "file", old_content);
  const io::byte_vector large(1 << 20);
  std::string message;
  {
    const limited_file_size full(4096);
    message = message_of([&] { io::write_file(folder / "file", large); });
  }
  // Few enough bytes to wait in a buffer until the file is closed.
  std::string late;
  {
    const limited_file_size full(0);
    late = message_of([&] { io::write_file(folder / "file", new_content); });
  }
  check_message(message, "file: cannot be written: ");
  check_message(late, "file: cannot be written: ");
  CHECK(io::read_file(folder / "file") == old_content);
  CHECK(folder.size() == 1);
}

TEST_CASE("only regular files are replaced") {
  const temporary_folder folder;
  fs::create_directory(folder / "dir");
  check_message(message_of([&] { io::write_file(folder / "dir", new_content); }),
                "dir: is a directory and is not replaced");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  check_message(message_of([&] { io::write_file(folder / "pipe", new_content); }),
                "pipe: is not a regular file");
  check_message(message_of([&] { io::write_file(folder / "no" / "file", new_content); }),
                "no/file: cannot be created: No such file or directory");
  CHECK(folder.size() == 2);
}

TEST_CASE("a link stays a link, and other temporary files stay") {
  const temporary_folder folder;
  io::write_file(folder / "file", old_content);
  fs::create_symlink("file", folder / "link");
  io::write_file(folder / "file.part0", old_content);
  io::write_file(folder / "link", new_content);
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(io::read_file(folder / "file") == new_content);
  CHECK(io::read_file(folder / "file.part0") == old_content);
  CHECK(folder.size() == 3);
}
