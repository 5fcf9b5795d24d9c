// SPDX-License-Identifier: MIT
/// @file
/// The fields of a window in the order in which files have them.
#pragma once

#include "octavo/core/window.hpp"

namespace octavo::inline v0::detail {

/// Calls s.number(field, name) for each; `w` is constant where the stream writes.
template <class Stream, class Window>
void transfer_window(Stream& s, Window& w) {
  s.number(w.kh, "kernel height");
  s.number(w.kw, "kernel width");
  s.number(w.stride_h, "vertical stride");
  s.number(w.stride_w, "horizontal stride");
  s.number(w.dilation_h, "vertical dilation");
  s.number(w.dilation_w, "horizontal dilation");
  s.number(w.pad.top, "top padding");
  s.number(w.pad.left, "left padding");
  s.number(w.pad.bottom, "bottom padding");
  s.number(w.pad.right, "right padding");
}

}  // namespace octavo::inline v0::detail
