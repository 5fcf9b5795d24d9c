// SPDX-License-Identifier: MIT
// npz_compare, bin_compare: how near two runs are.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "array_text.hpp"
#include "commands.hpp"
#include "npz_file.hpp"
#include "octavo/compare/arrays.hpp"
#include "octavo/io/model_file.hpp"
#include "raw_file.hpp"

namespace octavo::examples {
namespace {

struct compare_options {
  std::string target = {};
  std::string reference = {};
  compare::array_options how = {};
  std::string model = {};  ///< npz_compare: the int8 target's
  std::string csv = {};
  raw_type type = raw_types[0];
  std::vector<std::int64_t> extents = {};
  std::int64_t count = 0;  ///< K
};

compare::real_array real_values(const io::npy_array& array, const std::string& label) {
  return {array.shape, array.as<double>(label)};
}

/// The extents from the first that is not 1.
std::vector<std::int64_t> without_ones(std::vector<std::int64_t> extents) {
  while (!extents.empty() && extents.front() == 1) extents.erase(extents.begin());
  return extents;
}

/// The arrays of a file. Where `other` has one of the same name whose shape differs in nothing but
/// ones in front, it is given that shape: a fully connected layer's output is (1, 1000) in a dump
/// of tensors and (1, 1, 1, 1000) in neuron memory.
compare::array_set arrays_of(const std::string& file, const std::shared_ptr<io::npz_reader>& reader,
                             const std::shared_ptr<io::npz_reader>& other) {
  const auto load = [=](const std::string& name) {
    compare::real_array array =
        real_values(reader->read(name), concat_text(file, ": array ", in_quotes(name)));
    if (other == nullptr || !other->contains(name)) return array;
    const std::vector<std::int64_t> wanted = other->header(name).shape;
    if (without_ones(wanted) == without_ones(array.shape)) array.shape = wanted;
    return array;
  };
  return {reader->names(), load};
}

/// In execution order, where a model says which that is: errors spread from the first on.
void sort_names(std::vector<std::string>& names, const quantized_model& model) {
  const auto place = [&model](const std::string& name) {
    int node = model.graph.find(name);
    if (node < 0) node = model.graph.find(name + "_quant");  // a float network's input
    return node < 0 ? model.graph.size() : static_cast<std::size_t>(node);
  };
  std::stable_sort(names.begin(), names.end(),
                   [&](const std::string& a, const std::string& b) { return place(a) < place(b); });
}

int npz_compare(const compare_options& wanted) {
  const auto target = std::make_shared<io::npz_reader>(std::filesystem::path(wanted.target));
  const auto reference = std::make_shared<io::npz_reader>(std::filesystem::path(wanted.reference));
  compare::array_options how = wanted.how;
  compare::array_set right = arrays_of(wanted.reference, reference, nullptr);
  calibration_table thresholds;
  if (!wanted.model.empty()) {
    const quantized_model model = io::load_model(wanted.model);
    thresholds = compare::threshold_table(model);
    how.thresholds = &thresholds;
    sort_names(right.names, model);
  }
  const compare::report all =
      compare::compare_arrays(right, arrays_of(wanted.target, target, reference), how);
  if (!wanted.csv.empty()) io::write_file(wanted.csv, io::as_bytes(to_csv(all)));
  std::fputs(to_text(all).c_str(), stdout);
  return exit_status(all);
}

void print_top(const std::string& file, const io::npy_array& array, std::int64_t count) {
  std::printf("%s\n%s", file.c_str(), top_text(array, count).c_str());
}

int bin_compare(const compare_options& wanted) {
  const io::npy_array target = read_raw(wanted.target, wanted.type, wanted.extents);
  const io::npy_array reference = read_raw(wanted.reference, wanted.type, wanted.extents);
  const auto set_of = [](const io::npy_array& array, const std::string& file) {
    return compare::array_set{
        {"tensor"}, [&array, file](const std::string&) { return real_values(array, file); }};
  };
  const compare::report all = compare::compare_arrays(set_of(reference, wanted.reference),
                                                      set_of(target, wanted.target), wanted.how);
  if (wanted.count > 0) {
    print_top(wanted.target, target, wanted.count);
    print_top(wanted.reference, reference, wanted.count);
  }
  const compare::report_row& row = all.rows.front();
  std::fputs(to_text(all).c_str(), stdout);
  if (!row.found->all_equal()) {
    const auto worst = static_cast<std::size_t>(row.found->worst.index);
    std::printf("%lld of %lld differ, most at %zu: %s and %s\n",
                static_cast<long long>(row.found->unequal),
                static_cast<long long>(row.found->elements), worst,
                element_text(target, worst).c_str(), element_text(reference, worst).c_str());
  }
  const int status = exit_status(all);
  std::printf("[%s] [%s] %s [%s]\n", wanted.target.c_str(), wanted.reference.c_str(),
              std::string(to_string(row.result)).c_str(), status == 0 ? "PASSED" : "FAILED");
  return status;
}

/// Relative: a number below 1, or, as the original had it, how many decimal digits must agree.
double parse_tolerance(const std::string& text) {
  const double value = parse_real(text);
  if (value >= 0 && value < 1) return value;
  if (value >= 1 && value <= 15 && value == std::floor(value)) return std::pow(10.0, -value);
  fail(in_quotes(text), ", expected a number in [0, 1) or digits in 1..15");
}

double parse_limit(const std::string& text) {
  const double value = parse_real(text);
  if (value < 0) fail(in_quotes(text), ", expected a number that is not negative");
  return value;
}

void add_limits(CLI::App& app, compare::tolerance& to) {
  add_choice(app, "--rtol", to.rtol, "CLOSE: |r - t| <= atol + rtol * |r|; without: 0.001",
             parse_limit);
  add_choice(app, "--atol", to.atol, "Without: 1e-8", parse_limit);
  add_choice(app, "--min-cosine", to.min_cosine, "SIMILAR: all three minima; without: 0.99",
             parse_real);
  add_choice(app, "--min-euclid", to.min_euclid, "Without: 0.9", parse_real);
  add_choice(app, "--min-sqnr", to.min_sqnr, "In dB; without: none", parse_real);
}

}  // namespace

void add_compare_commands(CLI::App& app, command& chosen) {
  const auto wanted = std::make_shared<compare_options>();
  CLI::App* npz = app.add_subcommand(
      "npz_compare", "Compare .npz files: EQUAL, CLOSE, SIMILAR, NOT_SIMILAR or NOT_MATCH");
  npz->add_option("TARGET", wanted->target, "The .npz file in question")->required();
  npz->add_option("REF", wanted->reference, "The .npz file that is right")->required();
  add_limits(*npz, wanted->how.limits);
  npz->add_option("--excepts", wanted->how.excluded, "Names that are not compared: a,b,c")
      ->delimiter(',')
      ->allow_extra_args(false);  // else it would take the file names behind it
  npz->add_flag("--common-only", wanted->how.common_only,
                "Names that one file alone has are left out instead of NOT_MATCH");
  npz->add_option("--model", wanted->model,
                  "TARGET is int8, of this quantized model (.octavo): q stands for q * t / 128");
  npz->add_option("--csv", wanted->csv, "Write the table here as well");
  npz->callback([&chosen, wanted] { chosen = [wanted] { return npz_compare(*wanted); }; });

  CLI::App* bin = app.add_subcommand("bin_compare", "Compare two raw files of one shape");
  bin->add_option("F1", wanted->target, "The raw file in question")->required();
  bin->add_option("F2", wanted->reference, "The raw file that is right")->required();
  add_type(*bin, wanted->type);
  add_extents(*bin, wanted->extents);
  add_count(*bin, wanted->count);
  add_choice(*bin, "TOL", wanted->how.limits.rtol,
             "Relative tolerance of CLOSE, or so many digits; without: 0.001", parse_tolerance);
  add_limits(*bin, wanted->how.limits);
  bin->callback([&chosen, wanted] { chosen = [wanted] { return bin_compare(*wanted); }; });
}

}  // namespace octavo::examples
