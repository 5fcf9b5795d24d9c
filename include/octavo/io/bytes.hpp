// SPDX-License-Identifier: MIT
/// @file
/// What loaders and writers need of bytes and files: checked reading, whole files, atomic writes.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "octavo/core/error.hpp"
#include "octavo/io/byte_reader.hpp"

namespace octavo::inline v0::io {

namespace detail {
inline std::string system_reason(int code) { return std::generic_category().message(code); }
}  // namespace detail

/// Bytes that can be read at any offset: an open regular file, or memory. Movable, not copyable;
/// one thread at a time.
class byte_source {
 public:
  /// Opens a file. Fails when it is missing, unreadable, a directory or anything but a file.
  explicit byte_source(const std::filesystem::path& path) : name_(path.string()) {
    namespace fs = std::filesystem;
    std::error_code code;
    const fs::file_status status = fs::status(path, code);
    if (status.type() == fs::file_type::not_found) fail(name_, ": there is no such file");
    if (!fs::exists(status)) fail(name_, ": cannot be looked up: ", code.message());
    if (fs::is_directory(status)) fail(name_, ": is a directory, a file was expected");
    // Opening a FIFO would wait for a writer for ever, and no other kind can be read at an offset.
    if (!fs::is_regular_file(status)) fail(name_, ": is not a regular file");
    errno = 0;
    file_.open(path, std::ios::binary);
    if (!file_) fail(name_, ": cannot be opened: ", detail::system_reason(errno));
    file_.seekg(0, std::ios::end);
    const std::streamoff end = file_.tellg();
    if (!file_ || end < 0)
      fail(name_, ": its size cannot be found: ", detail::system_reason(errno));
    size_ = static_cast<std::uint64_t>(end);
  }

  /// Memory, which must outlive the source; `name` stands for the file in messages.
  byte_source(byte_view bytes, std::string name)
      : name_(std::move(name)), memory_(bytes), size_(bytes.size()), in_memory_(true) {}

  const std::string& name() const noexcept { return name_; }
  /// In bytes.
  std::uint64_t size() const noexcept { return size_; }

  /// Whether the first bytes are these.
  bool begins_with(std::string_view mark) {
    std::string first(mark.size(), ' ');
    if (size_ < first.size()) return false;
    read(0, {reinterpret_cast<std::uint8_t*>(first.data()), first.size()}, "the first bytes");
    return first == mark;
  }

  /// Fills `to` from `offset` on; `field` names what is read in the message when the file is short.
  void read(std::uint64_t offset, std::span<std::uint8_t> to, std::string_view field) {
    if (offset > size_ || to.size() > size_ - offset) {
      fail(name_, ": ", field, " at offset ", offset, " takes ", to.size(),
           " bytes, but the file has only ", size_);
    }
    if (to.empty()) return;
    if (in_memory_) {
      std::memcpy(to.data(), memory_.data() + offset, to.size());
      return;
    }
    errno = 0;
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(reinterpret_cast<char*>(to.data()), static_cast<std::streamsize>(to.size()));
    if (!file_) {
      fail(name_, ": ", field, " at offset ", offset, " cannot be read: ",
           errno != 0 ? detail::system_reason(errno) : std::string("the file became shorter"));
    }
  }

 private:
  std::string name_;
  std::ifstream file_;
  byte_view memory_;
  std::uint64_t size_ = 0;
  bool in_memory_ = false;
};

/// All bytes of a regular file. Fails when it is missing, unreadable or not a file, and where it
/// has more than `most` bytes, before there is memory for them.
inline byte_vector read_file(const std::filesystem::path& path, std::uint64_t most = UINT64_MAX) {
  byte_source source(path);
  if (source.size() > most) {
    fail(source.name(), ": has ", source.size(), " bytes, expected at most ", most);
  }
  byte_vector bytes = make_bytes(source.size(), source.name());
  source.read(0, bytes, "the content");
  return bytes;
}

/// A byte_source of which a part is in memory at a time. For basic_byte_reader.
class buffered_file {
 public:
  /// Bytes in memory, more only where as many are asked for at once.
  static constexpr std::size_t kept = 64 << 10;

  /// `source` must outlive it.
  explicit buffered_file(byte_source& source) : source_(&source) {}

  std::size_t size() const noexcept { return static_cast<std::size_t>(source_->size()); }

  /// Inside the file. Lasts until the next call.
  byte_view subspan(std::size_t offset, std::size_t count) {
    if (offset < begin_ || offset + count > begin_ + buffer_.size()) {
      buffer_.resize(std::min(std::max(count, kept), size() - offset));
      source_->read(offset, buffer_, "the content");
      begin_ = offset;
    }
    return byte_view(buffer_).subspan(offset - begin_, count);
  }

 private:
  byte_source* source_;
  byte_vector buffer_ = {};
  std::size_t begin_ = 0;
};

/// A file that appears under its name whole, at commit(), or not at all: until then the bytes stand
/// in a temporary file beside it, which is removed when this object goes without a commit.
class atomic_file {
 public:
  /// Fails when `path` is a directory or another thing that is no file, or cannot be written.
  explicit atomic_file(const std::filesystem::path& path) : name_(path.string()), target_(path) {
    namespace fs = std::filesystem;
    std::error_code code;
    const fs::file_status status = fs::status(path, code);
    if (fs::is_directory(status)) fail(name_, ": is a directory and is not replaced by a file");
    if (fs::exists(status) && !fs::is_regular_file(status)) {
      fail(name_, ": is not a regular file and is not replaced by one");
    }
    // A link stays a link; what it points at is replaced.
    if (fs::is_regular_file(status)) target_ = fs::canonical(path, code);
    open_temporary();
  }
  atomic_file(const atomic_file&) = delete;
  atomic_file& operator=(const atomic_file&) = delete;
  ~atomic_file() { discard(); }

  void write(byte_view bytes) {
    if (bytes.empty()) return;
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) give_up("written");
  }

  /// Hands all bytes to the system, which may have no room for the last of them. Nothing may be
  /// written afterwards.
  void close() {
    if (file_ && std::fclose(file_.release()) != 0) give_up("written");
  }

  /// Puts the file in place, closed if it was not. Nothing may be written afterwards.
  void commit() {
    close();
    std::error_code code;
    std::filesystem::rename(temporary_, target_, code);
    if (code) {
      errno = code.value();
      give_up("put in place");
    }
    temporary_.clear();
  }

 private:
  struct closer {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  void open_temporary() {
    constexpr int attempts = 1000;
    for (int i = 0; i < attempts && !file_; ++i) {
      temporary_ = target_;
      temporary_ += concat_text(".part", i);
      // "x": never a file that is there already, another process may be writing it.
      file_.reset(std::fopen(temporary_.string().c_str(), "wbx"));
      if (!file_ && errno != EEXIST) break;
    }
    if (!file_) {
      temporary_.clear();
      give_up("created");
    }
  }

  [[noreturn]] void give_up(std::string_view what) {
    const std::string reason = detail::system_reason(errno);
    discard();
    fail(name_, ": cannot be ", what, ": ", reason);
  }

  void discard() noexcept {
    file_.reset();
    std::error_code ignored;
    if (!temporary_.empty()) std::filesystem::remove(temporary_, ignored);
    temporary_.clear();
  }

  std::string name_;
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  std::unique_ptr<std::FILE, closer> file_;
};

/// Writes a file whole or not at all. Fails as atomic_file does.
inline void write_file(const std::filesystem::path& path, byte_view bytes) {
  atomic_file file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace octavo::inline v0::io
