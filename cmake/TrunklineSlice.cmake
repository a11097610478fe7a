# A slice is a directory under src/ that becomes one static library.
#
#   trunkline_slice(calls                   # the target trunkline_calls; its directory is src/calls
#     [PATH calls]                          # where it lives under src/, when that is not its name; fakes/… is a fake
#     DEPENDS dialogue billing ...          # the only slices whose headers it can include
#     [LINKS Boost::context ...]            # libraries from outside, for this slice's own sources only
#     [TEST_DEPENDS ...]                    # further slices that only its tests may include
#     [TEST_LINKS ...]
#     [PROGRAM trunkline-fake-openai])      # a program made of the directory's main.cpp, for a fake
#
# Sources are the directory's *.cpp; *_test.cpp and *_testing.cpp go to the tests. Headers are reached through a
# directory of links that holds this slice's headers only, so that an include of a slice that is not in DEPENDS
# does not compile (docs/architecture.md, "Slices").

set(TRUNKLINE_PRECOMPILED
  <algorithm> <array> <chrono> <cstdint> <cstring> <expected> <functional> <map> <memory> <optional> <span>
  <string> <string_view> <unordered_map> <utility> <variant> <vector> <fmt/core.h>)

if(TRUNKLINE_PRECOMPILE)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "// Holds the precompiled headers that every target reuses.\n")
  add_library(trunkline_precompiled STATIC ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(trunkline_precompiled PRIVATE trunkline_options fmt::fmt)
  target_precompile_headers(trunkline_precompiled PRIVATE ${TRUNKLINE_PRECOMPILED})
else()
  # Tools that read no precompiled header see the same.
  list(TRANSFORM TRUNKLINE_PRECOMPILED PREPEND "#include " OUTPUT_VARIABLE lines)
  list(JOIN lines "\n" text)
  file(WRITE ${CMAKE_BINARY_DIR}/standard.hpp "${text}\n")
endif()

function(trunkline_precompile target)
  if(TRUNKLINE_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM trunkline_precompiled)
  else()
    target_compile_options(${target} PRIVATE -include ${CMAKE_BINARY_DIR}/standard.hpp)
  endif()
endfunction()

function(trunkline_slice name)
  cmake_parse_arguments(SLICE "" "PATH;PROGRAM" "DEPENDS;LINKS;TEST_DEPENDS;TEST_LINKS" ${ARGN})
  if(NOT SLICE_PATH)
    set(SLICE_PATH ${name})
  endif()
  set(directory ${CMAKE_SOURCE_DIR}/src/${SLICE_PATH})
  if(SLICE_PATH MATCHES "^fakes/")
    set(directory ${CMAKE_SOURCE_DIR}/${SLICE_PATH})
  endif()
  set(target trunkline_${name})

  file(GLOB headers CONFIGURE_DEPENDS ${directory}/*.hpp)
  file(GLOB sources CONFIGURE_DEPENDS ${directory}/*.cpp)
  file(GLOB tests CONFIGURE_DEPENDS ${directory}/*_test.cpp ${directory}/*_testing.cpp)
  file(GLOB migrations CONFIGURE_DEPENDS ${directory}/migrations/*.sql)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  if(SLICE_PROGRAM)
    list(REMOVE_ITEM sources ${directory}/main.cpp)
    add_executable(${SLICE_PROGRAM} ${directory}/main.cpp)
    target_link_libraries(${SLICE_PROGRAM} PRIVATE trunkline_options trunkline_${name})
  endif()

  set(include_root ${CMAKE_BINARY_DIR}/include/${name})
  file(REMOVE_RECURSE ${include_root})
  file(MAKE_DIRECTORY ${include_root}/${SLICE_PATH})
  foreach(header IN LISTS headers)
    get_filename_component(file_name ${header} NAME)
    file(CREATE_LINK ${header} ${include_root}/${SLICE_PATH}/${file_name} SYMBOLIC)
  endforeach()

  add_library(${target} STATIC ${sources} ${headers})
  target_include_directories(${target} PUBLIC ${include_root})
  target_link_libraries(${target} PUBLIC fmt::fmt PRIVATE trunkline_options)
  foreach(dependency IN LISTS SLICE_DEPENDS)
    target_link_libraries(${target} PUBLIC trunkline_${dependency})
  endforeach()
  target_link_libraries(${target} PRIVATE ${SLICE_LINKS})
  trunkline_precompile(${target})
  if(TRUNKLINE_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8
      UNITY_BUILD_CODE_BEFORE_INCLUDE "// NOLINTNEXTLINE(bugprone-suspicious-include)")
    # An anonymous namespace belongs to one source file all the same.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  set_property(GLOBAL APPEND PROPERTY TRUNKLINE_MIGRATIONS ${migrations})

  if(TRUNKLINE_BUILD_TESTS AND tests)
    add_library(${target}_tests OBJECT ${tests})
    target_link_libraries(${target}_tests PRIVATE trunkline_options ${target} ${SLICE_LINKS} ${SLICE_TEST_LINKS})
    foreach(dependency IN LISTS SLICE_TEST_DEPENDS)
      target_link_libraries(${target}_tests PRIVATE trunkline_${dependency})
    endforeach()
    trunkline_precompile(${target}_tests)
    set_property(GLOBAL APPEND PROPERTY TRUNKLINE_TEST_TARGETS ${target}_tests)
  endif()
endfunction()

# All migrations of all slices, as the library trunkline_migrations with the header "migrations.hpp". Called once, after
# the slices.
function(trunkline_migrations)
  get_property(files GLOBAL PROPERTY TRUNKLINE_MIGRATIONS)
  set(generated ${CMAKE_BINARY_DIR}/generated/migrations.cpp)
  add_custom_command(OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${generated} "-DFILES=${files}" -P ${CMAKE_SOURCE_DIR}/cmake/EmbedMigrations.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/EmbedMigrations.cmake
    VERBATIM)
  set(include_root ${CMAKE_BINARY_DIR}/include/migrations)
  file(MAKE_DIRECTORY ${include_root})
  file(WRITE ${include_root}/migrations.hpp
"// Every migration of every slice, in order (made by cmake/EmbedMigrations.cmake).
#pragma once

#include <span>

#include \"db/migration.hpp\"

namespace trunkline {

std::span<const db::Migration> all_migrations();

}  // namespace trunkline
")
  add_library(trunkline_migrations STATIC ${generated})
  target_include_directories(trunkline_migrations PUBLIC ${include_root})
  target_link_libraries(trunkline_migrations PUBLIC trunkline_db PRIVATE trunkline_options)
endfunction()
