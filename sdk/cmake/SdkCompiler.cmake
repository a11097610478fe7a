# The compiler and its warnings: the interface target `trunkline_sdk_options`, that every target of the SDK links.
# The flags are those of the server's cmake/TrunklineCompiler.cmake, which a copy of sdk/ alone does not have.

option(TRUNKLINE_SDK_WERROR "Warnings are errors" "${TRUNKLINE_SDK_TESTS}")
set(TRUNKLINE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= wants them")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

add_library(trunkline_sdk_options INTERFACE)
target_compile_options(trunkline_sdk_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2 -Wimplicit-fallthrough
  -fstack-protector-strong -fno-omit-frame-pointer -fPIC -pthread)
if(TRUNKLINE_SDK_WERROR)
  target_compile_options(trunkline_sdk_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of g++ 12 inside the standard library (string concatenation, moved-from optionals).
  target_compile_options(trunkline_sdk_options INTERFACE
    -Wduplicated-cond -Wlogical-op -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow
    -Wno-array-bounds -Wno-dangling-pointer)
endif()
target_link_options(trunkline_sdk_options INTERFACE -pthread -Wl,-z,relro,-z,now)
if(TRUNKLINE_SANITIZE)
  target_compile_options(trunkline_sdk_options INTERFACE -fsanitize=${TRUNKLINE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(trunkline_sdk_options INTERFACE -fsanitize=${TRUNKLINE_SANITIZE})
endif()

# The heavy headers, compiled once for all targets of the SDK, which therefore all have the same flags.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/heavy.cpp CONTENT "")
add_library(trunkline_sdk_heavy OBJECT ${PROJECT_BINARY_DIR}/heavy.cpp)
target_precompile_headers(trunkline_sdk_heavy PRIVATE
  <algorithm> <chrono> <functional> <map> <memory> <optional> <string> <vector> <nlohmann/json.hpp>)

# C++20, also inside the server's build, which is C++23. What the shared libraries show is marked in the headers.
function(trunkline_sdk_language target)
  set_target_properties(${target} PROPERTIES
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:trunkline_sdk_options>)
  if(NOT target STREQUAL trunkline_sdk_heavy)
    target_precompile_headers(${target} REUSE_FROM trunkline_sdk_heavy)
  endif()
endfunction()
trunkline_sdk_language(trunkline_sdk_heavy)
