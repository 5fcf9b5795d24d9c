// SPDX-License-Identifier: MIT
/// @file
/// For builds without oneDNN: there is no rival.
#include "../rival.hpp"

namespace octavo::bench {

std::string rival_name() { return {}; }

std::string rival_isa() { return {}; }

void limit_rival(isa) {}

rival rival_network(const quantized_model&, const tensor<std::int8_t>&, int) { return {}; }

rival rival_convolution(const rival_layer&, int) { return {}; }

}  // namespace octavo::bench
