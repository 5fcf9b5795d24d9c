// SPDX-License-Identifier: MIT
#include "chooser.hpp"

octavo::isa choose() { return octavo::isa::portable; }
