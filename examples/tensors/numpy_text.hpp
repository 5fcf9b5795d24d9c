// SPDX-License-Identifier: MIT
/// @file
/// Arrays as NumPy prints them after np.set_printoptions(precision=6, suppress=True), byte for byte
/// (numpy 1.14 to 1.26; numbers: numpy_float.hpp).
///
/// * An array without dimensions is its one number; one without elements is "[]".
/// * More than 1000 elements are summarized unless all are asked for: along every axis longer than
///   6 the first and the last 3 are shown, "..." between them. What is not shown decides nothing.
/// * Integers are right-justified in the width of the longest.
/// * Rows are the last axis. A row is broken where a word would end behind column 75, less one for
///   every bracket that has to be closed behind it, itself included; blanks before a break are
///   dropped. Never before a line's first word.
/// * Rows stand on lines of their own, matrices have an empty line between them, and so on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "numpy_float.hpp"
#include "octavo/io/convert_element.hpp"
#include "octavo/io/npy.hpp"

namespace octavo::examples {

/// "()", "(3,)", "(1, 3, 224, 224)"
inline std::string tuple_text(const std::vector<std::int64_t>& extents) {
  std::string text = "(";
  for (const std::int64_t extent : extents) {
    text += concat_text(text.size() > 1 ? ", " : "", extent);
  }
  return text + (extents.size() == 1 ? ",)" : ")");
}

namespace detail {

/// Element types whose numbers are floating-point, with how to read them as double.
template <class Element>
inline constexpr bool is_float =
    std::is_floating_point_v<Element> || std::is_same_v<Element, io::detail::half_bits>;

template <class Element>
constexpr float_kind kind_of() {
  if (std::is_same_v<Element, io::detail::half_bits>) return float_kind::half;
  return std::is_same_v<Element, float> ? float_kind::single : float_kind::full;
}

/// The number at index `i` of the array: double, or an integer, or bool.
template <class Element>
auto element_at(const io::npy_array& array, std::size_t i) {
  const std::uint8_t* from = array.data.data() + i * io::size_of(array.type);
  if constexpr (std::is_same_v<Element, bool>) {
    return *from != 0;
  } else if constexpr (std::is_same_v<Element, io::detail::half_bits>) {
    return double{io::detail::half_to_float(load_little<std::uint16_t>(from))};
  } else if constexpr (std::is_floating_point_v<Element>) {
    return double{load_little<Element>(from)};
  } else {
    return load_little<Element>(from);
  }
}

/// Which elements of an array are shown, and how they stand on lines.
class array_layout {
 public:
  using visitor = std::function<void(std::size_t)>;
  using words = std::function<std::string(std::size_t)>;

  array_layout(const std::vector<std::int64_t>& extents, bool summarized)
      : extents_(extents), summarized_(summarized) {
    strides_.assign(extents.size(), 1);
    for (std::size_t axis = extents.size(); axis-- > 1;) {
      strides_[axis - 1] = strides_[axis] * static_cast<std::size_t>(extents[axis]);
    }
  }

  /// Every element that is shown, by its index in the data.
  void for_each(const visitor& visit, std::size_t axis = 0, std::size_t first = 0) const {
    if (axis == extents_.size()) return visit(first);
    for_each_index(
        axis, [&](std::size_t i) { for_each(visit, axis + 1, first + i); }, [] {});
  }

  /// The text of an array that has at least one dimension and one element.
  std::string text(const words& word_of) const { return nested(word_of, 0, 0); }

 private:
  static constexpr std::size_t line_width = 75;
  static constexpr std::size_t edge = 3;

  /// Calls visit(offset in the data) along an axis, and gap() where elements are left out.
  template <class Visit, class Gap>
  void for_each_index(std::size_t axis, const Visit& visit, const Gap& gap) const {
    const auto extent = static_cast<std::size_t>(extents_[axis]);
    const bool cut = summarized_ && extent > 2 * edge;
    for (std::size_t i = 0; i < extent; ++i) {
      if (cut && i == edge) {
        gap();
        i = extent - edge;
      }
      visit(i * strides_[axis]);
    }
  }

  /// `[...]` of an axis, to stand behind `axis` blanks or brackets.
  std::string nested(const words& word_of, std::size_t axis, std::size_t first) const {
    if (axis + 1 == extents_.size()) return row(word_of, axis, first);
    const std::string indent(axis + 1, ' ');
    const std::string ends(extents_.size() - axis - 1, '\n');
    std::string text = "[";
    const auto next_line = [&] {
      if (text.size() > 1) text += ends + indent;
    };
    for_each_index(
        axis,
        [&](std::size_t offset) {
          next_line();
          text += nested(word_of, axis + 1, first + offset);
        },
        [&] {
          next_line();
          text += "...";
        });
    return text + "]";
  }

  std::string row(const words& word_of, std::size_t axis, std::size_t first) const {
    const std::size_t indent = axis + 1;
    const std::size_t end = line_width > indent ? line_width - indent : 0;
    std::string text = "[";
    std::size_t column = indent;
    const auto add = [&](const std::string& word) {
      if (column > indent) {
        text += ' ';
        ++column;
        if (column + word.size() > end) {
          text.erase(text.find_last_not_of(' ') + 1);
          text += '\n' + std::string(indent, ' ');
          column = indent;
        }
      }
      text += word;
      column += word.size();
    };
    for_each_index(
        axis, [&](std::size_t offset) { add(word_of(first + offset)); }, [&] { add("..."); });
    return text + "]";
  }

  std::vector<std::int64_t> extents_;
  std::vector<std::size_t> strides_;
  bool summarized_;
};

/// Integers (and bool) right-justified in one width.
template <class Element>
array_layout::words integer_words(const io::npy_array& array, const array_layout& layout) {
  const auto text_at = [&array](std::size_t i) -> std::string {
    const auto value = element_at<Element>(array, i);
    if constexpr (std::is_same_v<Element, bool>) {
      return value ? "True" : "False";
    } else {
      return std::to_string(value);
    }
  };
  std::size_t width = std::is_same_v<Element, bool> ? 5 : 0;
  layout.for_each([&](std::size_t i) { width = std::max(width, text_at(i).size()); });
  return [=](std::size_t i) {
    const std::string text = text_at(i);
    return std::string(width - text.size(), ' ') + text;
  };
}

template <class Element>
array_layout::words float_words(const io::npy_array& array, const array_layout& layout) {
  float_format form(kind_of<Element>());
  layout.for_each([&](std::size_t i) { form.see(element_at<Element>(array, i)); });
  layout.for_each([&](std::size_t i) { form.measure(element_at<Element>(array, i)); });
  return [&array, form](std::size_t i) { return form(element_at<Element>(array, i)); };
}

}  // namespace detail

/// One element as NumPy prints it on its own.
inline std::string element_text(const io::npy_array& array, std::size_t i) {
  return io::detail::with_element(array.type, [&]<class Element>() -> std::string {
    const auto value = detail::element_at<Element>(array, i);
    if constexpr (detail::is_float<Element>) {
      return scalar_text(value, detail::kind_of<Element>());
    } else if constexpr (std::is_same_v<Element, bool>) {
      return value ? "True" : "False";
    } else {
      return std::to_string(value);
    }
  });
}

/// The array as print() shows it, without a newline at its end; `all`: nothing is summarized.
/// Data and shape fit each other (npy_array::check).
inline std::string numpy_text(const io::npy_array& array, bool all = false) {
  constexpr std::size_t summarized_above = 1000;
  if (array.size() == 0) return "[]";
  if (array.shape.empty()) return element_text(array, 0);
  const detail::array_layout layout(array.shape, !all && array.size() > summarized_above);
  return layout.text(io::detail::with_element(array.type, [&]<class Element>() {
    if constexpr (detail::is_float<Element>) {
      return detail::float_words<Element>(array, layout);
    } else {
      return detail::integer_words<Element>(array, layout);
    }
  }));
}

}  // namespace octavo::examples
