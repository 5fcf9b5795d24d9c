// SPDX-License-Identifier: MIT
/// @file
/// What a quantization leaves in its folder. Each file appears whole or not at all.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "octavo/compare/head_room.hpp"
#include "octavo/compare/report.hpp"
#include "octavo/io/calibration_table_file.hpp"
#include "octavo/io/model_file.hpp"
#include "options.hpp"
#include "threshold_table.hpp"

namespace octavo::examples {

/// @throws octavo::error where there is no such folder and it cannot be made.
inline void make_folder(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) fail(folder.string(), ": cannot be made: ", code.message());
}

inline std::filesystem::path model_path(const options& wanted) {
  return wanted.out / (wanted.net + ".octavo");
}

/// Model, table, head-room and, where there was one, the comparison.
inline void write_outputs(const options& wanted, const quantized_model& model,
                          const std::optional<compare::report>& comparison) {
  const auto write_text = [&](const char* name, const std::string& text) {
    io::write_file(wanted.out / name, io::as_bytes(text));
  };
  io::save_model(model, model_path(wanted));
  io::write_calibration_table(wanted.out / "calibration_table.txt", table_of(model));
  write_text("head_room.csv", to_csv(compare::head_room(model)));
  if (!comparison) return;
  write_text("comparison.csv", to_csv(*comparison));
  write_text("comparison.txt", to_text(*comparison));
}

}  // namespace octavo::examples
