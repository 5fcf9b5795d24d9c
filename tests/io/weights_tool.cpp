// SPDX-License-Identifier: MIT
/// @file
/// Copies arrays of a weights file into a .npz file of float64, or compares the ResNet-50s in two;
/// scripts compare what it does with other authors' work.

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/io/npz.hpp"
#include "octavo/io/weights_file.hpp"
#include "octavo/networks/resnet.hpp"
#include "octavo/networks/resnet_names.hpp"

namespace {

namespace io = octavo::io;
namespace networks = octavo::networks;

void copy(const char* input, const char* output, const std::vector<std::string>& names) {
  const octavo::state_dict file = io::open_weights(input);
  io::npz_arrays arrays;
  for (const std::string& name : names) {
    if (!file.contains(name)) octavo::fail(file.file, ": has no ", name);
    const octavo::named_array array = file.read(name);
    arrays.emplace(name, io::make_npy_array(array.values, array.shape));
  }
  io::write_npz(output, arrays);
}

octavo::float_model resnet50(const char* input) {
  const octavo::graph net =
      to_graph(networks::resnet50({.variant = networks::resnet_variant::torchvision}));
  const octavo::state_dict file = io::open_weights(input);
  return load_float_model(net, file, networks::resnet_naming(file));
}

/// Fails unless all folded parameters are equal.
void compare(const char* first, const char* second) {
  const octavo::float_model a = resnet50(first);
  const octavo::float_model b = resnet50(second);
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.params.size(); ++i) {
    if (a.params[i].weights != b.params[i].weights || a.params[i].bias != b.params[i].bias) {
      octavo::fail(second, ": ", a.graph[i].name.view(), " differs from ", first);
    }
    count += a.params[i].weights.size() + a.params[i].bias.size();
  }
  std::printf("%zu equal parameters\n", count);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const std::string_view how = count > 1 ? arguments[1] : "";
    if (how == "copy" && count >= 4) {
      copy(arguments[2], arguments[3], {arguments + 4, arguments + count});
    } else if (how == "compare" && count == 4) {
      compare(arguments[2], arguments[3]);
    } else {
      std::fputs("usage: weights_tool copy IN OUT.npz NAME... | compare IN IN\n", stderr);
      return 2;
    }
    return 0;
  } catch (const octavo::error& problem) {
    std::fprintf(stderr, "weights_tool: %s\n", problem.what());
    return 1;
  }
}
