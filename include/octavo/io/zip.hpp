// SPDX-License-Identifier: MIT
/// @file
/// Reads the members of a zip file one at a time, stored or deflated. Needs zlib.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/core/error.hpp"
#include "octavo/io/byte_reader.hpp"
#include "octavo/io/bytes.hpp"
#include "octavo/io/zip_directory.hpp"

namespace octavo::inline v0::io {

namespace detail {

/// The CRC of some bytes, whose CRC is `crc`, with `more` after them.
inline std::uint32_t extend_crc(std::uint32_t crc, byte_view more) noexcept {
  // zlib takes a null pointer, which an empty vector has, for a wish to start anew.
  if (more.empty()) return crc;
  return static_cast<std::uint32_t>(::crc32_z(crc, more.data(), more.size()));
}

}  // namespace detail

/// Reads one member from its start to its end, without the whole of it in memory.
/// Fails where the member and the central directory contradict each other; a data descriptor after
/// the member is not read, since the directory has all it says.
class zip_stream {
 public:
  /// Both must outlive the stream. Reads and checks the local header.
  zip_stream(byte_source& source, const zip_member& member)
      : source_(source), member_(member), stored_left_(member.stored_size) {
    next_ = find_data();
    if (!member.deflated) return;
    inflater_.reset(new z_stream{});
    constexpr int raw_deflate = -15;  // a window of 32 KiB, no zlib header
    if (inflateInit2(inflater_.get(), raw_deflate) != Z_OK) refuse("zlib has no memory for it");
    input_.resize(chunk_size);
  }

  /// Fills `to` with the next bytes. Fails when the member has fewer.
  void read(std::span<std::uint8_t> to) {
    if (to.size() > member_.size - done_) {
      refuse(to.size(), " bytes wanted at byte ", done_, " of ", member_.size);
    }
    done_ += to.size();
    if (member_.deflated) {
      if (inflate_into(to) != to.size()) refuse("its deflate data end too soon");
    } else {
      read_stored(to);
    }
    crc_ = detail::extend_crc(crc_, to);
  }

  /// Fails unless everything was read, nothing is left over and the CRC is right.
  void finish() {
    if (done_ != member_.size) refuse(member_.size - done_, " bytes were not read");
    std::uint8_t more = 0;
    if (member_.deflated && inflate_into({&more, 1}) != 0) {
      refuse("its deflate data hold more than the ", member_.size,
             " bytes that the directory says");
    }
    const std::uint64_t left = stored_left_ + (inflater_ ? inflater_->avail_in : 0);
    if (left != 0) refuse(left, " bytes follow the end of its deflate data");
    if (crc_ != member_.crc) {
      refuse("its content has CRC ", crc_, ", but the directory says ", member_.crc);
    }
  }

 private:
  static constexpr std::size_t chunk_size = std::size_t{1} << 16U;

  struct inflate_closer {
    void operator()(z_stream* stream) const noexcept {
      ::inflateEnd(stream);
      delete stream;
    }
  };

  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(source_.name(), ": member ", in_quotes(member_.name), ": ", parts...);
  }

  /// Checks the local header. Returns where in the file the data start.
  std::uint64_t find_data() {
    byte_vector bytes(detail::zip::local_size);
    source_.read(member_.offset, bytes, "a local header");
    byte_reader reader(bytes, source_.name(), member_.offset);
    if (reader.get<std::uint32_t>("the signature") != detail::zip::local_signature) {
      refuse("no local header is at offset ", member_.offset);
    }
    reader.take(2, "the version");
    const auto flags = reader.get<std::uint16_t>("the flags");
    const auto method = reader.get<std::uint16_t>("the method");
    reader.take(4, "the time");
    const auto crc = reader.get<std::uint32_t>("the CRC");
    std::uint64_t stored_size = reader.get<std::uint32_t>("the stored size");
    std::uint64_t size = reader.get<std::uint32_t>("the size");
    const auto name_size = reader.get<std::uint16_t>("the length of the name");
    const auto extra_size = reader.get<std::uint16_t>("the length of the extra field");

    const std::uint64_t at = member_.offset + bytes.size();
    byte_vector names(std::size_t{name_size} + extra_size);
    source_.read(at, names, "a local header");
    byte_reader name_reader(names, source_.name(), at);
    const std::string name = name_reader.get_text(name_size, "the name");
    if (name != member_.name) refuse("its local header says ", in_quotes(name));
    if ((flags & detail::zip::unreadable_flags) != 0 || method != (member_.deflated ? 8 : 0)) {
      refuse("its local header has flags ", flags, " and method ", method,
             ", unlike the directory");
    }
    const std::uint64_t extra_at = name_reader.position();
    // With a descriptor the local sizes are zero or meaningless.
    if ((flags & detail::zip::descriptor_flag) == 0) {
      const byte_view extra = name_reader.take(extra_size, "the extra field");
      detail::read_zip64_extra(byte_reader(extra, source_.name(), extra_at), {&size, &stored_size});
      if (size != member_.size || stored_size != member_.stored_size || crc != member_.crc) {
        refuse("its local header says ", size, " bytes, ", stored_size, " stored, CRC ", crc,
               "; the directory says ", member_.size, ", ", member_.stored_size, ", ", member_.crc);
      }
    }
    return extra_at + extra_size;
  }

  void read_stored(std::span<std::uint8_t> to) {
    source_.read(next_, to, "a member");
    next_ += to.size();
    stored_left_ -= to.size();
  }

  /// Returns how many bytes it made: all of `to`, or fewer at the end of the deflate data.
  std::size_t inflate_into(std::span<std::uint8_t> to) {
    constexpr std::size_t most = std::size_t{1} << 30U;  // zlib counts in 32 bits
    std::size_t made = 0;
    while (made < to.size() && !ended_) {
      if (inflater_->avail_in == 0 && stored_left_ != 0) refill();
      const std::size_t room = std::min(most, to.size() - made);
      inflater_->next_out = to.data() + made;
      inflater_->avail_out = static_cast<uInt>(room);
      const int result = ::inflate(inflater_.get(), Z_NO_FLUSH);
      made += room - inflater_->avail_out;
      ended_ = result == Z_STREAM_END;
      if (result == Z_BUF_ERROR && stored_left_ == 0) refuse("its deflate data are cut short");
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        refuse("its deflate data are damaged");
      }
    }
    return made;
  }

  void refill() {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size, stored_left_));
    read_stored(std::span(input_).first(size));
    inflater_->next_in = input_.data();
    inflater_->avail_in = static_cast<uInt>(size);
  }

  byte_source& source_;
  const zip_member& member_;
  std::unique_ptr<z_stream, inflate_closer> inflater_;
  byte_vector input_;
  std::uint64_t next_ = 0;     ///< in the file
  std::uint64_t stored_left_;  ///< bytes not taken from the file yet
  std::uint64_t done_ = 0;     ///< bytes given out
  std::uint32_t crc_ = 0;      ///< of them
  bool ended_ = false;         ///< the deflate data came to their end
};

/// A zip file whose members are read when asked for. Movable; one thread at a time.
class zip_reader {
 public:
  /// Reads the directory only. A byte_source comes from a path or from memory.
  explicit zip_reader(byte_source source)
      : source_(std::move(source)), members_(read_zip_directory(source_)) {
    for (std::size_t i = 0; i < members_.size(); ++i) index_.emplace(members_[i].name, i);
  }

  /// The name of the file.
  const std::string& name() const noexcept { return source_.name(); }
  /// In the order of the directory.
  const std::vector<zip_member>& members() const noexcept { return members_; }

  /// Null when there is none of this name.
  const zip_member* find(std::string_view member_name) const {
    const auto found = index_.find(member_name);
    return found == index_.end() ? nullptr : &members_[found->second];
  }

  /// A stream of one of members(); it must not outlive this object.
  zip_stream open(const zip_member& member) { return {source_, member}; }

  /// The whole content of one of members().
  byte_vector read(const zip_member& member) {
    zip_stream stream = open(member);
    byte_vector bytes = make_bytes(member.size, source_.name());
    stream.read(bytes);
    stream.finish();
    return bytes;
  }

 private:
  byte_source source_;
  std::vector<zip_member> members_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace octavo::inline v0::io
