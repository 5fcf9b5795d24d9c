# SPDX-License-Identifier: MIT
# What each of the projects beside this folder builds, however it came to Octavo: a program for each
# of its COMPONENTS.
add_executable(reference ${CMAKE_CURRENT_LIST_DIR}/reference.cpp)
target_link_libraries(reference PRIVATE octavo::octavo)
if("engine" IN_LIST COMPONENTS)
  add_executable(kernels ${CMAKE_CURRENT_LIST_DIR}/kernels.cpp)
  target_link_libraries(kernels PRIVATE octavo::engine)
  octavo_add_kernels(separate_kernels)
  add_executable(separate ${CMAKE_CURRENT_LIST_DIR}/kernels.cpp)
  target_link_libraries(separate PRIVATE separate_kernels)
endif()
if("io" IN_LIST COMPONENTS)
  add_executable(files ${CMAKE_CURRENT_LIST_DIR}/files.cpp)
  target_link_libraries(files PRIVATE octavo::io)
endif()
