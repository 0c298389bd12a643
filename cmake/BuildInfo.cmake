# BuildInfo.cmake - build_info.h: version, build id, where the worker is installed.
#
# The id is a hash of the sources and of what distinguishes builds of the same
# sources, so supervisor and worker can tell whether they belong together.  It
# needs no git and no clock: the same tree gives the same id.
file(GLOB_RECURSE BUILD_INFO_SOURCES CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}"
  proto/*.proto proto/*.def policy/*.[ch] policy/*.def ipc/*.[ch] ipc/*.def
  vm/*.[ch] vm/*.def vm/*.inc sandbox/*.[ch] sandbox/*.def tools/*.[ch] tools/*.def)
list(SORT BUILD_INFO_SOURCES)
string(JOIN "\n" BUILD_INFO_LIST ${BUILD_INFO_SOURCES})
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/build_info.list" CONTENT "${BUILD_INFO_LIST}\n" @ONLY)
list(TRANSFORM BUILD_INFO_SOURCES PREPEND "${CMAKE_SOURCE_DIR}/" OUTPUT_VARIABLE BUILD_INFO_DEPENDS)

set(BUILD_INFO_VARIANT "${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION} ${CMAKE_SYSTEM_PROCESSOR} \
${CMAKE_BUILD_TYPE} checks=${FERROUS_HANDLE_CHECKS} stress=${FERROUS_STRESS} goto=${FERROUS_DISPATCH_GOTO} \
sanitize=${FERROUS_SANITIZE} fuzz=${FERROUS_FUZZ} coverage=${FERROUS_COVERAGE}")
set(FERROUS_LIBEXEC_DIR "/usr/lib/ferrous-sandbox" CACHE PATH "Where the worker is installed")

add_custom_command(
  OUTPUT "${CMAKE_BINARY_DIR}/build_info.stamp"
  BYPRODUCTS "${CMAKE_BINARY_DIR}/build_info.h"
  COMMAND ${CMAKE_COMMAND}
    "-DSOURCE_DIR=${CMAKE_SOURCE_DIR}" "-DLIST=${CMAKE_BINARY_DIR}/build_info.list"
    "-DOUTPUT=${CMAKE_BINARY_DIR}/build_info.h" "-DVERSION=${PROJECT_VERSION}"
    "-DVARIANT=${BUILD_INFO_VARIANT}" "-DLIBEXEC=${FERROUS_LIBEXEC_DIR}"
    -P "${CMAKE_SOURCE_DIR}/cmake/WriteBuildInfo.cmake"
  COMMAND ${CMAKE_COMMAND} -E touch "${CMAKE_BINARY_DIR}/build_info.stamp"
  DEPENDS ${BUILD_INFO_DEPENDS} "${CMAKE_BINARY_DIR}/build_info.list"
    "${CMAKE_SOURCE_DIR}/cmake/WriteBuildInfo.cmake"
  COMMENT "Hashing the sources for build_info.h" VERBATIM)
add_custom_target(ferrous_build_info DEPENDS "${CMAKE_BINARY_DIR}/build_info.stamp")
