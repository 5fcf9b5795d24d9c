// SPDX-License-Identifier: MIT
/// @file
/// The library's small values as C++ expressions. Each blank may become the end of a line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "octavo/core/error.hpp"
#include "octavo/core/shape.hpp"
#include "octavo/core/window.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/quant/params.hpp"
#include "octavo/quant/requantization.hpp"

namespace octavo::inline v0::io::cpp {

inline std::string to_expression(const shape& s) {
  return concat_text("{", s.n, ", ", s.c, ", ", s.h, ", ", s.w, "}");
}

/// The fields of a value in braces, by name and without those that have their default.
class field_list {
 public:
  template <class T>
  field_list& field(std::string_view name, const T& value, const T& usual) {
    return value == usual ? *this : text(name, concat_text(value));
  }
  field_list& field(std::string_view name, bool value) {
    return value ? text(name, "true") : *this;
  }
  field_list& text(std::string_view name, std::string_view value) {
    fields_ += concat_text(fields_.empty() ? "." : ", .", name, " = ", value);
    return *this;
  }
  std::string str() const { return concat_text("{", fields_, "}"); }

 private:
  std::string fields_ = {};
};

inline std::string to_expression(const window& w) {
  const int pad = w.pad.top;
  if (w == square(w.kh, w.stride_h, pad)) {
    const bool plain = w.stride_h == 1 && pad == 0;
    return plain ? concat_text("octavo::square(", w.kh, ")")
                 : concat_text("octavo::square(", w.kh, ", /*stride=*/", w.stride_h, ", /*pad=*/",
                               pad, ")");
  }
  field_list made;
  made.field("kh", w.kh, 1).field("kw", w.kw, 1);
  made.field("stride_h", w.stride_h, 1).field("stride_w", w.stride_w, 1);
  made.field("dilation_h", w.dilation_h, 1).field("dilation_w", w.dilation_w, 1);
  field_list pads;
  pads.field("top", w.pad.top, 0).field("left", w.pad.left, 0);
  pads.field("bottom", w.pad.bottom, 0).field("right", w.pad.right, 0);
  if (w.pad != padding{}) made.text("pad", pads.str());
  return made.str();
}

inline std::string to_expression(const conv_params& conv) {
  field_list made;
  made.text("window", to_expression(conv.window)).field("groups", conv.groups, 1);
  return made.field("relu", conv.relu).str();
}

inline std::string to_expression(const pool_params& pool) {
  field_list made;
  made.text("window", to_expression(pool.window));
  if (pool.rounding == size_rounding::ceil) made.text("rounding", "octavo::size_rounding::ceil");
  return made.field("count_padding", pool.count_padding).str();
}

inline std::string to_expression(const add_params& add) {
  return concat_text("{.multiplier = {", add.multiplier[0], ", ", add.multiplier[1],
                     "}, .shift = ", add.shift, "}");
}

inline std::string to_expression(const clip_params& clip) {
  return concat_text("{.lo = ", int{clip.lo}, ", .hi = ", int{clip.hi}, "}");
}

inline std::string to_expression(const multiplier_rshift& m) {
  return concat_text("{.multiplier = ", m.multiplier, ", .shift = ", m.shift, "}");
}

/// The name of a policy's type.
constexpr std::string_view to_name(policy kind) {
  constexpr std::string_view names[policy_count] = {"rshift", "rshift_half_away",
                                                    "multiplier_rshift", "multiplier_q31"};
  return names[static_cast<std::size_t>(kind)];
}

/// The integers of one entry: {shift} or {multiplier, shift}.
inline std::string entry_expression(const requantization& rule, std::size_t entry) {
  const int shift = rule.shift[entry];
  if (rule.multiplier.empty()) return concat_text("{", shift, "}");
  return concat_text("{", rule.multiplier[entry], ", ", shift, "}");
}

}  // namespace octavo::inline v0::io::cpp
