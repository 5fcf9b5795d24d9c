// SPDX-License-Identifier: MIT
/// @file
/// A line on stderr that says how far a long run is, where stderr is a terminal.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "octavo/core/error.hpp"
#include "stopwatch.hpp"

#if __has_include(<sys/ioctl.h>) && __has_include(<unistd.h>)
#include <sys/ioctl.h>
#include <unistd.h>
#define OCTAVO_EXAMPLES_HAS_TERMINAL 1
#endif

namespace octavo::examples {

/// The columns of the terminal on stderr; 0 where it is none.
inline int terminal_width() {
#if defined(OCTAVO_EXAMPLES_HAS_TERMINAL)
  if (isatty(STDERR_FILENO) == 0) return 0;
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
#else
  return 0;
#endif
}

/// How far a run is.
struct progress {
  std::size_t done = 0;
  std::size_t count = 0;
  double seconds = 0;  ///< since it began
};

/// "1:02:03", "2:03"; "-:--" where that is not known.
inline std::string clock_text(double seconds) {
  if (!(seconds >= 0 && seconds < 1e6)) return "-:--";
  const auto whole = static_cast<int>(std::ceil(seconds));
  char text[32];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%d:%02d", whole / 60, whole % 60);
  }
  return text;
}

/// "12.3/s"; from 100 a second on without decimals.
inline std::string rate_text(const progress& at) {
  const double rate = at.seconds > 0 ? static_cast<double>(at.done) / at.seconds : 0;
  char text[32];
  std::snprintf(text, sizeof text, rate < 100 ? "%.1f/s" : "%.0f/s", rate);
  return text;
}

/// "ranges [=====>    ] 120/1000 12.3/s, 1:12 left, top-1 73.1 %", less than `width` characters:
/// the bar takes what is left, and where nothing is left the line is cut.
inline std::string progress_line(std::string_view what, const progress& at, int width,
                                 std::string_view figure = {}) {
  const double left = at.done == 0 ? -1
                                   : at.seconds / static_cast<double>(at.done) *
                                         static_cast<double>(at.count - at.done);
  std::string tail =
      concat_text(" ", at.done, "/", at.count, " ", rate_text(at), ", ", clock_text(left), " left");
  if (!figure.empty()) tail += concat_text(", ", figure);
  const auto room = static_cast<std::size_t>(std::max(width - 1, 0));
  const std::size_t used = what.size() + 3 + tail.size();
  constexpr std::size_t widest = 40;
  constexpr std::size_t narrowest = 5;
  std::string line(what);
  if (used + narrowest <= room) {
    const std::size_t cells = std::min(room - used, widest);
    const std::size_t filled = at.count == 0 ? cells : cells * at.done / at.count;
    std::string bar(filled, '=');
    if (filled < cells) bar += '>';
    bar.resize(cells, ' ');
    line += concat_text(" [", bar, "]");
  }
  line += tail;
  return line.substr(0, room);
}

/// Draws progress_line() again and again on a terminal; elsewhere nothing. finish() leaves one
/// line behind in either case. One thread at a time.
class progress_bar {
 public:
  explicit progress_bar(std::string what, std::string unit = "picture")
      : what_(std::move(what)), unit_(std::move(unit)), width_(terminal_width()) {}
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;
  ~progress_bar() { clear(); }

  /// `figure` is what the run has found so far.
  void update(std::size_t done, std::size_t count, std::string_view figure = {}) {
    at_ = {done, count, watch_.seconds()};
    const bool due = at_.seconds - drawn_ >= 0.1 || done == count;
    if (width_ == 0 || !due) return;
    drawn_ = at_.seconds;
    width_ = std::max(terminal_width(), 1);  // it may have been resized
    const std::string line = progress_line(what_, at_, width_, figure);
    std::fprintf(stderr, "\r%s\x1B[K", line.c_str());
    visible_ = true;
  }

  /// "ranges: 1000 pictures in 81.30 s, 12.3/s"
  void finish() {
    clear();
    at_.seconds = watch_.seconds();
    std::fprintf(stderr, "%s: %zu %s%s in %s, %s\n", what_.c_str(), at_.done, unit_.c_str(),
                 at_.done == 1 ? "" : "s", time_text(at_.seconds).c_str(), rate_text(at_).c_str());
  }

 private:
  void clear() {
    if (visible_) std::fputs("\r\x1B[K", stderr);
    visible_ = false;
  }

  std::string what_;
  std::string unit_;
  int width_;
  stopwatch watch_ = {};
  progress at_ = {};
  double drawn_ = -1;
  bool visible_ = false;
};

}  // namespace octavo::examples
