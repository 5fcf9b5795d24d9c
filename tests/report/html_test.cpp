// SPDX-License-Identifier: MIT
/// @file
/// Tests of report/html.hpp: nothing that comes from outside becomes markup.

#include "octavo/report/html.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace octavo::report;

TEST_CASE("escaped: the five characters of markup") {
  CHECK(escaped("<script>\"&'") == "&lt;script&gt;&quot;&amp;&#39;");
  CHECK(escaped("&amp;") == "&amp;amp;");
  CHECK(escaped("two\nlines") == "two\nlines");
  CHECK(escaped("") == "");
}

TEST_CASE("escaped: UTF-8 stays, what is none and control characters are replaced") {
  CHECK(escaped("\u00E9\u20AC\U0001F40D") == "\u00E9\u20AC\U0001F40D");
  using namespace std::string_view_literals;
  constexpr std::string_view x = "\uFFFD";
  CHECK(escaped("a\0b"sv) == octavo::concat_text("a", x, "b"));
  CHECK(escaped("\x1B") == x);
  CHECK(escaped("\x7F") == x);
  CHECK(escaped("\xE9t\xE9") == octavo::concat_text(x, "t", x));  // Latin-1
  CHECK(escaped("\xC0\xAF") == octavo::concat_text(x, x));        // overlong '/'
  CHECK(escaped("\xE0\x80\xAF").find('/') == std::string::npos);
  CHECK(escaped("\xED\xA0\x80").find('\xED') == std::string::npos);      // a surrogate
  CHECK(escaped("\xF4\x90\x80\x80").find('\xF4') == std::string::npos);  // above U+10FFFF
  CHECK(escaped("\xF0\x8F\xBF\xBF").find('\xF0') == std::string::npos);
  CHECK(escaped("\xE2\x82") == octavo::concat_text(x, x));  // cut off
  CHECK(escaped("\xE2<") == octavo::concat_text(x, "&lt;"));
}

TEST_CASE("shortened: beginning and end, by characters") {
  CHECK(shortened("conv", 4) == "conv");
  CHECK(shortened("convolution", 5) == "co\u2026on");
  CHECK(shortened("convolution", 6) == "co\u2026ion");
  CHECK(shortened("\u00E9\u00E9\u00E9\u00E9", 3) == "\u00E9\u2026\u00E9");
  CHECK(shortened("\u00E9\u00E9\u00E9", 3) == "\u00E9\u00E9\u00E9");
  CHECK(shortened("\xFF", 3) == "\uFFFD");
}

TEST_CASE("html: attributes and texts are escaped") {
  html out;
  out.open("p", {{"class", "a\"b"}});
  out.text("1 < 2");
  out.close("p");
  out.leaf("rect", {{"x", "1"}}, "a & b");
  out.leaf("rect");
  CHECK(out.str() ==
        "<p class=\"a&quot;b\">1 &lt; 2</p><rect x=\"1\"><title>a &amp; b</title></rect><rect/>");
}

TEST_CASE("places: pixels and shares of the width") {
  CHECK(px(12.3456) == "12.35");
  CHECK(px(7) == "7");
  CHECK(width_share(0.5) == "50%");
  CHECK(width_share(1.0 / 3) == "33.333%");
}
