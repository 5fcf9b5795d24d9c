// SPDX-License-Identifier: MIT
#include "engines.hpp"

#include <memory>

#include "octavo/engine.hpp"

namespace octavo::examples {

std::vector<int8_classifier> make_classifiers(const quantized_model& model, std::size_t count) {
  const prepare_options preparation = {.isa = isa_from_environment()};
  const auto prepared = std::make_shared<const prepared_model>(model, preparation);
  std::vector<int8_classifier> classifiers;
  for (std::size_t i = 0; i < count; ++i) {
    const auto net = std::make_shared<engine>(prepared);
    classifiers.push_back([net](const tensor<float>& picture) {
      net->run(picture);
      return net->output().values;
    });
  }
  return classifiers;
}

int8_executor make_executor(const quantized_model& model) {
  const prepare_options preparation = {.isa = isa_from_environment(), .fusion = fusion::none};
  const auto net = std::make_shared<engine>(model, preparation);
  return [net](const tensor<std::int8_t>& picture) { return run_all(*net, picture); };
}

}  // namespace octavo::examples
