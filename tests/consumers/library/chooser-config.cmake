# SPDX-License-Identifier: MIT
include(CMakeFindDependencyMacro)
find_dependency(octavo 0.1 CONFIG COMPONENTS engine)
include(${CMAKE_CURRENT_LIST_DIR}/chooser-targets.cmake)
target_link_libraries(chooser INTERFACE octavo::engine)
