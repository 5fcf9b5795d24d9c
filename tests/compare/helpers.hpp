// SPDX-License-Identifier: MIT
/// @file
/// What the tests of comparisons share.
#pragma once

#include <string>
#include <vector>

#include "octavo/compare/similarity.hpp"
#include "octavo/core/error.hpp"
#include "support/random_float_model.hpp"
#include "support/random_images.hpp"

namespace octavo::testing {

/// What an action that must fail says.
template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const error& e) {
    return e.what();
  }
  return "no error";
}

/// One pair of tensors.
inline compare::similarity similarity_of(const std::vector<float>& reference,
                                         const std::vector<float>& target,
                                         const compare::tolerance& limits = {}) {
  compare::similarity_meter meter("x", limits);
  meter.add(reference, target);
  return meter.value();
}

}  // namespace octavo::testing
