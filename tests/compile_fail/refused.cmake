# SPDX-License-Identifier: MIT
# cmake -Dexpected=SENTENCE -P refused.cmake -- COMPILER ARGUMENT...: the compiler has to end with
# an error and to quote the sentence. (A test's PASS_REGULAR_EXPRESSION ignores how a program ends,
# and a warning may hold the sentence, too.)
set(compile)
set(behind_dashes FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  if(behind_dashes)
    list(APPEND compile "${CMAKE_ARGV${i}}")
  elseif(CMAKE_ARGV${i} STREQUAL "--")
    set(behind_dashes TRUE)
  endif()
endforeach()

execute_process(COMMAND ${compile} RESULT_VARIABLE result OUTPUT_VARIABLE output
                ERROR_VARIABLE output)
message("${output}")
if(result STREQUAL "0")
  message(FATAL_ERROR "compiles, expected an error: ${expected}")
endif()
string(FIND "${output}" "${expected}" at)
if(NOT result MATCHES "^[0-9]+$" OR expected STREQUAL "" OR at EQUAL -1)
  message(FATAL_ERROR "ended with ${result}, expected an error that quotes: ${expected}")
endif()
