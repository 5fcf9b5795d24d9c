// SPDX-License-Identifier: MIT
/// @file
/// Types and attributes of MLIR's text.
#pragma once

#include <bit>
#include <charconv>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "octavo/io/mlir/syntax.hpp"
#include "octavo/io/mlir/token_reader.hpp"

namespace octavo::inline v0::io::mlir {

namespace detail {

/// i8, f32, index, none ...
inline bool is_scalar_type(std::string_view word) {
  for (const std::string_view known : {"f16", "bf16", "f32", "f64", "index", "none"}) {
    if (word == known) return true;
  }
  if (word.starts_with('s') || word.starts_with('u')) word.remove_prefix(1);
  if (!word.starts_with('i') || word.size() < 2 || word.size() > 4) return false;
  for (const char c : word.substr(1)) {
    if (!is_digit(c)) return false;
  }
  return true;
}

inline constexpr std::string_view a_type = "a type: tensor<...>, memref<...>, i8, f32, none ...";

}  // namespace detail

/// tensor<1x3xf32>, memref<16xf32>, i32. Every extent is a number: nothing here is dynamic.
inline type parse_type(token_reader& in) {
  type made{.at = in.peek().at};
  const token word = in.expect(token_kind::word, detail::a_type);
  if (word.text == "tensor" || word.text == "memref") {
    made.kind = word.text == "tensor" ? type_kind::tensor : type_kind::memref;
    in.expect("<");
    while (in.peek().kind == token_kind::integer) {
      const token digits = in.take();
      std::int64_t extent = 0;
      const char* const end = digits.text.data() + digits.text.size();
      if (std::from_chars(digits.text.data(), end, extent).ec != std::errc{}) {
        fail_at(in.file(), digits.at, "found ", describe(digits), ", expected an extent");
      }
      made.extents.push_back(extent);
      in.expect("x");
    }
    const token element = in.peek();
    if (element.kind != token_kind::word || !detail::is_scalar_type(element.text)) {
      in.fail_expecting("an extent or the type of the elements");
    }
    made.element = in.take().text;
    in.expect(">");
  } else if (detail::is_scalar_type(word.text)) {
    made.element = word.text;
  } else {
    fail_at(in.file(), word.at, "found ", describe(word), ", expected ", detail::a_type);
  }
  return made;
}

/// (types), behind its opening parenthesis.
inline std::vector<type> parse_types_behind_parenthesis(token_reader& in) {
  std::vector<type> types;
  in.list(")", [&] { types.push_back(parse_type(in)); });
  return types;
}

/// What stands behind ->: one type or several in parentheses.
inline std::vector<type> parse_results(token_reader& in) {
  if (in.accept("(")) return parse_types_behind_parenthesis(in);
  return {parse_type(in)};
}

/// (types) -> types
inline type_value parse_function_type(token_reader& in) {
  type_value made{.is_function = true};
  in.expect("(");
  made.inputs = parse_types_behind_parenthesis(in);
  in.expect("->");
  made.results = parse_results(in);
  return made;
}

class attribute_parser {
 public:
  explicit attribute_parser(token_reader& in) : in_(in) {}

  /// name = value, ... behind the opening brace, up to the closing one. A name alone is a flag.
  std::vector<named_attribute> entries() {
    const nesting level(depth_, in_);
    std::vector<named_attribute> made;
    std::set<std::string> names;
    in_.list("}", [&] {
      const token name = in_.peek();
      if (name.kind != token_kind::word && name.kind != token_kind::string) {
        in_.fail_expecting("an attribute's name");
      }
      in_.take();
      const bool quoted = name.kind == token_kind::string;
      named_attribute entry;
      entry.name = quoted ? decode_string(name.text) : std::string(name.text);
      entry.value.at = entry.at = name.at;
      if (!names.insert(entry.name).second) fail_twice(entry);
      if (in_.accept("=")) entry.value = value();
      made.push_back(std::move(entry));
    });
    return made;
  }

  [[noreturn]] void fail_twice(const named_attribute& entry) const {
    fail_at(in_.file(), entry.at, "found the attribute ", in_quotes(entry.name),
            " a second time, expected one of each name");
  }

  /// The name in @name or @"name".
  static std::string symbol_name(const token& symbol) {
    const std::string_view name = symbol.text.substr(1);
    return name.starts_with('"') ? decode_string(name) : std::string(name);
  }

 private:
  attribute value() {
    const nesting level(depth_, in_);
    const token first = in_.peek();
    attribute made;
    made.at = first.at;
    switch (first.kind) {
      case token_kind::integer:
      case token_kind::real:
        number(made);
        return made;
      case token_kind::string:
        made.value = decode_string(in_.take().text);
        if (in_.accept(":")) parse_type(in_);
        return made;
      case token_kind::symbol:
        in_.take();
        made.value = symbol_value{symbol_name(first)};
        return made;
      case token_kind::word:
        word(made);
        return made;
      default:
        break;
    }
    if (first.is("-")) {
      number(made);
    } else if (first.is("(")) {
      made.value = parse_function_type(in_);
    } else if (in_.accept("[")) {
      made.value = elements("]");
    } else if (in_.accept("{")) {
      made.value = entries();
    } else {
      in_.fail_expecting("an attribute's value");
    }
    return made;
  }

  attribute::array elements(std::string_view close) {
    attribute::array made;
    in_.list(close, [&] { made.push_back(value()); });
    return made;
  }

  /// A word that begins a value: true, unit, array<i64: 1, 2>, or a type.
  void word(attribute& made) {
    if (in_.accept_word("true")) {
      made.value = true;
    } else if (in_.accept_word("false")) {
      made.value = false;
    } else if (in_.accept_word("unit")) {
      made.value = unit_value{};
    } else if (in_.accept_word("array")) {
      in_.expect("<");
      parse_type(in_);
      if (in_.accept(">")) {
        made.value = attribute::array{};
        return;
      }
      in_.expect(":");
      made.value = elements(">");
    } else {
      type_value alone;
      alone.results.push_back(parse_type(in_));
      made.value = std::move(alone);
    }
  }

  /// A number and perhaps its type behind a colon. Without one it is an i64 or an f64.
  void number(attribute& made) {
    const bool negative = in_.accept("-");
    const token digits = in_.peek();
    if (digits.kind != token_kind::integer && digits.kind != token_kind::real) {
      in_.fail_expecting("a number");
    }
    in_.take();
    std::string kind;
    position kind_at = in_.peek().at;
    if (in_.accept(":")) {
      kind_at = in_.peek().at;
      kind = to_string(parse_type(in_));
    }
    const bool is_real = kind == "f32" || kind == "f64";
    const bool is_hex = digits.text.starts_with("0x");
    if (digits.kind == token_kind::integer && !is_real) {
      made.value = integer(digits, negative);
    } else if (is_real && is_hex && !negative) {
      made.value = from_bits(digits, kind == "f32");
    } else if (digits.kind == token_kind::real && (is_real || kind.empty())) {
      const double wide = real(digits, negative);
      made.value = kind == "f32" ? static_cast<double>(static_cast<float>(wide)) : wide;
    } else {
      fail_at(in_.file(), kind_at, "found the type ", kind, " behind ", describe(digits),
              ", expected ", digits.kind == token_kind::real ? "f32 or f64" : "an integer's type");
    }
  }

  std::uint64_t magnitude(const token& digits) const {
    std::string_view text = digits.text;
    const bool is_hex = text.starts_with("0x");
    if (is_hex) text.remove_prefix(2);
    std::uint64_t found = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), found, is_hex ? 16 : 10).ec !=
        std::errc{}) {
      fail_too_large(digits, "an integer of 64 bits");
    }
    return found;
  }

  std::int64_t integer(const token& digits, bool negative) const {
    const std::uint64_t found = magnitude(digits);
    constexpr std::uint64_t largest = INT64_MAX;
    if (found > largest) fail_too_large(digits, "an integer of 64 bits");
    return negative ? -static_cast<std::int64_t>(found) : static_cast<std::int64_t>(found);
  }

  double real(const token& digits, bool negative) const {
    double found = 0;
    const char* const end = digits.text.data() + digits.text.size();
    if (std::from_chars(digits.text.data(), end, found).ec != std::errc{}) {
      fail_too_large(digits, "a number that a float64 can hold");
    }
    return negative ? -found : found;
  }

  /// A float's own bits.
  double from_bits(const token& digits, bool is_float32) const {
    const std::uint64_t bits = magnitude(digits);
    if (!is_float32) return std::bit_cast<double>(bits);
    if (bits > UINT32_MAX) fail_too_large(digits, "the 32 bits of an f32");
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  }

  [[noreturn]] void fail_too_large(const token& digits, std::string_view expected) const {
    fail_at(in_.file(), digits.at, "found ", describe(digits), ", expected ", expected);
  }

  token_reader& in_;
  int depth_ = 0;
};

}  // namespace octavo::inline v0::io::mlir
