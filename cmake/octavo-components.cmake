# SPDX-License-Identifier: MIT
# The components: what parts of Octavo need beyond the standard library, each as a target of its
# own, so that a program links what it uses and no more. Read in the source tree
# (cmake/targets.cmake) and, installed, by octavo-config.cmake: what a component is stands here
# alone.
#
# octavo_<component>_packages: what find_package is asked for, in this order.
# octavo_<component>_libraries: targets to link.
# octavo_<component>_headers: targets of which the include folders are taken and nothing else, as
# system headers: their warnings are not ours. (The target of Debian's xsimd 8.1 links a library
# `xtl` that does not exist.)
set(octavo_components engine emulation io onnx)

# The engine and the fast kernels: xsimd, for the portable instruction set.
set(octavo_engine_packages xsimd)
set(octavo_engine_headers xsimd)
set(octavo_engine_libraries "")

# Float emulation and calibration: Eigen, and threads over images.
set(octavo_emulation_packages "Eigen3 3.4 NO_MODULE" Threads)
set(octavo_emulation_headers Eigen3::Eigen)
set(octavo_emulation_libraries Threads::Threads)

# .npz files: zlib, the one library here that is not headers alone. .safetensors: nlohmann-json.
set(octavo_io_packages ZLIB nlohmann_json)
set(octavo_io_headers nlohmann_json::nlohmann_json)
set(octavo_io_libraries ZLIB::ZLIB)

# ONNX models: ONNX's messages as Debian's libonnx-dev has them compiled. Its target links
# protobuf::libprotobuf without looking for it.
set(octavo_onnx_packages Protobuf ONNX)
set(octavo_onnx_headers "")
set(octavo_onnx_libraries onnx_proto)

# octavo_absent_targets(COMPONENT RESULT): which targets that it needs are not there.
function(octavo_absent_targets component result)
  set(absent "")
  foreach(needed IN LISTS octavo_${component}_headers octavo_${component}_libraries)
    if(NOT TARGET ${needed})
      list(APPEND absent ${needed})
    endif()
  endforeach()
  set(${result} "${absent}" PARENT_SCOPE)
endfunction()

# octavo_find_needs(COMPONENT ABSENT): looks for the packages of targets that are not there yet, and
# lists in ABSENT those that are not found.
function(octavo_find_needs component result)
  octavo_absent_targets(${component} absent)
  if(absent)
    foreach(package IN LISTS octavo_${component}_packages)
      separate_arguments(package)
      find_package(${package} QUIET)
    endforeach()
    octavo_absent_targets(${component} absent)
  endif()
  set(${result} "${absent}" PARENT_SCOPE)
endfunction()

# octavo_link_needs(COMPONENT TARGET): TARGET gets what COMPONENT needs, all of which is there.
function(octavo_link_needs component target)
  target_link_libraries(${target} INTERFACE octavo::octavo ${octavo_${component}_libraries})
  foreach(needed IN LISTS octavo_${component}_headers)
    get_target_property(folders ${needed} INTERFACE_INCLUDE_DIRECTORIES)
    if(folders)
      target_include_directories(${target} SYSTEM INTERFACE ${folders})
    endif()
  endforeach()
endfunction()

# octavo_add_kernels(NAME): a static library of the fast kernels. What links it gets octavo::engine
# without compiling them again: seconds for each source file that has an engine or kernels in it.
# (simd/dispatch.hpp; all files of a program link it, or none does.)
# A static library for programs: where a shared library links it, NAME needs the property
# POSITION_INDEPENDENT_CODE.
function(octavo_add_kernels name)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include <octavo/kernels_source.hpp>\n")
  add_library(${name} STATIC ${source})
  target_link_libraries(${name} PUBLIC octavo::engine)
  target_compile_definitions(${name} PUBLIC OCTAVO_SEPARATE_KERNELS)
endfunction()
