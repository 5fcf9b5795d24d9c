# SPDX-License-Identifier: MIT
# What `cmake --install` copies: the headers, and the files by which CMake and pkg-config find them.
# Nothing in them depends on the processor, on where they lie, or on what is found here: one
# installed tree serves all machines, and may be moved.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(config_folder ${CMAKE_INSTALL_DATADIR}/cmake/octavo)
set(pc_folder ${CMAKE_INSTALL_DATADIR}/pkgconfig)

install(TARGETS octavo EXPORT octavo-targets COMPONENT octavo
  FILE_SET HEADERS COMPONENT octavo
  FILE_SET pieces COMPONENT octavo
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})  # for a CMake without file sets, before 3.23
foreach(component IN LISTS octavo_components)  # their headers; the targets: octavo-config.cmake
  install(TARGETS octavo_${component} FILE_SET HEADERS COMPONENT octavo)
endforeach()
install(EXPORT octavo-targets NAMESPACE octavo:: DESTINATION ${config_folder} COMPONENT octavo)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/octavo-config-version.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES cmake/octavo-config.cmake cmake/octavo-components.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/octavo-config-version.cmake
  DESTINATION ${config_folder} COMPONENT octavo)
install(FILES LICENSE TYPE DOC COMPONENT octavo_licence)

# octavo_install_pc(FILE NAME DESCRIPTION REQUIRES FLAGS LIBRARIES)
file(RELATIVE_PATH prefix ${CMAKE_INSTALL_PREFIX}/${pc_folder} ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" prefix "${prefix}")
function(octavo_install_pc file name description requires flags libraries)
  configure_file(cmake/octavo.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${file} @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${file} DESTINATION ${pc_folder} COMPONENT octavo)
endfunction()
set(same "octavo = ${PROJECT_VERSION}")
octavo_install_pc(octavo.pc Octavo "${PROJECT_DESCRIPTION}" "" "-I\${includedir}" "")
octavo_install_pc(octavo-engine.pc "Octavo's engine" "Engine and fast kernels"
                  "${same}, xsimd" "" "")
octavo_install_pc(octavo-emulation.pc "Octavo's emulation" "Float emulation and calibration"
                  "${same}, eigen3" -pthread -pthread)
octavo_install_pc(octavo-io.pc "Octavo's files" "Weights and tensors in files"
                  "${same}, zlib, nlohmann_json" "" "")

# The Debian package: cpack -G DEB. The licence lies where Debian wants it, and `cmake --install`
# leaves that out.
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/liboctavo-dev RENAME copyright
  COMPONENT debian EXCLUDE_FROM_ALL)
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The Octavo authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_INSTALL_CMAKE_PROJECTS
  "${PROJECT_BINARY_DIR};octavo;octavo;/;${PROJECT_BINARY_DIR};octavo;debian;/")
set(CPACK_DEBIAN_PACKAGE_NAME liboctavo-dev)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS libxsimd-dev)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "libeigen3-dev, zlib1g-dev, nlohmann-json3-dev, libonnx-dev, libprotobuf-dev")
include(CPack)
