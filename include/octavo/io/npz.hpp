// SPDX-License-Identifier: MIT
/// @file
/// NumPy's .npz format: named arrays in a zip file, read one at a time, written reproducibly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/byte_reader.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/npy.hpp"
#include "octavo/io/zip.hpp"
#include "octavo/io/zip_writer.hpp"

namespace octavo::inline v0::io {

/// Arrays by name, without ".npy".
using npz_arrays = std::map<std::string, npy_array, std::less<>>;

namespace detail {
inline constexpr std::string_view npy_suffix = ".npy";
}  // namespace detail

/// What numpy.savez and savez_compressed write. Opening reads the names only; an array is read, and
/// decompressed, when asked for. Movable; one thread at a time.
class npz_reader {
 public:
  /// Fails when the file is missing, no zip file, damaged, or has a member that is no .npy.
  explicit npz_reader(const std::filesystem::path& path) : npz_reader(byte_source(path)) {}

  /// A file in memory, which must outlive this object; `name` stands for it in messages.
  npz_reader(byte_view bytes, std::string name) : npz_reader(byte_source(bytes, std::move(name))) {}

  /// The same of a file or memory as byte_source has it.
  explicit npz_reader(byte_source source) : zip_(std::move(source)) {
    for (const zip_member& member : zip_.members()) {
      if (!member.name.ends_with(detail::npy_suffix)) {
        fail(zip_.name(), ": member ", in_quotes(member.name),
             " does not end in .npy, only arrays were ", "expected");
      }
    }
  }

  /// The arrays in the order of the file, named without ".npy".
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const zip_member& member : zip_.members()) {
      result.push_back(member.name.substr(0, member.name.size() - detail::npy_suffix.size()));
    }
    return result;
  }

  /// Whether there is an array of that name, without ".npy".
  bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// Shape and type without the data. Fails when there is no such array or its header is wrong.
  npy_header header(std::string_view name) {
    const zip_member& member = get(name);
    zip_stream stream = zip_.open(member);
    return read_header(stream, member);
  }

  /// One array. Fails when there is none of that name or it is damaged.
  npy_array read(std::string_view name) {
    const zip_member& member = get(name);
    zip_stream stream = zip_.open(member);
    npy_header header = read_header(stream, member);
    const std::string label = label_of(member);
    byte_vector data = make_bytes(header.data_size, label);
    stream.read(data);
    stream.finish();
    return decode_npy(std::move(header), std::move(data), label);
  }

  /// Every array. Fails as read() does.
  npz_arrays read_all() {
    npz_arrays arrays;
    for (std::string& name : names()) {
      npy_array array = read(name);
      arrays.emplace(std::move(name), std::move(array));
    }
    return arrays;
  }

 private:
  const zip_member* find(std::string_view name) const {
    return zip_.find(concat_text(name, detail::npy_suffix));
  }

  const zip_member& get(std::string_view name) const {
    const zip_member* member = find(name);
    if (member == nullptr) fail(zip_.name(), ": has no array ", in_quotes(name));
    return *member;
  }

  std::string label_of(const zip_member& member) const {
    return concat_text(zip_.name(), ": member ", in_quotes(member.name));
  }

  /// Leaves the stream at the first byte of the data.
  npy_header read_header(zip_stream& stream, const zip_member& member) const {
    const std::string label = label_of(member);
    if (member.size < npy_prefix_size) {
      fail(label, ": has only ", member.size, " bytes, too few for a .npy header");
    }
    byte_vector bytes(npy_prefix_size);
    stream.read(bytes);
    const std::uint64_t end = npy_data_offset(bytes, label);
    if (end < npy_prefix_size || end > member.size) {
      fail(label, ": its .npy header ends at byte ", end, ", but the member has ", member.size);
    }
    bytes.resize(static_cast<std::size_t>(end));
    stream.read(std::span(bytes).subspan(npy_prefix_size));
    npy_header header = parse_npy_header(bytes, label);
    if (header.data_size != member.size - end) {
      fail(label, ": has ", member.size - end, " bytes of data, but its .npy header says ",
           header.data_size);
    }
    return header;
  }

  zip_reader zip_;
};

/// Writes arrays for numpy.load, whole or not at all. The bytes depend on names and arrays only.
/// Fails when an array's data and shape differ, a name is not UTF-8, or the file cannot be written.
inline void write_npz(const std::filesystem::path& path, const npz_arrays& arrays,
                      zip64_use use = zip64_use::when_needed) {
  std::map<std::string, const npy_array*> members;
  for (const auto& [name, array] : arrays) {
    array.check(concat_text(path.string(), ": array ", in_quotes(name)));
    members.emplace(concat_text(name, detail::npy_suffix), &array);
  }
  zip_writer writer(path, use);
  for (const auto& [name, array] : members) {
    writer.add(name, {npy_header_bytes(*array), array->data});
  }
  writer.finish();
}

}  // namespace octavo::inline v0::io
