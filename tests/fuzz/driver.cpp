// SPDX-License-Identifier: MIT
/// @file
/// Feeds a target, instead of libFuzzer, the files of its corpus and what becomes of them: DRIVER
/// FOLDER [RUNS]. Every truncation; every byte changed to a few values; RUNS random mutations and
/// splices. The same inputs in every run. Fails where a file of the corpus is refused, or nothing
/// is, and leaves an input that ends the program in the file `failed_input` of the current folder.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "octavo/io/bytes.hpp"
#include "support/random.hpp"
#include "target.hpp"

// The sanitizers call what this is given before they end the program. Null without them.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

using octavo::io::byte_vector;
using octavo::testing::random_source;

byte_vector current;  ///< the input that is being fed
std::size_t fed = 0;  ///< inputs, this one too

void keep_current() {
  std::FILE* const file = std::fopen("failed_input", "wb");
  if (file == nullptr) return;
  std::fwrite(current.data(), 1, current.size(), file);
  std::fclose(file);
  std::fprintf(stderr, "the input, %zu bytes, is in the file failed_input\n", current.size());
}

/// The target gets an allocation of just this size, so that the sanitizer sees every over-read.
void run(byte_vector input) {
  input.shrink_to_fit();
  current = std::move(input);
  ++fed;
  LLVMFuzzerTestOneInput(current.data(), current.size());
}

std::vector<byte_vector> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<byte_vector> files;
  for (const std::filesystem::path& path : paths) files.push_back(octavo::io::read_file(path));
  return files;
}

std::size_t any(std::size_t count, random_source& rng) {
  return static_cast<std::size_t>(rng.between(0, static_cast<std::int64_t>(count) - 1));
}

/// Every `step`-th length.
void feed_truncations(const byte_vector& file, std::size_t step) {
  for (std::size_t size = 0; size < file.size(); size += step) {
    run({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)});
  }
}

/// Every `step`-th byte: the least, the greatest, the next, the one before, one bit.
void feed_changed_bytes(const byte_vector& file, std::size_t step) {
  for (std::size_t at = 0; at < file.size(); at += step) {
    const unsigned truth = file[at];
    for (const unsigned other : {0U, 0xFFU, truth + 1, truth - 1, truth ^ 0x80U, truth ^ 0x10U}) {
      byte_vector changed = file;
      changed[at] = static_cast<std::uint8_t>(other);
      run(std::move(changed));
    }
  }
}

/// One change: of a byte, of a number, of the length, or a piece of another file.
void mutate(byte_vector& input, const byte_vector& other, random_source& rng) {
  constexpr std::uint64_t numbers[] = {0,         1,          0x7F,       0x80,
                                       0xFF,      0x7FFF,     0xFFFF,     0x7FFFFFFF,
                                       1U << 31U, UINT32_MAX, UINT64_MAX, INT64_MAX};
  const auto place = [&](const byte_vector& in) {
    return in.begin() + static_cast<std::ptrdiff_t>(any(in.size() + 1, rng));
  };
  switch (rng.integer(0, 5)) {
    case 0:
      if (!input.empty()) input[any(input.size(), rng)] = static_cast<std::uint8_t>(rng.bits());
      break;
    case 1: {
      const std::uint64_t number =
          rng.pick(numbers) + static_cast<std::uint64_t>(rng.integer(-1, 1));
      const std::size_t size = std::size_t{1} << any(4, rng);
      if (input.size() < size) break;
      const std::size_t at = any(input.size() - size + 1, rng);
      for (std::size_t i = 0; i < size; ++i) {
        input[at + i] = static_cast<std::uint8_t>(number >> (8 * i));
      }
      break;
    }
    case 2: {  // up to 16 bytes less
      const auto from = place(input);
      input.erase(from, from + std::min<std::ptrdiff_t>(input.end() - from, rng.integer(1, 16)));
      break;
    }
    case 3: {  // up to 64 bytes twice
      const std::size_t from = any(input.size() + 1, rng);
      const std::size_t count = std::min(input.size() - from, any(64, rng));
      const byte_vector piece(input.begin() + static_cast<std::ptrdiff_t>(from),
                              input.begin() + static_cast<std::ptrdiff_t>(from + count));
      input.insert(place(input), piece.begin(), piece.end());
      break;
    }
    case 4: {  // up to 64 bytes of another file
      const auto from = other.begin() + static_cast<std::ptrdiff_t>(any(other.size() + 1, rng));
      const auto count = std::min<std::ptrdiff_t>(other.end() - from, rng.integer(1, 64));
      input.insert(place(input), from, from + count);
      break;
    }
    default: {  // the start of this one and the end of another
      input.erase(place(input), input.end());
      input.insert(input.end(), place(other), other.end());
    }
  }
}

void feed_mutations(const std::vector<byte_vector>& files, std::size_t runs) {
  for (std::size_t i = 0; i < runs; ++i) {
    random_source rng(i);
    byte_vector input = files[any(files.size(), rng)];
    for (int changes = rng.integer(1, 4); changes > 0; --changes) {
      mutate(input, files[any(files.size(), rng)], rng);
    }
    run(std::move(input));
  }
}

int drive(const std::filesystem::path& folder, std::size_t runs) {
  const std::vector<byte_vector> files = read_corpus(folder);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const long before = octavo_fuzz::seen.accepted;
    run(files[i]);
    if (octavo_fuzz::seen.accepted > before) continue;
    std::fprintf(stderr, "file %zu of the corpus, in the order of names, is refused\n", i);
    return 1;
  }
  // All bytes of small files; of large ones as many as keep the time that RUNS sets.
  const std::size_t positions = runs / std::max<std::size_t>(files.size(), 1) + 1;
  for (const byte_vector& file : files) {
    const std::size_t step = file.size() / positions + 1;
    feed_truncations(file, step);
    feed_changed_bytes(file, step);
  }
  feed_mutations(files, runs);
  const auto& [accepted, refused] = octavo_fuzz::seen;
  std::printf("%zu files, %zu inputs: %ld values accepted, %ld refused\n", files.size(), fed,
              accepted, refused);
  if (!files.empty() && refused > 0) return 0;
  std::fputs("the corpus is empty, or nothing was refused\n", stderr);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fputs("usage: DRIVER FOLDER [RUNS]\n", stderr);
    return 2;
  }
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(keep_current);
  std::set_terminate([] {
    keep_current();
    std::abort();
  });
  constexpr std::size_t usual = 5000;
  return drive(argv[1], argc == 3 ? std::strtoul(argv[2], nullptr, 10) : usual);
}
