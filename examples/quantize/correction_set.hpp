// SPDX-License-Identifier: MIT
/// @file
/// Which corrections of the quantizer are wanted (SPECIFICATION.md, 1.9).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "octavo/core/error.hpp"

namespace octavo::examples {

struct correction_set {
  bool equalize = false;    ///< channels scaled before anything is calibrated
  bool full_range = false;  ///< tensors that are never negative use all of int8's values
  bool largest = false;     ///< outputs and what is averaged over the whole map do not saturate
  bool snap = false;        ///< thresholds moved to where adds and averages are exact
  bool bias = false;        ///< biases take up the shift of rounded weights
  bool weights = false;     ///< weights rounded with error feedback

  bool need_pictures() const { return equalize || bias || weights; }
};

/// "equalize,snap", "all", "none". @throws octavo::error listing the names there are.
inline correction_set parse_corrections(std::string_view text) {
  if (text == "all") return {true, true, true, true, true, true};
  correction_set set;
  while (!text.empty() && text != "none") {
    const std::string_view name = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
    if (name == "equalize") {
      set.equalize = true;
    } else if (name == "full-range") {
      set.full_range = true;
    } else if (name == "largest") {
      set.largest = true;
    } else if (name == "snap") {
      set.snap = true;
    } else if (name == "bias") {
      set.bias = true;
    } else if (name == "weights") {
      set.weights = true;
    } else {
      fail(in_quotes(name),
           ", expected all, none, or some of equalize, full-range, largest, snap, bias, weights");
    }
  }
  return set;
}

/// As parse_corrections() reads it; for people with a blank behind the comma.
inline std::string to_text(const correction_set& set, std::string_view separator = ",") {
  std::string text;
  const auto add = [&](bool wanted, std::string_view name) {
    if (wanted) text += concat_text(text.empty() ? "" : separator, name);
  };
  add(set.equalize, "equalize");
  add(set.full_range, "full-range");
  add(set.largest, "largest");
  add(set.snap, "snap");
  add(set.bias, "bias");
  add(set.weights, "weights");
  return text.empty() ? "none" : text;
}

}  // namespace octavo::examples
