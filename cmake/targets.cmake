# SPDX-License-Identifier: MIT
# The targets: octavo::octavo, and octavo::<component> for the components that are asked for. Each
# has the headers that may be included where it is linked.
include(cmake/octavo-components.cmake)

set(octavo_onnx_pattern "^octavo/io/onnx(/|\\.hpp$)")
set(octavo_io_pattern "^octavo/io/")
set(octavo_emulation_pattern
    "^octavo/(emulation/|calibrate/|compare/network_comparison\\.hpp$|eigen_threads\\.hpp$)")
set(octavo_engine_pattern
    "^octavo/(engine/|kernels/|simd/|(engine|kernels|kernels_source|tpu_executor)\\.hpp$)")

file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include
     include/octavo/*.hpp)
file(GLOB_RECURSE pieces CONFIGURE_DEPENDS include/octavo/*.inl)

# A component's target bears its name octavo::<component> only once its dependencies are found;
# until then it is a list of headers to install.
foreach(component IN ITEMS onnx io emulation engine)  # onnx first: it is a part of io's folder
  set(own ${headers})
  list(FILTER own INCLUDE REGEX "${octavo_${component}_pattern}")
  list(REMOVE_ITEM headers ${own})
  list(TRANSFORM own PREPEND include/)
  add_library(octavo_${component} INTERFACE)
  target_sources(octavo_${component} INTERFACE FILE_SET HEADERS BASE_DIRS include FILES ${own})
endforeach()

# Headers and the language level, nothing else: no flags of ours reach a user's build.
add_library(octavo INTERFACE)
add_library(octavo::octavo ALIAS octavo)
target_compile_features(octavo INTERFACE cxx_std_20)
list(TRANSFORM headers PREPEND include/)
target_sources(octavo INTERFACE
  FILE_SET HEADERS BASE_DIRS include FILES ${headers}
  FILE_SET pieces TYPE HEADERS BASE_DIRS include FILES ${pieces})

# octavo_add_component(COMPONENT): octavo::COMPONENT, where what it needs is found; else
# octavo_<COMPONENT>_absent says what is not.
function(octavo_add_component component)
  octavo_find_needs(${component} absent)
  set(octavo_${component}_absent "${absent}" PARENT_SCOPE)
  if(NOT absent)
    octavo_link_needs(${component} octavo_${component})
    add_library(octavo::${component} ALIAS octavo_${component})
  endif()
endfunction()

# What the examples, the tests and the benchmarks need. There is no zlib for a foreign machine.
set(wanted ${OCTAVO_COMPONENTS})
if(OCTAVO_BUILD_EXAMPLES OR OCTAVO_BUILD_TESTS OR OCTAVO_BUILD_BENCH)
  list(APPEND wanted engine emulation)
  if(NOT CMAKE_CROSSCOMPILING)
    list(APPEND wanted io)
    octavo_add_component(onnx)
    if(octavo_onnx_absent)
      message(STATUS "libonnx-dev or libprotobuf-dev not found: no ONNX importer")
    endif()
  endif()
endif()
list(REMOVE_DUPLICATES wanted)
if(NOT wanted AND NOT PROJECT_IS_TOP_LEVEL)
  list(JOIN octavo_components " " known)
  message(STATUS "octavo: octavo::octavo alone; OCTAVO_COMPONENTS asks for more: ${known}")
endif()
foreach(component IN LISTS wanted)
  if(NOT component IN_LIST octavo_components)
    list(JOIN octavo_components " " known)
    message(FATAL_ERROR "OCTAVO_COMPONENTS: there is no component ${component}, only ${known}")
  endif()
  if(NOT TARGET octavo::${component})
    octavo_add_component(${component})
  endif()
  if(octavo_${component}_absent)
    list(JOIN octavo_${component}_absent " " absent)
    message(FATAL_ERROR "octavo: component ${component} needs ${absent}, not found")
  endif()
endforeach()
