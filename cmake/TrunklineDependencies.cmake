# Every library from outside, as an imported target. All are Debian 12 packages
# (scripts/bootstrap, docs/decisions/0004-debian-packages.md).

find_package(Threads REQUIRED)
set(Boost_NO_WARN_NEW_VERSIONS ON)  # CMake 3.25 knows Boost up to 1.80
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS context)
find_package(OpenSSL 3.0 REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(PostgreSQL 15 REQUIRED)
find_package(simdjson REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(ZLIB REQUIRED)
find_package(absl REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(protobuf REQUIRED IMPORTED_TARGET protobuf)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)

# What the programs allocate from (docs/decisions/0017-jemalloc.md). Sanitizers bring an allocator of their own.
add_library(trunkline_allocator INTERFACE)
if(NOT TRUNKLINE_SANITIZE)
  target_link_libraries(trunkline_allocator INTERFACE -Wl,--no-as-needed PkgConfig::jemalloc -Wl,--as-needed)
endif()

# The headers come unpacked from the -dev package, the library from the runtime package (scripts/bootstrap).
add_library(phonenumber SHARED IMPORTED)
set_target_properties(phonenumber PROPERTIES
  IMPORTED_LOCATION /usr/lib/${CMAKE_CXX_LIBRARY_ARCHITECTURE}/libphonenumber.so.8
  INTERFACE_INCLUDE_DIRECTORIES ${CMAKE_SOURCE_DIR}/build/libphonenumber/usr/include)
set_property(TARGET phonenumber APPEND PROPERTY INTERFACE_LINK_LIBRARIES PkgConfig::protobuf)

if(TRUNKLINE_BUILD_TESTS)
  find_package(rapidcheck REQUIRED)
endif()
