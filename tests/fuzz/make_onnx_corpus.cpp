// SPDX-License-Identifier: MIT
/// @file
/// Writes small ONNX models: make_onnx_corpus FOLDER. Apart from make_corpus because protobuf is
/// not everywhere.

#define DOCTEST_CONFIG_IMPLEMENT
#include "corpus_folder.hpp"
#include "onnx/onnx_recipe.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_onnx_corpus FOLDER\n", stderr);
    return 2;
  }
  octavo_fuzz::corpus_folder models(argv[1], "onnx");
  models.add(octavo_test::float_recipe().bytes());
  models.add(octavo_test::int8_recipe().bytes());
  return 0;
}
