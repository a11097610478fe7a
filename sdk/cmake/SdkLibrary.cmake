# A library of the SDK:
#
#   trunkline_sdk_library(voice             # the target trunkline::voice, libtrunkline-voice, trunkline-voice.pc
#     DESCRIPTION "…"                       # for pkg-config
#     LINKS trunkline::core                 # what its headers use
#     PRIVATE_LINKS CURL::libcurl           # what only its sources use
#     PKG_REQUIRES "trunkline-core"         # the same two for pkg-config
#     PKG_REQUIRES_PRIVATE "libcurl")
#
# Its sources are src/NAME/*.cpp.

function(trunkline_sdk_library name)
  cmake_parse_arguments(LIBRARY "" "DESCRIPTION;PKG_REQUIRES;PKG_REQUIRES_PRIVATE" "LINKS;PRIVATE_LINKS" ${ARGN})
  set(target trunkline_sdk_${name})
  # The objects fit a static and a shared library alike, so that a build directory can change from one to the
  # other without compiling anew.
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  add_library(${target}_objects OBJECT ${sources})
  trunkline_sdk_language(${target}_objects)
  target_compile_definitions(${target}_objects PRIVATE TRUNKLINE_SDK_VERSION="${PROJECT_VERSION}")
  target_include_directories(${target}_objects PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target}_objects PRIVATE ${LIBRARY_LINKS} ${LIBRARY_PRIVATE_LINKS})

  add_library(${target} $<TARGET_OBJECTS:${target}_objects>)
  add_library(trunkline::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PUBLIC ${LIBRARY_LINKS} PRIVATE ${LIBRARY_PRIVATE_LINKS}
    $<BUILD_INTERFACE:trunkline_sdk_options>)
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${name}
    OUTPUT_NAME trunkline-${name}
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}
    LINKER_LANGUAGE CXX)
  set_property(GLOBAL APPEND PROPERTY TRUNKLINE_SDK_TARGETS ${target})

  # For pkg-config; its prefix is found from where the file lies, so that the package can be moved.
  set(PKG_NAME trunkline-${name})
  set(PKG_DESCRIPTION "${LIBRARY_DESCRIPTION}")
  set(PKG_REQUIRES "${LIBRARY_PKG_REQUIRES}")
  set(PKG_REQUIRES_PRIVATE "${LIBRARY_PKG_REQUIRES_PRIVATE}")
  set(PKG_LIBS_PRIVATE "")
  if(NOT BUILD_SHARED_LIBS)
    # A static library needs its own dependencies on every link line.
    string(STRIP "${PKG_REQUIRES} ${PKG_REQUIRES_PRIVATE}" PKG_REQUIRES)
    set(PKG_REQUIRES_PRIVATE "")
    set(PKG_LIBS_PRIVATE " -pthread")
  endif()
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
    BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE PKG_PREFIX)
  set(file ${PROJECT_BINARY_DIR}/trunkline-${name}.pc)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/trunkline.pc.in ${file} @ONLY)
  set_property(GLOBAL APPEND PROPERTY TRUNKLINE_SDK_PC_FILES ${file})
endfunction()
