// SPDX-License-Identifier: MIT
// mlir_tool write FOLDER: models of every scheme and of random graphs, as FOLDER/NAME.mlir with
//     NAME.npz and NAME.octavo.
// mlir_tool compare FILE.mlir FILE.octavo: reads both and says whether the models are equal.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "octavo/io/mlir.hpp"
#include "octavo/io/model_file.hpp"
#include "octavo/model/quantize.hpp"
#include "support/every_op.hpp"
#include "support/random_float_model.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"

namespace {

using octavo::quantized_model;
using octavo::testing::random_source;

void save(const quantized_model& model, const std::filesystem::path& folder,
          const std::string& name) {
  octavo::io::save_mlir(model, folder / (name + ".mlir"));
  octavo::io::save_model(model, folder / (name + ".octavo"));
}

/// Thresholds that no float32 is.
quantized_model every_op_model(octavo::scheme kind) {
  random_source rng(1);
  const octavo::float_model real =
      octavo::testing::random_float_model(octavo::testing::every_op_graph(), rng);
  std::vector<double> thresholds;
  for (const octavo::node& each : real.graph) {
    const bool keeps = octavo::keeps_threshold(each.kind);
    thresholds.push_back(keeps ? thresholds[static_cast<std::size_t>(each.src[0])]
                               : 4 + rng.real() / 3);
  }
  return octavo::quantize(real, thresholds, kind);
}

int write(const std::filesystem::path& folder) {
  for (const octavo::scheme kind : octavo::all_schemes) {
    save(every_op_model(kind), folder, std::string(to_string(kind)));
  }
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    random_source rng(seed);
    const octavo::graph net = octavo::testing::random_graph(8, rng);
    const octavo::testing::model_options options = {.kind = octavo::testing::all_policies[seed % 4],
                                                    .per_channel = rng.one_in(2),
                                                    .extremes = true};
    save(octavo::testing::random_model(net, options, rng), folder, "random" + std::to_string(seed));
  }
  return 0;
}

int compare(const char* mlir, const char* octavo_file) {
  const auto read = octavo::io::load_mlir(mlir);
  const bool equal = std::get<quantized_model>(read.model) == octavo::io::load_model(octavo_file);
  std::puts(equal ? "equal" : "different");
  return equal ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 3 && argv[1] == std::string_view("write")) return write(argv[2]);
    if (argc == 4 && argv[1] == std::string_view("compare")) return compare(argv[2], argv[3]);
    std::fputs("usage: mlir_tool write FOLDER | compare FILE.mlir FILE.octavo\n", stderr);
    return 2;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "mlir_tool: %s\n", why.what());
    return 1;
  }
}
