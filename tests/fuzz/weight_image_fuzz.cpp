// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes tpu/weight_image.hpp: the first byte says which model, the rest is its image.

#include <vector>

#include "image_models.hpp"
#include "octavo/tpu/weight_image.hpp"
#include "small_run.hpp"
#include "target.hpp"

using namespace octavo_fuzz;
using octavo::quantized_model;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<quantized_model> models = [] {
    std::vector<quantized_model> made;
    for (std::size_t i = 0; i < image_layouts.size(); ++i) made.push_back(image_model(i));
    return made;
  }();
  if (size == 0) return 0;
  const std::size_t which = data[0] % models.size();
  const weight_layout layout = image_layouts[which];
  feed(
      [&] {
        return read_weight_image({data + 1, size - 1}, models[which], layout);
      },
      [&](const quantized_model& model) {
        const std::vector<std::uint8_t> again = write_weight_image(model, layout);
        expect(read_weight_image(again, models[which], layout) == model,
               "an image written again reads back equal");
        run_small(model);
      });
  return 0;
}
