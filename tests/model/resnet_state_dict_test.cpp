// SPDX-License-Identifier: MIT
/// @file
/// Tests of model/state_dict.hpp with a whole ResNet-50 in the two styles there are, their names
/// written down here from torchvision's and Caffe's files.

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "octavo/networks/resnet.hpp"
#include "octavo/networks/resnet_names.hpp"
#include "support/random.hpp"

using octavo::named_array;

namespace {

using arrays = std::map<std::string, named_array>;

constexpr int block_counts[] = {3, 4, 6, 3};
constexpr double epsilon = 1e-5;

octavo::graph tiny_resnet50() {
  return to_graph(octavo::networks::resnet50({.image = 32, .width = 8, .classes = 10}));
}

/// Fills arrays with numbers that no two of them share.
class filler {
 public:
  void add(const std::string& name, std::vector<std::int64_t> extents, double lowest = -1) {
    std::int64_t count = 1;
    for (const std::int64_t extent : extents) count *= extent;
    named_array array{std::move(extents), {}};
    for (std::int64_t i = 0; i < count; ++i) {
      array.values.push_back(lowest < 0 ? rng_.real() : lowest + 1 + rng_.real());
    }
    made[name] = std::move(array);
  }

  arrays made;

 private:
  octavo::testing::random_source rng_{5};
};

void add_torchvision(filler& file, const std::string& conv, const std::string& norm,
                     std::vector<std::int64_t> extents) {
  const std::int64_t channels = extents[0];
  file.add(conv + ".weight", std::move(extents));
  for (const char* const part : {".weight", ".bias", ".running_mean"}) {
    file.add(norm + part, {channels});
  }
  file.add(norm + ".running_var", {channels}, 0);
  file.add(norm + ".num_batches_tracked", {});  // in every file, of no use here
}

arrays torchvision_file() {
  filler file;
  add_torchvision(file, "conv1", "bn1", {8, 3, 7, 7});
  std::int64_t in = 8;
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t inner = 8 << stage;
    for (int block = 0; block < block_counts[stage]; ++block) {
      const std::string at = octavo::concat_text("layer", stage + 1, ".", block, ".");
      add_torchvision(file, at + "conv1", at + "bn1", {inner, in, 1, 1});
      add_torchvision(file, at + "conv2", at + "bn2", {inner, inner, 3, 3});
      add_torchvision(file, at + "conv3", at + "bn3", {4 * inner, inner, 1, 1});
      if (block == 0) {
        add_torchvision(file, at + "downsample.0", at + "downsample.1", {4 * inner, in, 1, 1});
      }
      in = 4 * inner;
    }
  }
  file.add("fc.weight", {10, 256});
  file.add("fc.bias", {10});
  return file.made;
}

void add_caffe(filler& file, const std::string& conv, const std::string& label,
               std::vector<std::int64_t> extents) {
  const std::int64_t channels = extents[0];
  file.add(conv + "_0", std::move(extents));
  file.add("bn" + label + "_0", {channels});
  file.add("bn" + label + "_1", {channels}, 0);
  file.add("bn" + label + "_2", {1}, 0);
  file.add("scale" + label + "_0", {channels});
  file.add("scale" + label + "_1", {channels});
}

arrays caffe_file() {
  filler file;
  add_caffe(file, "conv1", "_conv1", {8, 3, 7, 7});
  file.add("conv1_1", {8});  // the one convolution of Caffe's net that has a bias
  std::int64_t in = 8;
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t inner = 8 << stage;
    for (int block = 0; block < block_counts[stage]; ++block) {
      const std::string label = octavo::concat_text(stage + 2, static_cast<char>('a' + block));
      const auto add = [&](const char* branch, std::vector<std::int64_t> extents) {
        add_caffe(file, "res" + label + branch, label + branch, std::move(extents));
      };
      if (block == 0) add("_branch1", {4 * inner, in, 1, 1});
      add("_branch2a", {inner, in, 1, 1});
      add("_branch2b", {inner, inner, 3, 3});
      add("_branch2c", {4 * inner, inner, 1, 1});
      in = 4 * inner;
    }
  }
  file.add("fc1000_0", {10, 256});
  file.add("fc1000_1", {10});
  return file.made;
}

struct loaded {
  octavo::float_model model;
  std::set<std::string> read;  ///< names of the arrays that were asked for
};

loaded load(const arrays& held) {
  loaded result;
  const octavo::state_dict file{
      .file = "resnet",
      .contains = [&](const std::string& name) { return held.contains(name); },
      .read =
          [&](const std::string& name) {
            result.read.insert(name);
            return held.at(name);
          }};
  result.model = load_float_model(tiny_resnet50(), file, octavo::networks::resnet_naming(file));
  return result;
}

const octavo::float_params& params_of(const octavo::float_model& model, std::string_view name) {
  return model.params[static_cast<std::size_t>(model.graph.find(name))];
}

/// The arrays that belong to one op, and what SPEC "Folding" makes of them.
struct folding {
  const named_array& weights;
  const named_array& gamma;
  const named_array& beta;
  const named_array& mean;
  const named_array& variance;
  const named_array* bias = nullptr;
  double divisor = 1;

  void check(const octavo::float_params& found) const {
    const std::size_t channels = gamma.values.size();
    const std::size_t each = weights.values.size() / channels;
    octavo::float_params expected;
    for (std::size_t oc = 0; oc < channels; ++oc) {
      const double s = gamma.values[oc] / std::sqrt(variance.values[oc] / divisor + epsilon);
      const double c = bias == nullptr ? 0 : bias->values[oc];
      const double shifted = octavo::product(c - mean.values[oc] / divisor, s);
      expected.bias.push_back(beta.values[oc] + shifted);
      for (std::size_t k = 0; k < each; ++k) {
        expected.weights.push_back(weights.values[oc * each + k] * s);
      }
    }
    CHECK(found.weights == expected.weights);
    CHECK(found.bias == expected.bias);
  }
};

}  // namespace

TEST_CASE("torchvision's names: every array but the batch counters is read") {
  const arrays held = torchvision_file();
  std::set<std::string> expected;
  for (const auto& [name, array] : held) {
    if (!name.ends_with(".num_batches_tracked")) expected.insert(name);
  }
  CHECK(expected.size() == 53 * 5 + 2);
  CHECK(load(held).read == expected);
}

TEST_CASE("torchvision's names: each op gets its own arrays, folded") {
  const arrays held = torchvision_file();
  const octavo::float_model model = load(held).model;
  const char* const rows[][3] = {
      {"scale_conv1", "conv1", "bn1"},
      {"scale2a_branch1", "layer1.0.downsample.0", "layer1.0.downsample.1"},
      {"scale2a_branch2a", "layer1.0.conv1", "layer1.0.bn1"},
      {"scale3d_branch2b", "layer2.3.conv2", "layer2.3.bn2"},
      {"scale4f_branch2c", "layer3.5.conv3", "layer3.5.bn3"},
      {"scale5a_branch1", "layer4.0.downsample.0", "layer4.0.downsample.1"},
  };
  for (const auto& row : rows) {
    const auto& [op_name, conv, norm] = row;
    CAPTURE(row[0]);
    const auto part = [&](const char* of, const char* suffix) -> const named_array& {
      return held.at(std::string(of) + suffix);
    };
    folding{part(conv, ".weight"), part(norm, ".weight"), part(norm, ".bias"),
            part(norm, ".running_mean"), part(norm, ".running_var")}
        .check(params_of(model, op_name));
  }
  CHECK(params_of(model, "fc1000").weights == held.at("fc.weight").values);
  CHECK(params_of(model, "fc1000").bias == held.at("fc.bias").values);
}

TEST_CASE("Caffe's names: every array is read") {
  const arrays held = caffe_file();
  std::set<std::string> expected;
  for (const auto& [name, array] : held) expected.insert(name);
  CHECK(expected.size() == 53 * 6 + 1 + 2);
  CHECK(load(held).read == expected);
}

TEST_CASE("Caffe's names: each op gets its own arrays, folded") {
  const arrays held = caffe_file();
  const octavo::float_model model = load(held).model;
  for (const char* const label : {"_conv1", "2a_branch1", "2a_branch2a", "3d_branch2b",
                                  "4f_branch2c", "5a_branch1", "5c_branch2c"}) {
    CAPTURE(label);
    const auto part = [&](const char* layer, const char* blob) -> const named_array& {
      return held.at(std::string(layer) + label + blob);
    };
    const bool stem = std::string_view(label) == "_conv1";
    folding{stem ? held.at("conv1_0") : part("res", "_0"),
            part("scale", "_0"),
            part("scale", "_1"),
            part("bn", "_0"),
            part("bn", "_1"),
            stem ? &held.at("conv1_1") : nullptr,
            part("bn", "_2").values[0]}
        .check(params_of(model, std::string("scale") + label));
  }
  CHECK(params_of(model, "fc1000").weights == held.at("fc1000_0").values);
  CHECK(params_of(model, "fc1000").bias == held.at("fc1000_1").values);
}

TEST_CASE("an array of a ResNet that is missing is named") {
  arrays held = torchvision_file();
  held.erase("layer3.4.bn2.running_var");
  CHECK_THROWS_WITH(load(held), "resnet: has no array 'layer3.4.bn2.running_var'");
  held = caffe_file();
  held.erase("bn5b_branch2a_2");
  CHECK_THROWS_WITH(load(held), "resnet: has no array 'bn5b_branch2a_2'");
}
