// SPDX-License-Identifier: MIT
/// @file
/// ONNX models, in floating point or quantized already:
///
///     const octavo::io::onnx::model file = octavo::io::load_onnx("net.onnx");
///     const octavo::float_model net = octavo::io::float_model_of(file);
///     const octavo::quantized_model int8 = octavo::io::quantized_model_of(file);  // or this
///
/// Needs protobuf and ONNX's compiled messages (CMake: octavo::onnx).
#pragma once

#include "octavo/io/onnx/float_model.hpp"
#include "octavo/io/onnx/model.hpp"
#include "octavo/io/onnx/parse.hpp"
#include "octavo/io/onnx/quantized_model.hpp"
