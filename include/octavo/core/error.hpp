// SPDX-License-Identifier: MIT
/// @file
/// How preparation and loaders report what is wrong. Kernels never do: they are noexcept.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "octavo/core/shape.hpp"
#include "octavo/version.hpp"

namespace octavo::inline v0 {

/// One sentence for a person: the file, offset, field or layer, what was found, what was expected.
class error : public std::exception {
 public:
  explicit error(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

/// Called with the message instead of a throw where exceptions are off (-fno-exceptions).
/// It must not return; when it does, or when there is none, the program aborts.
using failure_hook = void (*)(const char* message);
/// The hook of the program; set it before anything can fail. Unused where there are exceptions.
inline failure_hook on_failure = nullptr;

namespace detail {

inline void append(std::string& text, std::string_view part) { text += part; }
inline void append(std::string& text, char part) { text += part; }
inline void append(std::string& text, double part) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.17g", part);
  text += digits;
}
inline void append(std::string& text, int part) { text += std::to_string(part); }
inline void append(std::string& text, long part) { text += std::to_string(part); }
inline void append(std::string& text, long long part) { text += std::to_string(part); }
inline void append(std::string& text, unsigned part) { text += std::to_string(part); }
inline void append(std::string& text, unsigned long part) { text += std::to_string(part); }
inline void append(std::string& text, unsigned long long part) { text += std::to_string(part); }
inline void append(std::string& text, const shape& part) {
  text += std::to_string(part.n) + 'x' + std::to_string(part.c) + 'x' + std::to_string(part.h) +
          'x' + std::to_string(part.w);
}

}  // namespace detail

/// The parts, numbers, texts and shapes (1x3x224x224), written one after the other.
template <class... Parts>
std::string concat_text(const Parts&... parts) {
  std::string text;
  (detail::append(text, parts), ...);
  return text;
}

/// Appends an item, written as concat_text() does, to a list as it stands in a sentence: "a, b, c".
template <class... Parts>
void append_item(std::string& list, const Parts&... parts) {
  if (!list.empty()) list += ", ";
  (detail::append(list, parts), ...);
}

/// `text` in single quotes, fit for an error message whatever it holds: bytes that are not
/// printable ASCII as `\xNN`, and only the first 100 bytes.
inline std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 100;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result = "'";
  for (const char letter : text.substr(0, longest)) {
    const auto code = static_cast<unsigned char>(letter);
    if (code >= 0x20 && code < 0x7F) {
      result += letter;
    } else {
      result += {'\\', 'x', digits[code >> 4U], digits[code & 15U]};
    }
  }
  return result + (text.size() > longest ? "...'" : "'");
}

/// Reports a failure whose message is the parts written one after the other. Never returns.
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
#if defined(__cpp_exceptions)
  throw error(concat_text(parts...));
#else
  if (on_failure != nullptr) on_failure(concat_text(parts...).c_str());
  std::abort();
#endif
}

/// The result of work(). A failure inside is reported with `where` in front of its message; without
/// exceptions it goes to the hook as it is.
template <class Work>
decltype(auto) with_context(std::string_view where, const Work& work) {
#if defined(__cpp_exceptions)
  try {
    return work();
  } catch (const error& why) {
    fail(where, ": ", why.what());
  }
#else
  static_cast<void>(where);
  return work();
#endif
}

/// Reports `message` unless `condition` holds. In a constant expression a failure does not compile,
/// and the compiler's note quotes the message.
constexpr void require(bool condition, const char* message) {
  if (!condition) fail(message);
}

/// Refuses `found`, the shape of what `what` names, unless it is `expected`.
inline void require_shape(const shape& found, const shape& expected, const char* what) {
  if (found != expected) fail(what, " has the shape ", found, ", expected ", expected);
}

}  // namespace octavo::inline v0
