// SPDX-License-Identifier: MIT
// cpp_source_tool small FOLDER: models which together have every op, policy and way of fusing, as
//     FOLDER/NAME.hpp in the namespace NAME, with the model in NAME.octavo, an image in NAME.image
//     and the bytes that interpret() gives for the outputs in NAME.outputs.
// cpp_source_tool large FOLDER NETWORK: the same of one known network with random integers.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "octavo/interpreter.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/cpp_source.hpp"
#include "octavo/io/model_file.hpp"
#include "octavo/model/fuse.hpp"
#include "octavo/networks/find.hpp"
#include "support/every_op.hpp"
#include "support/random_graph.hpp"
#include "support/random_model.hpp"

namespace {

using namespace octavo::testing;

/// What the models written so far have between them.
struct coverage {
  std::set<octavo::op> ops = {};
  std::set<std::pair<octavo::policy, bool>> rules = {};  ///< policy, for each channel
  std::set<int> residual_operands = {};
  bool outputs = false;  ///< several of one model
  bool clips = false;    ///< fused

  void add(const octavo::quantized_model& model) {
    for (std::size_t i = 0; i < model.graph.size(); ++i) {
      const octavo::requantization& rule = model.params[i].requantize;
      ops.insert(model.graph[i].kind);
      if (has_weights(model.graph[i].kind)) rules.insert({rule.kind, rule.entries() > 1});
    }
    const octavo::graph fused = fuse(model);
    for (const octavo::node& each : fused) residual_operands.insert(each.residual_operand);
    clips = clips || fused.size() < fuse(model.graph).size();
    outputs = outputs || model.graph.outputs.size() > 1;
  }
  bool is_whole() const {
    return ops.size() == octavo::op_count && rules.size() == 8 && residual_operands.size() == 3 &&
           outputs && clips;
  }
};

class model_writer {
 public:
  explicit model_writer(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void write(const octavo::quantized_model& model, const std::string& name, random_source& rng) {
    const octavo::shape extents = model.graph[sole_input(model.graph)].shape;
    const octavo::tensor<std::int8_t> image = random_tensor(extents, fill::uniform, rng);
    const octavo::activations tensors = interpret(model, image);
    octavo::io::byte_vector outputs;
    for (const int i : model.graph.outputs) {
      const auto& values = tensors[static_cast<std::size_t>(i)].values;
      outputs.insert(outputs.end(), values.begin(), values.end());
    }
    const std::string text = octavo::io::to_cpp_source(model, {.name_space = name});
    octavo::io::save_model(model, folder_ / (name + ".octavo"));
    octavo::io::write_file(folder_ / (name + ".hpp"), octavo::io::as_bytes(text));
    octavo::io::write_file(folder_ / (name + ".image"),
                           octavo::io::byte_vector(image.values.begin(), image.values.end()));
    octavo::io::write_file(folder_ / (name + ".outputs"), outputs);
    covered_.add(model);
  }

  const coverage& covered() const { return covered_; }

 private:
  std::filesystem::path folder_;
  coverage covered_ = {};
};

/// Names that are no identifiers, and would end a comment, a string or the line; the longest one.
octavo::graph hostile_graph() {
  const std::string longest(63, 'x');
  const std::string_view names[] = {"\\", "a\\", "?\?/", "*/", "/*",   "\"",
                                    "'",  "int", "n1",   "__", "R\"(", longest};
  octavo::graph net = every_op_graph();
  for (std::size_t i = 0; i < net.size(); ++i) net.nodes[i].name = names[i];
  return net;
}

octavo::graph tiny_graph() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  octavo::tensor_id x = net.input("data", {1, 2, 3, 3});
  x = net.relu("relu", net.conv2d("conv", x, {.channels = 2, .window = octavo::square(2)}));
  return net.finish(net.fully_connected("fc", x, 3));
}

/// A clip that does nothing between a convolution and an add, and one that is a relu behind it.
octavo::quantized_model clipped_model(random_source& rng) {
  octavo::graph_builder<std::vector<octavo::node>> net;
  const octavo::tensor_id data = net.input("data", {1, 2, 3, 3});
  const octavo::tensor_id x = net.clip("copy", net.conv2d("conv", data, {.channels = 2}), 0, 6);
  const octavo::tensor_id sum = net.add("sum", x, data);
  octavo::quantized_model model = random_model(net.finish(net.clip("relu6", sum, 0, 6)), {}, rng);
  model.params[2].clip = {-128, 127};
  model.params[4].clip = {0, 127};
  return model;
}

octavo::graph input_alone() {
  octavo::graph_builder<std::vector<octavo::node>> net;
  return net.finish(net.input("data", {1, 2, 3, 3}));
}

int write_small(const char* folder) {
  model_writer to(folder);
  random_source rng(1);  // a seed with which all of it occurs
  for (int i = 0; i < 8; ++i) {
    const model_options options = {
        .kind = all_policies[i % 4], .per_channel = i >= 4, .extremes = i % 3 == 2};
    to.write(random_model(random_graph(8, rng), options, rng), "random" + std::to_string(i), rng);
  }
  const model_options by_channel = {.kind = octavo::policy::multiplier_rshift, .per_channel = true};
  to.write(random_model(every_op_graph(), by_channel, rng), "every_op", rng);
  to.write(random_model(hostile_graph(), {}, rng), "hostile", rng);
  to.write(random_model(tiny_graph(), by_channel, rng), "tiny", rng);
  to.write(random_model(input_alone(), {}, rng), "input_alone", rng);
  to.write(clipped_model(rng), "clipped", rng);
  if (to.covered().is_whole()) return 0;
  std::fputs("cpp_source_tool: the models do not have every op, policy and fusion\n", stderr);
  return 1;
}

int write_large(const char* folder, const char* network) {
  random_source rng(1);
  const octavo::graph net = octavo::networks::find(network).make(1);
  const model_options options = {.kind = octavo::policy::multiplier_rshift, .per_channel = true};
  model_writer(folder).write(random_model(net, options, rng), "large", rng);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 3 && argv[1] == std::string_view("small")) return write_small(argv[2]);
    if (argc == 4 && argv[1] == std::string_view("large")) return write_large(argv[2], argv[3]);
    std::fputs("usage: cpp_source_tool small FOLDER | large FOLDER NETWORK\n", stderr);
    return 2;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "cpp_source_tool: %s\n", why.what());
    return 1;
  }
}
