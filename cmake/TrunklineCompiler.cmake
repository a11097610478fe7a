# The compiler, its warnings and its speed: one interface target, `trunkline_options`, that every target links.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(TRUNKLINE_PRECOMPILE "Precompile the standard headers" ON)
# Twice as quick from nothing, slower when one file changes. A slice's files then share their anonymous namespaces, so that
# their names must differ.
option(TRUNKLINE_UNITY "Compile the sources of a slice eight at a time" OFF)
option(TRUNKLINE_COVERAGE "Instrument for gcov" OFF)
set(TRUNKLINE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= wants them")

# Release is what ships; Dev is what a person rebuilds all day and what the tests run.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1")
set(CMAKE_C_FLAGS_DEV "-O1 -g1")

add_library(trunkline_options INTERFACE)
target_compile_options(trunkline_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2 -Wimplicit-fallthrough
  -fstack-protector-strong -fno-omit-frame-pointer)
target_compile_definitions(trunkline_options INTERFACE _GLIBCXX_ASSERTIONS)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of g++ 12 inside the standard library (string concatenation, moved-from optionals).
  target_compile_options(trunkline_options INTERFACE
    -Wduplicated-cond -Wlogical-op -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow
    -Wno-array-bounds -Wno-dangling-pointer -Wno-missing-field-initializers)
else()
  target_compile_options(trunkline_options INTERFACE -Wno-missing-field-initializers -Wno-missing-designated-field-initializers)
endif()
# Everything is threaded, the precompiled header too.
target_compile_options(trunkline_options INTERFACE -pthread)
target_link_options(trunkline_options INTERFACE -pthread -Wl,-z,relro,-z,now)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(trunkline_options INTERFACE _FORTIFY_SOURCE=2)
endif()
if(TRUNKLINE_FAIL_POINTS)
  target_compile_definitions(trunkline_options INTERFACE TRUNKLINE_FAIL_POINTS)
endif()
if(TRUNKLINE_SANITIZE)
  target_compile_options(trunkline_options INTERFACE -fsanitize=${TRUNKLINE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(trunkline_options INTERFACE -fsanitize=${TRUNKLINE_SANITIZE})
  if(TRUNKLINE_SANITIZE MATCHES "address" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # What g++ defines by itself, for the fibers.
    target_compile_definitions(trunkline_options INTERFACE __SANITIZE_ADDRESS__=1)
    target_compile_options(trunkline_options INTERFACE -Wno-reserved-macro-identifier)
  endif()
  if(TRUNKLINE_SANITIZE MATCHES "thread")
    # ThreadSanitizer does not see the stand-alone fences that Asio would use.
    target_compile_definitions(trunkline_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
    target_compile_options(trunkline_options INTERFACE -Wno-tsan)
  endif()
endif()
if(TRUNKLINE_COVERAGE)
  target_compile_options(trunkline_options INTERFACE --coverage -fprofile-abs-path)
  target_link_options(trunkline_options INTERFACE --coverage)
endif()

find_program(TRUNKLINE_CCACHE ccache)
if(TRUNKLINE_CCACHE)
  # ccache follows a precompiled header only with these (its manual, "Precompiled headers").
  set(launcher ${CMAKE_COMMAND} -E env
    "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime" ${TRUNKLINE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(trunkline_options INTERFACE -fpch-preprocess)
  endif()
endif()

find_program(TRUNKLINE_MOLD mold)
if(TRUNKLINE_MOLD)
  target_link_options(trunkline_options INTERFACE -fuse-ld=mold)
endif()
