// SPDX-License-Identifier: MIT
/// @file
/// Reads a neuron map in its CSV form, `name,0xOFFSET,int8,N,C,H,W`, and says what is wrong with
/// it: of a file nothing is known, while make_neuron_map() makes none that overlaps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "octavo/core/align.hpp"
#include "octavo/core/error.hpp"
#include "octavo/core/parse_unsigned.hpp"
#include "octavo/core/shape.hpp"
#include "octavo/core/table_lines.hpp"
#include "octavo/tpu/neuron_map.hpp"

namespace octavo::inline v0::tpu {

/// One int8 tensor in neuron memory, as a row of the CSV form has it.
struct mapped_tensor {
  std::string name = {};
  std::int64_t offset = 0;     ///< byte address, so that end() does not overflow
  octavo::shape extents = {};  ///< is_valid()

  /// Bytes that it occupies, rounded up to the alignment.
  std::int64_t size() const { return align_up(extents.elements(), neuron_alignment); }
  std::int64_t end() const { return offset + size(); }
  friend bool operator==(const mapped_tensor&, const mapped_tensor&) = default;
};

namespace detail {

/// Reads the rows of one file; every failure names file and line.
class neuron_map_parser {
 public:
  explicit neuron_map_parser(std::string_view file) : file_(file) {}

  std::vector<mapped_tensor> parse(std::string_view text) {
    octavo::detail::for_each_line(text, [&](std::string_view line) {
      ++line_;
      while (line.ends_with('\r')) line.remove_suffix(1);
      if (!line.empty()) rows_.push_back(parse_row(line));
    });
    if (rows_.empty()) fail(file_, ": has no row name,0xOFFSET,int8,N,C,H,W");
    return std::move(rows_);
  }

 private:
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(file_, ": line ", line_, ": ", parts...);
  }

  mapped_tensor parse_row(std::string_view line) const {
    const std::vector<std::string_view> fields = split(line);
    if (fields.size() != 7) {
      refuse(fields.size(), " fields, expected 7: name,0xOFFSET,int8,N,C,H,W");
    }
    if (!octavo::detail::is_table_name(fields[0])) {
      refuse("the name ", in_quotes(fields[0]), " is empty or no word");
    }
    if (fields[2] != "int8") refuse("the type ", in_quotes(fields[2]), ", expected int8");
    mapped_tensor row = {.name = std::string(fields[0])};
    row.offset = static_cast<std::int64_t>(parse_number("offset", fields[1]));
    int* const extents[] = {&row.extents.n, &row.extents.c, &row.extents.h, &row.extents.w};
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint64_t extent = parse_number("extent", fields[3 + i]);
      if (extent < 1 || extent > std::uint64_t{extent_limit}) {
        refuse("the extent ", extent, ", expected 1..", extent_limit);
      }
      *extents[i] = static_cast<int>(extent);
    }
    if (!row.extents.is_valid()) refuse("the tensor has 2^31 elements or more");
    return row;
  }

  static std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> fields;
    while (true) {
      const std::size_t comma = line.find(',');
      fields.push_back(line.substr(0, comma));
      if (comma == std::string_view::npos) return fields;
      line.remove_prefix(comma + 1);
    }
  }

  /// Decimal, or hexadecimal with 0x in front; below 2^62.
  std::uint64_t parse_number(std::string_view what, std::string_view text) const {
    std::uint64_t value = 0;
    const std::errc code = parse_unsigned(text, value);
    if (code == std::errc::invalid_argument) {
      refuse("the ", what, " ", in_quotes(text), ", expected a number");
    }
    if (code != std::errc() || value >= std::uint64_t{1} << 62U) {
      refuse("the ", what, " ", in_quotes(text), ", expected less than 2^62");
    }
    return value;
  }

  std::string_view file_;
  std::size_t line_ = 0;
  std::vector<mapped_tensor> rows_;
};

}  // namespace detail

/// The rows of a map in their order; empty lines are skipped. `file` stands for it in messages.
/// @throws octavo::error with file and line where a row has another form. What rows say of each
/// other is not checked: see neuron_map_faults().
inline std::vector<mapped_tensor> parse_neuron_map(std::string_view text, std::string_view file) {
  return detail::neuron_map_parser(file).parse(text);
}

/// One sentence for everything that is wrong: a name that comes twice, an address that is not
/// aligned, tensors that overlap (each is held against the one that reaches furthest among those
/// that begin before it), and those that end behind `memory` bytes.
inline std::vector<std::string> neuron_map_faults(
    const std::vector<mapped_tensor>& rows,
    std::int64_t memory = std::numeric_limits<std::int64_t>::max()) {
  std::vector<std::string> faults;
  std::set<std::string_view> names;
  for (const mapped_tensor& row : rows) {
    if (!names.insert(row.name).second) {
      faults.push_back(concat_text(in_quotes(row.name), " comes twice"));
    }
    if (row.offset % neuron_alignment != 0) {
      faults.push_back(concat_text(in_quotes(row.name), " begins at ", row.offset,
                                   ", which is no multiple of ", neuron_alignment));
    }
    if (row.end() > memory) {
      faults.push_back(concat_text(in_quotes(row.name), " ends at ", row.end(),
                                   ", behind the memory's ", memory, " bytes"));
    }
  }
  std::vector<const mapped_tensor*> order;
  order.reserve(rows.size());
  for (const mapped_tensor& row : rows) order.push_back(&row);
  std::sort(order.begin(), order.end(), [](const mapped_tensor* a, const mapped_tensor* b) {
    return std::pair(a->offset, a) < std::pair(b->offset, b);
  });
  const mapped_tensor* furthest = nullptr;
  for (const mapped_tensor* row : order) {
    if (furthest != nullptr && row->offset < furthest->end()) {
      faults.push_back(concat_text(in_quotes(row->name), " begins at ", row->offset, ", inside ",
                                   in_quotes(furthest->name), ", which ends at ", furthest->end()));
    }
    if (furthest == nullptr || row->end() > furthest->end()) furthest = row;
  }
  return faults;
}

/// As the original compiler printed it, one line a row.
inline std::string format(const std::vector<mapped_tensor>& rows) {
  std::string text;
  for (const mapped_tensor& row : rows) text += format(row.name, row.offset, row.size());
  return text;
}

}  // namespace octavo::inline v0::tpu
