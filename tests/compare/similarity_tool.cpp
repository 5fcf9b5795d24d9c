// SPDX-License-Identifier: MIT
/// @file
/// Compares two .npz files, the target dequantized where a table is given, and prints every
/// measure with 17 digits; similarity_numpy_test.py compares that with NumPy.

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "octavo/compare/arrays.hpp"
#include "octavo/io/calibration_table_file.hpp"
#include "octavo/io/npz.hpp"

namespace {

namespace compare = octavo::compare;
namespace io = octavo::io;

compare::array_set arrays_of(const std::filesystem::path& path) {
  const auto file = std::make_shared<io::npz_reader>(path);
  return {file->names(), [file](const std::string& name) {
            const io::npy_array array = file->read(name);
            return compare::real_array{array.shape, array.as<double>(name)};
          }};
}

void print(const compare::report_row& row) {
  std::printf("%s %s", row.name.c_str(), std::string(to_string(row.result)).c_str());
  if (row.found.has_value()) {
    const compare::similarity& found = *row.found;
    std::printf(" %lld %lld %lld %lld %.17g %.17g %.17g %.17g",
                static_cast<long long>(found.elements), static_cast<long long>(found.unequal),
                static_cast<long long>(found.not_close), static_cast<long long>(found.worst.index),
                found.cosine, found.euclid, found.sqnr, found.max_error);
  }
  if (row.saturation.has_value()) {
    std::printf(" %.17g %.17g %d", row.saturation->low_share(), row.saturation->high_share(),
                row.saturation->distinct());
  }
  std::printf("\n");
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count != 3 && count != 4) {
      std::fputs("usage: similarity_tool REFERENCE.npz TARGET.npz [THRESHOLDS]\n", stderr);
      return 2;
    }
    compare::array_options options;
    octavo::calibration_table thresholds;
    if (count == 4) {
      thresholds = io::read_calibration_table(arguments[3]);
      options.thresholds = &thresholds;
    }
    const compare::report all =
        compare_arrays(arrays_of(arguments[1]), arrays_of(arguments[2]), options);
    for (const compare::report_row& row : all.rows) print(row);
    return 0;
  } catch (const octavo::error& problem) {
    std::fprintf(stderr, "similarity_tool: %s\n", problem.what());
    return 1;
  }
}
