// SPDX-License-Identifier: MIT
/// @file
/// What a quantization leaves in its folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "file_set.hpp"
#include "make_int8.hpp"
#include "octavo/compare/head_room.hpp"
#include "octavo/compare/report.hpp"
#include "octavo/io/calibration_table_file.hpp"
#include "octavo/io/model_file.hpp"
#include "options.hpp"
#include "table_notes.hpp"
#include "threshold_table.hpp"

namespace octavo::examples {

/// @throws octavo::error where there is no such folder and it cannot be made.
inline void make_folder(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) fail(folder.string(), ": cannot be made: ", code.message());
}

inline std::filesystem::path model_path(const options& wanted) {
  return wanted.out / (network_name(wanted) + ".octavo");
}

/// Model, table, head-room and, where there was one, the comparison.
inline void add_outputs(const options& wanted, const int8_network& made,
                        const std::optional<compare::report>& comparison, file_set& to) {
  const auto add_text = [&](const char* name, const std::string& text) {
    to.add(wanted.out / name, io::as_bytes(text));
  };
  to.add(model_path(wanted), io::serialize(made.model));
  add_text("calibration_table.txt",
           notes_of(made, corrections_of(wanted)) + to_text(table_of(made.model)));
  add_text("head_room.csv", to_csv(compare::head_room(made.model)));
  if (!comparison) return;
  add_text("comparison.csv", to_csv(*comparison));
  add_text("comparison.txt", to_text(*comparison));
}

}  // namespace octavo::examples
