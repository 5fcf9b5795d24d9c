// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "calibration.hpp"
#include "check_output.hpp"
#include "comparison.hpp"
#include "float_weights.hpp"
#include "jobs.hpp"
#include "make_int8.hpp"
#include "octavo/io/float_model_file.hpp"
#include "octavo/io/scheme_table_file.hpp"
#include "octavo/io/weights_file.hpp"
#include "outputs.hpp"
#include "page.hpp"
#include "stopwatch.hpp"
#include "table_notes.hpp"

namespace octavo::examples {
namespace {

/// The moves that schemes and corrections allow. @throws octavo::error for a wrong layer's name.
tensor_moves possible_moves(const options& wanted, const quantizer_material& from) {
  const graph& net = from.source.graph;
  const std::vector<scheme> kinds = schemes_of(net, from.layer_schemes, *wanted.scheme);
  return corrections_of(wanted).full_range ? find_tensor_moves(net, kinds)
                                           : no_tensor_moves(net.size());
}

/// Reads or finds out what make_int8() needs.
quantizer_material gather(const options& wanted, const float_model& source,
                          const picture_list& pictures, const picture_preset& preset) {
  quantizer_material from{.source = source};
  if (!pictures.empty()) {
    from.images = source_of(pictures, preset);
    from.corrected_on = correction_images(pictures, preset);
  }
  if (!wanted.layer_schemes.empty()) {
    from.layer_schemes = io::read_scheme_table(wanted.layer_schemes);
  }
  from.moves = possible_moves(wanted, from);
  if (wanted.table.empty()) {
    from.histograms = find_histograms(wanted, source, from.images);
  } else {
    from.moves = moves_of_table(source.graph, from.moves, corrections_of(wanted), wanted.table);
    from.table = io::read_calibration_table(wanted.table);
  }
  return from;
}

/// Equalizes the float network where that is wanted, and saves it where that is.
void prepare(float_model& source, const options& wanted, const picture_list& pictures,
             const picture_preset& preset) {
  if (corrections_of(wanted).equalize) {
    source = equalized(source, correction_images(pictures, preset), is_per_channel(*wanted.scheme));
  }
  if (wanted.save_float.empty()) return;
  const known_network& known = networks::find(wanted.net);
  io::save_float_model(source, known.naming_of(io::open_weights(wanted.model)), wanted.save_float);
}

void print_network(const options& wanted, const int8_network& made) {
  const quantized_model& model = made.model;
  std::size_t layers = 0;
  for (const node& op_node : model.graph) layers += has_weights(op_node.kind) ? 1 : 0;
  std::printf("network:      %s, %zu layers with weights, %zu tensors\n",
              network_name(wanted).c_str(), layers, model.graph.size());
  std::printf("scheme:       %s\n", std::string(to_string(model.scheme)).c_str());
  if (wanted.table.empty()) {
    std::printf("thresholds:   %s\n", thresholds_text(wanted, ",").c_str());
  } else {
    std::printf("thresholds:   %s\n", wanted.table.string().c_str());
  }
  if (made.moves.groups > 0) {
    std::printf("full range:   %s\n", moved_text(made.moves).c_str());
  }
}

/// The folder's files and the page: all of them, or none.
void write_all(const options& wanted, const quantizer_material& from, const int8_network& made,
               const std::optional<compare::report>& comparison) {
  file_set files;
  add_outputs(wanted, made, comparison, files);
  const bool reports = !wanted.report.empty();
  const std::size_t page_size = reports ? add_page(wanted, from, made, comparison, files) : 0;
  files.commit();
  std::printf("written:      %s\n", model_path(wanted).string().c_str());
  if (!reports) return;
  std::printf("report:       %s (%zu bytes)\n", wanted.report.string().c_str(), page_size);
}

}  // namespace

void quantize_network(const options& wanted) {
  const stopwatch watch;
  const picture_list pictures = wanted.images.empty() ? picture_list{} : list_pictures(wanted);
  float_model source = load_float_network(wanted);
  const picture_preset preset =
      pictures.empty() ? picture_preset{} : preset_for(wanted, source.graph, wanted.model);
  prepare(source, wanted, pictures, preset);
  make_folder(wanted.out);
  check_output(wanted.report);  // which may lie in that folder
  const quantizer_material from = gather(wanted, source, pictures, preset);
  const int8_network made = make_int8(from, wanted);
  print_network(wanted, made);
  std::optional<compare::report> comparison;
  if (!pictures.empty() && wanted.compare_images > 0) {
    comparison = compare_on(wanted, pictures, preset, made);
    print_comparison(*comparison);
  }
  write_all(wanted, from, made, comparison);
  std::printf("time:         %s\n", time_text(watch.seconds()).c_str());
}

void calibrate_round(const options& wanted) { run_round(wanted, load_float_network(wanted)); }

}  // namespace octavo::examples
