// SPDX-License-Identifier: MIT
// npz_list, npz_dump, npz_to_bin: what a .npz file holds.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "array_text.hpp"
#include "commands.hpp"
#include "npz_file.hpp"
#include "octavo/io/bytes.hpp"
#include "raw_file.hpp"

namespace octavo::examples {
namespace {

struct npz_options {
  std::string file = {};
  std::string name = {};
  std::int64_t count = 0;            ///< K
  std::vector<std::string> to = {};  ///< [OUT.bin] [TYPE]
  std::string out = {};              ///< as found in `to`
  const raw_type* type = nullptr;    ///< as found in `to`; nullptr: the array's own
};

int npz_list(const npz_options& wanted) {
  const io::npz_reader reader{std::filesystem::path(wanted.file)};
  for (const std::string& name : reader.names()) std::printf("%s\n", shown_name(name).c_str());
  return 0;
}

int npz_dump(const npz_options& wanted) {
  const io::npy_array array = read_array(wanted.file, wanted.name);
  std::fputs(array_text(array, wanted.count, /*with_type=*/true).c_str(), stdout);
  return 0;
}

int npz_to_bin(const npz_options& wanted) {
  const io::npy_array array = read_array(wanted.file, wanted.name);
  const std::string label = concat_text(wanted.file, ": array ", in_quotes(wanted.name));
  const io::byte_vector bytes =
      wanted.type == nullptr ? array.data : raw_bytes(array, *wanted.type, label);
  io::write_file(wanted.out, bytes);
  const std::string_view type =
      wanted.type == nullptr ? io::name_of(array.type) : wanted.type->name;
  std::printf("%s: %s %s, %zu bytes\n", wanted.out.c_str(), std::string(type).c_str(),
              tuple_text(array.shape).c_str(), bytes.size());
  return 0;
}

/// OUT.bin and TYPE, either of which may be left out: a single word that is a type is one.
void sort_out(npz_options& wanted) {
  std::vector<std::string>& to = wanted.to;
  if (to.size() == 2 || (to.size() == 1 && find_raw_type(to[0]) != nullptr)) {
    wanted.type = find_raw_type(to.back());
    if (wanted.type == nullptr) {
      try {
        parse_raw_type(to.back());
      } catch (const error& why) {
        throw CLI::ValidationError("TYPE", why.what());
      }
    }
    to.pop_back();
  }
  if (!to.empty()) {
    wanted.out = to[0];
  } else if (wanted.name.find('/') != std::string::npos) {
    throw CLI::ValidationError("OUT.bin", "is needed where the array's name has a slash in it");
  } else {
    wanted.out = wanted.name + ".bin";
  }
}

}  // namespace

void add_npz_commands(CLI::App& app, command& chosen) {
  const auto wanted = std::make_shared<npz_options>();
  CLI::App* list = app.add_subcommand("npz_list", "Print the names of the arrays in a .npz file");
  list->add_option("FILE", wanted->file, "The .npz file")->required();
  list->callback([&chosen, wanted] { chosen = [wanted] { return npz_list(*wanted); }; });

  CLI::App* dump = app.add_subcommand("npz_dump", "Print an array as NumPy does");
  dump->add_option("FILE", wanted->file, "The .npz file")->required();
  CLI::Option* name = dump->add_option("NAME", wanted->name, "The array; without: list the names");
  add_count(*dump, wanted->count);
  dump->callback([&chosen, wanted, name] {
    const bool lists = name->count() == 0;
    chosen = [wanted, lists] { return lists ? npz_list(*wanted) : npz_dump(*wanted); };
  });

  CLI::App* to_bin = app.add_subcommand("npz_to_bin", "Write an array as a raw file");
  to_bin->add_option("FILE", wanted->file, "The .npz file")->required();
  to_bin->add_option("NAME", wanted->name, "The array")->required();
  to_bin
      ->add_option("TO", wanted->to,
                   "OUT.bin, without: NAME.bin in this folder; TYPE, without: the array's own: "
                   "int8, uint8, int16, int32, bf16 or float32")
      ->expected(0, 2)
      ->type_name("[OUT.bin] [TYPE]");
  to_bin->footer("npz_to_bin all.npz data_quant\nnpz_to_bin all.npz data_quant input.bin int8");
  to_bin->callback([&chosen, wanted] {
    sort_out(*wanted);
    chosen = [wanted] { return npz_to_bin(*wanted); };
  });
}

}  // namespace octavo::examples
