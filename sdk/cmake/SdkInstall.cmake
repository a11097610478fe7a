# What `cmake --install` writes: libraries, headers, the CMake package `trunkline` and the pkg-config files.

include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/trunkline)
get_property(targets GLOBAL PROPERTY TRUNKLINE_SDK_TARGETS)
get_property(pc_files GLOBAL PROPERTY TRUNKLINE_SDK_PC_FILES)

install(TARGETS ${targets} EXPORT trunkline-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sdk NAMELINK_COMPONENT sdk_dev
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sdk_dev)
install(DIRECTORY include/trunkline DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sdk_dev)
install(EXPORT trunkline-targets NAMESPACE trunkline:: DESTINATION ${package_dir} COMPONENT sdk_dev)
install(FILES ${pc_files} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT sdk_dev)

configure_package_config_file(cmake/trunkline-config.cmake.in trunkline-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(trunkline-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/trunkline-config.cmake ${PROJECT_BINARY_DIR}/trunkline-config-version.cmake
  DESTINATION ${package_dir} COMPONENT sdk_dev)
