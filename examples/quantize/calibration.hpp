// SPDX-License-Identifier: MIT
/// @file
/// Ranges and histograms: from pictures, in two rounds on several machines, or from merged files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>

#include "octavo/calibrate/collect.hpp"
#include "octavo/core/fingerprint.hpp"
#include "octavo/io/calibration_part.hpp"
#include "options.hpp"
#include "picture_set.hpp"
#include "progress_bar.hpp"

namespace octavo::examples {

/// Runs one pass with a progress bar.
template <class Pass>
auto with_progress(const char* name, int threads, const Pass& pass) {
  progress_bar bar(name);
  auto made =
      pass(collect_options{.threads = threads, .progress = [&](int, std::size_t n, std::size_t of) {
                             bar.update(n, of);
                           }});
  bar.finish();
  return made;
}

inline tensor_ranges ranges_with_progress(const emulation::float_network& network,
                                          const image_source& images, int threads) {
  return with_progress("ranges", threads, [&](const collect_options& how) {
    return collect_ranges(network, images, how);
  });
}

inline tensor_histograms histograms_with_progress(const emulation::float_network& network,
                                                  const tensor_ranges& ranges,
                                                  const image_source& images, int threads) {
  return with_progress("histograms", threads, [&](const collect_options& how) {
    return collect_histograms(network, ranges, images, how);
  });
}

/// A whole of `kind` in a file. @throws octavo::error where it is another kind, a shard alone, or
/// not of this network.
inline io::part_file read_whole(const std::filesystem::path& path, part_kind kind,
                                std::uint32_t network) {
  io::part_file part = io::read_part(path, kind);
  if (part.identity.shard != shard{}) {
    fail(part.name, ": is shard ", to_text(part.identity.shard), " alone, expected all merged");
  }
  if (part.identity.network != network) fail(part.name, ": is of another network than --model");
  return part;
}

/// The histograms of --histograms, or by both passes over --images.
inline tensor_histograms find_histograms(const options& wanted, const float_model& source,
                                         const image_source& images) {
  if (!wanted.histograms.empty()) {
    return io::histograms_in(
        read_whole(wanted.histograms, part_kind::histograms, fingerprint_of(source)));
  }
  const emulation::float_network network(source);
  const tensor_ranges ranges = ranges_with_progress(network, images, wanted.threads);
  return histograms_with_progress(network, ranges, images, wanted.threads);
}

/// The merged ranges of the first round. @throws octavo::error where they are not of this set.
inline io::part_file read_ranges_for(const options& wanted, const part_identity& here) {
  io::part_file whole = read_whole(wanted.ranges, part_kind::ranges, here.network);
  if (whole.identity.images != here.images || whole.identity.files != here.files) {
    fail(whole.name, ": is of another set of images than ", wanted.images.string());
  }
  return whole;
}

/// One round of the calibration on one share, into the file of --part.
inline void run_round(const options& wanted, const float_model& source) {
  const picture_list pictures = list_pictures(wanted);
  part_identity here = {.kind = *wanted.round,
                        .shard = wanted.shard,
                        .images = pictures.size(),
                        .files = fingerprint_of(pictures),
                        .network = fingerprint_of(source)};
  const image_source images =
      source_of(share_of(pictures, wanted.shard), preset_for(wanted, source.graph, wanted.model));
  const emulation::float_network network(source);
  if (here.kind == part_kind::ranges) {
    const tensor_ranges found = ranges_with_progress(network, images, wanted.threads);
    io::write_part(wanted.part, here, io::serialize(found));
  } else {
    const tensor_ranges ranges = io::ranges_in(read_ranges_for(wanted, here));
    // Histograms over other ranges are other options; those of one set agree.
    here.options = crc32(io::serialize(ranges));
    const tensor_histograms found =
        histograms_with_progress(network, ranges, images, wanted.threads);
    io::write_part(wanted.part, here, io::serialize(found));
  }
  std::printf("part:         %s (%s, shard %s, %zu of %zu pictures)\n",
              wanted.part.string().c_str(), std::string(to_string(here.kind)).c_str(),
              to_text(here.shard).c_str(), images.count, pictures.size());
}

}  // namespace octavo::examples
