// SPDX-License-Identifier: MIT
/// @file
/// The README's table of ops: which kernel an engine has for each, on every instruction set that
/// this CPU has; of the others what is known when the test is compiled.
#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "engine_test_tools.hpp"
#include "octavo/simd/tables.hpp"

namespace octavo::testing {
namespace {

/// A row's ops and kernel, and whether each instruction set has it.
struct table_row {
  std::string ops;
  std::string kernel;
  std::map<std::string, bool> has;
};

std::string trimmed(std::string text) {
  const auto is_frame = [](char letter) { return letter == ' ' || letter == '`'; };
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_frame));
  while (!text.empty() && is_frame(text.back())) text.pop_back();
  return text;
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> found;
  std::istringstream rest(line.substr(1));
  for (std::string cell; std::getline(rest, cell, '|');) found.push_back(trimmed(cell));
  return found;
}

/// The table that begins with "| op | kernel |".
std::vector<table_row> read_table() {
  std::ifstream page(OCTAVO_README);
  std::string line;
  while (std::getline(page, line) && !line.starts_with("| op | kernel |")) continue;
  REQUIRE(page.good());
  const std::vector<std::string> head = cells(line);
  std::getline(page, line);  // |---|
  std::vector<table_row> rows;
  while (std::getline(page, line) && line.starts_with("|")) {
    const std::vector<std::string> row = cells(line);
    REQUIRE(row.size() == head.size());
    table_row made = {row[0], row[1], {}};
    for (std::size_t i = 2; i < row.size(); ++i) {
      const bool known = row[i] == "yes" || row[i] == "-";
      REQUIRE(known);
      made.has[head[i]] = row[i] == "yes";
    }
    rows.push_back(made);
  }
  return rows;
}

/// Whether `list`, names with commas in between, has this one.
bool has_op(const std::string& list, std::string_view name) {
  return concat_text(", ", list, ",").find(concat_text(", ", name, ",")) != std::string::npos;
}

/// Every op, convolutions of every kind.
quantized_model every_kernel() {
  builder net;
  tensor_id x = net.input("data", {1, 16, 28, 28});
  const tensor_id wide = net.conv2d("dense", x, {.channels = 128, .window = square(3, 1, 1)});
  x = net.conv2d("winograd", wide, {.channels = 128, .window = square(3, 1, 1)});
  x = net.conv2d("groups", x, {.channels = 16, .groups = 2});
  x = net.conv2d("depthwise", x, {.channels = 16, .window = square(3, 1, 1), .groups = 16});
  x = net.scale("scale", x);
  x = net.relu("relu", net.add("sum", x, net.clip("clip", x, -1, 6)));
  x = net.concat("join", {net.leaky_relu("leaky", x, 0.25), x});
  x = net.max_pool("max", x, {.window = square(3, 2)});
  x = net.avg_pool("average", x, {.window = square(2, 2)});
  return plain_model(net.finish(net.fully_connected("fc", x, 5)));
}

/// The README's line of an instruction set that says its register tile.
std::string tile_line(isa which) {
  std::ifstream page(OCTAVO_README);
  const std::string begin = concat_text("| `", to_string(which), "` |");
  std::string line;
  while (std::getline(page, line) && !line.starts_with(begin)) continue;
  return line;
}

/// Pixels x channels of a vocabulary's tile, between what stands around it in the table.
template <class S>
std::string tile_text(const char* before, const char* after) {
  return concat_text(before, S::tile_pixels, "x", S::tile_vectors * S::lanes, after);
}

/// Whether the table says that the kernels of a vocabulary have Winograd's algorithm.
void check_winograd(const std::vector<table_row>& rows, isa which, bool has_it) {
  const auto row = std::find_if(rows.begin(), rows.end(), [](const table_row& each) {
    return each.kernel == "conv2d_winograd";
  });
  REQUIRE(row != rows.end());
  INFO(to_string(which));
  CHECK(row->has.at(std::string(to_string(which))) == has_it);
}

}  // namespace

TEST_CASE("the README's table of ops is what engines do") {
  const std::vector<table_row> rows = read_table();
  const quantized_model model = every_kernel();
  for (const isa which : available_isas()) {
    const std::string name(to_string(which));
    INFO(name);
    const engine net(model, {.isa = which, .fusion = fusion::none});
    std::set<std::string> seen;
    for (std::size_t i = 1; i < net.graph().size(); ++i) {
      const std::string_view kind = to_string(net.graph()[i].kind);
      INFO(kind << " by " << net.kernel_name(i));
      const auto row = std::find_if(rows.begin(), rows.end(), [&](const table_row& each) {
        return each.kernel == net.kernel_name(i) && has_op(each.ops, kind);
      });
      REQUIRE(row != rows.end());
      CHECK(row->has.at(name));
      seen.emplace(concat_text(row->ops, " by ", row->kernel));
    }
    for (const table_row& row : rows) {
      INFO(row.ops << " by " << row.kernel);
      CHECK(seen.contains(concat_text(row.ops, " by ", row.kernel)) == row.has.at(name));
    }
  }
}

TEST_CASE("the README's table of ops, as far as it is known of other CPUs") {
  const std::vector<table_row> rows = read_table();
  check_winograd(rows, isa::portable, simd::kernels_for(isa::portable).conv2d_winograd != nullptr);
#if defined(__x86_64__) && defined(__GNUC__)
  using namespace simd;
  check_winograd(rows, isa::avx2, avx2::has_winograd<avx2::vocabulary>);
  check_winograd(rows, isa::avxvnni, avxvnni::has_winograd<avxvnni::vocabulary>);
  check_winograd(rows, isa::avx512vnni, avx512vnni::has_winograd<avx512vnni::vocabulary>);
#endif
#if defined(__aarch64__) && defined(__GNUC__)
  using namespace simd;
  check_winograd(rows, isa::neon_dot, neon_dot::has_winograd<neon_dot::vocabulary>);
  check_winograd(rows, isa::neon_i8mm, neon_i8mm::has_winograd<neon_i8mm::vocabulary>);
#endif
}

TEST_CASE("the README's register tiles") {
#if defined(__x86_64__) && defined(__GNUC__)
  using namespace simd;
  using avx2_tile = avx2::vocabulary;
  using avx512_tile = avx512vnni::vocabulary;
  const std::string of_avx2 = concat_text(tile_text<avx2_tile>("| ", "; "),
                                          avx2_tile::signed_source::tile_pixels, "x16 where");
  CHECK(tile_line(isa::avx2).find(of_avx2) != std::string::npos);
  const std::string of_vnni = tile_text<avxvnni::vocabulary>("| ", " |");
  CHECK(tile_line(isa::avxvnni).find(of_vnni) != std::string::npos);
  const std::string of_avx512 =
      concat_text(tile_text<avx512_tile>("| ", "; "), avx512_tile::wide_pixels, "x",
                  avx512_tile::wide_vectors * avx512_tile::lanes, " where");
  CHECK(tile_line(isa::avx512vnni).find(of_avx512) != std::string::npos);
#endif
#if defined(__aarch64__) && defined(__GNUC__)
  using namespace simd;
  const std::string of_dot = tile_text<neon_dot::vocabulary>("| ", " |");
  CHECK(tile_line(isa::neon_dot).find(of_dot) != std::string::npos);
  const std::string of_i8mm = tile_text<neon_i8mm::vocabulary>("| ", " |");
  CHECK(tile_line(isa::neon_i8mm).find(of_i8mm) != std::string::npos);
#endif
}

}  // namespace octavo::testing
