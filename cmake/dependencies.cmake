# What parts of Octavo need beyond the standard library, each as a target of its own, so that a
# program links what it uses and no more.

# Float emulation and calibration: Eigen, and threads over images.
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
add_library(octavo_emulation INTERFACE)
add_library(octavo::emulation ALIAS octavo_emulation)
find_package(Threads REQUIRED)
target_link_libraries(octavo_emulation INTERFACE octavo::octavo Threads::Threads)
# As system headers: Eigen's warnings are not ours.
target_include_directories(octavo_emulation SYSTEM INTERFACE
  $<TARGET_PROPERTY:Eigen3::Eigen,INTERFACE_INCLUDE_DIRECTORIES>)

# .npz files: zlib, the one library here that is not headers alone. There is none for a foreign
# machine. .safetensors files: nlohmann-json, as system headers.
if(NOT CMAKE_CROSSCOMPILING)
  find_package(ZLIB REQUIRED)
  add_library(octavo_io INTERFACE)
  add_library(octavo::io ALIAS octavo_io)
  target_link_libraries(octavo_io INTERFACE octavo::octavo ZLIB::ZLIB)
  find_package(nlohmann_json REQUIRED)
  target_include_directories(octavo_io SYSTEM INTERFACE
    $<TARGET_PROPERTY:nlohmann_json::nlohmann_json,INTERFACE_INCLUDE_DIRECTORIES>)
endif()

# ONNX models: protobuf, and ONNX's messages as Debian's libonnx-dev has them compiled.
if(NOT CMAKE_CROSSCOMPILING)
  find_package(Protobuf QUIET)
  if(Protobuf_FOUND)
    find_package(ONNX QUIET)  # its target links protobuf::libprotobuf
  endif()
  if(TARGET onnx_proto)
    add_library(octavo_onnx INTERFACE)
    add_library(octavo::onnx ALIAS octavo_onnx)
    target_link_libraries(octavo_onnx INTERFACE octavo::octavo onnx_proto)
  else()
    message(STATUS "libonnx-dev or libprotobuf-dev not found: no ONNX importer")
  endif()
endif()

# The engine and the fast kernels: xsimd, for the portable instruction set. The target of Debian's
# 8.1 links a library `xtl` that does not exist, so only its include directory is taken.
find_package(xsimd REQUIRED)
add_library(octavo_engine INTERFACE)
add_library(octavo::engine ALIAS octavo_engine)
target_link_libraries(octavo_engine INTERFACE octavo::octavo)
target_include_directories(octavo_engine SYSTEM INTERFACE
  $<TARGET_PROPERTY:xsimd,INTERFACE_INCLUDE_DIRECTORIES>)
