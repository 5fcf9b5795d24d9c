// SPDX-License-Identifier: MIT
/// @file
/// Tests of io/npy_header.hpp, most of them with headers that lie.

#include <doctest/doctest.h>

#include <string>

#include "io_test_tools.hpp"
#include "npy_recipe.hpp"
#include "octavo/io/npy.hpp"

namespace {

namespace io = octavo::io;
using octavo_test::check_message;
using octavo_test::header_text;
using octavo_test::message_of;
using octavo_test::npy_file;

std::string npy_header_refusal(const std::string& header, const io::byte_vector& data = {}) {
  return message_of([&] { io::parse_npy(npy_file(header, data), "x.npy"); });
}

}  // namespace

TEST_CASE("other versions, magics and lengths are refused") {
  const io::byte_vector good = npy_file(header_text("'<i2'", "(1,)"), {1, 2});
  const auto changed = [&](std::size_t at, int value) {
    io::byte_vector bytes = good;
    bytes[at] = static_cast<std::uint8_t>(value);
    return message_of([&] { io::parse_npy(bytes, "x.npy"); });
  };
  check_message(changed(0, 'N'), "x.npy: does not start with the .npy magic");
  check_message(changed(6, 0), "x.npy: has .npy version 0.0");
  check_message(changed(6, 4), "x.npy: has .npy version 4.0, expected 1.0, 2.0 or 3.0");
  check_message(changed(7, 1), "version 1.1");
  check_message(changed(9, 255), "x.npy: its .npy header ends at byte ");
  const io::byte_vector long_header{0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 255, 255, 255, 255};
  check_message(message_of([&] { io::parse_npy(long_header, "x.npy"); }),
                "header is 4294967295 bytes long, at most 1048576");
}

TEST_CASE("every truncation and every longer file is refused") {
  const io::byte_vector good = npy_file(header_text("'<i2'", "(3,)"), {1, 2, 3, 4, 5, 6});
  for (std::size_t size = 0; size < good.size(); ++size) {
    // A copy of its own, so that a read past its end is seen.
    const io::byte_vector cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    check_message(message_of([&] { io::parse_npy(cut, "x.npy"); }), "x.npy: ");
  }
  io::byte_vector longer = good;
  longer.push_back(0);
  CHECK(message_of([&] { io::parse_npy(longer, "x.npy"); }) ==
        "x.npy: has 7 bytes of data, but its .npy header says 6");
}

TEST_CASE("any changed byte of the header is read or refused, nothing else") {
  const io::byte_vector good = npy_file(header_text("'<i2'", "(3,)"), {1, 2, 3, 4, 5, 6});
  std::size_t refused = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      io::byte_vector bytes = good;
      bytes[i] = static_cast<std::uint8_t>(value);
      refused += message_of([&] { io::parse_npy(bytes, "x.npy"); }).empty() ? 0U : 1U;
    }
  }
  CHECK(refused > good.size() * 200);
}

TEST_CASE("header keys: all three, each once, no others") {
  check_message(npy_header_refusal("{'descr': '<f4', 'shape': (0,)}"),
                "has no key 'fortran_order'");
  check_message(npy_header_refusal("{'descr': '<f4', 'fortran_order': False}"),
                "has no key 'shape'");
  check_message(npy_header_refusal("{'shape': (0,), 'fortran_order': False}"),
                "has no key 'descr'");
  check_message(npy_header_refusal("{}"), "has no key 'descr'");
  check_message(npy_header_refusal("{'descr': '<f4', 'descr': '<f4'}"),
                "has the key 'descr' twice");
  check_message(npy_header_refusal("{'descr': '<f4', 'extra': 1}"), "has the unknown key 'extra'");
}

TEST_CASE("headers that are not Python's") {
  for (const std::string& header : {
           std::string(),
           std::string(100, ' '),
           std::string("{"),
           std::string("{,}"),
           std::string("{'descr"),
           std::string("{'descr'"),
           std::string("{'descr':"),
           std::string("{'descr': '<f4'"),
           std::string("{'descr': '<f4' 'shape': ()}"),
           std::string("{'de\\x73cr': '<f4'}"),
           std::string("{'descr\": 4}"),
           std::string("{descr: '<f4'}"),
           std::string("['descr']"),
           std::string("\0{}", 3),
           std::string(60000, '('),
           std::string(60000, '{'),
           header_text("'<f4'", "(0,)") + "x",
           header_text("'<f4'", "(0,)") + std::string(1, '\0'),
           header_text("'<f4'", "(0,)", "false"),
           header_text("'<f4'", "(0,)", "0"),
           header_text("'<f4'", "(0,)", "Truely"),
           header_text("'<f4'", "(0,)", "'True'"),
           header_text("<f4", "(0,)"),
           header_text("'<f4'", ""),
           header_text("'<f4'", "0,"),
           header_text("'<f4'", "[0]"),
           header_text("'<f4'", "(0"),
           header_text("'<f4'", "(,)"),
           header_text("'<f4'", "(0,,)"),
           header_text("'<f4'", "(0 0)"),
           header_text("'<f4'", "((0,),)"),
           header_text("'<f4'", "(0.,)"),
           header_text("'<f4'", "(0x0,)"),
           header_text("'<f4'", "(+0,)"),
           header_text("'<f4'", "(0LL,)"),
           header_text("'<f4'", "('0',)"),
           header_text("'<f4'", "(0,)()"),
       }) {
    CAPTURE(header.substr(0, 100));
    check_message(npy_header_refusal(header), "in the .npy header at character ");
  }
}

TEST_CASE("shapes that cannot be") {
  check_message(npy_header_refusal(header_text("'<f4'", "(1)"), {0, 0, 0, 0}), "lacks its comma");
  check_message(npy_header_refusal(header_text("'<f4'", "(-1,)")), "negative dimension");
  check_message(npy_header_refusal(header_text("'<f4'", "(9223372036854775808,)")),
                "above 2^63 - 1");
  check_message(npy_header_refusal(header_text("'<f4'", "(99999999999999999999999,)")),
                "above 2^63 - 1");
  check_message(npy_header_refusal(header_text("'|u1'", "(9223372036854775807,)")),
                "has 0 bytes of data");
  check_message(npy_header_refusal(header_text("'<f4'", "(9223372036854775807,)")),
                "more than 2^63 - 1");
  check_message(npy_header_refusal(header_text("'<i2'", "(4294967296, 4294967296)")),
                "more than 2^63 - 1");
  check_message(npy_header_refusal(header_text("'<i2'", "(4294967296, 0, 4294967296)")),
                "more than 2^63");
  std::string ones;
  for (int i = 0; i < 64; ++i) ones += "1,";
  CHECK(npy_header_refusal(header_text("'|u1'", "(" + ones + ")"), {0}).empty());
  check_message(npy_header_refusal(header_text("'|u1'", "(" + ones + "1)"), {0}),
                "has 65 dimensions");
}

TEST_CASE("types that are not numbers are refused by name") {
  check_message(npy_header_refusal(header_text("'|O'", "(1,)")),
                "pickled Python objects (type '|O')");
  check_message(npy_header_refusal(header_text("[('a', '<f4')]", "(1,)")), "structured type");
  for (const char* code :
       {"",    "<",   "<f",  "f4",  "f4 ", "<f16", "<f3",    "<f1", "<i3", "<u0",
        "<b2", "|f4", "|i2", "<U1", "|S1", "<c8",  "<M8[D]", "!f4", "<4f", "<f\x34\n"}) {
    CAPTURE(code);
    const std::string message =
        npy_header_refusal(header_text(std::string("'") + code + "'", "(1,)"));
    CHECK_FALSE(message.empty());
  }
  check_message(npy_header_refusal(header_text("'<c8'", "(1,)")),
                "x.npy: has the type '<c8', expected b1, i1");
}
