// SPDX-License-Identifier: MIT
/// @file
/// The calibration table: a threshold for each tensor by name, and the text that stores it (in
/// files: io/calibration_table_file.hpp).
///
///     # comments and empty lines are skipped
///     data 161.008056641 0
///     scale_conv1 16.018699646
///
/// The third field, a shift that older tools left there, is checked to be an integer and not used.
#pragma once

#include <charconv>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/parse_number.hpp"
#include "octavo/core/table_lines.hpp"
#include "octavo/quant/activation.hpp"

namespace octavo::inline v0 {

/// A line of a calibration table.
struct calibration_entry {
  std::string name;      ///< of the tensor
  double threshold = 0;  ///< positive and finite

  friend bool operator==(const calibration_entry&, const calibration_entry&) = default;
};

/// Thresholds by name, in the order in which the names came.
class calibration_table {
 public:
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  /// The threshold of `name`, or nullptr. Valid until the table changes.
  const double* find(std::string_view name) const {
    const auto found = index_.find(name);
    return found == index_.end() ? nullptr : &entries_[found->second].threshold;
  }

  bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// @throws octavo::error naming the tensor where there is no entry.
  double at(std::string_view name) const {
    const double* threshold = find(name);
    if (threshold == nullptr) {
      fail("calibration table: no threshold for tensor ", in_quotes(name));
    }
    return *threshold;
  }

  /// Adds the entry or gives it another value.
  /// @throws octavo::error for a name that a line of text cannot hold, or no threshold.
  void set(std::string_view name, double threshold);

  friend bool operator==(const calibration_table& a, const calibration_table& b) {
    return a.entries_ == b.entries_;
  }

 private:
  std::vector<calibration_entry> entries_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

namespace detail {

/// Reads the lines of a table one by one; every failure says "file:line: ...".
class table_parser {
 public:
  explicit table_parser(std::string_view file) : file_(file) {}

  void add_line(std::string_view line) {
    ++line_;
    const std::vector<std::string_view> fields = table_fields(line);
    if (fields.empty()) return;
    const std::string_view name = fields[0];
    if (!is_table_name(name)) fail_here(in_quotes(name), " is not a tensor's name");
    if (fields.size() < 2) fail_here(in_quotes(name), ": expected a threshold behind the name");
    if (fields.size() > 3) {
      fail_here(fields.size(), " fields, expected name, threshold and at most a shift");
    }
    const double threshold = threshold_from(fields[1]);
    int shift = 0;
    if (fields.size() == 3 && !parse_number(fields[2], shift)) {
      fail_here("shift ", in_quotes(fields[2]), ": expected an integer");
    }
    add(name, threshold);
  }

  calibration_table take() { return std::move(table_); }

 private:
  template <class... Parts>
  [[noreturn]] void fail_here(const Parts&... parts) const {
    fail(file_, ":", line_, ": ", parts...);
  }

  double threshold_from(std::string_view text) const {
    double threshold = 0;
    if (!parse_number(text, threshold)) {
      fail_here("threshold ", in_quotes(text), ": expected a decimal number");
    }
    if (!is_threshold(threshold)) {
      fail_here("threshold ", in_quotes(text), ": expected a positive finite number");
    }
    return threshold;
  }

  void add(std::string_view name, double threshold) {
    const double* earlier = table_.find(name);
    if (earlier != nullptr && *earlier != threshold) {
      fail_here(in_quotes(name), ": threshold ", threshold, ", but an earlier line says ",
                *earlier);
    }
    table_.set(name, threshold);
  }

  std::string_view file_;
  std::size_t line_ = 0;
  calibration_table table_;
};

}  // namespace detail

inline void calibration_table::set(std::string_view name, double threshold) {
  if (!detail::is_table_name(name)) {
    fail("calibration table: ", in_quotes(name),
         ": a tensor's name must not be empty, hold blanks or start with #");
  }
  if (!is_threshold(threshold)) {
    fail("calibration table: ", in_quotes(name), ": threshold ", threshold,
         ", expected a positive finite number");
  }
  const auto [place, is_new] = index_.emplace(name, entries_.size());
  if (is_new) entries_.push_back({std::string(name), threshold});
  entries_[place->second].threshold = threshold;
}

/// The table that a text holds. A byte order mark, CRLF ends of lines and a last line without an
/// end are accepted; a name that comes twice must have one threshold.
/// @throws octavo::error with `file`, the line and what was expected there.
inline calibration_table parse_calibration_table(std::string_view text,
                                                 std::string_view file = "calibration table") {
  detail::table_parser parser(file);
  detail::for_each_line(text, [&](std::string_view line) { parser.add_line(line); });
  return parser.take();
}

/// One line `name threshold` for each entry, with 17 significant digits: reading it gives the same
/// doubles exactly.
inline std::string to_text(const calibration_table& table) {
  std::string text;
  for (const calibration_entry& entry : table) {
    char digits[32];
    const std::to_chars_result result = std::to_chars(
        digits, digits + sizeof digits, entry.threshold, std::chars_format::general, 17);
    text.append(entry.name).append(" ").append(digits, result.ptr).append("\n");
  }
  return text;
}

}  // namespace octavo::inline v0
