# SPDX-License-Identifier: MIT
# Read by find_package(octavo). octavo::octavo is there always, and needs nothing.
#
#   find_package(octavo CONFIG REQUIRED COMPONENTS engine io)   # octavo::engine, octavo::io
#
# Components are looked for only when they are asked for; where none is, all of them are, and those
# are there whose dependencies are found.
include(${CMAKE_CURRENT_LIST_DIR}/octavo-targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/octavo-components.cmake)

# octavo_find_component(COMPONENT REASON): octavo::COMPONENT, or why there is none.
function(octavo_find_component component result)
  set(reason "")
  if(NOT component IN_LIST octavo_components)
    list(JOIN octavo_components " " known)
    set(reason "there is no component ${component}, only ${known}")
  elseif(NOT TARGET octavo::${component})
    octavo_find_needs(${component} absent)
    if(absent)
      list(JOIN absent " " absent)
      set(reason "component ${component} needs ${absent}, not found")
    else()
      add_library(octavo::${component} INTERFACE IMPORTED)
      octavo_link_needs(${component} octavo::${component})
    endif()
  endif()
  set(${result} "${reason}" PARENT_SCOPE)
endfunction()

set(octavo_wanted ${octavo_FIND_COMPONENTS})
if(NOT octavo_wanted)
  set(octavo_wanted ${octavo_components})
endif()
foreach(octavo_name IN LISTS octavo_wanted)
  octavo_find_component(${octavo_name} octavo_reason)
  if(octavo_reason STREQUAL "")
    set(octavo_${octavo_name}_FOUND TRUE)
  else()
    set(octavo_${octavo_name}_FOUND FALSE)
    if(octavo_FIND_REQUIRED_${octavo_name})
      set(octavo_FOUND FALSE)
      string(APPEND octavo_NOT_FOUND_MESSAGE "${octavo_reason}. ")
    endif()
  endif()
endforeach()
unset(octavo_wanted)
unset(octavo_name)
unset(octavo_reason)
