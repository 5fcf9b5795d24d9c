// SPDX-License-Identifier: MIT
// show: a tensor as a picture.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "array_text.hpp"
#include "commands.hpp"
#include "heat_map.hpp"
#include "npz_file.hpp"
#include "raw_file.hpp"

namespace octavo::examples {
namespace {

struct show_options {
  std::string file = {};
  std::vector<std::string> what = {};  ///< NAME, or TYPE N C H W
  std::string out = {};
  photo_options photo = {};
  bool heat = false;
  raw_type type = raw_types[0];            ///< from `what`
  std::vector<std::int64_t> extents = {};  ///< from `what`; empty where it is a NAME
};

int show(const show_options& wanted) {
  const bool raw = !wanted.extents.empty();
  const io::npy_array array = raw ? read_raw(wanted.file, wanted.type, wanted.extents)
                                  : read_array(wanted.file, wanted.what[0]);
  const std::string name =
      raw ? wanted.file : concat_text(wanted.file, ": array ", in_quotes(wanted.what[0]));
  const plane_stack stack = planes_of(array, name);
  const bool asked = wanted.photo.bgr || !wanted.photo.mean.empty();
  const bool photo = !wanted.heat && (asked || detail::is_picture(array));
  const report::picture made = photo ? draw_photo(stack, wanted.photo) : draw_heat_maps(stack);
  io::write_file(wanted.out, report::encode_png(made));
  std::printf(
      "%s: %d x %d pixels, %s of %s\n", wanted.out.c_str(), made.width, made.height,
      photo ? "a photo"
            : concat_text(stack.planes, stack.planes == 1 ? " heat map" : " heat maps").c_str(),
      tuple_text(array.shape).c_str());
  return 0;
}

void sort_out(show_options& wanted) {
  const std::vector<std::string>& words = wanted.what;
  if (words.size() == 1) return;
  if (words.size() != 5) {
    throw CLI::ValidationError("NAME", "or TYPE N C H W expected behind the file");
  }
  try {
    wanted.type = parse_raw_type(words[0]);
    wanted.extents = parse_extents({words.begin() + 1, words.end()});
  } catch (const error& why) {
    throw CLI::ValidationError("TYPE N C H W", why.what());
  }
}

std::vector<double> parse_mean(const std::string& text) {
  std::vector<double> mean = parse_reals(text);
  if (mean.size() != 3) fail(in_quotes(text), ", expected three numbers a,b,c");
  return mean;
}

}  // namespace

void add_show_command(CLI::App& app, command& chosen) {
  const auto wanted = std::make_shared<show_options>();
  CLI::App* show_it = app.add_subcommand(
      "show", "Draw a tensor: a heat map for each channel, or the photo that three channels are");
  show_it->add_option("FILE", wanted->file, "A .npz file or a raw one")->required();
  show_it->add_option("WHAT", wanted->what, "The array's NAME, or TYPE N C H W of a raw file")
      ->required()
      ->expected(1, 5)
      ->type_name("NAME | TYPE N C H W");
  show_it->add_option("-o,--out", wanted->out, "The PNG file to write")->required();
  CLI::Option* heat =
      show_it->add_flag("--heat", wanted->heat, "Heat maps of what would be a photo, too");
  show_it->add_flag("--bgr", wanted->photo.bgr, "A photo's channels are blue, green, red")
      ->excludes(heat);
  add_choice(*show_it, "--mean", wanted->photo.mean,
             "a,b,c is added to a photo's channels; without: its range becomes 0..255", parse_mean);
  show_it->get_option("--mean")->excludes(heat);
  show_it->footer(
      "show all.npz pool1 -o pool1.png\n"
      "show in.bin float32 1 3 224 224 -o in.png --bgr --mean 104.01,116.67,122.68");
  show_it->callback([&chosen, wanted] {
    sort_out(*wanted);
    chosen = [wanted] { return show(*wanted); };
  });
}

}  // namespace octavo::examples
