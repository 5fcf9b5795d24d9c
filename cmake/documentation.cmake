# SPDX-License-Identifier: MIT
# The API reference and the pages as HTML, where Doxygen is: the target octavo_docs, front page
# docs/html/index.html in the build folder.
find_package(Doxygen 1.9.4 QUIET)
if(DOXYGEN_FOUND)
  set(OCTAVO_DOCS ${PROJECT_BINARY_DIR}/docs)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/Doxyfile.in ${OCTAVO_DOCS}/Doxyfile @ONLY)
  add_custom_target(octavo_docs COMMAND Doxygen::doxygen ${OCTAVO_DOCS}/Doxyfile
                    COMMENT "docs/html/index.html")
endif()
