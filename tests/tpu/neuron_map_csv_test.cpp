// SPDX-License-Identifier: MIT
/// @file
/// Tests of tpu/neuron_map_csv.hpp: maps of files, and what is wrong with them.

#include "octavo/tpu/neuron_map_csv.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "octavo/networks/resnet.hpp"

using octavo::tpu::mapped_tensor;
using octavo::tpu::neuron_map_faults;
using octavo::tpu::parse_neuron_map;

namespace {

std::string message_of(const std::string& text) {
  try {
    parse_neuron_map(text, "map.csv");
  } catch (const octavo::error& why) {
    return why.what();
  }
  return "";
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("rows: decimal and hexadecimal, CRLF, empty lines, a last line without an end") {
  const std::vector<mapped_tensor> rows = parse_neuron_map(
      "data_quant,0x00000000,int8,1,3,224,224\r\n\nfc1000,150528,int8,1,1,1,1000", "map.csv");
  CHECK(rows == std::vector<mapped_tensor>{{"data_quant", 0, {1, 3, 224, 224}},
                                           {"fc1000", 0x24c00, {1, 1, 1, 1000}}});
  CHECK(rows[1].size() == 1008);
  CHECK(rows[1].end() == 0x24ff0);
  CHECK(neuron_map_faults(rows) == texts{});
}

TEST_CASE("what to_csv writes comes back, and prints the same") {
  constexpr auto net = octavo::networks::resnet50();
  constexpr auto map = octavo::tpu::make_neuron_map(net);
  const std::vector<mapped_tensor> rows = parse_neuron_map(to_csv(map, net), "map.csv");
  CHECK(rows.size() == 122);
  CHECK(format(rows) == format(map, net));
  CHECK(neuron_map_faults(rows, map.size) == texts{});
  CHECK(neuron_map_faults(rows, map.size - 1) ==
        texts{"'scale_conv1' ends at 25542640, behind the memory's 25542639 bytes"});
}

TEST_CASE("a row of another form is refused by file and line") {
  CHECK(message_of("") == "map.csv: has no row name,0xOFFSET,int8,N,C,H,W");
  CHECK(message_of("\n\r\n") == "map.csv: has no row name,0xOFFSET,int8,N,C,H,W");
  CHECK(message_of("a,0,int8,1,1,1,1\nb,16,int8,1,1,1\n") ==
        "map.csv: line 2: 6 fields, expected 7: name,0xOFFSET,int8,N,C,H,W");
  CHECK(message_of("a,0,int8,1,1,1,1,\n") ==
        "map.csv: line 1: 8 fields, expected 7: name,0xOFFSET,int8,N,C,H,W");
  CHECK(message_of(",0,int8,1,1,1,1") == "map.csv: line 1: the name '' is empty or no word");
  CHECK(message_of("a b,0,int8,1,1,1,1") == "map.csv: line 1: the name 'a b' is empty or no word");
  CHECK(message_of("a,0,int9,1,1,1,1") == "map.csv: line 1: the type 'int9', expected int8");
  CHECK(message_of("a,0x,int8,1,1,1,1") == "map.csv: line 1: the offset '0x', expected a number");
  CHECK(message_of("a,12f,int8,1,1,1,1") == "map.csv: line 1: the offset '12f', expected a number");
  CHECK(message_of("a,-16,int8,1,1,1,1") == "map.csv: line 1: the offset '-16', expected a number");
  CHECK(message_of("a,0,int8,1,,1,1") == "map.csv: line 1: the extent '', expected a number");
  CHECK(message_of("a,0,int8,1,0,1,1") == "map.csv: line 1: the extent 0, expected 1..16777216");
}

TEST_CASE("a map cut off anywhere is refused, but for cuts that leave whole rows") {
  const std::string whole = "a,0,int8,1,2,3,4\nb,0x20,int8,1,1,1,16\n";
  std::vector<std::size_t> accepted;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string message = message_of(whole.substr(0, size));
    if (message.empty()) {
      accepted.push_back(size);
    } else {
      CHECK(message.starts_with("map.csv: "));
    }
  }
  // Behind row a without and with its end of line; b's last extent as 1 and as 16, with its end.
  CHECK(accepted == std::vector<std::size_t>{16, 17, 36, 37, 38});
}

TEST_CASE("numbers that would wrap around are refused") {
  CHECK(message_of("a,0x3ffffffffffffff0,int8,1,1,1,1") == "");
  CHECK(message_of("a,0x4000000000000000,int8,1,1,1,1") ==
        "map.csv: line 1: the offset '0x4000000000000000', expected less than 2^62");
  CHECK(message_of("a,0x10000000000000000,int8,1,1,1,1") ==
        "map.csv: line 1: the offset '0x10000000000000000', expected less than 2^62");
  CHECK(message_of("a,0,int8,16777216,128,1,1") ==
        "map.csv: line 1: the tensor has 2^31 elements or more");
  CHECK(message_of("a,0,int8,16777216,16777216,16777216,16777216") ==
        "map.csv: line 1: the tensor has 2^31 elements or more");
}

TEST_CASE("faults: alignment, names that come twice") {
  CHECK(neuron_map_faults({{"a", 8, {1, 1, 1, 8}}, {"a", 32, {1, 1, 1, 8}}}) ==
        texts{"'a' begins at 8, which is no multiple of 16", "'a' comes twice"});
}

TEST_CASE("faults: overlap, whatever the order of the rows, the padding included") {
  // 17 bytes occupy 32.
  CHECK(neuron_map_faults({{"b", 16, {1, 1, 1, 1}}, {"a", 0, {1, 1, 1, 17}}}) ==
        texts{"'b' begins at 16, inside 'a', which ends at 32"});
  CHECK(neuron_map_faults({{"b", 32, {1, 1, 1, 1}}, {"a", 0, {1, 1, 1, 17}}}) == texts{});
  CHECK(neuron_map_faults({{"a", 0, {1, 1, 1, 1}}, {"b", 0, {1, 1, 1, 1}}}) ==
        texts{"'b' begins at 0, inside 'a', which ends at 16"});
  CHECK(neuron_map_faults({{"a", 0, {1, 1, 1, 17}}, {"b", 24, {1, 1, 1, 1}}}) ==
        texts{"'b' begins at 24, which is no multiple of 16",
              "'b' begins at 24, inside 'a', which ends at 32"});
  // c lies in a, although b ends before it.
  CHECK(neuron_map_faults(
            {{"a", 0, {1, 1, 1, 64}}, {"b", 16, {1, 1, 1, 1}}, {"c", 48, {1, 1, 1, 1}}}) ==
        texts{"'b' begins at 16, inside 'a', which ends at 64",
              "'c' begins at 48, inside 'a', which ends at 64"});
}
