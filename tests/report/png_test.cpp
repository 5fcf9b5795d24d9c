// SPDX-License-Identifier: MIT
/// @file
/// Tests of report/png.hpp: read back by another author's PNG reader, and known texts in base64.

#include "octavo/report/png.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "image.hpp"

using namespace octavo::report;

namespace {

picture gradient(int width, int height) {
  picture made{width, height, {}};
  for (int i = 0; i < width * height * 3; ++i) {
    made.rgb.push_back(static_cast<std::uint8_t>(i * 7 + i / 256));
  }
  return made;
}

std::string in_base64(std::string_view text) {
  return base64(std::vector<std::uint8_t>(text.begin(), text.end()));
}

}  // namespace

TEST_CASE("base64: the examples of RFC 4648") {
  CHECK(in_base64("") == "");
  CHECK(in_base64("f") == "Zg==");
  CHECK(in_base64("fo") == "Zm8=");
  CHECK(in_base64("foo") == "Zm9v");
  CHECK(in_base64("foob") == "Zm9vYg==");
  CHECK(in_base64("fooba") == "Zm9vYmE=");
  CHECK(in_base64("foobar") == "Zm9vYmFy");
  CHECK(in_base64("\xFB\xFF\xFE") == "+//+");
}

TEST_CASE("adler32: the known value of a known word") {
  const std::string_view word = "Wikipedia";
  CHECK(octavo::report::detail::adler32(std::vector<std::uint8_t>(word.begin(), word.end())) ==
        0x11E60398);
  CHECK(octavo::report::detail::adler32({}) == 1);
}

TEST_CASE("png: libpng reads the same pixels back") {
  using sides = std::pair<int, int>;
  for (const sides& size :
       {sides{1, 1}, sides{3, 2}, sides{224, 224}, sides{4096, 2}, sides{1, 4096}}) {
    CAPTURE(size.first);
    const picture made = gradient(size.first, size.second);
    const octavo::examples::image read = octavo::examples::decode_image(encode_png(made), "png");
    CHECK(read.width == size.first);
    CHECK(read.height == size.second);
    CHECK(read.rgb == made.rgb);
  }
}

TEST_CASE("png: stored blocks at the border of their length") {
  for (const std::size_t count : {0U, 1U, 65534U, 65535U, 65536U, 131070U, 131071U}) {
    CAPTURE(count);
    const std::vector<std::uint8_t> bytes(count, 9);
    const std::size_t blocks = count == 0 ? 1 : (count + 65534) / 65535;
    CHECK(octavo::report::detail::store_zlib(bytes).size() == 2 + blocks * 5 + count + 4);
  }
}

TEST_CASE("png: pictures that are none") {
  CHECK_THROWS_WITH_AS(encode_png({}), doctest::Contains("0 x 0 pixels"), octavo::error);
  CHECK_THROWS_WITH_AS(encode_png({-1, 2, {}}), doctest::Contains("-1 x 2"), octavo::error);
  CHECK_THROWS_WITH_AS(encode_png({4097, 1, {}}), doctest::Contains("1..4096"), octavo::error);
  CHECK_THROWS_WITH_AS(encode_png({2, 2, std::vector<std::uint8_t>(11)}),
                       "report: a picture of 2 x 2 pixels has 11 bytes, expected 12",
                       octavo::error);
}

TEST_CASE("data URI") {
  CHECK(data_uri(gradient(1, 1)).starts_with("data:image/png;base64,iVBORw0KGgo"));
}
