// SPDX-License-Identifier: MIT
/// @file
/// What a quantization leaves in its folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "file_set.hpp"
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
  return wanted.out / (network_name(wanted) + ".octavo");
}

/// The first line of a table whose thresholds are those of an equalized network.
inline constexpr std::string_view equalized_note =
    "# of the equalized network: for --corrections equalize on the same pictures\n";

/// @throws octavo::error where a table is of an equalized network and this run's is not, or the
/// other way round: its thresholds would mean nothing.
inline void check_table_note(const std::filesystem::path& file, bool equalize) {
  const io::byte_vector bytes = io::read_file(file);
  const std::string_view text = io::as_text(bytes);
  if (text.starts_with(equalized_note) == equalize) return;
  fail(file.string(), equalize ? ": is of a network that was not equalized, this one is"
                               : ": is of an equalized network; give --corrections with equalize "
                                 "and the same --images");
}

/// Model, table, head-room and, where there was one, the comparison.
inline void add_outputs(const options& wanted, const quantized_model& model,
                        const std::optional<compare::report>& comparison, file_set& to) {
  const auto add_text = [&](const char* name, const std::string& text) {
    to.add(wanted.out / name, io::as_bytes(text));
  };
  to.add(model_path(wanted), io::serialize(model));
  add_text(
      "calibration_table.txt",
      concat_text(corrections_of(wanted).equalize ? equalized_note : "", to_text(table_of(model))));
  add_text("head_room.csv", to_csv(compare::head_room(model)));
  if (!comparison) return;
  add_text("comparison.csv", to_csv(*comparison));
  add_text("comparison.txt", to_text(*comparison));
}

}  // namespace octavo::examples
