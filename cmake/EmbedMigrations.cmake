# Writes the migrations as a C++ file: cmake -DOUTPUT=… -DFILES="a.sql;b.sql" -P EmbedMigrations.cmake

set(entries "")
set(names "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  list(APPEND names "${name}|${file}")
endforeach()
list(SORT names)
set(previous "")
set(count 0)
foreach(entry IN LISTS names)
  string(REPLACE "|" ";" parts "${entry}")
  list(GET parts 0 name)
  list(GET parts 1 file)
  string(REGEX MATCH "^([0-9][0-9][0-9][0-9])_(.+)$" matched "${name}")
  if(NOT matched)
    message(FATAL_ERROR "${file}: a migration is named NNNN_name.sql")
  endif()
  set(number ${CMAKE_MATCH_1})
  set(title ${CMAKE_MATCH_2})
  if(number STREQUAL previous)
    message(FATAL_ERROR "${file}: the number ${number} is taken")
  endif()
  set(previous ${number})
  file(READ ${file} sql)
  string(REGEX REPLACE "^0+" "" short_number "${number}")
  string(APPEND entries "    {${short_number}, \"${title}\", R\"sql(${sql})sql\"},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(WRITE ${OUTPUT} "#include \"migrations.hpp\"

#include <array>

namespace trunkline {
namespace {

constexpr std::array<db::Migration, ${count}> migrations{{
${entries}}};

}  // namespace

std::span<const db::Migration> all_migrations() { return migrations; }

}  // namespace trunkline
")
