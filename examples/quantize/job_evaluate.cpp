// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "check_output.hpp"
#include "engines.hpp"
#include "evaluation.hpp"
#include "evaluation_part.hpp"
#include "float_weights.hpp"
#include "jobs.hpp"
#include "labelled_set.hpp"
#include "octavo/calibrate/tensor_moves.hpp"
#include "octavo/compare/text.hpp"
#include "octavo/core/for_each_index.hpp"
#include "octavo/emulation/float_network.hpp"
#include "octavo/io/model_file.hpp"
#include "progress_bar.hpp"

namespace octavo::examples {
namespace {

/// The networks that answer.
struct contestants {
  picture_preset preset = {};
  std::vector<int8_classifier> int8 = {};  ///< one a worker
  std::optional<emulation::float_network> real = {};
};

ranking ask_float(const emulation::float_network& network, const tensor<float>& picture,
                  std::size_t label) {
  const auto output = static_cast<std::size_t>(network.graph().outputs[0]);
  ranking found;
  network.run(picture, [&](std::size_t index, const tensor<float>& written) {
    if (index == output) found = rank_of(std::span(written.values), label);
  });
  return found;
}

outcome ask(const contestants& who, std::size_t worker, const labelled_picture& picture,
            bool skip_damaged) {
  tensor<float> input;
  try {
    input = load_input(picture.file, who.preset);
  } catch (const error&) {
    if (!skip_damaged) throw;
    return {.damaged = true};
  }
  const std::vector<std::int8_t> logits = who.int8[worker](input);
  outcome seen{.int8 = rank_of(std::span(logits), picture.label)};
  if (who.real) seen.real = ask_float(*who.real, input, picture.label);
  return seen;
}

/// "top-1 73.1 %, float 73.4 %"
std::string running_figure(const evaluation& so_far) {
  if (so_far.pictures == 0) return {};
  const auto share = [&](std::int64_t right) {
    return compare::detail::fixed_text(
        100 * static_cast<double>(right) / static_cast<double>(so_far.pictures), 1);
  };
  std::string text = "top-1 " + share(so_far.int8_top1) + " %";
  if (so_far.has_float) text += ", float " + share(so_far.float_top1) + " %";
  return text;
}

/// One outcome a picture, in the order of the set whatever the threads.
std::vector<outcome> ask_all(const options& wanted, const contestants& who,
                             const labelled_set& pictures) {
  std::vector<outcome> outcomes(pictures.size());
  evaluation so_far{.has_float = who.real.has_value()};
  progress_bar bar("evaluation");
  std::mutex mutex;
  for_each_index(pictures.size(), wanted.threads, [&](std::size_t worker, std::size_t i) {
    outcomes[i] = ask(who, worker, pictures[i], wanted.skip_damaged);
    const std::lock_guard lock(mutex);
    so_far.add(outcomes[i]);
    bar.update(static_cast<std::size_t>(so_far.pictures + so_far.damaged), pictures.size(),
               running_figure(so_far));
  });
  bar.finish();
  return outcomes;
}

std::string csv_of(const labelled_set& pictures, const std::vector<outcome>& outcomes) {
  std::string text = "file,class,float_top1,int8_top1,float_rank,int8_rank\n";
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const outcome& seen = outcomes[i];
    std::vector<std::string> fields(6);
    fields[0] = pictures[i].name;
    fields[1] = std::to_string(pictures[i].label);
    if (!seen.damaged) {
      fields[3] = std::to_string(seen.int8.first);
      fields[5] = std::to_string(seen.int8.rank);
    }
    if (seen.real) {
      fields[2] = std::to_string(seen.real->first);
      fields[4] = std::to_string(seen.real->rank);
    }
    text += compare::detail::csv_line(fields);
  }
  return text;
}

void write_evaluation_part(const options& wanted, const evaluation& counts, const labelled_set& all,
                           const quantized_model& model, std::uint32_t float_network) {
  fingerprint choices;
  choices.add(static_cast<std::uint8_t>(wanted.skip_damaged));
  choices.add(float_network);
  const part_identity here = {.kind = part_kind::evaluation,
                              .shard = wanted.shard,
                              .images = all.size(),
                              .files = fingerprint_of(all),
                              .network = crc32(io::serialize(model)),
                              .options = choices.value()};
  io::write_part(wanted.part, here, serialize(counts));
  std::printf("part:         %s (evaluation, shard %s, %lld of %zu pictures)\n",
              wanted.part.string().c_str(), to_text(wanted.shard).c_str(),
              static_cast<long long>(counts.pictures + counts.damaged), all.size());
}

/// The int8 network's graph is that of --net, or nothing can be compared.
void check_net(const options& wanted, const quantized_model& model) {
  if (wanted.net.empty()) return;
  if (is_same_but_moved(model.graph, networks::find(wanted.net).make(1))) return;
  const known_network* found = find_known(model.graph);
  fail(wanted.int8.string(), ": is ", found != nullptr ? found->name : "another network",
       ", expected ", wanted.net);
}

/// The float network, which must be the int8 one's.
float_model load_float_form(const options& wanted, const quantized_model& model) {
  float_model source = load_float_network(wanted);
  if (is_same_but_moved(model.graph, source.graph)) return source;
  fail(wanted.model.string(), ": is another network than ", wanted.int8.string());
}

}  // namespace

void evaluate_network(const options& wanted) {
  check_output(wanted.csv);
  check_output(wanted.part);
  const quantized_model model = io::load_model(wanted.int8);
  const auto output = static_cast<std::size_t>(model.graph.outputs[0]);
  const auto classes = static_cast<std::size_t>(model.graph[output].shape.elements_per_image());
  check_net(wanted, model);
  contestants who{.preset = preset_for(wanted, model.graph, wanted.int8)};
  labelled_set all = read_labelled_set(wanted.evaluate, wanted.labels, classes);
  if (wanted.count) all = evenly_chosen(all, *wanted.count);
  const labelled_set mine = share_of(all, wanted.shard);
  std::uint32_t float_fingerprint = 0;
  if (!wanted.model.empty()) {
    const float_model source = load_float_form(wanted, model);
    float_fingerprint = fingerprint_of(source);
    who.real.emplace(source);
  }
  who.int8 = make_classifiers(model, workers_for(mine.size(), wanted.threads));
  const std::vector<outcome> outcomes = ask_all(wanted, who, mine);
  evaluation counts{.has_float = who.real.has_value()};
  for (const outcome& seen : outcomes) counts.add(seen);
  if (!wanted.csv.empty()) io::write_file(wanted.csv, io::as_bytes(csv_of(mine, outcomes)));
  if (!wanted.part.empty()) {
    write_evaluation_part(wanted, counts, all, model, float_fingerprint);
  } else {
    std::fputs(to_text(counts).c_str(), stdout);
  }
}

}  // namespace octavo::examples
