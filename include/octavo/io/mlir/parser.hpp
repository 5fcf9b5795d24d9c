// SPDX-License-Identifier: MIT
/// @file
/// MLIR's text as a tree: the generic form of every operation, and the custom forms that mlir-opt
/// prints of module, function and return. Of releases 14 to 19.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/io/mlir/parse_attribute.hpp"
#include "octavo/io/mlir/syntax.hpp"
#include "octavo/io/mlir/token_reader.hpp"

namespace octavo::inline v0::io::mlir {

namespace detail {

class parser {
 public:
  parser(std::string_view text, const std::string& file) : in_(text, file), attributes_(in_) {}

  std::vector<operation> run() {
    std::vector<operation> operations;
    while (in_.peek().kind != token_kind::end) {
      if (in_.peek().kind == token_kind::alias) {
        alias();
      } else {
        operations.push_back(statement());
      }
    }
    return operations;
  }

 private:
  /// `#loc1 = loc(...)`: the only aliases that mlir-opt prints for what we read.
  void alias() {
    in_.take();
    in_.expect("=");
    if (!in_.peek().is_word("loc")) in_.fail_expecting("loc(...)");
    in_.skip_location();
  }

  operation statement() {
    const nesting level(depth_, in_);
    const token first = in_.peek();
    operation made = first.is_word("module") || first.is_word("builtin.module") ? custom_module()
                     : first.is_word("func") || first.is_word("func.func")      ? custom_function()
                     : first.is_word("return") || first.is_word("func.return")  ? custom_return()
                                                                                : generic();
    in_.skip_location();
    return made;
  }

  value_name value() {
    const token found = in_.expect(token_kind::value, "a value: %0");
    return {std::string(found.text), found.at};
  }

  /// Called behind the opening brace: operations up to the closing one, which is taken too.
  void operations(region& to) {
    while (!in_.peek().is("}")) {
      if (in_.peek().kind == token_kind::end) in_.fail_expecting("an operation or '}'");
      to.operations.push_back(statement());
    }
    to.end = in_.take().at;
  }

  /// %arg0: type {attributes} loc(...)
  void argument(region& to) {
    to.arguments.push_back(value());
    in_.expect(":");
    to.argument_types.push_back(parse_type(in_));
    if (in_.accept("{")) attributes_.entries();
    in_.skip_location();
  }

  /// { ^bb0(%arg0: type): operations }
  region block() {
    region made;
    in_.expect("{");
    if (in_.peek().kind == token_kind::label) {
      in_.take();
      if (in_.accept("(")) in_.list(")", [&] { argument(made); });
      in_.expect(":");
    }
    operations(made);
    return made;
  }

  /// An operation in its custom form, whose word is taken.
  operation begin(std::string_view name) {
    operation made;
    made.name = name;
    made.at = in_.take().at;
    return made;
  }

  /// module @name attributes {...} { operations }
  operation custom_module() {
    operation made = begin("builtin.module");
    if (in_.peek().kind == token_kind::symbol) in_.take();
    if (in_.accept_word("attributes")) {
      in_.expect("{");
      made.attributes = attributes_.entries();
    }
    in_.expect("{");
    made.regions.emplace_back();
    operations(made.regions[0]);
    return made;
  }

  /// func.func private @name(arguments) -> results attributes {...} { operations }
  operation custom_function() {
    operation made = begin("func.func");
    for (const std::string_view visibility : {"public", "private", "nested"}) {
      if (in_.accept_word(visibility)) break;
    }
    const token symbol = in_.expect(token_kind::symbol, "the function's name: @tpu_func");
    const std::string name = attribute_parser::symbol_name(symbol);
    region body;
    in_.expect("(");
    in_.list(")", [&] { argument(body); });
    type_value signature{.is_function = true, .inputs = body.argument_types};
    if (in_.accept("->")) signature.results = function_results();
    made.attributes.push_back({"sym_name", {name, symbol.at}, symbol.at});
    made.attributes.push_back({"function_type", {std::move(signature), symbol.at}, symbol.at});
    if (in_.accept_word("attributes")) {
      in_.expect("{");
      add(made.attributes, attributes_.entries());
    }
    in_.expect("{");
    operations(body);
    made.regions.push_back(std::move(body));
    return made;
  }

  /// As parse_results(), but every type may have attributes behind it.
  std::vector<type> function_results() {
    if (!in_.accept("(")) return {parse_type(in_)};
    std::vector<type> types;
    in_.list(")", [&] {
      types.push_back(parse_type(in_));
      if (in_.accept("{")) attributes_.entries();
    });
    return types;
  }

  /// return %0, %1 : type, type
  operation custom_return() {
    operation made = begin("func.return");
    if (in_.peek().kind != token_kind::value) return made;
    do made.operands.push_back(value());
    while (in_.accept(","));
    in_.expect(":");
    do made.operand_types.push_back(parse_type(in_));
    while (in_.accept(","));
    check_counts(made);
    return made;
  }

  /// %0 = "name"(operands) <{attributes}> ({ regions }) {attributes} : (types) -> types
  operation generic() {
    operation made;
    if (in_.peek().kind == token_kind::value) {
      do made.results.push_back(value());
      while (in_.accept(","));
      in_.expect("=");
    }
    const token name = in_.expect(token_kind::string, "an operation: \"tpu.conv_2d\"");
    made.name = canonical(decode_string(name.text));
    made.at = name.at;
    in_.expect("(");
    in_.list(")", [&] { made.operands.push_back(value()); });
    if (in_.accept("<")) {
      in_.expect("{");
      made.attributes = attributes_.entries();
      in_.expect(">");
    }
    if (in_.accept("(")) in_.list(")", [&] { made.regions.push_back(block()); });
    if (in_.accept("{")) add(made.attributes, attributes_.entries());
    in_.expect(":");
    const type_value signature = parse_function_type(in_);
    made.operand_types = signature.inputs;
    made.result_types = signature.results;
    check_counts(made);
    return made;
  }

  /// Discardable attributes behind an operation's own.
  void add(std::vector<named_attribute>& to, std::vector<named_attribute> more) const {
    std::set<std::string> names;
    for (const named_attribute& each : to) names.insert(each.name);
    for (named_attribute& each : more) {
      if (!names.insert(each.name).second) attributes_.fail_twice(each);
      to.push_back(std::move(each));
    }
  }

  /// One name for what releases call differently.
  static std::string canonical(std::string name) {
    if (name == "builtin.func") return "func.func";
    if (name == "std.return") return "func.return";
    return name;
  }

  void check_counts(const operation& made) const {
    if (made.operands.size() != made.operand_types.size()) {
      fail_at(in_.file(), made.at, "found ", made.operand_types.size(), " types for ",
              made.operands.size(), " operands of ", in_quotes(made.name), ", expected one each");
    }
    if (made.results.size() != made.result_types.size()) {
      fail_at(in_.file(), made.at, "found ", made.result_types.size(), " types for ",
              made.results.size(), " results of ", in_quotes(made.name), ", expected one each");
    }
  }

  token_reader in_;
  attribute_parser attributes_;
  int depth_ = 0;
};

}  // namespace detail

/// The operations of a text, in their order: as a rule one, the module. `file` stands for the text
/// in messages. @throws octavo::error `<file>:<line>:<column>: found ..., expected ...`.
inline std::vector<operation> parse(std::string_view text, const std::string& file) {
  return detail::parser(text, file).run();
}

}  // namespace octavo::inline v0::io::mlir
