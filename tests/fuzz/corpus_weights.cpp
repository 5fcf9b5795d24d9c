// SPDX-License-Identifier: MIT
/// @file
/// The corpus of the targets that read files of weights. Apart from make_corpus.cpp because the
/// recipes use some names for different things.

#include "corpus_weights.hpp"

#include <string>

#include "corpus_folder.hpp"
#include "io/caffemodel_recipe.hpp"
#include "io/npy_recipe.hpp"
#include "io/safetensors_recipe.hpp"
#include "io/zip_recipe.hpp"
#include "octavo/io/npz.hpp"

namespace octavo_fuzz {

void make_weights(const std::filesystem::path& root) {
  using namespace octavo_test;
  using octavo::io::make_npy_array;
  corpus_folder npy(root, "npy");
  const byte_vector whole = octavo::io::serialize_npy(
      make_npy_array(std::vector<std::int32_t>{1, -2, 3, 4, 5, 6}, {2, 3}));
  npy.add(whole);
  npy.add(npy_file(header_text("'>f8'", "(2,2)", "True"), byte_vector(32, 0), 2));
  npy.add(npy_file(header_text("'<f2'", "()"), {0, 0x3C}, 3));
  npy.add(npy_file(header_text("'|b1'", "(0, 3L,)"), {}));

  corpus_folder npz(root, "npz");
  npz.add(make_zip({.parts = {part_of("a.npy", whole), part_of("b.npy", whole, true)}}));
  zip_part wide = part_of("c.npy", whole);
  wide.local.extra = zip64_field({whole.size(), whole.size()});
  wide.local.size = wide.local.stored_size = 0xFFFFFFFF;
  npz.add(make_zip({.parts = {wide}, .comment = "comment", .zip64_end = true}));
  npz.add(make_zip({.parts = {part_of("text", bytes_of("aaaaaaaaaaaaaaaa"), true)}}));

  corpus_folder safetensors(root, "safetensors");
  safetensors.add(safetensors_of(
      octavo::concat_text("{", tensor_text("b", "I8", "[2, 1]", "[8, 10]"),
                          R"(,"__metadata__": {"format": "pt"},)",
                          tensor_text("a", "F32", "[2]", "[0,8]"), ",",
                          tensor_text("c", "BF16", "[]", "[10,12]"), "}  "),
      elements(1.5F, -0.1F, std::int8_t{-128}, std::int8_t{127}, std::uint16_t{0x3C00})));
  safetensors.add(
      safetensors_of(octavo::concat_text("{", tensor_text("x", "I64", "[1]", "[0,8]"), "}"),
                     elements(std::int64_t{1} << 53U)));

  corpus_folder caffe(root, "caffemodel");
  caffe.add(
      net_of({layer_of("data", {}), layer_of("conv1", {blob_of({2, 1, 1, 2}, {1, -2, 3e-40F, 0.1F}),
                                                       blob_of({2}, {7, 8})})})
          .done());
  const proto old_blob = proto().varint(1, 1).varint(2, 1).varint(3, 1).varint(4, 2).message(
      blob_double_data, proto().element(1.0).element(2.0));
  caffe.add(proto()
                .message(net_layers, proto().text(old_name, "fc").message(old_blobs, old_blob))
                .done());
}

}  // namespace octavo_fuzz
