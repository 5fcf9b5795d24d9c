// SPDX-License-Identifier: MIT
/// @file
/// SqueezeNet v1.0 in full size with trained weights, from the folder that OCTAVO_TEST_DATA names.
#include <map>

#include "image.hpp"
#include "network/trained.hpp"
#include "network_picture.hpp"
#include "octavo/calibrate/calibrate.hpp"
#include "octavo/emulation/quantized.hpp"
#include "octavo/io/npz_state_dict.hpp"
#include "octavo/model/quantize.hpp"
#include "octavo/reference/quantize.hpp"

namespace octavo::testing {
namespace {

constexpr const char* squeezenet_file = "squeezenet/squeezenet_v1.0.npz";

/// A photo, and the classes that may come first. A network of 57 % takes the owl for a grouse; of
/// the three small cats (tabby, tiger cat, Egyptian cat) it means any.
struct known_photo {
  const char* file;
  std::vector<std::size_t> classes;
};

const std::vector<known_photo> photos = {
    {"chelsea.png", {285}}, {"coffee.png", {967}},   {"cat_720p.jpg", {281, 282, 285}},
    {"hot_dog.jpg", {934}}, {"owl.jpg", {82}},       {"parrot.jpg", {88}},
    {"bird.bmp", {19}},     {"dragonfly.bmp", {319}}};

struct trained {
  networks::known_network net;
  float_model model = {};
  std::vector<tensor<float>> inputs = {};  ///< of each photo
};

trained load(const std::filesystem::path& data, const char* name) {
  trained made{.net = networks::find(name)};
  const state_dict file = io::npz_state_dict(data / squeezenet_file);
  made.model = load_float_model(made.net.make(1), file, made.net.naming_of(file));
  for (const known_photo& photo : photos) {
    tensor<float> input(made.model.graph[0].shape);
    // The colours that these weights were trained on, whoever's network runs them.
    input.values = examples::preprocess(examples::load_image(data / "photos" / photo.file),
                                        examples::squeezenet_preset,
                                        {.shorter_side = 256, .crop = made.net.image});
    made.inputs.push_back(std::move(input));
  }
  return made;
}

bool is_expected(const known_photo& photo, std::size_t found) {
  return std::ranges::count(photo.classes, found) > 0;
}

/// How many of the float network's first five classes are among the int8 network's.
std::ptrdiff_t shared(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
  return std::ranges::count_if(a, [&](std::size_t c) { return std::ranges::count(b, c) > 0; });
}

}  // namespace

TEST_CASE("data: SqueezeNet in float sees what is there, with and without the padded end") {
  const std::filesystem::path data = data_folder(squeezenet_file);
  if (data.empty()) return;
  for (const char* name : {"squeezenet-caffe", "squeezenet-torchvision"}) {
    CAPTURE(name);
    const trained squeezenet = load(data, name);
    const emulation::float_network network(squeezenet.model);
    for (std::size_t i = 0; i < photos.size(); ++i) {
      CAPTURE(photos[i].file);
      CHECK(is_expected(photos[i], top1(logits_of(network, squeezenet.inputs[i]))));
    }
  }
}

TEST_CASE("data: SqueezeNet in int8 sees the same, per layer and per channel") {
  const std::filesystem::path data = data_folder(squeezenet_file);
  if (data.empty()) return;
  const trained squeezenet = load(data, "squeezenet-caffe");
  const emulation::float_network network(squeezenet.model);
  const image_source images = {photos.size(), [&](std::size_t i) { return squeezenet.inputs[i]; }};
  const std::vector<double> thresholds =
      propagate_thresholds(squeezenet.model.graph, calibrate(squeezenet.model, images));
  std::vector<std::vector<std::size_t>> expected;
  for (const tensor<float>& input : squeezenet.inputs) {
    expected.push_back(top5(logits_of(network, input)));
  }
  for (const scheme kind : {scheme::rshift8, scheme::rshift16, scheme::multiplier}) {
    CAPTURE(to_string(kind));
    const quantized_model quantized = quantize(squeezenet.model, thresholds, kind);
    for (std::size_t i = 0; i < photos.size(); ++i) {
      CAPTURE(photos[i].file);
      tensor<std::int8_t> src(squeezenet.inputs[i].shape);
      reference::quantize(squeezenet.inputs[i].view(), thresholds[0], src.view());
      const std::vector<std::int8_t> logits = emulation::emulate(quantized, src).back().values;
      CHECK(is_expected(photos[i], top1(logits)));
      CHECK(shared(expected[i], top5(logits)) >= 3);
    }
  }
}

}  // namespace octavo::testing
