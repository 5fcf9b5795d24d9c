// SPDX-License-Identifier: MIT
/// @file
/// What a calibration table says of the network that its thresholds belong to: comments in front.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "correction_set.hpp"
#include "make_int8.hpp"
#include "octavo/calibrate/tensor_moves.hpp"
#include "octavo/core/table_lines.hpp"
#include "octavo/io/byte_reader.hpp"
#include "octavo/io/bytes.hpp"

namespace octavo::examples {

inline constexpr std::string_view equalized_note =
    "# of the equalized network: for --corrections equalize on the same pictures\n";
/// What follows in the line: the first tensor of each group that is moved.
inline constexpr std::string_view moved_note = "# moved, for --corrections full-range:";

/// The lines for what was made, or nothing.
inline std::string notes_of(const int8_network& made, const correction_set& corrections) {
  std::string notes(corrections.equalize ? equalized_note : "");
  if (made.moves.groups == 0) return notes;
  notes += moved_note;
  int next = 0;  // groups are numbered in the order of their first tensors
  for (std::size_t i = 0; i < made.moves.group.size(); ++i) {
    if (made.moves.group[i] != next) continue;
    notes += concat_text(" ", made.model.graph[i].name);
    ++next;
  }
  return notes + "\n";
}

/// Those of the `possible` moves whose groups have one of these tensors.
inline tensor_moves moves_named(const graph& net, const tensor_moves& possible,
                                const std::vector<std::string_view>& names,
                                const std::string& file) {
  std::vector<bool> kept(static_cast<std::size_t>(possible.groups));
  for (const std::string_view name : names) {
    const int index = net.find(name);
    const int group = index < 0 ? -1 : possible.group[static_cast<std::size_t>(index)];
    if (group < 0) fail(file, ": ", in_quotes(name), ": no tensor that can be moved here");
    kept[static_cast<std::size_t>(group)] = true;
  }
  return possible.only(kept);
}

/// The moves that a table belongs to. @throws octavo::error where it is of an equalized network and
/// this run's is not, or the other way round, and where its tensors are moved and here are not to
/// be: its thresholds would mean nothing.
inline tensor_moves moves_of_table(const graph& net, const tensor_moves& possible,
                                   const correction_set& wanted,
                                   const std::filesystem::path& file) {
  const std::string where = file.string();
  const io::byte_vector bytes = io::read_file(file);
  std::string_view text = io::as_text(bytes);
  const bool equalized = text.starts_with(equalized_note);
  if (equalized) text.remove_prefix(equalized_note.size());
  const bool moved = text.starts_with(moved_note);
  if (equalized && !wanted.equalize) {
    fail(where, ": is of an equalized network; give --corrections with equalize",
         moved ? ",full-range" : "", " and the same --images");
  }
  if (wanted.equalize && !equalized) {
    fail(where, ": is of a network that was not equalized, this one is");
  }
  if (!moved) return no_tensor_moves(net.size());
  if (!wanted.full_range) {
    fail(where, ": is of a network with moved tensors; give --corrections with full-range");
  }
  text.remove_prefix(moved_note.size());
  const std::string_view names = text.substr(0, text.find('\n'));
  return moves_named(net, possible, octavo::detail::table_fields(names), where);
}

}  // namespace octavo::examples
