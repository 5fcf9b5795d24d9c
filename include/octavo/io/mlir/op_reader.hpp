// SPDX-License-Identifier: MIT
/// @file
/// One operation of a text, asked for its attributes. Everything that is not as it should be is
/// reported with its line and column.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/mlir/syntax.hpp"
#include "octavo/io/real_text.hpp"
#include "octavo/quant/activation.hpp"

namespace octavo::inline v0::io::mlir {

/// How messages call an attribute's value.
inline std::string describe(const attribute& found) {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, unit_value>) return "no value";
        if constexpr (std::is_same_v<T, bool>) return v ? "true" : "false";
        if constexpr (std::is_same_v<T, std::int64_t>) return concat_text(std::int64_t{v});
        if constexpr (std::is_same_v<T, double>) return real_text(v);
        if constexpr (std::is_same_v<T, std::string>) return in_quotes(v);
        if constexpr (std::is_same_v<T, symbol_value>) return in_quotes("@" + v.name);
        if constexpr (std::is_same_v<T, type_value>) return "a type";
        if constexpr (std::is_same_v<T, attribute::array>) return "an array";
        return "a dictionary";
      },
      found.value);
}

/// Integers from `least` to `most`.
struct integer_range {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

/// A view of an operation; it and the file's name must outlive this.
class op_reader {
 public:
  op_reader(const operation& of, const std::string& file) : op_(of), file_(file) {}

  const operation& get() const { return op_; }
  const std::string& name() const { return op_.name; }

  template <class... Parts>
  [[noreturn]] void fail_at(const position& at, const Parts&... parts) const {
    mlir::fail_at(file_, at, parts...);
  }
  /// At the operation's own place.
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    fail_at(op_.at, parts...);
  }

  /// "<file>:<line>:<column>" of the operation, for with_context().
  std::string where() const { return concat_text(file_, ":", op_.at.line, ":", op_.at.column); }

  /// Refuses attributes of other names.
  void allow(const std::vector<std::string_view>& known) const {
    for (const named_attribute& each : op_.attributes) {
      if (std::find(known.begin(), known.end(), each.name) != known.end()) continue;
      std::string list;
      for (const std::string_view name : known) append_item(list, name);
      fail_at(each.at, "found the attribute ", in_quotes(each.name), " of ", op_.name,
              ", expected one of ", list);
    }
  }

  /// Refuses attributes that this operation may have elsewhere, but that would say nothing here.
  void forbid(std::initializer_list<std::string_view> names, std::string_view where) const {
    for (const std::string_view each : names) {
      if (!has(each)) continue;
      fail_at(required(each).at, "found the attribute '", each, "' of ", op_.name,
              ", expected none ", where);
    }
  }

  void expect_operands(std::size_t least, std::size_t most) const {
    const std::size_t count = op_.operands.size();
    if (count >= least && count <= most) return;
    const std::string wanted =
        least == most ? concat_text(least) : concat_text(least, " to ", most);
    fail("found ", count, " operands of ", op_.name, ", expected ", wanted);
  }

  bool has(std::string_view attribute_name) const {
    return find_attribute(op_, attribute_name) != nullptr;
  }

  /// @throws octavo::error where there is none.
  const attribute& required(std::string_view attribute_name) const {
    const attribute* found = find_attribute(op_, attribute_name);
    if (found == nullptr) {
      fail("found ", op_.name, " without an attribute '", attribute_name, "', expected one");
    }
    return *found;
  }

  const std::string& text(std::string_view attribute_name) const {
    const attribute& found = required(attribute_name);
    const auto* value = std::get_if<std::string>(&found.value);
    if (value == nullptr) fail_value(found, attribute_name, "a string");
    return *value;
  }
  std::optional<std::string> optional_text(std::string_view attribute_name) const {
    if (!has(attribute_name)) return {};
    return text(attribute_name);
  }

  int integer(std::string_view attribute_name, const integer_range& range) const {
    return static_cast<int>(integer_of(required(attribute_name), attribute_name, range));
  }
  int integer_or(std::string_view attribute_name, const integer_range& range, int absent) const {
    return has(attribute_name) ? integer(attribute_name, range) : absent;
  }

  /// An address, where there is one: its range is checked, and nothing else done with it.
  void check_offset() const {
    const attribute* found = find_attribute(op_, "offset");
    if (found != nullptr) integer_of(*found, "offset", {0, INT64_MAX});
  }

  /// An array of integers.
  std::vector<int> integers(std::string_view attribute_name, const integer_range& range) const {
    const attribute& found = required(attribute_name);
    const auto* elements = std::get_if<attribute::array>(&found.value);
    if (elements == nullptr) fail_value(found, attribute_name, "an array of integers");
    std::vector<int> values;
    for (const attribute& each : *elements) {
      values.push_back(static_cast<int>(integer_of(each, attribute_name, range)));
    }
    return values;
  }

  /// A flag: there without a value, or true, or false.
  bool flag(std::string_view attribute_name) const {
    const attribute* found = find_attribute(op_, attribute_name);
    if (found == nullptr) return false;
    if (std::holds_alternative<unit_value>(found->value)) return true;
    const auto* value = std::get_if<bool>(&found->value);
    if (value == nullptr) fail_value(*found, attribute_name, "true or false");
    return *value;
  }

  /// A finite real number.
  double real(std::string_view attribute_name) const {
    const attribute& found = required(attribute_name);
    const auto* value = std::get_if<double>(&found.value);
    if (value == nullptr || !is_finite(*value)) {
      fail_value(found, attribute_name, "a finite real number");
    }
    return *value;
  }

  std::optional<double> optional_threshold(std::string_view attribute_name) const {
    const attribute* found = find_attribute(op_, attribute_name);
    if (found == nullptr) return {};
    const auto* value = std::get_if<double>(&found->value);
    if (value == nullptr || !is_threshold(*value)) {
      fail_value(*found, attribute_name, "a positive finite real number");
    }
    return *value;
  }

  [[noreturn]] void fail_value(const attribute& found, std::string_view attribute_name,
                               std::string_view expected) const {
    fail_at(found.at, "found ", describe(found), " for '", attribute_name, "', expected ",
            expected);
  }

 private:
  std::int64_t integer_of(const attribute& found, std::string_view attribute_name,
                          const integer_range& range) const {
    const auto* value = std::get_if<std::int64_t>(&found.value);
    if (value == nullptr || *value < range.least || *value > range.most) {
      fail_value(found, attribute_name,
                 concat_text("an integer in ", range.least, "..", range.most));
    }
    return *value;
  }

  const operation& op_;
  const std::string& file_;
};

}  // namespace octavo::inline v0::io::mlir
