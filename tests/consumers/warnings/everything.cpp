// SPDX-License-Identifier: MIT
// What a user with -Wall -Wextra -Werror compiles: no header may warn, at any level of
// optimisation. The function makes the compiler generate the engine and the kernels.
#include <octavo/eigen_threads.hpp>
#include <octavo/engine.hpp>
#include <octavo/kernels.hpp>
#include <octavo/octavo.hpp>
#include <octavo/tpu_executor.hpp>

octavo::activations everything(const octavo::quantized_model& model,
                               const octavo::tensor<std::int8_t>& image) {
  octavo::engine net(model, {}, {.threading = octavo::eigen_threads(2)});
  octavo::tensor<std::int8_t> positive(image.shape);
  octavo::kernels().relu(image.view(), positive.view());
  return run_all(net, positive);
}
