// SPDX-License-Identifier: MIT
/// @file
/// Fuzzes tpu/weight_image.hpp: the first byte is the layout, the rest the image of one model.

#include <array>

#include "octavo/tpu/weight_image.hpp"
#include "small_run.hpp"
#include "target.hpp"
#include "tpu/command_recipe.hpp"

using namespace octavo_fuzz;
using octavo::quantized_model;
using octavo::tpu::weight_layout;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array<quantized_model, 3> models = [] {
    std::array<quantized_model, 3> made;
    octavo::testing::random_source rng(1);
    const octavo::graph net = octavo::testing::every_command_graph();
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i] = octavo::testing::model_for(octavo::testing::all_layouts[i], net, rng);
    }
    return made;
  }();
  if (size == 0) return 0;
  const std::size_t which = data[0] % models.size();
  const weight_layout layout = octavo::testing::all_layouts[which];
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
