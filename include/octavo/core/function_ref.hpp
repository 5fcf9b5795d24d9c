// SPDX-License-Identifier: MIT
/// @file
/// A function that somebody else keeps, behind one pointer: no template, no allocation.
#pragma once

#include "octavo/version.hpp"

namespace octavo::inline v0 {

/// Calls the function object that it was made from, which outlives the call.
template <class... Args>
class function_ref {
 public:
  template <class Function>
  explicit function_ref(const Function& function)
      : object_(&function), call_([](const void* object, Args... args) {
          (*static_cast<const Function*>(object))(args...);
        }) {}

  void operator()(Args... args) const { call_(object_, args...); }

 private:
  const void* object_;
  void (*call_)(const void*, Args...);
};

}  // namespace octavo::inline v0
