// SPDX-License-Identifier: MIT
// bin_dump, bin_extract, bin_fp32_to_int8: raw tensor files.
#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "array_text.hpp"
#include "commands.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/quant/activation.hpp"
#include "raw_file.hpp"

namespace octavo::examples {
namespace {

struct bin_options {
  std::string from = {};
  std::string to = {};
  raw_type type = raw_types[0];
  std::vector<std::int64_t> extents = {};
  std::int64_t count = 0;  ///< K
  std::optional<double> threshold = {};
  std::vector<std::string> part = {};  ///< [TYPE] OFFSET SIZE
  std::uint64_t offset = 0;            ///< bytes; from `part`
  std::uint64_t size = 0;              ///< elements; from `part`
};

int bin_dump(const bin_options& wanted) {
  const io::npy_array array = read_raw(wanted.from, wanted.type, wanted.extents);
  std::fputs(array_text(array, wanted.count, /*with_type=*/false).c_str(), stdout);
  return 0;
}

int bin_extract(const bin_options& wanted) {
  io::byte_source source{std::filesystem::path(wanted.from)};
  const std::uint64_t room =
      wanted.offset <= source.size() ? (source.size() - wanted.offset) / wanted.type.size : 0;
  // No product of the two is taken before it is known to be inside the file.
  if (wanted.offset > source.size() || wanted.size > room) {
    fail(source.name(), ": has ", source.size(), " bytes, expected ", wanted.size, " elements of ",
         wanted.type.name, " at offset ", wanted.offset);
  }
  io::byte_vector bytes = io::make_bytes(wanted.size * wanted.type.size, source.name());
  source.read(wanted.offset, bytes, "the part");
  io::write_file(wanted.to, bytes);
  std::printf("%s: %zu %s from offset %llu\n", wanted.to.c_str(), bytes.size(),
              bytes.size() == 1 ? "byte" : "bytes", static_cast<unsigned long long>(wanted.offset));
  return 0;
}

int bin_fp32_to_int8(const bin_options& wanted) {
  const io::npy_array array = read_raw(wanted.from, *find_raw_type("float32"), wanted.extents);
  const std::vector<float> values = array.as<float>(wanted.from);
  io::byte_vector bytes;
  bytes.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_finite(values[i])) {
      fail(wanted.from, ": element ", i, " at offset ", 4 * i, " is ", element_text(array, i),
           ", expected a finite number");
    }
    const std::int8_t q =
        wanted.threshold ? quantize(values[i], *wanted.threshold) : round_to_int8(values[i]);
    bytes.push_back(static_cast<std::uint8_t>(q));
  }
  io::write_file(wanted.to, bytes);
  std::printf("%s: int8 %s, %zu bytes\n", wanted.to.c_str(), tuple_text(wanted.extents).c_str(),
              bytes.size());
  return 0;
}

double parse_threshold(const std::string& text) {
  const double threshold = parse_real(text);
  if (!is_threshold(threshold)) fail(in_quotes(text), ", expected a number above 0");
  return threshold;
}

/// [TYPE] OFFSET SIZE
void sort_out(bin_options& wanted) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string> words = wanted.part;
  try {
    if (words.size() == 3) {
      wanted.type = parse_raw_type(words[0]);
      words.erase(words.begin());
    }
    wanted.offset = static_cast<std::uint64_t>(parse_integer(words[0], 0, most));
    wanted.size = static_cast<std::uint64_t>(parse_integer(words[1], 1, most));
  } catch (const error& why) {
    throw CLI::ValidationError("[TYPE] OFFSET SIZE", why.what());
  }
}

}  // namespace

void add_bin_commands(CLI::App& app, command& chosen) {
  const auto wanted = std::make_shared<bin_options>();
  CLI::App* dump = app.add_subcommand("bin_dump", "Print a raw file as NumPy prints an array");
  dump->add_option("FILE", wanted->from, "The raw file")->required();
  add_type(*dump, wanted->type);
  add_extents(*dump, wanted->extents);
  add_count(*dump, wanted->count);
  dump->footer("bin_dump in.bin int8 1 3 224 224\nbin_dump out.bin float32 0 0 0 1000 5");
  dump->callback([&chosen, wanted] { chosen = [wanted] { return bin_dump(*wanted); }; });

  CLI::App* extract = app.add_subcommand("bin_extract", "Write a part of a raw file as another");
  extract->add_option("FROM", wanted->from, "The raw file")->required();
  extract->add_option("TO", wanted->to, "The file to write")->required();
  extract
      ->add_option("PART", wanted->part,
                   "TYPE (without: int8), OFFSET in bytes, SIZE in elements; decimal or 0x")
      ->required()
      ->expected(2, 3)
      ->type_name("[TYPE] OFFSET SIZE");
  extract->footer(
      "bin_extract out.bin conv1.bin int8 24739824 802816\n"
      "bin_extract out.bin conv1.bin 0x01797ff0 802816");
  extract->callback([&chosen, wanted] {
    sort_out(*wanted);
    chosen = [wanted] { return bin_extract(*wanted); };
  });

  CLI::App* to_int8 = app.add_subcommand(
      "bin_fp32_to_int8", "Quantize a raw float32 file: x * 128 / THRESHOLD, rounded and clamped");
  to_int8->add_option("IN", wanted->from, "The raw float32 file")->required();
  to_int8->add_option("OUT", wanted->to, "The int8 file to write")->required();
  add_extents(*to_int8, wanted->extents);
  add_choice(*to_int8, "THRESHOLD", wanted->threshold,
             "The magnitude that -128 stands for; without: round and clamp alone", parse_threshold);
  to_int8->footer("bin_fp32_to_int8 in.bin out.bin 1 3 224 224 161.008056641");
  to_int8->callback([&chosen, wanted] { chosen = [wanted] { return bin_fp32_to_int8(*wanted); }; });
}

}  // namespace octavo::examples
