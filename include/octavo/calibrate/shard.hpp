// SPDX-License-Identifier: MIT
/// @file
/// A set of images shared out among machines: which images are whose, and whether the partial
/// results that come back make one whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/core/fingerprint.hpp"
#include "octavo/core/parse_number.hpp"
#include "octavo/model/float_model.hpp"

namespace octavo::inline v0 {

/// More would not keep the sums of 64-bit counts in range.
inline constexpr std::uint32_t max_shards = 1U << 16U;

/// Share `index` of `count`, 1 <= index <= count <= max_shards. {1, 1} is the whole set.
struct shard {
  std::uint32_t index = 1;
  std::uint32_t count = 1;

  friend constexpr bool operator==(const shard&, const shard&) = default;
};

/// Whether it is one: 1 <= index <= count <= max_shards.
constexpr bool is_shard(const shard& share) {
  return share.index >= 1 && share.index <= share.count && share.count <= max_shards;
}

/// "2/4"
inline std::string to_text(const shard& share) {
  return concat_text(share.index, "/", share.count);
}

/// @throws octavo::error for anything but two numbers, 1 <= i <= n <= max_shards, as "i/n".
inline shard parse_shard(std::string_view text) {
  using detail::parse_number;
  shard share;
  const std::size_t slash = text.find('/');
  const bool read = slash != std::string_view::npos &&
                    parse_number(text.substr(0, slash), share.index) &&
                    parse_number(text.substr(slash + 1), share.count);
  if (read && is_shard(share)) return share;
  fail("shard ", in_quotes(text), ", expected i/n with 1 <= i <= n <= ", max_shards);
}

/// The images of a share: every count-th one, so that a sorted set is dealt out evenly.
/// @throws octavo::error where there are none.
inline std::vector<std::size_t> images_of(const shard& share, std::size_t images) {
  std::vector<std::size_t> mine;
  for (std::size_t i = share.index - 1; i < images; i += share.count) mine.push_back(i);
  if (mine.empty()) fail("shard ", to_text(share), " is empty: the set has ", images, " images");
  return mine;
}

/// What a partial result is about.
enum class part_kind : std::uint8_t {
  ranges,      ///< calibration's first pass
  histograms,  ///< calibration's second pass
  evaluation,  ///< counts of right answers
};

/// What to_string() gives, in the order of part_kind.
inline constexpr std::array<std::string_view, 3> part_kind_names = {"ranges", "histograms",
                                                                    "evaluation"};

/// "ranges", "histograms", "evaluation"
constexpr std::string_view to_string(part_kind kind) {
  return part_kind_names[static_cast<std::size_t>(kind)];
}

/// Which part of which whole: parts belong together where all but the shard's index are equal.
struct part_identity {
  part_kind kind = part_kind::ranges;
  octavo::shard shard = {};
  std::uint64_t images = 0;   ///< in the whole set
  std::uint32_t files = 0;    ///< fingerprint of the names of all images
  std::uint32_t network = 0;  ///< fingerprint of the network
  std::uint32_t options = 0;  ///< fingerprint of whatever else decides the result

  friend constexpr bool operator==(const part_identity&, const part_identity&) = default;
};

namespace detail {

/// Adds the numbers behind their count.
template <class Numbers>
void add_list(fingerprint& all, const Numbers& numbers) {
  all.add(static_cast<std::uint64_t>(numbers.size()));
  for (const auto value : numbers) all.add(value);
}

/// Adds all fields of a node but those of fusion, which a float model has none of.
inline void add_node(fingerprint& all, const node& op_node) {
  all.add(op_node.name.view());
  all.add(static_cast<std::uint8_t>(op_node.kind));
  add_list(all, op_node.src);
  const shape& out = op_node.shape;
  const window& w = op_node.window;
  for (const int value :
       {out.n, out.c, out.h, out.w, w.kh, w.kw, w.stride_h, w.stride_w, w.dilation_h, w.dilation_w,
        w.pad.top, w.pad.left, w.pad.bottom, w.pad.right, op_node.groups}) {
    all.add(value);
  }
  all.add(static_cast<std::uint8_t>(op_node.rounding));
  all.add(static_cast<std::uint8_t>(op_node.count_padding));
  for (const double value : {op_node.lo, op_node.hi, op_node.slope}) all.add(value);
}

}  // namespace detail

/// The fingerprint of a float network: its ops with all that they are told, which of them read
/// which, its outputs, weights and biases.
inline std::uint32_t fingerprint_of(const float_model& model) {
  fingerprint all;
  for (std::size_t i = 0; i < model.graph.size(); ++i) {
    detail::add_node(all, model.graph[i]);
    detail::add_list(all, model.params[i].weights);
    detail::add_list(all, model.params[i].bias);
  }
  detail::add_list(all, model.graph.outputs);
  return all.value();
}

namespace detail {

inline void check_same_whole(const part_identity& first, const part_identity& part,
                             const std::string& first_name, const std::string& name) {
  const auto expect = [&](bool same, std::string_view what) {
    if (!same) fail(name, ": is of another ", what, " than ", first_name);
  };
  if (part.kind != first.kind) {
    fail(name, ": holds ", to_string(part.kind), ", but ", first_name, " holds ",
         to_string(first.kind));
  }
  expect(part.network == first.network, "network");
  expect(part.images == first.images && part.files == first.files, "set of images");
  expect(part.options == first.options, "set of options");
  if (part.shard.count != first.shard.count) {
    fail(name, ": is shard ", to_text(part.shard), ", but ", first_name, " is shard ",
         to_text(first.shard));
  }
}

}  // namespace detail

/// Refuses parts that are not all shards of one whole, each once. `names` are their files.
/// @returns the identity of the whole. @throws octavo::error naming the file that does not belong,
/// the two that are one shard, or the first shard that is missing.
inline part_identity check_parts(std::span<const part_identity> parts,
                                 std::span<const std::string> names) {
  require(!parts.empty() && parts.size() == names.size(), "merge: there are no parts");
  part_identity whole = parts[0];
  std::vector<const std::string*> seen(whole.shard.count);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    detail::check_same_whole(parts[0], parts[i], names[0], names[i]);
    const std::string*& place = seen[parts[i].shard.index - 1];
    if (place != nullptr) {
      fail(names[i], ": is shard ", to_text(parts[i].shard), ", and so is ", *place);
    }
    place = &names[i];
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == nullptr) fail("merge: shard ", i + 1, "/", seen.size(), " is missing");
  }
  whole.shard = {};
  return whole;
}

}  // namespace octavo::inline v0
