// SPDX-License-Identifier: MIT
/// @file
/// Files that were written once, and what today's writers and readers make of them. A reader must
/// go on reading every file here; a writer must go on making these bytes, or its format gets
/// another version and the new file stands beside the old one.
///
/// Everything follows from the models *.model-1.octavo, so that no change of the tests' random
/// numbers changes a file. With OCTAVO_GOLDEN_OUT=FOLDER the tests write what they make there.

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "io/io_test_tools.hpp"
#include "octavo/core/crc32.hpp"
#include "octavo/io/calibration_part.hpp"
#include "octavo/io/calibration_table_file.hpp"
#include "octavo/io/mlir.hpp"
#include "octavo/io/model_file.hpp"
#include "octavo/io/scheme_table_file.hpp"
#include "octavo/tpu/command_buffer.hpp"
#include "octavo/tpu/neuron_map_csv.hpp"
#include "octavo/tpu/weight_image.hpp"
#include "quantize/evaluation_part.hpp"

using namespace octavo::io;
using octavo::quantized_model;
using octavo::tpu::weight_layout;

namespace {

const std::string advice =
    "this changes a file format: raise its version, add a new golden file and a CHANGELOG line";

/// One layout of the TPU's weights, and the scheme of the model that fits it.
struct layout_files {
  weight_layout layout;
  std::string name;
};

const layout_files all_layouts[] = {{weight_layout::v1, "v1"},
                                    {weight_layout::v2, "v2"},
                                    {weight_layout::per_channel, "per_channel"}};

std::filesystem::path path_of(const std::string& name) {
  return std::filesystem::path(OCTAVO_GOLDEN) / name;
}

byte_vector stored(const std::string& name) { return read_file(path_of(name)); }

std::string stored_text(const std::string& name) {
  const byte_vector bytes = stored(name);
  return {bytes.begin(), bytes.end()};
}

void write_out(const std::string& name, byte_view bytes) {
  const char* const folder = std::getenv("OCTAVO_GOLDEN_OUT");
  if (folder != nullptr) write_file(std::filesystem::path(folder) / name, bytes);
}

void check_bytes(const std::string& name, byte_view made) {
  CAPTURE(name);
  INFO(advice);
  write_out(name, made);
  const byte_vector expected = stored(name);
  CHECK(made.size() == expected.size());
  CHECK(std::ranges::equal(made, expected));
}

/// For files too large for the tree.
void check_sum(const std::string& name, byte_view made, std::size_t size, std::uint32_t crc) {
  CAPTURE(name);
  INFO(advice);
  write_out(name, made);
  CHECK(made.size() == size);
  CHECK(octavo::crc32(made) == crc);
}

quantized_model stored_model(const std::string& name) {
  return load_model(path_of(name + ".model-1.octavo"));
}

octavo::part_identity identity_of(octavo::part_kind kind) {
  return {.kind = kind,
          .shard = {2, 3},
          .images = 10,
          .files = 0x01234567,
          .network = 0x89abcdef,
          .options = 0xfedcba98};
}

octavo::tensor_ranges some_ranges() {
  octavo::tensor_ranges ranges({"data", "fc"});
  const float values[] = {1.5F, -4, 0};
  ranges.observe(0, values);
  return ranges;
}

octavo::tensor_histograms some_histograms() {
  octavo::tensor_histograms histograms(some_ranges());
  const float values[] = {1.5F, -4, 0, 0.001F};
  histograms.observe(0, values);
  return histograms;
}

octavo::examples::evaluation some_counts() {
  octavo::examples::evaluation counts{.has_float = true};
  counts.pictures = 7;
  counts.damaged = 3;
  counts.int8_top1 = 4;
  counts.int8_top5 = 6;
  counts.float_top1 = 5;
  counts.float_top5 = 7;
  counts.agree = 4;
  counts.only_int8 = 1;
  counts.only_float = 2;
  return counts;
}

octavo::calibration_table some_table() {
  octavo::calibration_table table;
  table.set("data", 161.008056641);
  table.set("scale_conv1", 16.018699646);
  table.set("third", 1.0 / 3);
  table.set("least", 5e-324);
  return table;
}

}  // namespace

TEST_CASE("golden: model files of version 1") {
  for (const layout_files& each : all_layouts) {
    const quantized_model model = stored_model(each.name);
    CHECK(model.graph.size() == 15);
    check_bytes(each.name + ".model-1.octavo", serialize(model));
  }
}

TEST_CASE("golden: weight images of every layout") {
  for (const layout_files& each : all_layouts) {
    const quantized_model model = stored_model(each.name);
    const std::string name = each.name + ".weights.bin";
    check_bytes(name, write_weight_image(model, each.layout));
    quantized_model blank = model;
    for (octavo::op_params& params : blank.params) {
      std::ranges::fill(params.weights, std::int8_t{0});
      std::ranges::fill(params.bias, 0);
    }
    CHECK((read_weight_image(stored(name), blank, each.layout) == model));
  }
}

TEST_CASE("golden: command buffers of version 1") {
  for (const layout_files& each : all_layouts) {
    const quantized_model model = stored_model(each.name);
    const std::string name = each.name + ".commands-1.bin";
    check_bytes(name, write_command_buffer(model, each.layout, octavo::fusion::relu));
    const octavo::tpu::command_buffer read = octavo::tpu::read_command_buffer(stored(name));
    CHECK(std::ranges::equal(to_bytes(read), stored(name)));
    const octavo::tpu::rebuilt_model rebuilt =
        rebuild_model(read, stored(each.name + ".weights.bin"));
    CHECK(rebuilt.model.graph.outputs.size() == model.graph.outputs.size());
  }
}

TEST_CASE("golden: the maps as CSV") {
  const octavo::graph net = stored_model("v1").graph;
  for (const layout_files& each : all_layouts) {
    check_bytes(each.name + ".weight_map.csv",
                as_bytes(to_csv(octavo::tpu::make_weight_map(net, each.layout), net)));
  }
  check_bytes("neuron_map.csv", as_bytes(to_csv(octavo::tpu::make_neuron_map(net), net)));
  const auto rows = octavo::tpu::parse_neuron_map(stored_text("neuron_map.csv"), "neuron_map.csv");
  CHECK(rows.size() == net.size());
  CHECK(neuron_map_faults(rows).empty());
}

TEST_CASE("golden: MLIR text and its weights") {
  const quantized_model model = stored_model("per_channel");
  const octavo_test::temporary_folder folder;
  save_mlir(model, folder / "network.mlir");
  check_bytes("network.mlir", read_file(folder / "network.mlir"));
  check_bytes("network.npz", read_file(folder / "network.npz"));
  const mlir_network read =
      octavo::io::mlir::read(stored_text("network.mlir"), "network.mlir", path_of(""));
  CHECK((std::get<quantized_model>(read.model) == model));
}

TEST_CASE("golden: partial results of version 1") {
  using octavo::part_kind;
  check_bytes("ranges.part-1.bin",
              serialize_part(identity_of(part_kind::ranges), serialize(some_ranges())));
  CHECK((ranges_in(read_part(path_of("ranges.part-1.bin"), part_kind::ranges)) == some_ranges()));
  check_bytes("evaluation.part-1.bin",
              serialize_part(identity_of(part_kind::evaluation), serialize(some_counts())));
  const part_file read = read_part(path_of("evaluation.part-1.bin"), part_kind::evaluation);
  CHECK((read.identity == identity_of(part_kind::evaluation)));
  CHECK((octavo::examples::evaluation_in(read) == some_counts()));
  const byte_vector histograms =
      serialize_part(identity_of(part_kind::histograms), serialize(some_histograms()));
  check_sum("histograms.part-1.bin", histograms, 32843, 4241280765);
  CHECK((histograms_in(parse_part(histograms, "histograms")) == some_histograms()));
}

TEST_CASE("golden: tables") {
  check_bytes("calibration_table.txt", as_bytes(to_text(some_table())));
  const octavo::calibration_table read = read_calibration_table(path_of("calibration_table.txt"));
  CHECK(to_text(read) == to_text(some_table()));
  // Nothing writes scheme tables.
  const octavo::scheme_table schemes = read_scheme_table(path_of("scheme_table.txt"));
  std::set<std::string_view> found;
  for (const octavo::scheme_entry& each : schemes) found.insert(to_string(each.scheme));
  CHECK(schemes.size() == std::size(octavo::all_schemes));
  for (const octavo::scheme kind : octavo::all_schemes) CHECK(found.contains(to_string(kind)));
}
