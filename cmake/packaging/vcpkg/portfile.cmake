# SPDX-License-Identifier: MIT
# An overlay port: vcpkg install octavo --overlay-ports=cmake/packaging/vcpkg, from a checkout.
# Untested here: no such tool on the machines of the project.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(VCPKG_BUILD_TYPE release)  # headers: nothing differs in the other one

vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS -DOCTAVO_BUILD_EXAMPLES=OFF -DOCTAVO_BUILD_TESTS=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/octavo)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/doc")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
