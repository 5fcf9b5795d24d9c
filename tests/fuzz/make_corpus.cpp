// SPDX-License-Identifier: MIT
/// @file
/// Writes small valid files for every target but ONNX's: make_corpus FOLDER.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "corpus_folder.hpp"
#include "corpus_weights.hpp"
#include "examples/image_files.hpp"
#include "image_models.hpp"
#include "mlir/mlir_recipe.hpp"
#include "octavo/calibrate/table.hpp"
#include "octavo/io/calibration_part.hpp"
#include "octavo/io/dump.hpp"
#include "octavo/io/model_file.hpp"
#include "quantize/evaluation_part.hpp"

using namespace octavo_fuzz;
using namespace octavo::testing;
namespace io = octavo::io;
namespace fs = std::filesystem;

namespace {

/// Both forms of every network that the TPU holds: buffer and image, image alone, model, map, text.
void make_networks(const fs::path& root) {
  corpus_folder commands(root, "command_buffer");
  corpus_folder images(root, "weight_image");
  corpus_folder models(root, "model_file");
  corpus_folder maps(root, "neuron_map");
  corpus_folder texts(root, "mlir");
  corpus_folder weights(root, "mlir_weights");
  random_source rng(1);
  const octavo::graph net = every_command_graph();
  octavo::graph_builder<std::vector<octavo::node>> builder;
  const octavo::tensor_id one = builder.conv2d("a", builder.input("in", {1, 2, 2, 2}),
                                               {.channels = 2, .window = octavo::square(1)});
  const octavo::graph tiny = builder.finish(one);
  for (const octavo::tpu::weight_layout layout : all_layouts) {
    const octavo::quantized_model model = model_for(layout, net, rng);
    const byte_vector image = write_weight_image(model, layout);
    for (const octavo::fusion level : {octavo::fusion::none, octavo::fusion::relu}) {
      byte_vector buffer = write_command_buffer(model, layout, level);
      buffer.insert(buffer.end(), image.begin(), image.end());
      commands.add(buffer);
    }
    const octavo::quantized_model small = model_for(layout, tiny, rng);
    byte_vector buffer = write_command_buffer(small, layout);
    const byte_vector small_image = write_weight_image(small, layout);
    buffer.insert(buffer.end(), small_image.begin(), small_image.end());
    commands.add(buffer);
    models.add(io::serialize(small));
  }
  for (std::size_t i = 0; i < image_layouts.size(); ++i) {
    byte_vector image = write_weight_image(image_model(i), image_layouts[i]);
    image.insert(image.begin(), static_cast<std::uint8_t>(i));
    images.add(image);
  }
  const octavo::quantized_model model =
      model_for(octavo::tpu::weight_layout::per_channel, net, rng);
  models.add(io::serialize(model));
  maps.add(to_csv(octavo::tpu::make_neuron_map(net), net));
  maps.add("a,0,int8,1,1,1,16\r\n\nb,0X10,int8,1,2,3,4");
  io::npz_arrays arrays;
  io::dump_params(model, arrays);
  io::write_npz(weights.path() / "every.npz", arrays);
  io::write_npz(weights.path() / "w.npz", octavo_test::small_weights());
  texts.add(io::mlir::write(model, {.weights = "every.npz", .outputs = {}}));
  texts.add(octavo_test::small_text());
  texts.add(io::mlir::write(octavo_test::small_model(),
                            {.weights = "w.npz", .outputs = {{.name = "prob", .softmax = true}}}));
}

/// A float network as the original system writes it, with what folds away.
void add_float_text(const fs::path& root) {
  const std::string image = "tensor<1x2x4x4xf32>";
  const std::string same = "(" + image + ") -> " + image;
  io::write_file(
      root / "mlir" / "float",
      io::as_bytes("func.func @tpu_func(%arg0: " + image + " loc(unknown)) -> " + image +
                   " {\n  %0 = \"tpu.input\"(%arg0) {name = \"data\"} : " + same +
                   " // a comment\n  %1 = \"tpu.relu\"(%0) {name = \"r\"} : " + same +
                   "\n  %2 = \"tpu.clip\"(%1) {max = 6.0 : f32, min = 0 : i32, name = \"c\"} : " +
                   same + " loc(#loc1)\n  return %2 : " + image + "\n}\n#loc1 = loc(\"a\":1:2)\n"));
}

void make_parts(const fs::path& root) {
  corpus_folder parts(root, "part_file");
  octavo::part_identity identity = {.shard = {2, 3}, .images = 10, .files = 1, .network = 2};
  octavo::tensor_ranges ranges({"data", "fc"});
  const float values[] = {1.5F, -4, 0};
  ranges.observe(0, values);
  parts.add(io::serialize_part(identity, io::serialize(ranges)));
  identity.kind = octavo::part_kind::histograms;
  octavo::tensor_histograms histograms(ranges);
  histograms.observe(0, values);
  parts.add(io::serialize_part(identity, io::serialize(histograms)));
  identity.kind = octavo::part_kind::evaluation;
  octavo::examples::evaluation counts;
  counts.pictures = 4;
  counts.int8_top1 = 2;
  counts.int8_top5 = 3;
  parts.add(io::serialize_part(identity, serialize(counts)));
}

void make_tables(const fs::path& root) {
  octavo::calibration_table table;
  table.set("data", 161.008056641);
  table.set("conv1", 5e-324);
  corpus_folder calibration(root, "calibration_table");
  calibration.add(to_text(table));
  calibration.add("\xEF\xBB\xBF# comment\r\n\ndata 1.5 0 # more\r\ndata 1.5\nfc 1e30 -3");
  corpus_folder schemes(root, "scheme_table");
  std::string lines = "# comment\r\n\n";
  for (const octavo::scheme kind : octavo::all_schemes) {
    lines += octavo::concat_text("layer_", to_string(kind), " ", to_string(kind), "\n");
  }
  schemes.add(lines);
}

void make_pictures(const fs::path& root) {
  using namespace image_files;
  corpus_folder pictures(root, "picture");
  pictures.add(make_png(2, 2, 8, png_rgb, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  pictures.add(make_png(4, 2, 2, png_palette, {0x1B, 0xE4},
                        png_chunk("PLTE", {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3})));
  pictures.add(make_bmp(2, 2, 24, {9, 8, 7, 12, 11, 10, 0, 0, 3, 2, 1, 6, 5, 4, 0, 0}));
  pictures.add(
      make_bmp(2, -1, 32, {1, 2, 3, 4, 5, 6, 7, 8}, {0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0}, 3));
  pictures.add(make_bmp(3, 1, 8, {0, 1, 0, 0}, {1, 2, 3, 0, 40, 50, 60, 0}, 0, 2));
  pictures.add(make_jpeg(9, 10, {200, 30, 60}));
  pictures.add(make_jpeg(17, 3, {200, 30, 60}, true));
  pictures.add(make_jpeg(8, 8, {77}));
}

void make_all(const fs::path& root) {
  make_networks(root);
  add_float_text(root);
  make_parts(root);
  make_tables(root);
  make_pictures(root);
  make_weights(root);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_corpus FOLDER\n", stderr);
    return 2;
  }
  // The recipes check what they do with doctest, here outside of test cases.
  doctest::Context context;
  context.setAsDefaultForAssertsOutOfTestCases();
  context.setAssertHandler([](const doctest::AssertData& failed) {
    std::fprintf(stderr, "%s:%d: %s\n", failed.m_file, failed.m_line, failed.m_expr);
    std::exit(1);
  });
  make_all(argv[1]);
  return 0;
}
