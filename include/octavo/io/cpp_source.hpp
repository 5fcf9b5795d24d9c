// SPDX-License-Identifier: MIT
/// @file
/// A quantized model as C++: the text of one header for targets without heap, files and exceptions.
///
///     const std::string text = octavo::io::to_cpp_source(model, {.name_space = "small"});
///     octavo::io::write_file("small.hpp", octavo::io::as_bytes(text));
///
/// The header has the integers as constants, and run(), a straight line of reference ops on memory
/// of the caller's. Whoever includes it needs the reference ops' headers and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/graph/arena.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/io/cpp_source/calls.hpp"
#include "octavo/io/cpp_source/constants.hpp"
#include "octavo/io/cpp_source/expressions.hpp"
#include "octavo/io/cpp_source/line_filler.hpp"
#include "octavo/io/cpp_source/names.hpp"
#include "octavo/io/real_text.hpp"
#include "octavo/model/fuse.hpp"
#include "octavo/model/quantized_model.hpp"
#include "octavo/model/validate.hpp"

namespace octavo::inline v0::io {

/// What to_cpp_source() can be told.
struct cpp_source_options {
  std::string name_space = "network";  ///< of all that is in the header: one identifier
};

namespace cpp {

/// Tensors begin at multiples of this many bytes, so that words can be copied into them where the
/// arena is aligned. The reference ops need no alignment.
inline constexpr int arena_alignment = 4;

/// The graph that the header runs and where its tensors lie. Fused as far as there is something to
/// fuse: no byte of the tensors that remain is another, and each of the others is memory saved.
struct source_plan {
  graph net;
  arena_plan<std::vector<node>> arena;
};

inline source_plan make_source_plan(const quantized_model& model) {
  source_plan made = {fuse(model, fusion::relu_add), {}};
  made.arena = plan_arena(made.net, arena_alignment);
  return made;
}

/// Writes the parts of a header one after the other. A model that has passed validate().
class source_writer {
 public:
  source_writer(const quantized_model& model, const cpp_source_options& options)
      : model_(model),
        options_(options),
        plan_(make_source_plan(model)),
        net_(plan_.net),
        input_(sole_input(net_)) {}

  std::string run() {
    head();
    text_ += concat_text("namespace ", options_.name_space, " {\n\n");
    interface();
    for (const node& each : net_) append_constants(text_, model_, each.from.params);
    body();
    text_ += concat_text("\n}  // namespace ", options_.name_space, "\n");
    return std::move(text_);
  }

 private:
  static constexpr std::string_view accessors = R"(
/// Where the image goes before each run. The run overwrites it.
constexpr octavo::tensor_view<std::int8_t> input(
    std::span<std::int8_t, arena_bytes> arena) noexcept {
  return {arena.data() + input_offset, input_shape};
}

/// Where a run leaves its results.
constexpr octavo::tensor_view<const std::int8_t> output(
    std::span<const std::int8_t, arena_bytes> arena, std::size_t index = 0) noexcept {
  return {arena.data() + output_offsets[index], output_shapes[index]};
}

)";

  void head() {
    std::size_t weights = 0;
    for (const op_params& each : model_.params) weights += each.weights.size();
    text_ +=
        "// Written by octavo::io::to_cpp_source from a quantized model: change that one.\n//\n";
    append_lines(text_, "// ",
                 concat_text("Scheme ", to_string(model_.scheme), ", ", weights, " weights, ",
                             multiply_adds(net_), " multiply-adds. Ops bear the numbers that they ",
                             "have in the model's graph. Compile it with NDEBUG defined: asserts "
                             "check every call otherwise."),
                 "// ");
    text_ += "#pragma once\n\n#include <cstddef>\n#include <cstdint>\n";
    std::set<std::string> headers = {"core/tensor.hpp"};
    for (const node& each : net_) {
      if (each.kind != op::input) headers.insert(header_of(each.kind));
      if (each.residual_operand >= 0) headers.insert(header_of(op::add));
    }
    for (const std::string& each : headers) text_ += concat_text("#include <octavo/", each, ">\n");
    text_ += "#include <span>\n\n";
  }
  static std::string header_of(op kind) {
    return concat_text("reference/", to_string(kind), ".hpp");
  }

  double threshold(std::size_t i) const {
    return model_.thresholds[static_cast<std::size_t>(net_[i].from.tensor)];
  }

  /// inline constexpr TYPE NAME = VALUE;
  void constant(std::string_view type_and_name, std::string_view value) {
    append_lines(text_, "inline constexpr ", concat_text(type_and_name, " = ", value, ";"), "    ");
  }
  /// An array with item(node) of each output of the graph.
  template <class Item>
  void each_output(std::string_view type_and_name, const Item& item) {
    std::string list;
    for (const int i : net_.outputs) append_item(list, item(static_cast<std::size_t>(i)));
    constant(concat_text(type_and_name, "[output_count]"), concat_text("{", list, "}"));
  }

  void interface() {
    text_ += "// Tensors are NCHW, and the int8 q in them stands for q * threshold / 128.\n";
    constant("octavo::shape input_shape", to_expression(net_[input_].shape));
    constant("double input_threshold", real_text(threshold(input_)));
    constant("std::size_t output_count", std::to_string(net_.outputs.size()));
    each_output("octavo::shape output_shapes",
                [&](std::size_t i) { return to_expression(net_[i].shape); });
    each_output("double output_thresholds", [&](std::size_t i) { return real_text(threshold(i)); });
    text_ +=
        "\n// All the memory that a run needs. It is the caller's, who owes it nothing between two "
        "runs.\n";
    constant("std::size_t arena_bytes", std::to_string(plan_.arena.size));
    constant("std::size_t input_offset", std::to_string(plan_.arena.tensors[input_].offset));
    each_output("std::size_t output_offsets",
                [&](std::size_t i) { return std::to_string(plan_.arena.tensors[i].offset); });
    text_ += accessors;
  }

  /// NUMBER 'NAME' OP for each op that a node computes: from the last one back to the first.
  std::string ops_of(const node& of) const {
    std::set<int> ops = {of.from.params};
    for (int each = of.from.tensor; each != of.from.params;) {
      ops.insert(each);
      const int operand = each == of.from.add ? 1 - of.residual_operand : 0;
      each = model_.graph[static_cast<std::size_t>(each)].src[static_cast<std::size_t>(operand)];
    }
    std::string text;
    for (const int each : ops) append_item(text, in_comment(model_.graph, each));
    return text;
  }

  bool is_read(std::size_t index) const {
    for (const node& reader : net_) {
      for (const int src : reader.src) {
        if (src == static_cast<int>(index)) return true;
      }
    }
    return false;
  }

  /// The tensor that a node writes, or the input's.
  void view(std::size_t i) {
    const std::string where = concat_text("{arena.data() + ", plan_.arena.tensors[i].offset, ", ",
                                          to_expression(net_[i].shape), "}");
    append_lines(text_, "  const octavo::tensor_view<std::int8_t> ",
                 concat_text(name_of(model_.graph, net_[i].from.tensor), " = ",
                             i == input_ ? "input(arena)" : where, ";"),
                 "      ");
  }

  void body() {
    text_ +=
        "/// Runs the network on what lies in input(arena).\n"
        "constexpr void run(std::span<std::int8_t, arena_bytes> arena) noexcept {\n";
    bool has_ops = false;
    for (std::size_t i = 0; i < net_.size(); ++i) {
      const bool is_input = net_[i].kind == op::input;
      has_ops = has_ops || !is_input;
      if (is_input && !is_read(i)) continue;  // a view that nobody uses is a warning
      append_lines(text_, has_ops ? "\n  // " : "  // ", ops_of(net_[i]), "  // ");
      view(i);
      text_ += node_calls(model_, net_, net_[i]).run();
    }
    if (!has_ops) text_ += "  static_cast<void>(arena);  // there are no ops\n";
    text_ += "}\n";
  }

  const quantized_model& model_;
  const cpp_source_options& options_;
  source_plan plan_;
  const graph& net_;  ///< the plan's
  std::size_t input_;
  std::string text_ = {};
};

}  // namespace cpp

/// The text of a header that runs the model: constants for shapes, thresholds and memory, the
/// functions input(), output() and run(), all in one namespace. run() allocates nothing, keeps
/// nothing, and gives the bytes that interpret() gives; also at compile time.
///
/// Lines have 100 characters, a weight takes about 4 in them: meant for networks of up to some
/// million weights.
/// @throws octavo::error where the model fails validate(), has not exactly one input, or the
/// namespace is no identifier of the user's own.
inline std::string to_cpp_source(const quantized_model& model,
                                 const cpp_source_options& options = {}) {
  cpp::check_namespace(options.name_space);
  validate(model);
  return cpp::source_writer(model, options).run();
}

}  // namespace octavo::inline v0::io
