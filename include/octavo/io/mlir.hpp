// SPDX-License-Identifier: MIT
/// @file
/// Networks as MLIR's text, with their weights in an .npz file beside it:
///
///     octavo::io::save_mlir(model, "net.mlir");
///     const octavo::io::mlir_network net = octavo::io::load_mlir("net.mlir");
///     const auto& int8 = std::get<octavo::quantized_model>(net.model);
///
/// What operations and attributes mean is in SPECIFICATION.md, section 3.
#pragma once

#include "octavo/io/mlir/load.hpp"
#include "octavo/io/mlir/network.hpp"
#include "octavo/io/mlir/parser.hpp"
#include "octavo/io/mlir/save.hpp"
#include "octavo/io/mlir/write.hpp"
