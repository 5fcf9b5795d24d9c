// SPDX-License-Identifier: MIT
/// @file
/// Calibration tables: exact round trips, what is accepted, and every error.

#include "octavo/calibrate/table.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <clocale>
#include <filesystem>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include "helpers.hpp"
#include "octavo/io/calibration_table_file.hpp"
#include "support/random.hpp"

namespace {

using octavo::calibration_table;
using octavo::parse_calibration_table;
using octavo::testing::message_of;

std::string parse_error(std::string_view text) {
  return message_of([&] { parse_calibration_table(text, "t.txt"); });
}

}  // namespace

TEST_CASE("a table keeps the order of its entries and finds them by name") {
  calibration_table table;
  CHECK(table.empty());
  table.set("b", 2);
  table.set("a", 1);
  table.set("b", 3);
  CHECK(table.size() == 2);
  CHECK(table.begin()->name == "b");
  CHECK(table.at("b") == 3);
  CHECK(*table.find("a") == 1);
  CHECK(table.find("c") == nullptr);
  CHECK_FALSE(table.contains("c"));
  CHECK(message_of([&] { static_cast<void>(table.at("c")); }) ==
        "calibration table: no threshold for tensor 'c'");
}

TEST_CASE("a table takes only names and thresholds that its text can hold") {
  calibration_table table;
  for (const std::string_view name : {"", "a b", "#a", "a\n", "a\tb", "\xEF\xBB\xBF", "a\x7F"}) {
    CHECK(message_of([&] { table.set(name, 1); }) != "no error");
  }
  for (const double wrong : {0.0, -1.0, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(message_of([&] { table.set("a", wrong); }).starts_with("calibration table: 'a': "));
  }
  CHECK(table.empty());
  table.set("res2a/branch#1:0", 1);
  CHECK(parse_calibration_table(to_text(table)) == table);
}

TEST_CASE("the text form: comments, blank lines, a shift, CRLF, a byte order mark, no last end") {
  const calibration_table table = parse_calibration_table(
      "\xEF\xBB\xBF# made by hand\r\n"
      "data 161.008056641 0\r\n"
      "\r\n"
      "   \t \n"
      "\tconv1\t16.5   # and a remark\n"
      "  # data 1\n"
      "pool1 1e1 -3 # data 2\n"
      "fc#1 .25");
  REQUIRE(table.size() == 4);
  CHECK(table.at("data") == 161.008056641);
  CHECK(table.at("conv1") == 16.5);
  CHECK(table.at("pool1") == 10);
  CHECK(table.at("fc#1") == 0.25);
  CHECK(parse_calibration_table("").empty());
  CHECK(parse_calibration_table("\n\n# nothing").empty());
}

TEST_CASE("a name twice is accepted with one threshold only") {
  CHECK(parse_calibration_table("a 1\nb 2\na 1.0 7\n").size() == 2);
  CHECK(parse_error("a 1\nb 2\na 1.5\n") ==
        "t.txt:3: 'a': threshold 1.5, but an earlier line says 1");
}

TEST_CASE("every error names file, line and what was expected") {
  CHECK(parse_error("# x\n\ndata\n") == "t.txt:3: 'data': expected a threshold behind the name");
  CHECK(parse_error("data # 1") == "t.txt:1: 'data': expected a threshold behind the name");
  for (const std::string text :
       {"x", "1,5", "1.5x", "0x10", "--1", "1e400", "1e-400", "+1", "1_0"}) {
    CHECK(parse_error("ok 1\r\ndata " + text + "\r\n") ==
          "t.txt:2: threshold '" + text + "': expected a decimal number");
  }
  for (const std::string text : {"nan", "NaN", "inf", "-inf", "0", "-0.0", "-1.5", "infinity"}) {
    CHECK(parse_error("data " + text) ==
          "t.txt:1: threshold '" + text + "': expected a positive finite number");
  }
  CHECK(parse_error("data 1 2 3") ==
        "t.txt:1: 4 fields, expected name, threshold and at most a shift");
  CHECK(parse_error("data 1 2.5") == "t.txt:1: shift '2.5': expected an integer");
  CHECK(parse_error("a 1\rb 2\r") ==
        "t.txt:1: 4 fields, expected name, threshold and at most a shift");
  CHECK(parse_error("d\x01"
                    "a 1") == "t.txt:1: 'd\\x01a' is not a tensor's name");
  CHECK(parse_error(std::string_view("d\0 1", 4)) == "t.txt:1: 'd\\x00' is not a tensor's name");
  CHECK(message_of([] { parse_calibration_table("a"); }).starts_with("calibration table:1: "));
}

TEST_CASE("a table cut off anywhere is refused, but for cuts that leave a number or whole lines") {
  const std::string whole = "data 1.25 0\nfc 3e1\n";
  std::vector<std::size_t> accepted;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string message = parse_error(std::string_view(whole).substr(0, size));
    if (message == "no error") {
      accepted.push_back(size);
    } else {
      CHECK(message.starts_with("t.txt:"));
    }
  }
  // No line at all; 1, "1.", 1.2, 1.25, with its blank, shift and end of line; 3, 3e1 and its end.
  // Nothing in the format says how many lines there are, or that a number goes on.
  CHECK(accepted == std::vector<std::size_t>{0, 6, 7, 8, 9, 10, 11, 12, 16, 18, 19});
}

TEST_CASE("text has 17 significant digits, zeros at the end left out") {
  calibration_table table;
  table.set("third", 1.0 / 3);
  table.set("whole", 16);
  table.set("data", 161.008056641);
  CHECK(to_text(table) == "third 0.33333333333333331\nwhole 16\ndata 161.008056641\n");
}

TEST_CASE("writing and reading gives the same doubles, also where the decimal point is a comma") {
  octavo::testing::random_source rng(5);
  calibration_table table;
  for (int i = 0; i < 20000; ++i) {
    const double value = std::bit_cast<double>(rng.bits() >> 1U);  // any magnitude
    if (octavo::is_threshold(value)) table.set(octavo::concat_text("t", i), value);
  }
  table.set("least", std::numeric_limits<double>::denorm_min());
  table.set("largest", std::numeric_limits<double>::max());
  CHECK(table.size() > 19900);
  CHECK(parse_calibration_table(to_text(table)) == table);

  bool comma = false;
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE"}) {
    comma = comma || std::setlocale(LC_NUMERIC, name) != nullptr;
  }
  if (!comma) MESSAGE("no locale with a decimal comma is installed: only the C locale was tested");
  CHECK(parse_calibration_table(to_text(table)) == table);
  CHECK(parse_calibration_table("a 1.5").at("a") == 1.5);
  std::setlocale(LC_NUMERIC, "C");
}

TEST_CASE("tables in files") {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("octavo_table_" + std::to_string(std::random_device{}()));
  std::filesystem::create_directory(folder);
  const auto path = folder / "x.calibration_table";
  calibration_table table;
  table.set("data", 161.008056641);
  table.set("fc1000", 0.1);
  octavo::io::write_calibration_table(path, table);
  CHECK(octavo::io::read_calibration_table(path) == table);

  octavo::io::write_file(path, octavo::io::as_bytes("data 1\nfc\n"));
  CHECK(message_of([&] { octavo::io::read_calibration_table(path); }) ==
        path.string() + ":2: 'fc': expected a threshold behind the name");
  std::filesystem::remove_all(folder);
  CHECK(message_of([&] { octavo::io::read_calibration_table(path); }) ==
        path.string() + ": there is no such file");
}

TEST_CASE("data: the public ResNet-50 table") {
  const std::filesystem::path path = octavo::testing::public_table();
  if (path.empty()) {
    MESSAGE("skipped: set OCTAVO_TEST_DATA to the folder of test data");
    return;
  }
  const calibration_table table = octavo::io::read_calibration_table(path);
  CHECK(table.size() == 232);
  CHECK(table.at("data") == 161.008056641);
  CHECK(table.at("scale_conv1") == 16.018699646);
  CHECK(table.at("pool1") == 19.2224407196);
  CHECK(table.at("res5c") == 33.7025032043);
  CHECK(table.at("pool5") == 14.8855485916);
  CHECK(table.at("fc1000") == 28.1843185425);
  CHECK(parse_calibration_table(to_text(table)) == table);
}
