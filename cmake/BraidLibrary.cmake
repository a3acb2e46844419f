# The library that other programs link: libbraid.so, which shows the names of include/braid/ and carries the rest inside.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/braid_library.cpp" CONTENT "// Everything comes from braid_model and braid_stream.\n")
add_library(braid_library SHARED "${PROJECT_BINARY_DIR}/generated/braid_library.cpp")
add_library(braid::braid ALIAS braid_library)
set_target_properties(braid_library PROPERTIES OUTPUT_NAME braid EXPORT_NAME braid VERSION "${PROJECT_VERSION}"
  SOVERSION "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}" LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/braid.map")
# Nothing in the library refers to the public names, so the archives that hold them are taken whole.
target_link_libraries(braid_library PRIVATE
  -Wl,--whole-archive $<TARGET_FILE:braid_model> $<TARGET_FILE:braid_stream> -Wl,--no-whole-archive braid_model braid_stream)
target_link_options(braid_library PRIVATE "-Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/braid.map")
target_compile_features(braid_library INTERFACE cxx_std_17)
target_include_directories(braid_library INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/braid")
install(TARGETS braid_library EXPORT braidTargets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/braid" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
install(EXPORT braidTargets NAMESPACE braid:: DESTINATION "${package_folder}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/braidConfig.cmake.in" "${PROJECT_BINARY_DIR}/generated/braidConfig.cmake"
  INSTALL_DESTINATION "${package_folder}")
# Before 1.0 a minor version may change the promise.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/generated/braidConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/generated/braidConfig.cmake" "${PROJECT_BINARY_DIR}/generated/braidConfigVersion.cmake"
  DESTINATION "${package_folder}")
